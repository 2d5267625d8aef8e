"""Notebooks as they were released."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import nbformat

from autograder.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from nbformat import NotebookNode

    from autograder.faces.nbgrader.locations import Names


def released_notebook(names: Names) -> NotebookNode:
    """The released notebook; shared, so not to be changed. Raises UsageError where there is none."""
    if not names.release.is_file():
        raise UsageError(f"There is no {names.release}: run `nbgrader generate_assignment {names.assignment}` first.")
    return _read(names.release, names.release.stat().st_mtime_ns)


@functools.lru_cache(maxsize=64)
def _read(path: Path, changed: int) -> NotebookNode:
    return nbformat.read(path, as_version=4)
