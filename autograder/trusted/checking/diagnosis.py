"""Recognise the named misconception behind a failed check, so that the student gets its hint.

A check makes the same calls to every student's code; the replies form a transcript. A named misconception
is a wrong implementation, which the same checks are run against. What a student is told must be true of their code,
so equal answers in one check are not enough:

- What the check said, and on which device, is equal as well; an exception says the same, numbers and names aside.
- In every check that the misconception fails, the student's answers are the misconception's.
- Every failed check is explained: whoever also fails where the misconception is right does something else. Only what
  fails on an accelerator alone, after it was right on the CPU, is a matter of its own.
- A misconception that `uses` names, such as a torch.ones that its hint speaks of, is that of code with these names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import structs

from autograder.trusted.checking.recorded_calls import SaidError
from autograder.trusted.checking.student import CPU
from autograder.trusted.comparing.numbers import as_numbers
from autograder.trusted.results import outcomes
from autograder.wire.arrays import ArrayData, ValueRejected
from autograder.wire.messages import Described, Returned
from autograder.wire.values import TENSOR_DTYPES, DictData, Handle, ListData, NoObjects, TensorData, TupleData, decode

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from autograder.trusted.assignment.variants import Variant
    from autograder.trusted.checking.check import Check
    from autograder.trusted.checking.check_context import Verdict

    Examine = Callable[
        [str, Sequence[Variant], Sequence[dict[Check, Verdict]], Collection[Check] | None],
        None,
    ]

# Two implementations of one mistake differ by rounding; two different mistakes differ by far more.
RELATIVE, ABSOLUTE = 1e-4, 1e-6
_TELLING = (outcomes.FAILED, outcomes.RAISED)
_PLAIN = NoObjects()
_QUOTED = re.compile(r"`[^`]*`")


@dataclass(frozen=True)
class Diagnosed:
    """The misconception of each failed check that has one, and the one that `alone` explains all that was lost."""

    by_check: Mapping[Check, Variant]
    alone: Variant | None = None


class Diagnosis:
    """Recognises misconceptions, of which it learns what it needs to tell them from the students' mistakes.

    Args:
        variants: gives the misconceptions of a notebook.
        examine: runs checks against some variants of a notebook's exercises, and adds the verdicts to what is known
            of each; without checks, all that are not known.
    """

    def __init__(self, variants: Callable[[str], Sequence[Variant]], examine: Examine) -> None:
        self._variants = variants
        self._examine = examine
        self._known: dict[tuple[str, str], list[tuple[Variant, dict[Check, Verdict]]]] = {}

    def recognise(
        self, notebook: str, exercise: str, verdicts: Mapping[Check, Verdict], names_used: Callable[[], Collection[str]]
    ) -> Diagnosed:
        """The misconceptions behind the failed checks of an exercise.

        Args:
            notebook: the notebook.
            exercise: the exercise.
            verdicts: what came of each of its checks.
            names_used: gives the identifiers in the student's code of the exercise; called only if it matters.
        """
        failed = {check: verdict for check, verdict in verdicts.items() if verdict.outcome in _TELLING}
        if not failed:
            return Diagnosed({})
        found = [
            (variant, explained)
            for variant, explained in self._behind(notebook, exercise, verdicts, failed)
            if not variant.uses or variant.uses <= {*names_used()}
        ]
        elsewhere = {check for check, verdict in failed.items() if _only_elsewhere(verdict)}
        if not {*failed} - elsewhere <= {check for _, explained in found for check in explained}:
            found = [(variant, explained) for variant, explained in found if explained <= elsewhere]
        found.sort(key=lambda each: -len(each[1]))
        best: dict[Check, Variant] = {}
        for variant, explained in found:
            for check in explained - best.keys():
                best[check] = variant
        lost = {check for check, verdict in verdicts.items() if verdict.outcome != outcomes.PASSED}
        alone = min(
            (variant for variant, explained in found if explained == lost),
            key=lambda variant: variant.keeps,
            default=None,
        )
        return Diagnosed({check: best[check] for check in failed if check in best}, alone)

    def _behind(
        self, notebook: str, exercise: str, verdicts: Mapping[Check, Verdict], failed: Mapping[Check, Verdict]
    ) -> list[tuple[Variant, set[Check]]]:
        """The misconceptions of an exercise that may be behind what `failed`, each with the checks that it explains.

        One failed check rules out all that fail it with other answers. Those that pass it matter only if something
        else is behind it, or if it failed on an accelerator alone.
        """
        key = notebook, exercise
        if key not in self._known:
            self._known[key] = [(each, {}) for each in self._variants(notebook) if each.exercise == exercise]
        left = self._known[key]
        behind: list[tuple[Variant, set[Check]]] = []
        explained: set[Check] = set()
        hopeless = False
        for check, verdict in failed.items():
            elsewhere = _only_elsewhere(verdict)
            if check in explained or (hopeless and not elsewhere):
                continue
            self._learn(notebook, [each for each in left if check not in each[1]], (check,))
            alike = [each for each in left if _same_verdict(verdict, each[1][check])]
            left = [each for each in left if each[1][check].outcome == outcomes.PASSED]
            self._learn(notebook, alike, None)
            behind += [(variant, found) for variant, theirs in alike if (found := _explained(verdicts, theirs))]
            explained = explained.union(*(found for _, found in behind))
            hopeless |= check not in explained and not elsewhere
        return behind

    def _learn(
        self, notebook: str, known: Sequence[tuple[Variant, dict[Check, Verdict]]], checks: Collection[Check] | None
    ) -> None:
        if known:
            variants, verdicts = zip(*known, strict=True)
            self._examine(notebook, variants, verdicts, checks)


def does_nothing(verdicts: Mapping[Check, Verdict], idle: Mapping[Check, Verdict]) -> bool:
    """Whether an implementation does nothing, or as good as nothing, as far as its failed checks show.

    Its answers are those of an `idle` one, which returns None; or always the same; or arguments as they were given.
    """
    failed = {check: verdict for check, verdict in verdicts.items() if verdict.outcome != outcomes.PASSED}
    if all(check in idle and _same_verdict(verdict, idle[check]) for check, verdict in failed.items()):
        return True
    replies = [reply for verdict in failed.values() for reply in verdict.transcript if isinstance(reply, Returned)]
    answers = [reply for reply in replies if reply.value is not None and not isinstance(reply.value, Handle)]
    if not answers:
        return not replies
    constant = len(answers) > 1 and all(_same(answers[0].value, each.value) for each in answers)
    return constant or all(any(_same(each.value, given) for given in each.arguments) for each in answers)


def _explained(mine: Mapping[Check, Verdict], theirs: Mapping[Check, Verdict]) -> set[Check]:
    """The failed checks of a student's that a misconception explains; none where its answers are not the student's."""
    explained = set()
    for check, verdict in theirs.items():
        if verdict.outcome == outcomes.PASSED or mine[check].outcome not in (outcomes.PASSED, *_TELLING):
            continue  # what was not run, or did not come to an end, neither shows nor contradicts anything
        if not _same_verdict(mine[check], verdict):
            return set()
        explained.add(check)
    return explained


def _only_elsewhere(verdict: Verdict) -> bool:
    """Whether a check of devices passed on the CPU and failed elsewhere."""
    return verdict.devices.get(CPU) == outcomes.PASSED


def _same_verdict(one: Verdict, other: Verdict) -> bool:
    return (
        (one.outcome, one.devices) == (other.outcome, other.devices)
        and (one.outcome != outcomes.FAILED or _QUOTED.sub("", one.message) == _QUOTED.sub("", other.message))
        and len(one.transcript) == len(other.transcript)
        and all(_same(mine, theirs) for mine, theirs in zip(one.transcript[:-1], other.transcript[:-1], strict=True))
        and one.transcript[-1:] != ()
        and _same_end(one.transcript[-1], other.transcript[-1])
    )


def _same_end(one: Any, other: Any) -> bool:
    """Whether two last replies are the same; of an exception, what it says counts as well."""
    return bool(one == other) if isinstance(one, SaidError) else _same(one, other)


def _same(one: Any, other: Any) -> bool:
    """Whether two replies are the same except for rounding and for names."""
    if type(one) is not type(other):
        return False
    match one:
        case SaidError():
            return bool(one.kind == other.kind)  # one that the check has provoked, in the student's own words
        case Returned():
            alike = one.default_device == other.default_device
            return alike and _same(one.value, other.value) and _all_same(one.arguments, other.arguments)
        case Described():
            alike = (one.is_module, {*one.training.values()}) == (other.is_module, {*other.training.values()})
            return alike and _all_same(_by_size(one), _by_size(other))
        case TensorData():
            alike = _form(one) == _form(other)
            return alike and _close(one, other) and _same(one.grad, other.grad)
        case ArrayData():
            alike = (one.dtype, one.shape, one.scalar) == (other.dtype, other.shape, other.scalar)
            return alike and _close(one, other)
        case ListData() | TupleData():
            return _all_same(one.items, other.items)
        case DictData():
            return one.keys == other.keys and _all_same(one.items, other.items)
        case Handle():
            return True
        case float():
            return _close(one, other)
    return bool(one == other)


def _form(tensor: TensorData) -> tuple[Any, ...]:
    return tensor.dtype, tensor.shape, tensor.device, tensor.requires_grad


def _all_same(some: Sequence[Any], others: Sequence[Any]) -> bool:
    return len(some) == len(others) and all(_same(one, other) for one, other in zip(some, others, strict=True))


def _by_size(described: Described) -> list[Any]:
    """A model's parameters, flattened and sorted by size, because the student may choose their names and shapes."""
    return sorted(map(_flat, described.parameters.values()), key=_size)


def _flat(value: Any) -> Any:
    if not isinstance(value, TensorData):
        return value
    count = len(value.data) // TENSOR_DTYPES[value.dtype] if value.dtype in TENSOR_DTYPES else 0
    return structs.replace(value, shape=(count,), grad=_flat(value.grad))


def _size(value: Any) -> int:
    return len(value.data) if isinstance(value, TensorData) else 0


def _close(one: Any, other: Any) -> bool:
    if one == other:
        return True
    try:
        mine, theirs = (as_numbers(decode(value, _PLAIN)) for value in (one, other))
    except ValueRejected:
        return False
    return mine.shape == theirs.shape and bool(np.allclose(mine, theirs, rtol=RELATIVE, atol=ABSOLUTE, equal_nan=True))
