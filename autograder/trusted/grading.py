"""Grading: one submission after another through the checks of its notebook, each into a record.

The checks are pytest's: collected once, then run for every submission by `runtestprotocol`. An
exercise whose checks fail while an earlier exercise is not right is tried once more with the
reference's version of the earlier ones in their place, and keeps the better verdict of each check.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from autograder.errors import CheckBroken, KitError, NotebookUnreadable, UsageError, WorkerLost, WorkerOutOfMemory
from autograder.trusted import figures, records
from autograder.trusted.course import KIT, read_plan
from autograder.trusted.diagnosis import Diagnosis
from autograder.trusted.examination import PASSED, Examination, Verdict
from autograder.trusted.files import read_bytes
from autograder.trusted.notebooks import CodeCell, SubmittedNotebook, read_notebook
from autograder.trusted.outputs import run_for_outputs
from autograder.trusted.records import CheckRecord, ExerciseRecord, NotebookRecord, fingerprint, fingerprint_of_files
from autograder.trusted.variants import Variant, read_variants

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    import pytest

    from autograder.trusted.course import Course, NotebookPlan
    from autograder.trusted.figures import Figure
    from autograder.trusted.outputs import CellOutputs
    from autograder.trusted.submissions import Submission
    from autograder.trusted.workers import Workers

CHECKS = "autograder/checks"
MAX_LOSSES_PER_EXERCISE = 2

# Whether a later try's verdict is worth more to the student than an earlier one's.
_RANK = {
    records.PASSED: 3,
    records.FAILED: 2,
    records.RAISED: 2,
    records.TIMEOUT: 1,
    records.CRASHED: 1,
    records.OUT_OF_MEMORY: 1,
    records.BLOCKED: 0,
    records.NOT_ATTEMPTED: 0,
}


@dataclass(frozen=True)
class Check:
    """A collected check: the pytest item, its exercise, points, and the sentence for the student."""

    item: pytest.Item
    notebook: str
    exercise: str
    points: float
    title: str

    @property
    def name(self) -> str:
        """The name of the check's function."""
        return self.item.name


@dataclass(frozen=True)
class Settings:
    """What besides the notebook decides a grade.

    Attributes:
        seconds: the wall-clock limit of each cell, and of each check's calls of the student's code.
        seed: the seed of the checks' random inputs.
    """

    seconds: float = 5.0
    seed: int = 90051


def check_of(item: pytest.Item) -> Check:
    """What a pytest item says of itself as a check. Raises KitError where its mark or docstring is missing."""
    mark = item.get_closest_marker("check")
    function = getattr(item, "function", None)
    if mark is None or not getattr(function, "__doc__", None):
        raise KitError(f"{item.nodeid} needs @check(exercise, points) and a docstring for the student to read.")
    title = " ".join(function.__doc__.split("\n\n")[0].split())  # type: ignore[union-attr]  # checked above
    notebook = item.path.stem.removeprefix("test_")
    return Check(item, notebook, mark.kwargs["exercise"], mark.kwargs["points"], title)


class Grader:
    """Grades submissions one by one, with checks that are collected already.

    Args:
        course: where source, release and solutions are.
        workers: makes the sealed workers.
        checks: all checks of the assignment.
        run: runs one check against an examination, and returns the exception that ended it, or None.
        settings: limits and seed.
    """

    def __init__(
        self,
        course: Course,
        workers: Workers,
        checks: Sequence[Check],
        run: Callable[[Check, Examination], BaseException | None],
        settings: Settings,
    ) -> None:
        self._course = course
        self._workers = workers
        self._checks = checks
        self._run = run
        self._settings = settings
        self._broken: list[str] = []
        self._diagnosis = Diagnosis(misconceptions, self.examine_variant)
        self._stubs = {
            name: {cell.name: cell.source for cell in read_release(course, name).cells if cell.solution}
            for name in course.notebooks
        }

    def grade(self, submission: Submission, settings_fingerprint: bytes) -> NotebookRecord:
        """Grade one submitted notebook.

        Raises:
            CheckBroken: with the record in it; a check itself failed over the student's answer.
            KitError: the kit failed, and there is no record.
        """
        self._broken.clear()
        start = time.perf_counter()
        plan = self._course.notebooks[submission.notebook]
        if submission.path is None:
            return self._ungraded(submission, plan, records.MISSING, "the notebook was not handed in", start)
        try:
            content = read_bytes(submission.path)
            submitted = read_notebook(content, plan, self._stubs[plan.name])
        except NotebookUnreadable as why:
            return self._ungraded(submission, plan, records.UNREADABLE, str(why), start)
        exercises, losses = self._examined(plan, submitted)
        if any(isinstance(loss, WorkerOutOfMemory) for loss in losses):
            # The machine ended a worker, perhaps for what others did to it: what happens twice is the student's.
            self._broken.clear()
            exercises, losses = self._examined(plan, submitted)
        status, reason = _status(losses, exercises)
        record = NotebookRecord(
            submission.student,
            self._course.assignment,
            submission.notebook,
            status,
            sum(exercise.earned for exercise in exercises.values()),
            plan.possible,
            round(time.perf_counter() - start, 4),
            exercises,
            reason,
            self._settings.seed,
            fingerprint(content, settings_fingerprint),
            (*submission.notes, *submitted.repairs),
            submitted.doubts,
        )
        if self._broken:
            raise CheckBroken(self._broken[0], record)
        return record

    def _examined(
        self, plan: NotebookPlan, submitted: SubmittedNotebook
    ) -> tuple[dict[str, ExerciseRecord], list[WorkerLost]]:
        """The record of every exercise, and the workers that were lost over them."""
        examination = Examination(
            self._workers, plan, submitted, self._course.reference(plan.name), self._settings.seconds
        )
        try:
            return self._examine(examination), examination.notebook.losses
        finally:
            examination.close()

    def show(self, submission: Submission, *, demonstrations: bool = False) -> dict[int, CellOutputs]:
        """What each code cell of a submitted notebook shows when it is run, by its place among the cells.

        Nothing for a notebook that is missing or unreadable, or for a cell that shows nothing.
        """
        if submission.path is None:
            return {}
        plan = self._course.notebooks[submission.notebook]
        try:
            content = read_bytes(submission.path)
            submitted = read_notebook(content, plan, self._stubs[plan.name], demonstrations=demonstrations)
        except NotebookUnreadable:
            return {}
        shown = run_for_outputs(self._workers, submitted.cells, self._settings.seconds)
        by_position: dict[int, CellOutputs] = {}
        for cell, outputs in zip(submitted.cells, shown, strict=True):
            if cell.position >= 0 and outputs:
                by_position.setdefault(cell.position, []).extend(outputs)  # of each part, if it was taken apart
        return by_position

    def draw(self, submission: Submission) -> Figure | None:
        """What a submitted notebook's functions draw for its feedback; None where there is nothing to draw."""
        if submission.path is None or submission.notebook not in figures.EXPERIMENTS:
            return None
        plan = self._course.notebooks[submission.notebook]
        try:
            submitted = read_notebook(read_bytes(submission.path), plan, self._stubs[plan.name])
        except NotebookUnreadable:
            return None
        reference = self._course.reference(plan.name)
        return figures.draw(self._workers, plan, submitted, reference, self._settings.seconds)

    def _examine(self, examination: Examination) -> dict[str, ExerciseRecord]:
        """Every exercise in order, and once more, with help, where an earlier one may have spoilt it.

        After an exercise that loops for ever the help comes at once: to wait for it again, in every
        later exercise that calls it, would tell nothing.
        """
        plan = examination.plan
        verdicts: dict[str, dict[Check, Verdict]] = {}
        lent: list[str] = []
        endless = False
        for name in plan.exercises:
            examination.lend([] if not endless else lent)
            verdicts[name] = self._try(examination, name)
            if lent and not endless and _failed(verdicts[name]) and not _untouched(examination, name, verdicts[name]):
                examination.lend(lent)
                again = self._try(examination, name, only=_failed(verdicts[name]))
                verdicts[name] |= {
                    check: verdict
                    for check, verdict in again.items()
                    if _RANK[verdict.outcome] > _RANK[verdicts[name][check].outcome]
                }
            if _failed(verdicts[name]):
                lent.append(name)
            endless |= any(verdict.outcome == records.TIMEOUT for verdict in verdicts[name].values())
        return {name: self._exercise_record(plan, name, verdicts[name]) for name in plan.exercises}

    def examine_variant(self, notebook: str, variant: Variant) -> dict[Check, Verdict]:
        """The verdicts of the variant's exercise, in the solved notebook with the variant in its place."""
        plan = self._course.notebooks[notebook]
        cells = tuple(
            CodeCell(cell.name, variant.source if cell.name == variant.exercise else cell.source)
            for cell in plan.cells
            if cell.kind == "code" and not cell.demonstration
        )
        examination = Examination(
            self._workers,
            plan,
            SubmittedNotebook(cells, frozenset()),
            self._course.reference(notebook),
            self._settings.seconds,
        )
        try:
            return self._try(examination, variant.exercise)
        finally:
            examination.close()

    def _try(
        self, examination: Examination, exercise: str, only: Iterable[Check] | None = None
    ) -> dict[Check, Verdict]:
        """The verdict of each check of an exercise, on the student's code as it now stands."""
        verdicts: dict[Check, Verdict] = {}
        losses = 0
        for check in self._checks_of(examination.plan.name, exercise) if only is None else only:
            previous = list(verdicts.values())[-1] if verdicts else None
            stands = exercise in examination.submitted.untouched and previous is not None
            if stands and previous is not None and previous.outcome == records.NOT_ATTEMPTED:
                verdicts[check] = previous
                continue
            if losses >= MAX_LOSSES_PER_EXERCISE and previous is not None:
                verdicts[check] = previous
                continue
            error = self._run(check, examination)
            if isinstance(error, KitError):
                raise error  # the fault is the kit's: there is nothing to judge
            verdict = examination.verdict(exercise, error)
            if verdict is None:
                self._broken.append(f"the check {check.name} itself failed with {error!r}")
                verdict = Verdict(records.CRASHED, "The check could not judge this answer; a tutor has to look at it.")
            losses += isinstance(error, WorkerLost)
            verdicts[check] = verdict if verdict == PASSED else replace(verdict, transcript=examination.transcript())
        return verdicts

    def _checks_of(self, notebook: str, exercise: str) -> list[Check]:
        return [check for check in self._checks if check.notebook == notebook and check.exercise == exercise]

    def _exercise_record(self, plan: NotebookPlan, exercise: str, verdicts: dict[Check, Verdict]) -> ExerciseRecord:
        recognised = self._diagnosis.recognise(plan.name, exercise, verdicts)
        return ExerciseRecord(
            sum(check.points for check, verdict in verdicts.items() if verdict.outcome == records.PASSED),
            plan.exercises[exercise].points,
            tuple(
                CheckRecord(
                    check.name,
                    check.title,
                    verdict.outcome,
                    check.points,
                    verdict.message,
                    recognised[check].name if check in recognised else "",
                    recognised[check].words if check in recognised else "",
                )
                for check, verdict in verdicts.items()
            ),
        )

    def _ungraded(
        self, submission: Submission, plan: NotebookPlan, status: str, reason: str, start: float
    ) -> NotebookRecord:
        seconds = round(time.perf_counter() - start, 4)
        return NotebookRecord(
            submission.student,
            self._course.assignment,
            submission.notebook,
            status,
            0.0,
            plan.possible,
            seconds,
            reason=reason,
            seed=self._settings.seed,
            repairs=submission.notes,
        )


def misconceptions(notebook: str) -> tuple[Variant, ...]:
    """The named misconceptions of a notebook."""
    path = KIT / CHECKS / "misconceptions" / f"{notebook}.py"
    return read_variants(path) if path.exists() else ()


def read_release(course: Course, notebook: str) -> NotebookPlan:
    """The released view of a notebook: the stubs. Raises UsageError where there is no release."""
    path = course.release / f"{notebook}.ipynb"
    if not path.is_file():
        raise UsageError(f"There is no {path}: run `autograder build` to make the release.")
    return read_plan(path)


def settings_fingerprint(course: Course, checks: Iterable[Path], settings: Settings) -> bytes:
    """All that decides a grade besides the notebook: engine, checks, reference, source, limits, seed."""
    engine = (KIT / "autograder").rglob("*.py")
    files = [*engine, *checks, *course.solutions.glob("*.py"), *course.source.glob("*.ipynb")]
    return fingerprint(fingerprint_of_files(set(files)), repr(settings).encode()).encode()


def _failed(verdicts: dict[Check, Verdict]) -> list[Check]:
    return [check for check, verdict in verdicts.items() if verdict != PASSED]


def _untouched(examination: Examination, exercise: str, verdicts: dict[Check, Verdict]) -> bool:
    """Nothing was written, so no help can change that."""
    return exercise in examination.submitted.untouched and all(
        verdict.outcome == records.NOT_ATTEMPTED for verdict in verdicts.values()
    )


def _status(losses: list[WorkerLost], exercises: dict[str, ExerciseRecord]) -> tuple[str, str]:
    """The notebook's status: that of the first time its process was lost, with the exercises it cost."""
    if not losses:
        return records.GRADED, ""
    lost = {
        name: check.message
        for name, exercise in exercises.items()
        for check in exercise.checks
        if check.outcome in (records.TIMEOUT, records.CRASHED, records.OUT_OF_MEMORY)
    }
    outcome = losses[0].outcome
    if not lost:
        return outcome, f"a cell was left out, because {losses[0]}; every exercise was graded"
    named = ", ".join(f"`{name}`" for name in lost)
    return outcome, f"{named}: {next(iter(lost.values()))} The other exercises were graded."
