"""Submitted notebooks, read: bytes become code cells, without running or believing any of them."""

from __future__ import annotations

import json
import os
import re
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import nbformat

from autograder.errors import NotebookUnreadable

if TYPE_CHECKING:
    from pathlib import Path

    from autograder.trusted.course import NotebookPlan

MAX_NOTEBOOK_BYTES = 50 * 2**20

# What nbformat, which asserts and looks things up, says to JSON that has another shape.
_NOT_A_NOTEBOOK = (
    AssertionError, AttributeError, LookupError, NameError, RecursionError, TypeError, ValueError,
    nbformat.ValidationError,
)  # fmt: skip


@dataclass(frozen=True)
class CodeCell:
    """A code cell to run: its name (grade_id, or "cell 7" by its place in the notebook) and source.

    `position` is its place among the submitted cells, from 0; -1 for a cell that was put back.
    """

    name: str
    source: str
    position: int = -1


@dataclass(frozen=True)
class SubmittedNotebook:
    """A student's notebook as it will be run.

    `cells` are in order, with the author's locked cells as in the source; `untouched` are the
    exercises whose stub stands as it was released, and that no other cell may define.
    """

    cells: tuple[CodeCell, ...]
    untouched: frozenset[str]


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


def read_notebook(
    content: bytes, plan: NotebookPlan, stubs: dict[str, str], *, demonstrations: bool = False
) -> SubmittedNotebook:
    """The cells of a submitted notebook as they will be run.

    Args:
        content: the file's bytes.
        plan: what the source says of this notebook; its locked cells replace the student's copies.
        stubs: the released text of each solution cell, by exercise.
        demonstrations: whether the author's demonstrations run as well; the test cells never do.

    Raises:
        NotebookUnreadable: the bytes are no notebook.
    """
    run: list[CodeCell] = []
    untouched: set[str] = set(plan.exercises)
    present: set[str] = set()
    known = {cell.name for cell in plan.cells if cell.name}
    for position, cell in enumerate(_cells(content)):
        name = _grade_id(cell, known)
        present.add(name)
        locked = plan.locked.get(name)
        if locked is not None:
            if locked.kind == "code" and ((demonstrations and not locked.points) or not locked.demonstration):
                run.append(CodeCell(name, locked.source, position))
        elif cell["cell_type"] == "code":
            run.append(CodeCell(name or f"cell {position + 1}", cell["source"], position))
            if _squeezed(cell["source"]) != _squeezed(stubs.get(name, "")):
                untouched -= {exercise for exercise in untouched if _may_define(cell["source"], exercise)}
                untouched.discard(name)
    return SubmittedNotebook((*_missing(plan, present), *run), frozenset(untouched))


def _may_define(source: str, name: str) -> bool:
    return re.search(rf"\b(def|class|import|as)\s+{name}\b|\b{name}\b\s*[=,:]", source) is not None


def _missing(plan: NotebookPlan, present: set[str]) -> list[CodeCell]:
    """Locked cells that the student has deleted; what they define is needed before anything else."""
    return [
        CodeCell(cell.name, cell.source)
        for cell in plan.locked.values()
        if cell.kind == "code" and not cell.demonstration and cell.name not in present
    ]


def _cells(content: bytes) -> list[dict[str, Any]]:
    try:
        raw = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise NotebookUnreadable("it is not text in UTF-8") from error
    except json.JSONDecodeError as error:
        raise NotebookUnreadable(
            f"it is not a whole notebook: its JSON ends or breaks in line {error.lineno}; ask for the file again"
        ) from error
    except RecursionError as error:
        raise NotebookUnreadable("its JSON is nested too deeply") from error
    except ValueError as error:
        raise NotebookUnreadable("its JSON holds a number of thousands of digits") from error
    try:
        notebook = nbformat.from_dict(raw)
        if notebook.get("nbformat", 4) < 4:
            notebook = nbformat.convert(notebook, 4)
        if not isinstance(notebook["cells"], list):
            raise TypeError("cells is no list")
        cells = [_plain_cell(cell) for cell in notebook["cells"]]
    except _NOT_A_NOTEBOOK as error:
        raise NotebookUnreadable("it is JSON, but not a notebook with cells") from error
    return cells


def _plain_cell(cell: Any) -> dict[str, Any]:
    source = cell["source"]
    if isinstance(source, list):
        source = "".join(source)
    source = source.encode("utf-8", "replace").decode() if isinstance(source, str) else ""  # lone surrogates
    metadata = cell.get("metadata")
    return {
        "cell_type": str(cell["cell_type"]),
        "source": source,
        "metadata": metadata if isinstance(metadata, dict) else {},
    }


def _grade_id(cell: dict[str, Any], known: set[str]) -> str:
    """The cell's name where it is one of the source's; a student may write anything there."""
    grading = cell["metadata"].get("nbgrader")
    name = grading.get("grade_id") if isinstance(grading, dict) else None
    return name if isinstance(name, str) and name in known else ""


def _squeezed(source: str) -> str:
    """A source without the spaces and blank lines that editors add and take away."""
    return "\n".join(line.rstrip() for line in source.splitlines() if line.strip())
