"""Submitted files, opened: their bytes, where they are plain files of fair size."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from autograder.errors import NotebookUnreadable
from autograder.trusted.submissions.opening import Refused, opened_file

if TYPE_CHECKING:
    from pathlib import Path

MAX_NOTEBOOK_BYTES = 50 * 2**20


def read_bytes(path: Path, below: Path) -> bytes:
    """The bytes of a submitted file; no link is followed below the folder that the tutor named.

    Raises NotebookUnreadable for anything but a plain file of fair size.
    """
    try:
        with opened_file(path, below) as descriptor, os.fdopen(os.dup(descriptor), "rb") as file:
            if os.fstat(descriptor).st_size > MAX_NOTEBOOK_BYTES:
                raise NotebookUnreadable(f"it is larger than {MAX_NOTEBOOK_BYTES // 2**20} MiB; clear its outputs")
            return file.read(MAX_NOTEBOOK_BYTES)
    except Refused as why:
        raise NotebookUnreadable(str(why)) from why
    except OSError as error:
        why_not = (error.strerror or type(error).__name__).lower()
        raise NotebookUnreadable(f"the file cannot be opened: {why_not}") from error
