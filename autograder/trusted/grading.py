"""Grading: one submission after another through the checks of its notebook, each into a record.

The checks are pytest's: collected once, then run for every submission by `runtestprotocol`. An
exercise whose checks fail while an earlier exercise is not right is tried once more with the
reference's version of the earlier ones in their place, and keeps the better verdict of each check.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from autograder.errors import CheckBroken, KitError, NotebookUnreadable, UsageError, WorkerLost, WorkerOutOfMemory
from autograder.trusted import records
from autograder.trusted.course import KIT, read_plan
from autograder.trusted.diagnosis import Diagnosis
from autograder.trusted.examination import PASSED, Examination, Verdict
from autograder.trusted.files import read_bytes
from autograder.trusted.notebooks import CodeCell, SubmittedNotebook, read_notebook
from autograder.trusted.outputs import run_for_outputs
from autograder.trusted.records import CheckRecord, ExerciseRecord, NotebookRecord, fingerprint, fingerprint_of_files
from autograder.trusted.student import CPU, SIM, called
from autograder.trusted.variants import Variant, read_variants

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    import pytest

    from autograder.trusted.course import Course, NotebookPlan
    from autograder.trusted.outputs import CellOutputs
    from autograder.trusted.submissions import Submission
    from autograder.trusted.workers import Workers

CHECKS = "autograder/checks"
MAX_LOSSES_PER_EXERCISE = 2

_LOST = (records.TIMEOUT, records.CRASHED, records.OUT_OF_MEMORY)

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


@dataclass(frozen=True, eq=False)
class Check:
    """A collected check: its function's name, notebook, exercise, points, and the sentence for the student.

    `items` are the pytest items by device, in the order in which they are run; a check that is not about
    devices has one, for "".
    """

    name: str
    notebook: str
    exercise: str
    points: float
    title: str
    items: Mapping[str, pytest.Item]

    @property
    def about_devices(self) -> bool:
        """Whether it is run once for each device."""
        return "" not in self.items


@dataclass(frozen=True)
class Settings:
    """What besides the notebook decides a grade.

    Attributes:
        seconds: the wall-clock limit of each cell, and of each check's calls of the student's code.
        seed: the seed of the checks' random inputs.
        devices: where checks of devices are run, the CPU first.
    """

    seconds: float = 5.0
    seed: int = 90051
    devices: tuple[str, ...] = (CPU, SIM)


def checks_of(items: Iterable[pytest.Item]) -> list[Check]:
    """The checks that pytest items are runs of. Raises KitError where a mark or a docstring is missing."""
    checks: dict[str, Check] = {}
    for item in items:
        mark = item.get_closest_marker("check")
        function = getattr(item, "function", None)
        if mark is None or not getattr(function, "__doc__", None):
            raise KitError(f"{item.nodeid} needs @check(exercise, points) and a docstring for the student to read.")
        device = item.callspec.params.get("device", "") if hasattr(item, "callspec") else ""
        check = checks.setdefault(
            item.nodeid.partition("[")[0],
            Check(
                function.__name__,  # type: ignore[union-attr]  # it has a docstring
                item.path.stem.removeprefix("test_"),
                mark.kwargs["exercise"],
                mark.kwargs["points"],
                " ".join(function.__doc__.split("\n\n")[0].split()),  # type: ignore[union-attr]
                {},
            ),
        )
        check.items[device] = item  # type: ignore[index]  # filled here, and read only from now on
    return list(checks.values())


class Grader:
    """Grades submissions one by one, with checks that are collected already.

    Args:
        course: where source, release and solutions are.
        workers: makes the sealed workers.
        checks: all checks of the assignment.
        run: runs one item of a check against an examination; returns the exception that ended it, or None.
        settings: limits and seed.
    """

    def __init__(
        self,
        course: Course,
        workers: Workers,
        checks: Sequence[Check],
        run: Callable[[pytest.Item, Examination], BaseException | None],
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

    def _examine(self, examination: Examination) -> dict[str, ExerciseRecord]:
        """Every exercise in order, and once more, with help, where an earlier one may have spoilt it.

        After an exercise that loops for ever the help comes at once: to wait for it again, in every
        later exercise that calls it, would tell nothing. Checks of devices come last: once there is an
        accelerator, a function that asks what there is may do otherwise than on a laptop.
        """
        plan = examination.plan
        verdicts: dict[str, dict[Check, Verdict]] = {name: {} for name in plan.exercises}
        failed: set[str] = set()
        endless = False
        for about_devices in (False, True):
            earlier: list[str] = []
            for name in plan.exercises:
                lent = [each for each in earlier if each in failed]
                earlier.append(name)
                examination.lend(lent if endless else [])
                checks = self._checks_of(plan.name, name, about_devices=about_devices)
                found = self._try(examination, name, checks, verdicts[name])
                if lent and not endless and _failed(found) and not _untouched(examination, name, found):
                    examination.lend(lent)
                    again = self._try(examination, name, _failed(found))
                    found |= {
                        check: verdict
                        for check, verdict in again.items()
                        if _RANK[verdict.outcome] > _RANK[found[check].outcome]
                    }
                verdicts[name] |= found
                if _failed(found):
                    failed.add(name)
                endless |= any(verdict.outcome == records.TIMEOUT for verdict in found.values())
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
            return self._both(examination, variant.exercise)
        finally:
            examination.close()

    def _both(self, examination: Examination, exercise: str) -> dict[Check, Verdict]:
        """The verdicts of an exercise's checks without devices, then of those about them."""
        verdicts: dict[Check, Verdict] = {}
        for about_devices in (False, True):
            checks = self._checks_of(examination.plan.name, exercise, about_devices=about_devices)
            verdicts |= self._try(examination, exercise, checks, verdicts)
        return verdicts

    def _try(
        self,
        examination: Examination,
        exercise: str,
        checks: Iterable[Check],
        before: Mapping[Check, Verdict] = MappingProxyType({}),
    ) -> dict[Check, Verdict]:
        """The verdict of each of these checks of an exercise, on the student's code as it now stands.

        What is known `before` spares some: an exercise that is not attempted stays so, and one that has cost
        MAX_LOSSES_PER_EXERCISE workers costs no more.
        """
        verdicts: dict[Check, Verdict] = {}
        previous = list(before.values())[-1] if before else None
        losses = sum(verdict.outcome in _LOST for verdict in before.values())
        for check in checks:
            stands = exercise in examination.submitted.untouched and previous is not None
            if stands and previous is not None and previous.outcome == records.NOT_ATTEMPTED:
                verdicts[check] = previous
                continue
            if losses >= MAX_LOSSES_PER_EXERCISE and previous is not None:
                verdicts[check] = previous
                continue
            previous = verdicts[check] = self._judge(check, examination)
            losses += previous.outcome in _LOST
        return verdicts

    def _judge(self, check: Check, examination: Examination) -> Verdict:
        """The verdict of a check; of one about devices, that on the first device where it is not passed."""
        outcomes: dict[str, str] = {}
        verdict = PASSED
        for device, item in check.items.items():
            verdict = self._verdict(check, item, examination)
            outcomes[device] = verdict.outcome
            if verdict.outcome != records.PASSED:
                if device not in ("", CPU) and verdict.outcome in (records.FAILED, records.RAISED):
                    verdict = replace(verdict, message=f"On {called(device)}: {verdict.message}")
                break
        return replace(verdict, devices=outcomes) if check.about_devices else verdict

    def _verdict(self, check: Check, item: pytest.Item, examination: Examination) -> Verdict:
        error = self._run(item, examination)
        if isinstance(error, KitError):
            raise error  # the fault is the kit's: there is nothing to judge
        verdict = examination.verdict(check.exercise, error)
        if verdict is None:
            self._broken.append(f"the check {check.name} itself failed with {error!r}")
            verdict = Verdict(records.CRASHED, "The check could not judge this answer; a tutor has to look at it.")
        return verdict if verdict == PASSED else replace(verdict, transcript=examination.transcript())

    def _checks_of(self, notebook: str, exercise: str, *, about_devices: bool) -> list[Check]:
        return [
            check
            for check in self._checks
            if (check.notebook, check.exercise, check.about_devices) == (notebook, exercise, about_devices)
        ]

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
        if check.outcome in _LOST
    }
    outcome = losses[0].outcome
    if not lost:
        return outcome, f"a cell was left out, because {losses[0]}; every exercise was graded"
    named = ", ".join(f"`{name}`" for name in lost)
    return outcome, f"{named}: {next(iter(lost.values()))} The other exercises were graded."
