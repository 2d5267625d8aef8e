"""Recognise the named misconception behind a failed check, so that the student gets its hint.

A check makes the same calls to every student's code; the replies form a transcript. A named misconception
is a wrong implementation, which the same checks are run against. If a student's transcript of a failed
check equals a misconception's, the student has that misconception.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from msgspec import structs
from torch import Tensor

from autograder.trusted.results import outcomes
from autograder.wire.messages import Described, Returned
from autograder.wire.values import (
    TORCH_DTYPES,
    ArrayData,
    DictData,
    Handle,
    ListData,
    NoObjects,
    TensorData,
    TupleData,
    ValueRejected,
    decode,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from autograder.trusted.assignment.variants import Variant
    from autograder.trusted.checking.check import Check
    from autograder.trusted.checking.check_context import Verdict

# Two implementations of one mistake differ by rounding; two different mistakes differ by far more.
RELATIVE, ABSOLUTE = 1e-4, 1e-6
_TELLING = (outcomes.FAILED, outcomes.RAISED)
_PLAIN = NoObjects()


class Diagnosis:
    """Recognises misconceptions; it runs an exercise's misconceptions once, when the first student fails it.

    Args:
        variants: gives the misconceptions of a notebook.
        examine: runs the checks against variants of an exercise; gives each variant's verdicts by check.
    """

    def __init__(
        self,
        variants: Callable[[str], Sequence[Variant]],
        examine: Callable[[str, Sequence[Variant]], Sequence[Mapping[Check, Verdict]]],
    ) -> None:
        self._variants = variants
        self._check = examine
        self._checked: dict[tuple[str, str], list[tuple[Variant, Mapping[Check, Verdict]]]] = {}

    def recognise(self, notebook: str, exercise: str, verdicts: Mapping[Check, Verdict]) -> dict[Check, Variant]:
        """The misconception of each failed check whose answers equal that misconception's.

        If several fit, the one that explains most of the exercise's failed checks, and fails fewest others.
        """
        failed = {check: verdict for check, verdict in verdicts.items() if verdict.outcome in _TELLING}
        if not failed:
            return {}
        found: list[tuple[int, int, Variant, list[Check]]] = []
        for variant, theirs in self._of(notebook, exercise):
            explained = [check for check, verdict in failed.items() if _same_verdict(verdict, theirs.get(check))]
            other = sum(verdict.outcome != outcomes.PASSED for verdict in theirs.values()) - len(explained)
            found.append((-len(explained), other, variant, explained))
        found.sort(key=lambda each: each[:2])
        best: dict[Check, Variant] = {}
        for _, _, variant, explained in found:
            for check in explained:
                best.setdefault(check, variant)
        return best

    def _of(self, notebook: str, exercise: str) -> list[tuple[Variant, Mapping[Check, Verdict]]]:
        key = notebook, exercise
        if key not in self._checked:
            mine = [variant for variant in self._variants(notebook) if variant.exercise == exercise]
            self._checked[key] = list(zip(mine, self._check(notebook, mine), strict=True))
        return self._checked[key]


def _same_verdict(one: Verdict, other: Verdict | None) -> bool:
    return (
        other is not None
        and one.outcome == other.outcome
        and len(one.transcript) == len(other.transcript)
        and all(_same(mine, theirs) for mine, theirs in zip(one.transcript, other.transcript, strict=True))
    )


def _same(one: Any, other: Any) -> bool:
    """Whether two replies are the same except for rounding and for names."""
    if type(one) is not type(other):
        return False
    match one:
        case Returned():
            return _same(one.value, other.value) and _all_same(one.arguments, other.arguments)
        case Described():
            return one.is_module == other.is_module and _all_same(_by_size(one), _by_size(other))
        case TensorData():
            alike = (one.dtype, one.shape, one.device) == (other.dtype, other.shape, other.device)
            return alike and _close(one, other) and _same(one.grad, other.grad)
        case ArrayData():
            return (one.dtype, one.shape) == (other.dtype, other.shape) and _close(one, other)
        case ListData() | TupleData():
            return _all_same(one.items, other.items)
        case DictData():
            return one.keys == other.keys and _all_same(one.items, other.items)
        case Handle():
            return True
        case float():
            return _close(one, other)
    return bool(one == other)


def _all_same(some: Sequence[Any], others: Sequence[Any]) -> bool:
    return len(some) == len(others) and all(_same(one, other) for one, other in zip(some, others, strict=True))


def _by_size(described: Described) -> list[Any]:
    """A model's parameters, flattened and sorted by size, because the student may choose their names and shapes."""
    return sorted(map(_flat, described.parameters.values()), key=_size)


def _flat(value: Any) -> Any:
    if not isinstance(value, TensorData):
        return value
    count = len(value.data) // max(1, TORCH_DTYPES[value.dtype].itemsize) if value.dtype in TORCH_DTYPES else 0
    return structs.replace(value, shape=(count,), grad=_flat(value.grad))


def _size(value: Any) -> int:
    return len(value.data) if isinstance(value, TensorData) else 0


def _close(one: Any, other: Any) -> bool:
    if one == other:
        return True
    try:
        mine, theirs = (_numbers(decode(value, _PLAIN)) for value in (one, other))
    except ValueRejected:
        return False
    return torch.allclose(mine, theirs, rtol=RELATIVE, atol=ABSOLUTE, equal_nan=True)


def _numbers(thing: Any) -> Tensor:
    return torch.as_tensor(thing).detach().to(torch.float64)
