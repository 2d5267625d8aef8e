"""Replace files atomically, and lock a folder so that only one run at a time writes to it."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def replaced(path: Path, mode: int = 0o644) -> Iterator[Path]:
    """A temporary file that takes the place of `path` once it is whole; nobody else may read it before."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(descriptor)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(mode)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def lock(descriptor: int, folder: Path) -> None:
    """Lock an open folder until it is closed. Raises UsageError if another run has locked it."""
    try:
        import fcntl
    except ImportError:  # Windows has no flock; there, the user must not start two runs at once
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise UsageError(f"Another run is writing to {folder}: wait for it, or name another --output.") from error
