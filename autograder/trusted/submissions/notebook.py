"""Submitted notebooks, made ready: their cells, mended where they were damaged, become the code that is run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autograder.trusted.submissions.cells import NotebookCell
from autograder.trusted.submissions.read import read_cells
from autograder.trusted.submissions.repair import Repair, repaired
from autograder.trusted.submissions.syntax import normalized

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from autograder.trusted.assignment.plan import NotebookPlan
    from autograder.trusted.submissions.cells import SubmittedCell

_SCRIPT = "It was handed in as a script, not as a notebook; the functions in it were graded."
_PUT_BACK = "The cell `{}` had been deleted; it was put back."


@dataclass(frozen=True)
class SubmittedNotebook:
    """A student's notebook as it will be run.

    `cells` are in order, with the author's locked cells as in the source; `untouched` are the
    exercises whose stub stands as it was released, and that no other cell may define; `repairs` says
    what had to be mended, and `needs_review` what a person should look at, a sentence each.
    """

    cells: tuple[NotebookCell, ...]
    untouched: frozenset[str]
    repairs: tuple[str, ...] = ()
    needs_review: tuple[str, ...] = ()


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
    file = read_cells(content)
    repair = repair_cells(file.cells, plan, stubs)
    run: list[NotebookCell] = []
    untouched: set[str] = set(plan.exercises)
    for each in repair.cells:
        locked = plan.locked.get(each.name)
        if locked is not None:
            if locked.kind == "code" and ((demonstrations and not locked.points) or not locked.demonstration):
                run.append(NotebookCell(each.name, locked.source, each.position))
        elif each.kind == "code":
            run.append(NotebookCell(each.name or f"cell {each.position + 1}", each.source, each.position))
            if normalized(each.source) != normalized(stubs.get(each.name, "")):
                untouched -= {exercise for exercise in untouched if _may_define(each.source, exercise)}
                untouched.discard(each.name)
    present = {each.name for each in repair.cells}
    missing = _missing(plan, present)
    repairs = repair.notes if file.is_script else [*repair.notes, *(_PUT_BACK.format(cell.name) for cell in missing)]
    if file.is_script:
        repairs = [_SCRIPT, *repairs]
    return SubmittedNotebook((*missing, *run), frozenset(untouched), tuple(repairs), tuple(repair.needs_review))


def repair_cells(cells: Iterable[SubmittedCell], plan: NotebookPlan, stubs: Mapping[str, str]) -> Repair:
    """The repair of submitted cells; what each is called is told by its id, else by nbgrader's metadata."""
    names = _Names(plan)
    return repaired(
        (NotebookCell(names.of(cell), cell.source, position, cell.kind) for position, cell in enumerate(cells)),
        plan,
        stubs,
    )


def _may_define(source: str, name: str) -> bool:
    return re.search(rf"\b(def|class|import|as)\s+{name}\b|\b{name}\b\s*[=,:]", source) is not None


def _missing(plan: NotebookPlan, present: set[str]) -> list[NotebookCell]:
    """Locked cells that the student has deleted; what they define is needed before anything else."""
    return [
        NotebookCell(cell.name, cell.source)
        for cell in plan.locked.values()
        if cell.kind == "code" and not cell.demonstration and cell.name not in present
    ]


class _Names:
    """The names that the source gives to cells; a student may write anything in their place."""

    def __init__(self, plan: NotebookPlan) -> None:
        self._known = {cell.name for cell in plan.cells if cell.name}
        self._by_id = {cell.id: cell.name for cell in plan.cells if cell.id and cell.name}

    def of(self, cell: SubmittedCell) -> str:
        """A cell's name by its id, else by nbgrader's metadata; "" for a cell of the student's own."""
        by_id = self._by_id.get(cell.id)
        if by_id is not None:
            return by_id
        return cell.grade_id if cell.grade_id in self._known else ""
