"""Notebooks without hidden checks: they run whole in one worker, and their own test cells give the points.

It is nbgrader's way: a test cell that runs to its end earns its points. The tests run beside the student's code, which
could deceive them: a notebook whose marks matter has hidden checks. What a person grades is said to be so.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from autograder.errors import StudentError, WorkerLost
from autograder.trusted.checking.check_context import described
from autograder.trusted.execution.executed_notebook import ExecutedNotebook
from autograder.trusted.execution.outputs import MAX_FATAL_CELLS
from autograder.trusted.results import outcomes
from autograder.trusted.results.records import CheckRecord, ExerciseRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograder.trusted.assignment.plan import NotebookPlan
    from autograder.trusted.execution.workers import Workers
    from autograder.trusted.submissions.beside import FilesBeside
    from autograder.trusted.submissions.cells import NotebookCell
    from autograder.trusted.submissions.notebook import SubmittedNotebook

BY_HAND = "A person gives the points of this one."
_VISIBLE = "The tests in the cell `{}` pass."
_NOT_WRITTEN = "You have not written `{}` yet."
_WRONG = "They stop with {}"
_RAISED = "Your code raised {}"
_LOST = "The cell `{}` had to be ended: {}."
_NOT_RUN = "The tests were not run: too many cells before them ended their process."


def execute_whole(
    workers: Workers,
    plan: NotebookPlan,
    submitted: SubmittedNotebook,
    seconds: float,
    beside: FilesBeside | None = None,
) -> ExecutedNotebook:
    """A submitted notebook after all its cells have run, each for at most `seconds`; its worker has ended."""
    cells = _in_order(plan, submitted.cells)
    notebook = ExecutedNotebook(workers, cells, seconds, files=beside, keep_outputs=True, most_fatal=MAX_FATAL_CELLS)
    with suppress(WorkerLost):  # the losses stay with the notebook
        notebook.worker()
    notebook.close()
    return notebook


def visible_records(
    plan: NotebookPlan, submitted: SubmittedNotebook, notebook: ExecutedNotebook
) -> dict[str, ExerciseRecord]:
    """The record of each exercise, by what its test cell came to."""
    return {name: _record(name, plan, submitted, notebook) for name in plan.graded}


def by_hand(name: str, points: float) -> ExerciseRecord:
    """The record of an exercise that waits for a person."""
    return ExerciseRecord(0.0, points, (CheckRecord(name, BY_HAND, outcomes.BY_HAND, points),))


def _in_order(plan: NotebookPlan, cells: Sequence[NotebookCell]) -> list[NotebookCell]:
    """The cells as they run: a test cell that was put back comes last, when what it tests is there."""
    tests = {cell.name for cell in plan.graded.values()}
    put_back = [cell for cell in cells if cell.position < 0 and cell.name in tests]
    return [*(cell for cell in cells if cell not in put_back), *put_back]


def _record(name: str, plan: NotebookPlan, submitted: SubmittedNotebook, notebook: ExecutedNotebook) -> ExerciseRecord:
    cell = plan.graded[name]
    if cell.by_hand:
        return by_hand(name, cell.points)
    outcome, message = _judged(name, plan, submitted, notebook)
    earned = cell.points if outcome == outcomes.PASSED else 0.0
    check = CheckRecord(cell.name, _VISIBLE.format(cell.name), outcome, cell.points, message)
    return ExerciseRecord(earned, cell.points, (check,))


def _judged(name: str, plan: NotebookPlan, submitted: SubmittedNotebook, notebook: ExecutedNotebook) -> tuple[str, str]:
    cell = plan.graded[name]
    index = next(index for index, each in enumerate(notebook.cells) if each.name == cell.name)
    loss, error = notebook.fatal_cell_at(index), notebook.errors.get(cell.name)
    if name in submitted.untouched and (loss is not None or error is not None):
        return outcomes.NOT_ATTEMPTED, _NOT_WRITTEN.format(name)
    if loss is not None:
        return loss.outcome, _LOST.format(cell.name, loss)
    if error is not None:
        return _of_error(plan, error)
    if index not in notebook.outputs:
        return outcomes.BLOCKED, _NOT_RUN
    return outcomes.PASSED, ""


def _of_error(plan: NotebookPlan, error: StudentError) -> tuple[str, str]:
    where = error.innermost
    if where is None or where.cell in plan.locked:  # the author's own cells refuse an answer
        return outcomes.FAILED, _WRONG.format(described(error))
    if error.is_a(NotImplementedError):
        return outcomes.BLOCKED, f"`{where.cell}` is needed here, and is not written yet."
    return outcomes.RAISED, _RAISED.format(described(error))
