"""Grading: one submission after another through the checks of its notebook, each into a record."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from autograder.errors import CheckBroken, NotebookUnreadable, ReaderLost, WorkerLost, WorkerOutOfMemory
from autograder.trusted.checking.check_context import CheckContext
from autograder.trusted.checking.diagnosis import Diagnosis
from autograder.trusted.checking.judge import Judge
from autograder.trusted.checking.substitutes import Substitutes
from autograder.trusted.execution.outputs import run_for_outputs
from autograder.trusted.grading.figures import SECONDS as FIGURE_SECONDS
from autograder.trusted.grading.figures import experiments_of, plot_figure
from autograder.trusted.results import outcomes
from autograder.trusted.results.fingerprint import fingerprint
from autograder.trusted.results.records import CheckRecord, ExerciseRecord, NotebookRecord
from autograder.trusted.submissions.cells import NotebookCell
from autograder.trusted.submissions.notebook import SubmittedNotebook, read_notebook
from autograder.trusted.submissions.read import read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from autograder.trusted.assignment.course import Course
    from autograder.trusted.assignment.plan import NotebookPlan
    from autograder.trusted.assignment.variants import Variant
    from autograder.trusted.checking.check import Check
    from autograder.trusted.checking.check_context import Verdict
    from autograder.trusted.execution.outputs import CellOutputs
    from autograder.trusted.execution.workers import Workers
    from autograder.trusted.grading.figures import Figure
    from autograder.trusted.grading.settings import Settings
    from autograder.trusted.submissions.find import Submission


class Grader:
    """Grades submissions one by one, with checks that are collected already.

    Args:
        course: where source, release and solutions are.
        workers: makes the sandboxed workers.
        checks: all checks of the assignment.
        settings: limits and seed.
    """

    def __init__(self, course: Course, workers: Workers, checks: Sequence[Check], settings: Settings) -> None:
        self._course = course
        self._workers = workers
        self._judge = Judge(checks, settings.devices)
        self._settings = settings
        self._diagnosis = Diagnosis(course.misconceptions, self.check_variants)
        self._substitutes: dict[str, Substitutes] = {}
        self._stubs = {name: course.released(name).stubs for name in course.notebooks}

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
            return self._ungraded(submission, plan, outcomes.MISSING, "the notebook was not handed in", start)
        try:
            content = read_bytes(submission.path)
            submitted = read_notebook(content, plan, self._stubs[plan.name])
        except ReaderLost as why:
            doubts = (f"{submission.notebook} could not be read within the limits: look at the file.",)
            return self._ungraded(submission, plan, outcomes.UNREADABLE, str(why), start, doubts)
        except NotebookUnreadable as why:
            return self._ungraded(submission, plan, outcomes.UNREADABLE, str(why), start)
        verdicts, losses = self._verdicts(plan, submitted)
        if any(isinstance(loss, WorkerOutOfMemory) for loss in losses):
            # The machine ended a worker, perhaps for what others did to it: what happens twice is the student's.
            self._judge.broken.clear()
            verdicts, losses = self._verdicts(plan, submitted)
        needs_review = submitted.needs_review
        if self._settings.gpu:
            with self._context(plan, submitted, with_gpu=True) as context:
                verdicts, differing = self._judge.on_gpu(context, self._settings.gpu, verdicts)
            needs_review = (*needs_review, *differing)
        exercises = {name: self._exercise_record(plan, name, verdicts[name]) for name in plan.exercises}
        status, reason = _status(losses, exercises)
        record = NotebookRecord(
            student=submission.student,
            assignment=self._course.assignment,
            notebook=submission.notebook,
            status=status,
            earned=sum(exercise.earned for exercise in exercises.values()),
            possible=plan.possible,
            seconds=round(time.perf_counter() - start, 4),
            exercises=exercises,
            reason=reason,
            seed=self._settings.seed,
            fingerprint=fingerprint(content, settings_fingerprint),
            repairs=(*submission.notes, *submitted.repairs),
            needs_review=needs_review,
        )
        if self._judge.broken:
            raise CheckBroken(self._judge.broken[0], record)
        return record

    def _verdicts(
        self, plan: NotebookPlan, submitted: SubmittedNotebook
    ) -> tuple[dict[str, dict[Check, Verdict]], list[WorkerLost]]:
        """The verdicts of every exercise, and the workers that were lost over them."""
        with self._context(plan, submitted) as context:
            return self._judge.notebook(context), context.notebook.losses

    @contextmanager
    def _context(
        self,
        plan: NotebookPlan,
        submitted: SubmittedNotebook,
        *,
        seconds: float | None = None,
        with_gpu: bool = False,
        by_author: bool = False,
    ) -> Iterator[CheckContext]:
        """A submitted notebook to be examined; its worker ends with the context."""
        if plan.name not in self._substitutes:
            self._substitutes[plan.name] = Substitutes(plan, self._course.reference(plan.name))
        substitutes = self._substitutes[plan.name]
        context = CheckContext(
            self._workers,
            plan,
            submitted,
            substitutes,
            seconds or self._settings.seconds,
            self._settings.seed,
            with_gpu=with_gpu,
            by_author=by_author,
        )
        try:
            yield context
        finally:
            context.close()

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

    def plot(self, submission: Submission) -> Figure | None:
        """What a submitted notebook's functions make for its feedback; None where there is nothing to plot."""
        experiment = experiments_of(self._course).get(submission.notebook)
        if submission.path is None or experiment is None:
            return None
        plan = self._course.notebooks[submission.notebook]
        try:
            submitted = read_notebook(read_bytes(submission.path), plan, self._stubs[plan.name])
        except NotebookUnreadable:
            return None
        with self._context(plan, submitted, seconds=min(self._settings.seconds, FIGURE_SECONDS)) as context:
            return plot_figure(context, experiment)

    def check_variants(self, notebook: str, variants: Sequence[Variant]) -> list[dict[Check, Verdict]]:
        """The verdicts of each variant's exercise, in the solved notebook with the variant in its place."""
        plan = self._course.notebooks[notebook]
        solved = tuple(
            NotebookCell(cell.name, cell.source)
            for cell in plan.cells
            if cell.kind == "code" and not cell.demonstration
        )
        found = []
        with self._context(plan, SubmittedNotebook(solved, frozenset()), by_author=True) as context:
            sources = {cell.name: cell.source for cell in solved}
            for variant in variants:
                context.notebook.redefine(variant.exercise, variant.source)
                found.append(self._judge.exercise(context, variant.exercise))
                context.notebook.redefine(variant.exercise, sources[variant.exercise])
        return found

    def _exercise_record(self, plan: NotebookPlan, exercise: str, verdicts: dict[Check, Verdict]) -> ExerciseRecord:
        recognised = self._diagnosis.recognise(plan.name, exercise, verdicts)
        return ExerciseRecord(
            earned=sum(check.points for check, verdict in verdicts.items() if verdict.outcome == outcomes.PASSED),
            possible=plan.exercises[exercise].points,
            checks=tuple(
                CheckRecord(
                    name=check.name,
                    title=check.title,
                    outcome=verdict.outcome,
                    points=check.points,
                    message=verdict.message,
                    misconception=recognised[check].name if check in recognised else "",
                    hint=recognised[check].hint if check in recognised else "",
                    devices=verdict.devices,
                )
                for check, verdict in verdicts.items()
            ),
        )

    def _ungraded(
        self,
        submission: Submission,
        plan: NotebookPlan,
        status: str,
        reason: str,
        start: float,
        needs_review: tuple[str, ...] = (),
    ) -> NotebookRecord:
        return NotebookRecord(
            student=submission.student,
            assignment=self._course.assignment,
            notebook=submission.notebook,
            status=status,
            earned=0.0,
            possible=plan.possible,
            seconds=round(time.perf_counter() - start, 4),
            reason=reason,
            seed=self._settings.seed,
            repairs=submission.notes,
            needs_review=needs_review,
        )


def _status(losses: list[WorkerLost], exercises: dict[str, ExerciseRecord]) -> tuple[str, str]:
    """The notebook's status: that of the first time its process was lost, with the exercises it cost."""
    if not losses:
        return outcomes.GRADED, ""
    lost = {
        name: check.message
        for name, exercise in exercises.items()
        for check in exercise.checks
        if check.outcome in outcomes.LOST
    }
    outcome = losses[0].outcome
    if not lost:
        return outcome, f"a cell was left out, because {losses[0]}; every exercise was graded"
    named = ", ".join(f"`{name}`" for name in lost)
    return outcome, f"{named}: {next(iter(lost.values()))} The other exercises were graded."
