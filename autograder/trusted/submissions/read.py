"""Submitted files, opened: their bytes, where they are plain files of fair size."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from autograder.errors import NotebookUnreadable

if TYPE_CHECKING:
    from pathlib import Path

MAX_NOTEBOOK_BYTES = 50 * 2**20


def read_bytes(path: Path) -> bytes:
    """The bytes of a submitted file. Raises NotebookUnreadable for anything but a plain file of fair size."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_NOFOLLOW", 0))
    except OSError as error:
        why = "it is a link" if path.is_symlink() else (error.strerror or str(error)).lower()
        raise NotebookUnreadable(f"the file cannot be opened: {why}") from error
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise NotebookUnreadable("it is not a file but a folder, pipe or device")
    with os.fdopen(descriptor, "rb") as file:
        if status.st_size > MAX_NOTEBOOK_BYTES:
            raise NotebookUnreadable(f"it is larger than {MAX_NOTEBOOK_BYTES // 2**20} MiB; clear its outputs")
        return file.read(MAX_NOTEBOOK_BYTES)
