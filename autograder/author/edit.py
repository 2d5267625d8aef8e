"""A notebook with some of its cells replaced: how sample students, variants and mutants are made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nbformat

from autograder.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


def edited(path: Path, edits: Mapping[str, str], extra: Sequence[str] = ()) -> str:
    """The JSON of the notebook at `path` with new sources for some cells.

    Args:
        path: a notebook of the course.
        edits: new sources by grade_id.
        extra: code cells of the student's own, put before all others.

    Raises UsageError where `edits` names a cell that is not there.
    """
    notebook = nbformat.read(path, as_version=4)
    names = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in notebook.cells}
    for name, source in edits.items():
        if name not in names:
            raise UsageError(f"{path} has no cell {name}.")
        names[name].source = source
    notebook.cells[:0] = [nbformat.v4.new_code_cell(source, id=f"extra-{k}") for k, source in enumerate(extra)]
    return str(nbformat.writes(notebook))
