"""Keep equal structs only once, so that ten thousand records fit into little memory.

Most exercise records of a class are equal: their checks have the same outcomes and the same messages.
"""

from __future__ import annotations

import hashlib
from typing import Generic, TypeVar

import msgspec

S = TypeVar("S", bound=msgspec.Struct)


class Interned(Generic[S]):
    """The distinct frozen structs that `of` was called with."""

    def __init__(self) -> None:
        self._known: dict[bytes, S] = {}

    def of(self, struct: S) -> S:
        """An earlier struct that is equal, types included; `struct` itself if there is none."""
        return self._known.setdefault(hashlib.sha256(msgspec.msgpack.encode(struct)).digest(), struct)
