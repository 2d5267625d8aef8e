"""Grading: one submission after another through the checks of its notebook, each into a record."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autograder.errors import CheckBroken, NotebookUnreadable, UsageError, WorkerLost, WorkerOutOfMemory
from autograder.trusted import figures, records
from autograder.trusted.course import KIT, read_plan
from autograder.trusted.diagnosis import Diagnosis
from autograder.trusted.examination import Examination
from autograder.trusted.files import read_bytes
from autograder.trusted.judging import LOST, Judge
from autograder.trusted.lending import Lender
from autograder.trusted.notebooks import CodeCell, SubmittedNotebook, read_notebook
from autograder.trusted.outputs import run_for_outputs
from autograder.trusted.records import CheckRecord, ExerciseRecord, NotebookRecord, fingerprint, fingerprint_of_files
from autograder.trusted.student import CPU, SIM
from autograder.trusted.variants import Variant, read_variants

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Sequence
    from pathlib import Path

    import pytest

    from autograder.trusted.course import Course, NotebookPlan
    from autograder.trusted.examination import Verdict
    from autograder.trusted.figures import Figure
    from autograder.trusted.judging import Check
    from autograder.trusted.outputs import CellOutputs
    from autograder.trusted.submissions import Submission
    from autograder.trusted.workers import Workers

CHECKS = "autograder/checks"


@dataclass(frozen=True)
class Settings:
    """What besides the notebook decides a grade.

    Attributes:
        seconds: the wall-clock limit of each cell, and of each check's calls of the student's code.
        seed: the seed of the checks' random inputs.
        devices: where checks of devices are run for points, the CPU first.
        gpu: the device of a GPU on which they are run once more, for comparison; "" for none.
    """

    seconds: float = 5.0
    seed: int = 90051
    devices: tuple[str, ...] = (CPU, SIM)
    gpu: str = ""


class Grader:
    """Grades submissions one by one, with checks that are collected already.

    Args:
        course: where source, release and solutions are.
        workers: makes the sealed workers.
        checks: all checks of the assignment.
        run: runs one item of a check against an examination; returns the exception that ended it, or None.
        settings: limits and seed.
        predictable: the items whose verdict follows from what the student's code answers, and from nothing else.
    """

    def __init__(
        self,
        course: Course,
        workers: Workers,
        checks: Sequence[Check],
        run: Callable[[pytest.Item, Examination], BaseException | None],
        settings: Settings,
        predictable: Container[pytest.Item] = (),
    ) -> None:
        self._course = course
        self._workers = workers
        self._judge = Judge(checks, run, settings.devices, predictable)
        self._settings = settings
        self._diagnosis = Diagnosis(misconceptions, self.examine_variants)
        self._lenders: dict[str, Lender] = {}
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
        self._judge.broken.clear()
        start = time.perf_counter()
        plan = self._course.notebooks[submission.notebook]
        if submission.path is None:
            return self._ungraded(submission, plan, records.MISSING, "the notebook was not handed in", start)
        try:
            content = read_bytes(submission.path)
            submitted = read_notebook(content, plan, self._stubs[plan.name])
        except NotebookUnreadable as why:
            return self._ungraded(submission, plan, records.UNREADABLE, str(why), start)
        verdicts, losses = self._verdicts(plan, submitted)
        if any(isinstance(loss, WorkerOutOfMemory) for loss in losses):
            # The machine ended a worker, perhaps for what others did to it: what happens twice is the student's.
            self._judge.broken.clear()
            verdicts, losses = self._verdicts(plan, submitted)
        doubts = submitted.doubts
        if self._settings.gpu:
            with self._examination(plan, submitted, with_gpu=True) as examination:
                verdicts, differing = self._judge.on_gpu(examination, self._settings.gpu, verdicts)
            doubts = (*doubts, *differing)
        exercises = {name: self._exercise_record(plan, name, verdicts[name]) for name in plan.exercises}
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
            doubts,
        )
        if self._judge.broken:
            raise CheckBroken(self._judge.broken[0], record)
        return record

    def _verdicts(
        self, plan: NotebookPlan, submitted: SubmittedNotebook
    ) -> tuple[dict[str, dict[Check, Verdict]], list[WorkerLost]]:
        """The verdicts of every exercise, and the workers that were lost over them."""
        with self._examination(plan, submitted) as examination:
            return self._judge.notebook(examination), examination.notebook.losses

    @contextmanager
    def _examination(
        self, plan: NotebookPlan, submitted: SubmittedNotebook, *, with_gpu: bool = False, by_author: bool = False
    ) -> Iterator[Examination]:
        """A submitted notebook to be examined; its worker ends with the context."""
        if plan.name not in self._lenders:
            self._lenders[plan.name] = Lender(plan, self._course.reference(plan.name))
        lender, seconds = self._lenders[plan.name], self._settings.seconds
        examination = Examination(
            self._workers, plan, submitted, lender, seconds, with_gpu=with_gpu, by_author=by_author
        )
        try:
            yield examination
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

    def examine_variants(self, notebook: str, variants: Sequence[Variant]) -> list[dict[Check, Verdict]]:
        """The verdicts of each variant's exercise, in the solved notebook with the variant in its place."""
        plan = self._course.notebooks[notebook]
        solved = tuple(
            CodeCell(cell.name, cell.source) for cell in plan.cells if cell.kind == "code" and not cell.demonstration
        )
        found = []
        with self._examination(plan, SubmittedNotebook(solved, frozenset()), by_author=True) as examination:
            sources = {cell.name: cell.source for cell in solved}
            for variant in variants:
                examination.notebook.redefine(variant.exercise, variant.source)
                found.append(self._judge.exercise(examination, variant.exercise))
                examination.notebook.redefine(variant.exercise, sources[variant.exercise])
        return found

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
                    verdict.devices,
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
    """All that decides a grade besides the notebook: engine, checks, reference, source, limits, seed.

    Of the faces, which only show what was decided, the fixtures that checks ask for are the one exception.
    """
    rooms = KIT / "autograder"
    engine = [path for path in rooms.rglob("*.py") if path.relative_to(rooms).parts[0] not in ("faces", "author")]
    engine.append(rooms / "faces" / "pytest_plugin.py")
    files = [*engine, *checks, *course.solutions.glob("*.py"), *course.source.glob("*.ipynb")]
    return fingerprint(fingerprint_of_files(set(files)), repr(settings).encode()).encode()


def _status(losses: list[WorkerLost], exercises: dict[str, ExerciseRecord]) -> tuple[str, str]:
    """The notebook's status: that of the first time its process was lost, with the exercises it cost."""
    if not losses:
        return records.GRADED, ""
    lost = {
        name: check.message
        for name, exercise in exercises.items()
        for check in exercise.checks
        if check.outcome in LOST
    }
    outcome = losses[0].outcome
    if not lost:
        return outcome, f"a cell was left out, because {losses[0]}; every exercise was graded"
    named = ", ".join(f"`{name}`" for name in lost)
    return outcome, f"{named}: {next(iter(lost.values()))} The other exercises were graded."
