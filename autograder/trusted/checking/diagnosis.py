"""Diagnosis: a lost mark that teaches.

A check asks a student's code the same questions as everyone's, so its answers form a transcript. Each
named misconception has one as well: it is a wrong implementation, and it is examined by the very same
checks. Where a student's transcript of a failed check equals a misconception's, that is what the
student thinks, and its hint is shown.
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

# Two ways to write one mistake differ by rounding; two mistakes differ by far more.
RELATIVE, ABSOLUTE = 1e-4, 1e-6
_TELLING = (outcomes.FAILED, outcomes.RAISED)
_PLAIN = NoObjects()


class Diagnosis:
    """Recognises misconceptions; each exercise's are examined once, when first a student fails it.

    Args:
        variants: the misconceptions of a notebook.
        examine: for each of some variants of an exercise, the verdict of each of its checks.
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
        """For each failed check in which the answers are a misconception's, that misconception.

        Of several, the one that explains the most of the exercise's failed checks and the least else.
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
    """Whether two answers on the wire are the same but for rounding and for names."""
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
    """A model's parameters, flat and by size: their names and shapes are the student's own affair."""
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
