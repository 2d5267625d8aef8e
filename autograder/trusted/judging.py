"""The verdicts of a notebook's checks: in which order they are run, who helps whom, and on which devices.

An exercise whose checks fail while an earlier exercise is not right is tried once more with the reference's
version of the earlier ones in their place, and keeps the better verdict of each check.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from autograder.errors import KitError
from autograder.trusted import records
from autograder.trusted.examination import PASSED, Verdict
from autograder.trusted.precedents import Precedents
from autograder.trusted.student import CPU, SIM, called

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping, Sequence

    import pytest

    from autograder.trusted.examination import Examination

MAX_LOSSES_PER_EXERCISE = 2

LOST = (records.TIMEOUT, records.CRASHED, records.OUT_OF_MEMORY)

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

_COMPARED = (records.PASSED, records.FAILED, records.RAISED)
_DIFFERS = "`{}`: on {} its check of devices has the outcome {}, but on {} {}: tell whoever keeps the simulated device."


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
                " ".join(function.__doc__.split("\n\n")[0].split()),  # type: ignore[union-attr]  # as above
                {},
            ),
        )
        check.items[device] = item  # type: ignore[index]  # filled here, and read only from now on
    return list(checks.values())


class Judge:
    """Judges examinations by checks that are collected already.

    Args:
        checks: all checks of the assignment.
        run: runs one item of a check against an examination; returns the exception that ended it, or None.
        devices: where checks of devices are run, the CPU first.
        predictable: the items whose verdict follows from what the student's code answers, and from nothing else.

    Attributes:
        broken: what the checks themselves failed with over the student's answers, a sentence each.
    """

    def __init__(
        self,
        checks: Sequence[Check],
        run: Callable[[pytest.Item, Examination], BaseException | None],
        devices: Sequence[str],
        predictable: Container[pytest.Item] = (),
    ) -> None:
        self._run = run
        self._precedents = Precedents(predictable)
        self._devices = devices
        self._checks: dict[tuple[str, str, bool], list[Check]] = {}
        for check in checks:
            self._checks.setdefault((check.notebook, check.exercise, check.about_devices), []).append(check)
        self.broken: list[str] = []

    def notebook(self, examination: Examination) -> dict[str, dict[Check, Verdict]]:
        """The verdicts of every exercise: in order, and once more, with help, where an earlier one may have spoilt it.

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
                    # A worker that is lost only now had been spoilt by the first try; the next one is new.
                    spoilt = [each for each in again if again[each].outcome in LOST and found[each].outcome not in LOST]
                    again |= self._try(examination, name, spoilt)
                    found |= {
                        check: verdict
                        for check, verdict in again.items()
                        if _RANK[verdict.outcome] > _RANK[found[check].outcome]
                    }
                verdicts[name] |= found
                if _failed(found):
                    failed.add(name)
                endless |= any(verdict.outcome == records.TIMEOUT for verdict in found.values())
        return verdicts

    def exercise(self, examination: Examination, exercise: str) -> dict[Check, Verdict]:
        """The verdicts of one exercise's checks, those of devices last."""
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
        losses = sum(verdict.outcome in LOST for verdict in before.values())
        for check in checks:
            stands = exercise in examination.submitted.untouched and previous is not None
            if stands and previous is not None and previous.outcome == records.NOT_ATTEMPTED:
                verdicts[check] = previous
                continue
            if losses >= MAX_LOSSES_PER_EXERCISE and previous is not None:
                verdicts[check] = previous
                continue
            previous = verdicts[check] = self._judge(check, examination, self._devices)
            losses += previous.outcome in LOST
        return verdicts

    def on_gpu(
        self, examination: Examination, gpu: str, verdicts: dict[str, dict[Check, Verdict]]
    ) -> tuple[dict[str, dict[Check, Verdict]], list[str]]:
        """The verdicts with the outcomes of the checks of devices on a GPU, and a sentence for each that differs.

        Points depend on the simulated accelerator alone, so that they are the same on every machine.
        """
        compared = {name: dict(found) for name, found in verdicts.items()}
        differing: list[str] = []
        failed: list[str] = []
        for name, found in verdicts.items():
            examination.lend(failed)
            right = not _failed(found)
            for check, judged in found.items():
                if not check.about_devices or judged.outcome not in _COMPARED:
                    continue
                there = self._judge(check, examination, (CPU, gpu))
                compared[name][check] = replace(judged, devices={**judged.devices, gpu: there.outcome})
                if (there.outcome == records.PASSED) != (judged.outcome == records.PASSED):
                    differing.append(_DIFFERS.format(name, called(gpu), there.outcome, called(SIM), judged.outcome))
                if there.outcome != records.PASSED:
                    right = False
                    examination.renew()  # an error of the driver's stays with the process
            if not right:
                failed = [*failed, name]
        return compared, differing

    def _judge(self, check: Check, examination: Examination, devices: Sequence[str]) -> Verdict:
        """The verdict of a check; of one about devices, that on the first of `devices` where it is not passed."""
        if not check.about_devices:
            return self._verdict(check, check.items[""], examination)
        examination.accelerator = devices[-1]
        outcomes: dict[str, str] = {}
        verdict = PASSED
        for device in devices:
            verdict = self._verdict(check, check.items[device], examination)
            outcomes[device] = verdict.outcome
            if verdict.outcome != records.PASSED:
                if device != CPU and verdict.outcome in (records.FAILED, records.RAISED):
                    verdict = replace(verdict, message=f"On {called(device)}: {verdict.message}")
                break
        examination.accelerator = CPU
        return replace(verdict, devices=outcomes)

    def _verdict(self, check: Check, item: pytest.Item, examination: Examination) -> Verdict:
        interview = examination.begin()
        precedent = self._precedents.verdict(item, interview)
        if precedent is not None:
            return precedent
        error = self._run(item, examination)
        if isinstance(error, KitError):
            raise error  # the fault is the kit's: there is nothing to judge
        verdict = examination.verdict(check.exercise, error)
        if verdict is None:
            self.broken.append(f"the check {check.name} itself failed with {error!r}")
            verdict = Verdict(records.CRASHED, "The check could not judge this answer; a tutor has to look at it.")
        elif verdict != PASSED:
            verdict = replace(verdict, transcript=tuple(interview.transcript))
        self._precedents.add(item, interview, verdict, by_author=examination.by_author)
        return verdict

    def _checks_of(self, notebook: str, exercise: str, *, about_devices: bool) -> list[Check]:
        return self._checks.get((notebook, exercise, about_devices), [])


def _failed(verdicts: dict[Check, Verdict]) -> list[Check]:
    return [check for check, verdict in verdicts.items() if verdict != PASSED]


def _untouched(examination: Examination, exercise: str, verdicts: dict[Check, Verdict]) -> bool:
    """Nothing was written, so no help can change that."""
    return exercise in examination.submitted.untouched and all(
        verdict.outcome == records.NOT_ATTEMPTED for verdict in verdicts.values()
    )
