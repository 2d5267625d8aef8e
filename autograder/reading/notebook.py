"""Submitted notebooks, made ready: their cells, mended where they were damaged, become the code that is run."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from autograder.errors import NotebookUnreadable
from autograder.reading.needs import needed_demonstrations
from autograder.reading.newer_syntax import newer_version, version_of
from autograder.reading.read import MAX_SOURCE, read_cells
from autograder.reading.repair import Repair, repaired
from autograder.reading.syntax import normalized
from autograder.wire.reading import NotebookCell, NotebookRead

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from autograder.wire.reading import Outline, OutlineCell, SubmittedCell

MAX_SENTENCES = 40  # of what was mended, and of what needs review
MAX_GROWTH = 2  # times MAX_SOURCE: what a repair may make of a notebook, where a tab becomes eight spaces

_SCRIPT = "It was handed in as a script, not as a notebook; the functions in it were graded."
_PUT_BACK = "The cell `{}` had been deleted; it was put back."
_MORE = "And {} more of the kind."


def read_notebook(content: bytes, plan: Outline, *, demonstrations: bool = False) -> NotebookRead:
    """The cells of a submitted notebook as they will be run; the author's come without their source.

    Args:
        content: the file's bytes.
        plan: what the source says of this notebook; its locked cells replace the student's copies.
        demonstrations: whether the author's demonstrations run as well; the test cells never do. Of those that do not
            run, the ones that define what the student's code uses are among the cells, to be run so far.

    Raises:
        NotebookUnreadable: the bytes are no notebook.
    """
    file = read_cells(content)
    repair = repair_cells(file.cells, plan)
    run: list[NotebookCell] = []
    needs_review = list(repair.needs_review)
    untouched: set[str] = set(plan.exercises)
    needed = needed_demonstrations(
        (each.source for each in repair.cells if each.kind == "code" and each.name not in plan.locked), plan
    )
    for each in repair.cells:
        locked = plan.locked.get(each.name)
        if locked is not None:
            shown = locked.demonstration and demonstrations and not locked.graded
            if locked.kind == "code" and (shown or not locked.demonstration or locked.name in needed):
                run.append(NotebookCell(each.name, "", each.position))
        elif each.kind == "code":
            is_stub = normalized(each.source) == normalized(plan.stubs.get(each.name, ""))
            called = each.name or f"cell {each.position + 1}"
            newer = newer_version(each.source, file.python)
            if newer:
                needs_review.append(_newer(each.called, newer, file.python))
            run.append(NotebookCell(called, each.source, each.position, is_stub=is_stub, newer=newer))
            if not is_stub:
                untouched.discard(each.name)
                untouched -= {exercise for exercise in untouched if _may_define(each.source, exercise)}
    if sum(len(cell.source) for cell in run) > MAX_GROWTH * MAX_SOURCE:
        raise NotebookUnreadable("its cells, mended, hold too much text")
    present = {each.name for each in repair.cells}
    missing = _missing(plan, present, needed)
    repairs = repair.notes if file.is_script else [*repair.notes, *(_PUT_BACK.format(cell.name) for cell in missing)]
    if file.is_script:
        repairs = [_SCRIPT, *repairs]
    cells = (*(NotebookCell(cell.name, "") for cell in missing), *run)
    return NotebookRead(cells, tuple(sorted(untouched)), _some(repairs), _some(needs_review))


def _newer(called: str, version: str, said: str) -> str:
    """What a person is told of a cell in a newer Python's syntax."""
    own = version_of(said)
    here = "{}.{}".format(*sys.version_info)
    notebook = f"; the notebook says Python {'{}.{}'.format(*own)}" if own and own > sys.version_info[:2] else ""
    start = f"{called[:1].upper()}{called[1:]}"
    return f"{start} is written in the syntax of Python {version}, which this machine's {here} cannot read{notebook}."


def _some(sentences: list[str]) -> tuple[str, ...]:
    more = len(sentences) - MAX_SENTENCES
    return (*sentences[:MAX_SENTENCES], *([_MORE.format(more)] if more > 0 else []))


def repair_cells(cells: Iterable[SubmittedCell], plan: Outline) -> Repair:
    """The repair of submitted cells; what each is called is told by its id, else by nbgrader's metadata."""
    names = _Names(plan)
    return repaired(
        (NotebookCell(names.of(cell), cell.source, position, cell.kind) for position, cell in enumerate(cells)), plan
    )


def _may_define(source: str, name: str) -> bool:
    if name not in source:
        return False
    return re.search(rf"\b(def|class|import|as)\s+{name}\b|\b{name}\b\s*[=,:]", source) is not None


def _missing(plan: Outline, present: Container[str], needed: Container[str]) -> list[OutlineCell]:
    """Locked cells that the student has deleted; what they define is needed before anything else.

    Of the demonstrations, those that are needed.
    """
    return [
        cell
        for cell in plan.locked.values()
        if cell.kind == "code" and (not cell.demonstration or cell.name in needed) and cell.name not in present
    ]


class _Names:
    """The names that the source gives to cells; a student may write anything in their place."""

    def __init__(self, plan: Outline) -> None:
        self._known = {cell.name for cell in plan.cells if cell.name}
        self._by_id = {cell.id: cell.name for cell in plan.cells if cell.id and cell.name}

    def of(self, cell: SubmittedCell) -> str:
        """A cell's name by its id, else by nbgrader's metadata; "" for a cell of the student's own."""
        by_id = self._by_id.get(cell.id)
        if by_id is not None:
            return by_id
        return cell.grade_id if cell.grade_id in self._known else ""
