"""Fingerprints: short hashes, by which a run recognises what it need not grade again."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def fingerprint(*parts: bytes) -> str:
    """One short hash of several byte strings; the length of each is hashed as well."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()[:32]


def fingerprint_of_files(paths: Iterable[Path]) -> bytes:
    """The names and bytes of files as one byte string, for `fingerprint`; it does not depend on the files' folders."""
    return b"".join(sorted(fingerprint(path.name.encode(), path.read_bytes()).encode() for path in paths))
