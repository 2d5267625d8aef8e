"""The verdicts of a notebook's checks: in which order they are run, who helps whom, and on which devices.

An exercise whose checks fail while one that it builds on is not right is tried once more with the reference's version
in the place of that one, and keeps the better verdict of each check. Each such try has a worker of its own: what is
learnt from the reference ends with it, and serves neither a later exercise nor the checks of devices.

Every verdict is that of a check that was run on the student's code, or says that none was.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from autograder.errors import KitError, place_of
from autograder.trusted.checking.check_context import PASSED, Verdict
from autograder.trusted.checking.student import CPU, SIM, called
from autograder.trusted.checking.verdict_cache import VerdictCache
from autograder.trusted.comparing.sentences import several
from autograder.trusted.results import outcomes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from autograder.trusted.checking.check import Check
    from autograder.trusted.checking.check_context import CheckContext

_NOT_RUN = "Not run: {} of this exercise had already ended the process, or come to no end."

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
_DIFFERS = (
    "`{}`: on {} its check of devices has the outcome {}, but on {} {}: either the code tells them apart, or the "
    "simulated device is not as the real one."
)


class Judge:
    """Judges submissions by checks that are collected already.

    Args:
        checks: all checks of the assignment.
        devices: where checks of devices are run, the CPU first.
        patience: after so many checks of an exercise that ended their process, or did not come to an end, the rest
            of them is not run.

    Attributes:
        broken: what the checks themselves failed with over the student's answers, a sentence each.
    """

    def __init__(self, checks: Sequence[Check], devices: Sequence[str], patience: int) -> None:
        self._verdict_cache = VerdictCache()
        self._patience = patience
        self._devices = devices
        self._checks: dict[tuple[str, str, bool], list[Check]] = {}
        self._builds_on: dict[tuple[str, str], frozenset[str]] = {}
        for check in checks:
            self._checks.setdefault((check.notebook, check.exercise, check.about_devices), []).append(check)
            self._builds_on[check.notebook, check.exercise] = frozenset(check.builds_on)
        self.broken: list[str] = []

    def notebook(
        self,
        context: CheckContext,
        verdicts: dict[str, dict[Check, Verdict]],
        as_on_a_laptop: Callable[[], None] | None = None,
    ) -> None:
        """Put the verdicts of every exercise into `verdicts` as they come, so that they stand if a later check breaks.

        Checks of devices come last: once there is an accelerator, a function that asks what there is may do otherwise
        than on a laptop. Before them, what is to be done as on one is called.
        """
        verdicts.update((name, {}) for name in context.plan.exercises)
        self._without_help(context, verdicts, about_devices=False)
        if as_on_a_laptop is not None:
            as_on_a_laptop()
        self._without_help(context, verdicts, about_devices=True)
        self._with_help(context, verdicts)

    def exercise(
        self, context: CheckContext, exercise: str, checks: Iterable[Check], verdicts: dict[Check, Verdict]
    ) -> None:
        """Add to `verdicts` those of some of one exercise's checks."""
        verdicts |= self._try(context, exercise, checks, verdicts)

    def _without_help(
        self, context: CheckContext, verdicts: dict[str, dict[Check, Verdict]], *, about_devices: bool
    ) -> None:
        """Add the verdict of each check on the student's code alone.

        After an exercise that loops for ever, those that build on it wait for help: to see them loop as well
        would tell nothing.
        """
        context.substitute(())
        endless = _any(verdicts, outcomes.TIMEOUT)
        for name in context.plan.exercises:
            if endless and self._wrong_before(context, name, verdicts):
                continue
            checks = self._checks_of(context.plan.name, name, about_devices=about_devices)
            found = self._try(context, name, checks, verdicts[name])
            verdicts[name] |= found
            endless |= any(verdict.outcome == outcomes.TIMEOUT for verdict in found.values())

    def _with_help(self, context: CheckContext, verdicts: dict[str, dict[Check, Verdict]]) -> None:
        """Try once more what failed while an earlier exercise is not right; the better verdict of each check stays."""
        for name in context.plan.exercises:
            found = verdicts[name]
            checks = [check for check in self.checks_of(context.plan.name, name) if found.get(check) != PASSED]
            substituted = self._wrong_before(context, name, verdicts)
            if not checks or not substituted or _untouched(context, name, found):
                continue
            context.renew()  # the accelerator was there in the last one
            context.substitute(substituted)
            again = self._try(context, name, checks)
            # A worker that is lost only now had been spoilt by an earlier try; the next one is new.
            spoilt = [
                check for check in again if _is_lost(again[check]) and check in found and not _is_lost(found[check])
            ]
            again |= self._try(context, name, spoilt)
            for check, verdict in again.items():
                if check not in found or _RANK[verdict.outcome] > _RANK[found[check].outcome]:
                    found[check] = replace(verdict, substituted=substituted)

    def _wrong_before(
        self, context: CheckContext, name: str, verdicts: Mapping[str, Mapping[Check, Verdict]]
    ) -> tuple[str, ...]:
        """The exercises that `name` builds on, directly or through others, and that are not right as they stand."""
        needed: set[str] = set()
        waiting = [name]
        while waiting:
            new = self._builds_on.get((context.plan.name, waiting.pop()), frozenset()) - needed
            needed |= new
            waiting += new
        return tuple(each for each in context.plan.exercises if each in needed and _failed(verdicts[each]))

    def _try(
        self,
        context: CheckContext,
        exercise: str,
        checks: Iterable[Check],
        before: Mapping[Check, Verdict] | None = None,
    ) -> dict[Check, Verdict]:
        """The verdict of each of these checks of an exercise, on the student's code as it now stands.

        What is known `before` spares some a run, which their verdict then says: a stub that stands stays a stub, and
        an exercise that has worn out the judge's patience costs no more. One that did not come to an end in the full
        time is given a share of it from then on.

        A worker that crashes over the first of these checks may have been spoilt by an exercise that it was asked
        about before, say by a reply too many: that check is judged again, in the next worker, which is new.
        """
        verdicts: dict[Check, Verdict] = {}
        known = dict(before or {})
        inherited = context.notebook.executions
        for check in checks:
            if known and _untouched(context, exercise, known):
                verdict = context.not_attempted(exercise)
            elif sum(map(_is_lost, known.values())) >= self._patience:
                verdict = Verdict(outcomes.BLOCKED, _NOT_RUN.format(several(self._patience, "check")))
            else:
                looped = any(each.outcome == outcomes.TIMEOUT for each in known.values())
                spoilt = inherited > 0 and not verdicts and context.notebook.executions == inherited
                verdict = self._judge(check, context, self._devices, looped=looped)
                if spoilt and verdict.outcome == outcomes.CRASHED and context.notebook.executions == inherited:
                    verdict = self._judge(check, context, self._devices)
            known[check] = verdicts[check] = verdict
        return verdicts

    def on_gpu(
        self, context: CheckContext, gpu: str, verdicts: dict[str, dict[Check, Verdict]]
    ) -> tuple[dict[str, dict[Check, Verdict]], list[str]]:
        """The verdicts with the outcomes of the checks of devices on a GPU, and a sentence for each that differs.

        Points depend on the simulated accelerator alone, so that they are the same on every machine.
        """
        compared = {name: dict(found) for name, found in verdicts.items()}
        outcomes_there = {name: dict(found) for name, found in verdicts.items()}
        differing: list[str] = []
        for name, found in verdicts.items():
            for check, judged in found.items():
                if not check.about_devices or judged.outcome not in _COMPARED:
                    continue
                wrong = self._wrong_before(context, name, outcomes_there)
                context.substitute(tuple(dict.fromkeys((*judged.substituted, *wrong))))
                there = self._judge(check, context, (CPU, gpu))
                if there.outcome != outcomes.PASSED == judged.outcome:
                    context.renew()  # once more, as others may have held the GPU, or an error stayed with the process
                    there = self._judge(check, context, (CPU, gpu))
                outcomes_there[name][check] = there
                compared[name][check] = replace(judged, devices={**judged.devices, gpu: there.outcome})
                differs = (there.outcome == outcomes.PASSED) != (judged.outcome == outcomes.PASSED)
                if differs and there.outcome != outcomes.OUT_OF_MEMORY:  # others may have taken the memory
                    differing.append(_DIFFERS.format(name, called(gpu), there.outcome, called(SIM), judged.outcome))
                if there.outcome != outcomes.PASSED:
                    context.renew()  # an error of the driver's stays with the process
        return compared, differing

    def _judge(self, check: Check, context: CheckContext, devices: Sequence[str], *, looped: bool = False) -> Verdict:
        """The verdict of a check; of one about devices, that on the first of `devices` where it is not passed."""
        if not check.about_devices:
            return self._verdict(check, "", context, looped=looped)
        context.accelerator = devices[-1]
        by_device: dict[str, str] = {}
        verdict = PASSED
        for device in devices:
            verdict = self._verdict(check, device, context, looped=looped)
            by_device[device] = verdict.outcome
            if verdict.outcome != outcomes.PASSED:
                if device != CPU and verdict.outcome in (outcomes.FAILED, outcomes.RAISED):
                    verdict = replace(verdict, message=f"On {called(device)}: {verdict.message}")
                break
        context.accelerator = CPU
        return replace(verdict, devices=by_device)

    def _verdict(self, check: Check, device: str, context: CheckContext, *, looped: bool = False) -> Verdict:
        calls = context.begin(looped=looped)
        place = (device, context.accelerator)
        cached = self._verdict_cache.verdict(check, place, calls)
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
        if calls.needs_review:
            verdict = replace(verdict, needs_review=tuple(calls.needs_review))
        self._verdict_cache.add(check, place, calls, verdict, by_author=context.by_author)
        return verdict

    def checks_of(self, notebook: str, exercise: str) -> list[Check]:
        """All checks of an exercise, those of devices last."""
        return [check for about in (False, True) for check in self._checks_of(notebook, exercise, about_devices=about)]

    def _checks_of(self, notebook: str, exercise: str, *, about_devices: bool) -> list[Check]:
        return self._checks.get((notebook, exercise, about_devices), [])


def _failed(verdicts: Mapping[Check, Verdict]) -> list[Check]:
    return [check for check, verdict in verdicts.items() if verdict != PASSED]


def _is_lost(verdict: Verdict) -> bool:
    return verdict.outcome in outcomes.LOST


def _any(verdicts: Mapping[str, Mapping[Check, Verdict]], outcome: str) -> bool:
    return any(verdict.outcome == outcome for found in verdicts.values() for verdict in found.values())


def _untouched(context: CheckContext, exercise: str, verdicts: Mapping[Check, Verdict]) -> bool:
    """Nothing was written, so no help can change that."""
    return exercise in context.submitted.untouched and all(
        verdict.outcome == outcomes.NOT_ATTEMPTED for verdict in verdicts.values()
    )
