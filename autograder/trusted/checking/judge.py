"""The verdicts of a notebook's checks: in which order they are run, who helps whom, and on which devices.

An exercise whose checks fail while an earlier exercise is not right is tried once more with the reference's
version of the earlier ones in their place, and keeps the better verdict of each check.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from autograder.errors import KitError, place_of
from autograder.trusted.checking.check_context import PASSED, Verdict
from autograder.trusted.checking.student import CPU, SIM, called
from autograder.trusted.checking.verdict_cache import VerdictCache
from autograder.trusted.results import outcomes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from autograder.trusted.checking.check import Check
    from autograder.trusted.checking.check_context import CheckContext

MAX_LOSSES_PER_EXERCISE = 2

# Whether a later try's verdict is worth more to the student than an earlier one's.
_RANK = {
    outcomes.PASSED: 3,
    outcomes.FAILED: 2,
    outcomes.RAISED: 2,
    outcomes.TIMEOUT: 1,
    outcomes.CRASHED: 1,
    outcomes.OUT_OF_MEMORY: 1,
    outcomes.BLOCKED: 0,
    outcomes.NOT_ATTEMPTED: 0,
}

_BROKEN = "`{}`: the check {} itself failed over the answer ({}); look at it yourself, and tell the check's author."
_COMPARED = (outcomes.PASSED, outcomes.FAILED, outcomes.RAISED)
_DIFFERS = "`{}`: on {} its check of devices has the outcome {}, but on {} {}: tell whoever keeps the simulated device."


class Judge:
    """Judges submissions by checks that are collected already.

    Args:
        checks: all checks of the assignment.
        devices: where checks of devices are run, the CPU first.

    Attributes:
        broken: what the checks themselves failed with over the student's answers, a sentence each.
    """

    def __init__(self, checks: Sequence[Check], devices: Sequence[str]) -> None:
        self._verdict_cache = VerdictCache()
        self._devices = devices
        self._checks: dict[tuple[str, str, bool], list[Check]] = {}
        for check in checks:
            self._checks.setdefault((check.notebook, check.exercise, check.about_devices), []).append(check)
        self.broken: list[str] = []

    def notebook(self, context: CheckContext, verdicts: dict[str, dict[Check, Verdict]]) -> None:
        """The verdicts of every exercise: in order, and once more, with help, where an earlier one may have spoilt it.

        They are put into `verdicts` as they come, so that what is known stands, whatever happens later.

        After an exercise that loops for ever the help comes at once: to wait for it again, in every
        later exercise that calls it, would tell nothing. Checks of devices come last: once there is an
        accelerator, a function that asks what there is may do otherwise than on a laptop.
        """
        plan = context.plan
        verdicts.update((name, {}) for name in plan.exercises)
        failed: set[str] = set()
        endless = False
        for about_devices in (False, True):
            earlier: list[str] = []
            for name in plan.exercises:
                substituted = [each for each in earlier if each in failed]
                earlier.append(name)
                context.substitute(substituted if endless else [])
                checks = self._checks_of(plan.name, name, about_devices=about_devices)
                found = self._try(context, name, checks, verdicts[name])
                if substituted and not endless and _failed(found) and not _untouched(context, name, found):
                    context.substitute(substituted)
                    again = self._try(context, name, _failed(found))
                    # A worker that is lost only now had been spoilt by the first try; the next one is new.
                    spoilt = [
                        each
                        for each in again
                        if again[each].outcome in outcomes.LOST and found[each].outcome not in outcomes.LOST
                    ]
                    again |= self._try(context, name, spoilt)
                    found |= {
                        check: verdict
                        for check, verdict in again.items()
                        if _RANK[verdict.outcome] > _RANK[found[check].outcome]
                    }
                verdicts[name] |= found
                if _failed(found):
                    failed.add(name)
                endless |= any(verdict.outcome == outcomes.TIMEOUT for verdict in found.values())

    def exercise(self, context: CheckContext, exercise: str) -> dict[Check, Verdict]:
        """The verdicts of one exercise's checks, those of devices last."""
        verdicts: dict[Check, Verdict] = {}
        for about_devices in (False, True):
            checks = self._checks_of(context.plan.name, exercise, about_devices=about_devices)
            verdicts |= self._try(context, exercise, checks, verdicts)
        return verdicts

    def _try(
        self,
        context: CheckContext,
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
        losses = sum(verdict.outcome in outcomes.LOST for verdict in before.values())
        for check in checks:
            stands = exercise in context.submitted.untouched and previous is not None
            if stands and previous is not None and previous.outcome == outcomes.NOT_ATTEMPTED:
                verdicts[check] = previous
                continue
            if losses >= MAX_LOSSES_PER_EXERCISE and previous is not None:
                verdicts[check] = previous
                continue
            previous = verdicts[check] = self._judge(check, context, self._devices)
            losses += previous.outcome in outcomes.LOST
        return verdicts

    def on_gpu(
        self, context: CheckContext, gpu: str, verdicts: dict[str, dict[Check, Verdict]]
    ) -> tuple[dict[str, dict[Check, Verdict]], list[str]]:
        """The verdicts with the outcomes of the checks of devices on a GPU, and a sentence for each that differs.

        Points depend on the simulated accelerator alone, so that they are the same on every machine.
        """
        compared = {name: dict(found) for name, found in verdicts.items()}
        differing: list[str] = []
        failed: list[str] = []
        for name, found in verdicts.items():
            context.substitute(failed)
            right = not _failed(found)
            for check, judged in found.items():
                if not check.about_devices or judged.outcome not in _COMPARED:
                    continue
                there = self._judge(check, context, (CPU, gpu))
                compared[name][check] = replace(judged, devices={**judged.devices, gpu: there.outcome})
                if (there.outcome == outcomes.PASSED) != (judged.outcome == outcomes.PASSED):
                    differing.append(_DIFFERS.format(name, called(gpu), there.outcome, called(SIM), judged.outcome))
                if there.outcome != outcomes.PASSED:
                    right = False
                    context.renew()  # an error of the driver's stays with the process
            if not right:
                failed = [*failed, name]
        return compared, differing

    def _judge(self, check: Check, context: CheckContext, devices: Sequence[str]) -> Verdict:
        """The verdict of a check; of one about devices, that on the first of `devices` where it is not passed."""
        if not check.about_devices:
            return self._verdict(check, "", context)
        context.accelerator = devices[-1]
        by_device: dict[str, str] = {}
        verdict = PASSED
        for device in devices:
            verdict = self._verdict(check, device, context)
            by_device[device] = verdict.outcome
            if verdict.outcome != outcomes.PASSED:
                if device != CPU and verdict.outcome in (outcomes.FAILED, outcomes.RAISED):
                    verdict = replace(verdict, message=f"On {called(device)}: {verdict.message}")
                break
        context.accelerator = CPU
        return replace(verdict, devices=by_device)

    def _verdict(self, check: Check, device: str, context: CheckContext) -> Verdict:
        calls = context.begin()
        cached = self._verdict_cache.verdict(check, device, calls)
        if cached is not None:
            return cached
        error = check.run(context, device)
        if isinstance(error, KitError):
            raise error  # the fault is the kit's: there is nothing to judge
        verdict = context.verdict(check.exercise, error)
        if verdict is None:
            assert error is not None
            self.broken.append(_BROKEN.format(check.exercise, check.name, place_of(error)))
            verdict = Verdict(outcomes.CRASHED, "The check could not judge this answer; a tutor has to look at it.")
        elif verdict != PASSED:
            verdict = replace(verdict, transcript=tuple(calls.transcript))
        self._verdict_cache.add(check, device, calls, verdict, by_author=context.by_author)
        return verdict

    def checks_of(self, notebook: str, exercise: str) -> list[Check]:
        """All checks of an exercise, those of devices last."""
        return [check for about in (False, True) for check in self._checks_of(notebook, exercise, about_devices=about)]

    def _checks_of(self, notebook: str, exercise: str, *, about_devices: bool) -> list[Check]:
        return self._checks.get((notebook, exercise, about_devices), [])


def _failed(verdicts: dict[Check, Verdict]) -> list[Check]:
    return [check for check, verdict in verdicts.items() if verdict != PASSED]


def _untouched(context: CheckContext, exercise: str, verdicts: dict[Check, Verdict]) -> bool:
    """Nothing was written, so no help can change that."""
    return exercise in context.submitted.untouched and all(
        verdict.outcome == outcomes.NOT_ATTEMPTED for verdict in verdicts.values()
    )
