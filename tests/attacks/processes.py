"""Who started whom: what a grading run has left running, and what it consists of."""

from __future__ import annotations

import ctypes
import os
from collections import defaultdict
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PR_SET_CHILD_SUBREAPER = 36


def families() -> dict[int, set[int]]:
    """The children of every process that has some."""
    found: dict[int, set[int]] = defaultdict(set)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            found[int(stat.read_text().rsplit(")", 1)[1].split()[1])].add(int(stat.parent.name))
    return found


@contextmanager
def adopting() -> Iterator[Orphans]:
    """Meanwhile, what is left of a run whose process has ended becomes a child of this process."""
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield Orphans()
    finally:
        libc.prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


class Orphans:
    """The children of this process that it did not have when this was made."""

    def __init__(self) -> None:
        self._own = families()[os.getpid()]

    def now(self) -> set[int]:
        """Those there are now."""
        return families()[os.getpid()] - self._own

    def wait(self) -> None:
        """Until each has ended, and what each has left in its turn."""
        while orphans := self.now():
            for pid in orphans:
                os.waitpid(pid, 0)
