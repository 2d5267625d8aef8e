"""Grading: one submission after another through the checks of its notebook, each into a record.

Theory of operation. There are four kinds of process:

    tutor's process          grader, one a core        template                  worker, one a notebook
    finds submissions,  -->  reads and repairs a  -->  has imported torch and -> runs a student's cells in a
    writes records      <--  notebook, runs checks     no secret; forks          sandbox, then answers calls

The tutor's process forks the graders and starts the template as a program of its own, so that no worker ever held a
check, a solution or another's work. Only workers run a student's code, and a worker may be lost at any moment without
loss to anyone else. What a student wrote is parsed by a reader, as expendable as a worker, which each grader starts for
itself (submissions/reader.py asks it); the reference answers from a worker of its own. Where a GPU is asked as well, a
second template makes the workers that may use it.

What passes between them:

    tutor's process - grader    Task and Done, pickled over a pipe: both are ours            grading/class_run.py
    grader - template           Fork with a socket, Kill; Forked and Exited come back        wire/messages.py
    grader - worker             requests and replies as frames of msgpack: typed, limited    wire/frames.py, values.py
                                in bytes, objects and time, and never believed

The way of a submission through the rooms, in the order in which it happens:

    1  found      submissions/find.py, finding/     whose notebook a file is, by its name or by what it defines
    2  read       reading/read.py                   bytes become cells, whatever they came as
    3  repaired   reading/repair.py                 the work found where it stands; locked cells as the author has them
    4  executed   execution/executed_notebook.py    the cells run in a worker; one that is fatal costs only itself
    5  checked    checking/judge.py                 each check calls the student's functions (student.py) and compares
                                                    (compare.py); with substitutes.py the reference stands in for an
                                                    exercise that is wrong; verdict_cache.py spares what is known
    6  diagnosed  checking/diagnosis.py             answers that equal a named misconception's get its hint
    7  recorded   results/records.py, store.py      a line of results.jsonl, written whole as it comes
    8  shown      faces/                            terminal, report, feedback, gradebooks

`Grader.grade` below is steps 2 to 7 for one submission.
"""

from __future__ import annotations

import functools
import time
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from autograder.errors import NotebookUnreadable, ReaderLost, WorkerLost, WorkerOutOfMemory
from autograder.trusted.checking.check_context import CheckContext, Verdict
from autograder.trusted.checking.diagnosis import Diagnosed, Diagnosis
from autograder.trusted.checking.judge import Judge
from autograder.trusted.checking.substitutes import Substitutes
from autograder.trusted.comparing.observations import agreed
from autograder.trusted.execution.outputs import run_for_outputs
from autograder.trusted.execution.remarks import Remarks, lacking_when_called, remarks_of
from autograder.trusted.grading.containment import REASON, Fault, contained
from autograder.trusted.grading.figures import SECONDS as FIGURE_SECONDS
from autograder.trusted.grading.figures import can_be_called, experiments_of, figures_fingerprint, plot_figure
from autograder.trusted.grading.judged_variants import JudgedVariants
from autograder.trusted.grading.visible_tests import by_hand, execute_whole, visible_records
from autograder.trusted.results import outcomes
from autograder.trusted.results.fingerprint import fingerprint
from autograder.trusted.results.records import CheckRecord, ExerciseRecord, FigureRecord, Kept, NotebookRecord, total
from autograder.trusted.submissions.beside import FilesBeside
from autograder.trusted.submissions.definitions import Definitions
from autograder.trusted.submissions.finding.candidates import NOT_HANDED_IN, NOT_RECOGNISED
from autograder.trusted.submissions.notebook import SubmittedNotebook, read_notebook

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from autograder.trusted.assignment.course import Course
    from autograder.trusted.assignment.plan import NotebookPlan
    from autograder.trusted.assignment.variants import Variant
    from autograder.trusted.checking.check import Check
    from autograder.trusted.execution.safe_outputs import CellOutputs
    from autograder.trusted.execution.workers import Workers
    from autograder.trusted.grading.settings import Settings
    from autograder.trusted.submissions.submission import Submission


UNJUDGED = "This could not be judged, as the autograder failed over it; a tutor has to look at it."


@dataclass
class _Progress:
    """How far the grading of one submission has come: what is known when it ends, however it ends."""

    content: bytes = b""
    beside: FilesBeside = field(default_factory=FilesBeside)
    submitted: SubmittedNotebook | None = None
    verdicts: dict[str, dict[Check, Verdict]] = field(default_factory=dict)
    visible: dict[str, ExerciseRecord] = field(default_factory=dict)
    losses: list[WorkerLost] = field(default_factory=list)
    cell_left_out: bool = False
    remarks: Remarks = field(default_factory=Remarks)
    needs_review: list[str] = field(default_factory=list)
    plot: bool = False
    figure: FigureRecord | None = None


class Grader:
    """Grades submissions one by one, with checks that are collected already.

    Args:
        course: where source, release and solutions are.
        workers: makes the sandboxed workers.
        gpu_workers: makes those that may use the GPU, where the settings name one.
        checks: all checks of the assignment.
        settings: limits and seed.

    Attributes:
        faults: what failed of the kit itself over the notebook that was graded last, a sentence each.
    """

    def __init__(
        self,
        course: Course,
        workers: Workers,
        checks: Sequence[Check],
        settings: Settings,
        gpu_workers: Workers | None = None,
    ) -> None:
        self._course = course
        self._workers = workers
        self._gpu_workers = gpu_workers
        self._judge = Judge(checks, settings.devices, course.settings.patience)
        self._settings = settings
        self._variants = JudgedVariants(course, self._judge, functools.partial(self._open, by_author=True))
        self._diagnosis = Diagnosis(course.misconceptions, self._variants.examine)
        self._substitutes: dict[tuple[str, bool], Substitutes] = {}
        self.faults: list[str] = []
        self._stubs = {name: course.released(name).stubs for name in course.notebooks}

    @functools.cached_property
    def _made_by(self) -> str:
        return figures_fingerprint(self._course)

    def grade(self, submission: Submission, settings_fingerprint: bytes, *, plot: bool = False) -> NotebookRecord:
        """Grade one submitted notebook; with `plot` the record has what the feedback draws as well.

        Whatever goes wrong over it is told in its record, in which stands what was earned before. A check that
        itself fails over an answer costs that check, and is to be looked at.

        Raises TemplateLost: no worker can be made any more.
        """
        start = time.perf_counter()
        plan = self._course.notebooks[submission.notebook]
        if submission.path is None:
            why = NOT_RECOGNISED if submission.needs_review else NOT_HANDED_IN
            return self._ungraded(submission, plan, outcomes.MISSING, why)
        progress, self.faults = _Progress(plot=plot), []
        fault = contained(lambda: self._follow(submission, plan, progress))
        if isinstance(fault, NotebookUnreadable):
            return self._ungraded(submission, plan, outcomes.UNREADABLE, str(fault), _to_be_looked_at(fault), start)
        if isinstance(fault, Fault):
            self.faults.append(str(fault))
            if progress.submitted is None:
                reason = "the autograder failed over reading it; a tutor has to look at it"
                return self._ungraded(submission, plan, outcomes.UNREADABLE, reason, tuple(self.faults), start)
        submitted = progress.submitted
        assert submitted is not None
        exercises = (
            contained(lambda: self._exercise_records(plan, progress.verdicts, submitted))
            if self._course.has_checks(plan.name)
            else progress.visible or _unjudged(plan)
        )
        if isinstance(exercises, Fault):
            self.faults.append(str(exercises))
            exercises = self._exercise_records(plan, progress.verdicts, None)
        self.faults += self._judge.broken
        status, reason = _status(progress, exercises)
        if isinstance(fault, Fault):
            status, reason = outcomes.CRASHED, REASON
        return NotebookRecord(
            student=submission.student,
            assignment=self._course.assignment,
            notebook=submission.notebook,
            status=status,
            earned=total(exercise.earned for exercise in exercises.values()),
            possible=plan.possible,
            seconds=round(time.perf_counter() - start, 4),
            exercises=exercises,
            reason=reason,
            seed=self._settings.seed,
            # What was cut off by a fault is tried again by the next run.
            fingerprint=""
            if isinstance(fault, Fault)
            else fingerprint(progress.content, settings_fingerprint, *progress.beside.parts),
            repairs=(*submission.notes, *submitted.repairs, *progress.remarks.repairs),
            needs_review=(
                *submission.needs_review,
                *submitted.needs_review,
                *progress.remarks.needs_review,
                *lacking_when_called(
                    {name: [check.message for check in each.checks] for name, each in exercises.items()}
                ),
                *_left_by_checks(progress.verdicts),
                *progress.needs_review,
                *self.faults,
            ),
            figure=progress.figure,
        )

    def _follow(self, submission: Submission, plan: NotebookPlan, progress: _Progress) -> NotebookUnreadable | None:
        """Take a submission through reading and all checks; `progress` holds what is known at any moment."""
        self._judge.broken.clear()
        try:
            progress.content = submission.content()
            progress.beside = submission.beside()
            submitted = progress.submitted = read_notebook(progress.content, plan, self._stubs[plan.name])
        except NotebookUnreadable as why:
            return why
        if not self._course.has_checks(plan.name):
            self._visible(plan, submitted, progress)
            return None
        self._verdicts(plan, submitted, progress)
        if any(isinstance(loss, WorkerOutOfMemory) for loss in progress.losses):
            # The machine ended a worker, perhaps for what others did to it: what happens twice is the student's.
            self._judge.broken.clear()
            again = _Progress(plot=progress.plot)
            self._verdicts(plan, submitted, again)
            progress.verdicts, progress.losses = again.verdicts, again.losses
            progress.cell_left_out, progress.remarks = again.cell_left_out, again.remarks
            progress.figure = again.figure
        if self._settings.gpu and self._gpu_workers is not None:
            with closing(self._open(plan, submitted, progress.beside, with_gpu=True)) as context:
                progress.verdicts, differing = self._judge.on_gpu(context, self._settings.gpu, progress.verdicts)
            progress.needs_review += differing
        return None

    def _verdicts(self, plan: NotebookPlan, submitted: SubmittedNotebook, progress: _Progress) -> None:
        """The verdicts of every exercise, and the workers that were lost over them."""
        with closing(self._open(plan, submitted, progress.beside)) as context:
            progress.losses = context.notebook.losses
            try:
                plot = (lambda: self._figure(context, progress)) if progress.plot else None
                self._judge.notebook(context, progress.verdicts, plot)
            finally:
                progress.cell_left_out = context.notebook.cell_left_out
                progress.remarks = remarks_of(context.notebook, progress.beside)

    def _figure(self, context: CheckContext, progress: _Progress) -> None:
        """What the student's functions make for the feedback; whatever comes of it costs no mark.

        Where it fails for the kit's own fault there is none, and `autograder feedback` tries again, and tells.
        """

        def plot() -> FigureRecord | None:
            experiment = experiments_of(self._course).get(context.plan.name)
            found = progress.verdicts.get(experiment.exercise) if experiment is not None else None
            if experiment is None or not found or not can_be_called(verdict.outcome for verdict in found.values()):
                return None
            return plot_figure(context, experiment, self._made_by)

        before = len(progress.losses)
        figure = contained(plot)
        del progress.losses[before:]
        progress.figure = None if isinstance(figure, Fault) else figure

    def _visible(self, plan: NotebookPlan, submitted: SubmittedNotebook, progress: _Progress) -> None:
        """What the test cells of a notebook without hidden checks come to; a machine that was out of memory is asked
        once more, as above."""
        for last in (False, True):
            notebook = execute_whole(self._workers, plan, submitted, self._settings.seconds, progress.beside)
            if last or not any(isinstance(loss, WorkerOutOfMemory) for loss in notebook.losses):
                break
        progress.losses, progress.cell_left_out = notebook.losses, notebook.cell_left_out
        progress.remarks = remarks_of(notebook, progress.beside)
        progress.visible = visible_records(plan, submitted, notebook)

    def _open(
        self,
        plan: NotebookPlan,
        submitted: SubmittedNotebook,
        beside: FilesBeside | None = None,
        *,
        seconds: float | None = None,
        with_gpu: bool = False,
        by_author: bool = False,
    ) -> CheckContext:
        """A notebook to be examined, and then closed."""
        workers = self._gpu_workers if with_gpu and self._gpu_workers is not None else self._workers
        if (plan.name, with_gpu) not in self._substitutes:
            substitutes = Substitutes(workers, plan, self._course.reference(plan.name))
            self._substitutes[plan.name, with_gpu] = substitutes
        substitutes = self._substitutes[plan.name, with_gpu]
        for (_, on_gpu), other in self._substitutes.items():
            if other is not substitutes and on_gpu == with_gpu:
                other.close()  # a grader holds one worker of the reference's, and one on the GPU
        return CheckContext(
            workers,
            plan,
            submitted,
            substitutes,
            seconds or self._settings.seconds,
            self._settings.seed,
            by_author=by_author,
            beside=beside,
        )

    def show(self, submission: Submission, *, demonstrations: bool = False) -> dict[int, CellOutputs]:
        """What each code cell of a submitted notebook shows when it is run, by its place among the cells.

        Nothing for a notebook that is missing or unreadable, or for a cell that shows nothing.
        """
        if submission.path is None:
            return {}
        plan = self._course.notebooks[submission.notebook]
        try:
            content = submission.content()
            submitted = read_notebook(content, plan, self._stubs[plan.name], demonstrations=demonstrations)
        except NotebookUnreadable:
            return {}
        shown = run_for_outputs(self._workers, submitted.cells, self._settings.seconds, submission.beside())
        by_position: dict[int, CellOutputs] = {}
        for cell, outputs in zip(submitted.cells, shown, strict=True):
            if cell.position >= 0 and outputs:
                by_position.setdefault(cell.position, []).extend(outputs)  # of each part, if it was taken apart
        return by_position

    def plot(self, submission: Submission) -> FigureRecord | None:
        """What a submitted notebook's functions make for its feedback; None where there is nothing to plot."""
        experiment = experiments_of(self._course).get(submission.notebook)
        if submission.path is None or experiment is None:
            return None
        plan = self._course.notebooks[submission.notebook]
        try:
            submitted = read_notebook(submission.content(), plan, self._stubs[plan.name])
        except NotebookUnreadable:
            return None
        with closing(
            self._open(plan, submitted, submission.beside(), seconds=min(self._settings.seconds, FIGURE_SECONDS))
        ) as context:
            return plot_figure(context, experiment, self._made_by)

    def check_variants(self, notebook: str, variants: Sequence[Variant]) -> list[dict[Check, Verdict]]:
        """The verdicts of each variant's exercise; see JudgedVariants.check."""
        return self._variants.check(notebook, variants)

    def _exercise_records(
        self, plan: NotebookPlan, verdicts: dict[str, dict[Check, Verdict]], submitted: SubmittedNotebook | None
    ) -> dict[str, ExerciseRecord]:
        """The record of each exercise, diagnosed if the notebook is given that was `submitted`.

        A check without a verdict is one that nothing was learnt of.
        """
        unjudged = Verdict(outcomes.CRASHED, UNJUDGED)
        whole = {
            name: {
                check: verdicts.get(name, {}).get(check, unjudged) for check in self._judge.checks_of(plan.name, name)
            }
            for name in plan.exercises
        }
        return {
            name: by_hand(name, exercise.points)
            if exercise.by_hand and not whole[name]
            else self._exercise_record(plan, name, whole[name], submitted)
            for name, exercise in plan.exercises.items()
        } | {
            name: by_hand(name, cell.points)
            for name, cell in plan.graded.items()
            if cell.by_hand and name not in plan.exercises
        }

    def _exercise_record(
        self, plan: NotebookPlan, exercise: str, verdicts: dict[Check, Verdict], submitted: SubmittedNotebook | None
    ) -> ExerciseRecord:
        diagnosed = Diagnosed({})
        if submitted is not None:
            names = functools.cache(functools.partial(_names_used, submitted, exercise))
            diagnosed = self._diagnosis.recognise(plan.name, exercise, verdicts, names)
        recognised = diagnosed.by_check
        observed = agreed({check: verdict.seen for check, verdict in verdicts.items() if verdict.seen is not None})
        earned = total(check.points for check, verdict in verdicts.items() if verdict.outcome == outcomes.PASSED)
        possible = plan.exercises[exercise].points
        slip = diagnosed.alone
        kept = None
        if (
            slip is not None
            and slip.keeps * possible > earned
            and self._variants.does_something(plan.name, exercise, verdicts)
        ):
            kept = Kept(slip.name, slip.keeps)
        return ExerciseRecord(
            earned=kept.share * possible if kept is not None else earned,
            possible=possible,
            kept=kept,
            checks=tuple(
                CheckRecord(
                    name=check.name,
                    title=check.title,
                    outcome=verdict.outcome,
                    points=check.points,
                    message=verdict.message,
                    misconception=recognised[check].name if check in recognised else "",
                    hint=recognised[check].hint if check in recognised else observed.get(check, ""),
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
        needs_review: tuple[str, ...] = (),
        start: float | None = None,
    ) -> NotebookRecord:
        """The record of a notebook that cannot be graded; one that is not there, without a `start`, took no time."""
        return NotebookRecord(
            student=submission.student,
            assignment=self._course.assignment,
            notebook=submission.notebook,
            status=status,
            earned=0.0,
            possible=plan.possible,
            seconds=0.0 if start is None else round(time.perf_counter() - start, 4),
            reason=reason,
            seed=self._settings.seed,
            repairs=submission.notes,
            needs_review=(*submission.needs_review, *needs_review),
        )


def _left_by_checks(verdicts: Mapping[str, Mapping[Check, Verdict]]) -> list[str]:
    """What the checks leave to a person, a sentence each."""
    sentences = (each for found in verdicts.values() for verdict in found.values() for each in verdict.needs_review)
    return list(dict.fromkeys(sentences))


def _unjudged(plan: NotebookPlan) -> dict[str, ExerciseRecord]:
    """The records of a notebook without hidden checks of which nothing was learnt."""
    return {
        name: by_hand(name, cell.points)
        if cell.by_hand
        else ExerciseRecord(0.0, cell.points, (CheckRecord(cell.name, "", outcomes.CRASHED, cell.points, UNJUDGED),))
        for name, cell in plan.graded.items()
    }


def _names_used(submitted: SubmittedNotebook, exercise: str) -> frozenset[str]:
    """The identifiers in a student's code of an exercise; none where it cannot be looked through."""
    try:
        return Definitions(cell.source for cell in submitted.cells).names_used(exercise)
    except NotebookUnreadable:
        return frozenset()


def _to_be_looked_at(why: NotebookUnreadable) -> tuple[str, ...]:
    """A text that no reader could read within its limits is for a person to look at."""
    return ("It could not be read within the limits: look at the file.",) if isinstance(why, ReaderLost) else ()


def _status(progress: _Progress, exercises: dict[str, ExerciseRecord]) -> tuple[str, str]:
    """The notebook's status: that of the first time its process was lost, with the exercises it cost."""
    losses = progress.losses
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
        what = "a cell was left out" if progress.cell_left_out else "its Python process was ended and started again"
        return outcome, f"{what}, because {losses[0]}; every exercise was graded"
    named = ", ".join(f"`{name}`" for name in lost)
    return outcome, f"{named}: {next(iter(lost.values()))} The other exercises were graded."
