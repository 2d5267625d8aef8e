"""Submitted notebooks, read: bytes become code cells, without running or believing any of them."""

from __future__ import annotations

import codecs
import json
import os
import re
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import nbformat

from autograder.errors import NotebookUnreadable
from autograder.trusted.repair import StudentCell, repaired, squeezed

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
    exercises whose stub stands as it was released, and that no other cell may define; `repairs` says
    what had to be mended, a sentence each.
    """

    cells: tuple[CodeCell, ...]
    untouched: frozenset[str]
    repairs: tuple[str, ...] = ()


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
    names = _Names(plan)
    submitted = (
        StudentCell(cell["cell_type"], _with_plain_ends(cell["source"]), names.of(cell), position)
        for position, cell in enumerate(_cells(content))
    )
    repair = repaired(submitted, plan, stubs)
    run: list[CodeCell] = []
    untouched: set[str] = set(plan.exercises)
    for each in repair.cells:
        locked = plan.locked.get(each.name)
        if locked is not None:
            if locked.kind == "code" and ((demonstrations and not locked.points) or not locked.demonstration):
                run.append(CodeCell(each.name, locked.source, each.position))
        elif each.kind == "code":
            run.append(CodeCell(each.name or f"cell {each.position + 1}", each.source, each.position))
            if squeezed(each.source) != squeezed(stubs.get(each.name, "")):
                untouched -= {exercise for exercise in untouched if _may_define(each.source, exercise)}
                untouched.discard(each.name)
    present = {each.name for each in repair.cells}
    missing = _missing(plan, present)
    repairs = [*repair.notes, *(f"The cell `{cell.name}` had been deleted; it was put back." for cell in missing)]
    return SubmittedNotebook((*missing, *run), frozenset(untouched), tuple(repairs))


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
        raw = json.loads(content.decode(_encoding(content)))
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


def _encoding(content: bytes) -> str:
    """UTF-16 where a byte order mark says so, else UTF-8; editors on Windows save both."""
    return "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"


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
        "id": identity if isinstance(identity := cell.get("id"), str) else "",
    }


class _Names:
    """The names that the source gives to cells; a student may write anything in their place."""

    def __init__(self, plan: NotebookPlan) -> None:
        self._known = {cell.name for cell in plan.cells if cell.name}
        self._by_id = {cell.id: cell.name for cell in plan.cells if cell.id and cell.name}

    def of(self, cell: dict[str, Any]) -> str:
        """A cell's name by its id, else by nbgrader's metadata; "" for a cell of the student's own."""
        by_id = self._by_id.get(cell["id"])
        if by_id is not None:
            return by_id
        grading = cell["metadata"].get("nbgrader")
        name = grading.get("grade_id") if isinstance(grading, dict) else None
        return name if isinstance(name, str) and name in self._known else ""


def _with_plain_ends(source: str) -> str:
    return source.replace("\r\n", "\n").replace("\r", "\n")
