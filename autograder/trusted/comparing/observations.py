"""What can be seen of a wrong answer, whatever the exercise: a property that was measured, in a sentence.

Where no named misconception explains a failed check, such a sentence is the student's hint. It says what is true of
the answer that was compared, names the property ("with its sign flipped") and never a number, and guesses at a cause
only with "as". One number has many a property by accident: what is said of values and shapes has to hold in every
failed check of the exercise that has enough numbers to show it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np
import torch
from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

RELATIVE = 1e-4
_SMALL = 1e-6  # numbers below say nothing about a factor
_ENOUGH = 3  # numbers that have one property by accident as good as never

_COLUMN = "The numbers are right, but they stand in a column, (n, 1), where (n,) is due: as after keepdim or reshape."
_SHAPE_ONLY = "The numbers are right, and only their shape is not."
_TRANSPOSED = "This is the right answer transposed: its rows are the columns that are due."
_BROADCAST = "n numbers are due and n times n stand here, as when a column (n, 1) meets a row (n,)."
_MEAN_DUE = "One number is due: the mean of the numbers that stand here."
_SUM_DUE = "One number is due: the sum of the numbers that stand here."
_ADDED_UP = "Added up over one dimension, these numbers are the right answer: that sum is missing."
_ONE_FOR_ALL = "One number stands here where each example has its own, as after a sum or a mean too many."
_DTYPE_ONLY = "The numbers are right, and only their dtype is not."
_ONE_DUE = "One number is due, and several stand here, as when a mean, a sum or a minimum is missing."
_MIN_DUE = "One number is due: the smallest of the numbers that stand here."
_LONGER = "The last dimension is longer than it should be."
_SHORTER = "The last dimension is shorter than it should be."
_NEARLY = "The numbers are right but for a tiny rest, as where a small constant is added or digits are lost."
_NAN = "NaN comes from 0/0, from infinity against infinity, and from the log or the root of a negative number."
_INFINITY = "Infinity comes from exp of a large number, from log(0) and from a division by 0."
_ZERO_ONE = "These labels are 0 and 1, and -1 and +1 are due."
_PLUS_MINUS = "These labels are -1 and +1, and 0 and 1 are due."
_FINITE_RIGHT = "Every number that is finite is right: only where NaN or infinity stands, something went wrong."
_SIGN = "Every number is the right one with its sign flipped."
_TWICE = "Every number is twice the right one."
_HALF = "Every number is half the right one."
_TIMES_SIZE = "Every number is the right one times a size of what was given, as when a sum stands for a mean."
_OVER_SIZE = "Every number is the right one divided by a size of what was given, as when a mean stands for a sum."
_AND_SIGN = " The sign is flipped as well."
_FACTOR = "Here every number is the right one times one and the same factor."
_OFFSET = "Here every number is off by the same amount, as when something constant is added or left out."
_SQUARE = "Every number is the square of the right one."
_ROOT = "Every number is the square root of the right one."
_ABSOLUTE = "Every number is the right one without its sign."
_ONE_MINUS = "Every number is one minus the right one."
_REVERSED = "The numbers are the right ones in reverse order."
_ORDER = "The numbers are the right ones in another order."
_ZEROS = "All numbers here are zero, and the right ones are not."
_CONSTANT = "All numbers here are the same, and the right ones differ."
_ARGUMENT = "This is an argument as it was given."
_ONLY_FIRST = "Only the first row (or element) is right."
_ALL_BUT_FIRST = "Only the first row (or element) is wrong."
_ALL_BUT_LAST = "Only the last row (or element) is wrong."
_NOTHING = "None stands here: a function without `return` gives it, and so does a .grad that no backward has filled."
_NUMBER = "A plain Python number stands here, as .item() and float() make one: it is no tensor any more."
_LIST = "A Python list stands here, as .tolist() and [... for ...] make one: it is no tensor any more."
_ARRAY = "A NumPy array stands here, as .numpy() and functions of np make one: it is no tensor any more."
_BOOL = "True or False stands here, where a tensor is due."
_TUPLE = "Several things stand here, where one tensor is due."
_TENSOR_FOR_ARRAY = "A tensor stands here, where a NumPy array is due."
_LIST_FOR_TUPLE = "A list stands here, where a tuple is due: (a, b), or just a, b after `return`."
_DICT_FOR_TUPLE = "A dict stands here, where a tuple is due: (a, b), or just a, b after `return`."
_TENSOR_FOR_TUPLE = "One tensor stands here, where a tuple of several things is due."
_TENSOR_FOR_PLAIN = "A tensor stands here, where a plain Python value is due: .item() makes one of a single element."


Key = TypeVar("Key")
_CERTAIN, _SHAPE, _VALUES = "certain", "shape", "values"  # what an observation is about


class Seen(NamedTuple):
    """What is seen of a wrong answer: sentences, the most telling first, and what they are about.

    `telling` says whether there are so many numbers that a property of them is no accident.
    """

    about: str
    sentences: tuple[str, ...]
    telling: bool = True


def agreed(seen: Mapping[Key, Seen]) -> dict[Key, str]:
    """A sentence for each failed check of an exercise of which something can be said, by what is `seen` in each."""
    said = {key: each.sentences[0] for key, each in seen.items() if each.about == _CERTAIN and each.sentences}
    for about in (_SHAPE, _VALUES):
        of_these = [each for each in seen.values() if each.about == about]
        telling = [each for each in of_these if each.telling]
        if not telling and len(of_these) < 2:
            continue
        shown = telling or of_these
        common = [sentence for sentence in shown[0].sentences if all(sentence in each.sentences for each in shown)]
        for key, each in seen.items():
            if common and each.about == about and common[0] in each.sentences:
                said[key] = common[0]
    return said


def advice(sentence: str) -> Seen | None:
    """A sentence that is true however often it is said."""
    return Seen(_CERTAIN, (sentence,)) if sentence else None


def seen_in(received: Any, expected: Any, arguments: Sequence[Tensor] = ()) -> Seen | None:
    """What is seen of an answer that is not the expected one; None where nothing was looked at.

    Args:
        received: the student's answer.
        expected: the right answer, or for a tuple or list its type.
        arguments: the tensors that the student's code was given.
    """
    if isinstance(expected, type):
        return advice(_kind_for_items(received, expected))
    if isinstance(expected, Tensor):
        if not isinstance(received, Tensor):
            return advice(_kind_for_tensor(received))
        return _of_tensors(received.detach(), expected.detach(), arguments)
    if isinstance(expected, np.ndarray):
        if not isinstance(received, np.ndarray):
            return advice(_TENSOR_FOR_ARRAY if isinstance(received, Tensor) else _NOTHING if received is None else "")
        return _of_tensors(torch.from_numpy(received), torch.from_numpy(expected), arguments)
    if received is None:
        return advice(_NOTHING)
    return advice(_TENSOR_FOR_PLAIN if isinstance(received, Tensor) else "")


def _kind_for_items(received: Any, kind: type) -> str:
    if received is None:
        return _NOTHING
    if kind is not tuple:
        return ""
    if type(received) is dict:
        return _DICT_FOR_TUPLE
    return _LIST_FOR_TUPLE if type(received) is list else _TENSOR_FOR_TUPLE if isinstance(received, Tensor) else ""


def _kind_for_tensor(received: Any) -> str:
    if received is None:
        return _NOTHING
    if isinstance(received, bool):
        return _BOOL
    if isinstance(received, int | float):
        return _NUMBER
    if isinstance(received, np.ndarray):
        return _ARRAY
    return _LIST if type(received) is list else _TUPLE if type(received) is tuple else ""


def _of_tensors(received: Tensor, expected: Tensor, arguments: Sequence[Tensor]) -> Seen | None:
    """What is seen of a tensor of another shape, dtype or value than the expected one."""
    if received.is_complex() or expected.is_complex() or not expected.numel() or not received.numel():
        return None
    mine, right = received.to(torch.float64), expected.to(torch.float64)
    if mine.shape != right.shape:
        return Seen(_SHAPE, tuple(_of_shapes(mine, right)), telling=mine.numel() > 1)
    if received.dtype != expected.dtype:
        return advice(_DTYPE_ONLY if _equal(mine, right) else "")
    if _equal(mine, right):
        return advice(_NEARLY)
    finite = torch.isfinite(mine)
    if not bool(finite.all()):
        some = bool(finite.any()) and _equal(mine[finite], right[finite])
        return advice(_FINITE_RIGHT if some else _NAN if bool(torch.isnan(mine).any()) else _INFINITY)
    if not bool(torch.isfinite(right).all()):
        return None
    given = any(_same_tensor(received, each) for each in arguments)
    sizes = {size for each in arguments for size in each.shape}
    sentences = (*_of_factors(mine, right, sizes), *([_ARGUMENT] if given else []), *_of_values(mine, right))
    return Seen(_VALUES, sentences, telling=_differ(right))


def _of_shapes(mine: Tensor, right: Tensor) -> Iterator[str]:
    if mine.numel() == right.numel() and _equal(mine.flatten(), right.flatten()):
        yield _COLUMN if right.dim() and mine.shape == (*right.shape, 1) else _SHAPE_ONLY
    elif right.dim() == 2 and mine.shape == right.T.shape and _equal(mine, right.T):
        yield _TRANSPOSED
    elif right.dim() == 1 and len(right) > 1 and mine.shape == (len(right), len(right)):
        yield _BROADCAST
    elif right.dim() == 0:
        for one, sentence in ((mine.mean(), _MEAN_DUE), (mine.sum(), _SUM_DUE), (mine.min(), _MIN_DUE)):
            if _equal(one, right):
                yield sentence
        yield _ONE_DUE
    elif right.dim() == 1 and mine.dim() == 0:
        yield _ONE_FOR_ALL
    elif mine.shape[:-1] == right.shape[:-1]:
        yield _LONGER if mine.shape[-1] > right.shape[-1] else _SHORTER
    elif mine.dim() == right.dim() + 1:
        sums = (mine.sum(dim=dim) for dim in range(mine.dim()))
        if any(total.shape == right.shape and _equal(total, right) for total in sums):
            yield _ADDED_UP


def _of_factors(mine: Tensor, right: Tensor, sizes: Collection[int]) -> Iterator[str]:
    telling = right.abs() > _SMALL
    if not bool(telling.any()) or not _equal(mine[~telling], right[~telling]):
        return
    factors = mine[telling] / right[telling]
    factor = factors[0]
    if not _equal(factors, factor.expand_as(factors)) or abs(float(factor)) < _SMALL:
        return
    yield from _of_one_factor(float(factor), sizes)
    if _differ(right[telling]):
        yield _FACTOR


def _of_one_factor(factor: float, sizes: Collection[int]) -> Iterator[str]:
    sign = _AND_SIGN if factor < 0 else ""
    size = abs(factor)
    if _near(size, 1.0):
        yield _SIGN
    elif _near(size, 2.0):
        yield _TWICE + sign
    elif _near(size, 0.5):
        yield _HALF + sign
    if any(_near(size, each) for each in sizes if each > 1):
        yield _TIMES_SIZE + sign
    elif any(_near(size * each, 1.0) for each in sizes if each > 1):
        yield _OVER_SIZE + sign


def _of_values(mine: Tensor, right: Tensor) -> Iterator[str]:
    many = _differ(right)
    if _among(right, 1) and _among(mine, 0, 1):
        yield _ZERO_ONE
    if _among(right, 0, 1) and _among(mine, 1) and bool((mine == -1).any()):
        yield _PLUS_MINUS
    if (many or _among(right, 0, 1)) and _equal(mine, 1 - right):
        yield _ONE_MINUS
    if bool((mine == 0).all()):
        yield _ZEROS
    if mine.numel() > 1 and bool((mine == mine.flatten()[0]).all()) and bool((right != right.flatten()[0]).any()):
        yield _CONSTANT
    if many and _equal(mine - right, (mine - right).flatten()[0].expand_as(mine)):
        yield _OFFSET
    between = bool(((right.abs() - 1).abs().minimum(right.abs()) > 0.01).any())  # 0 and 1 are their own squares
    if between and _equal(mine, right.square()):
        yield _SQUARE
    if between and bool((right >= 0).all()) and _equal(mine, right.sqrt()):
        yield _ROOT
    if right.numel() > 1 and _equal(mine, right.abs()):
        yield _ABSOLUTE
    if right.dim() and _differ(right.flatten()):
        if right.dim() == 2 and mine.shape == right.T.shape and _equal(mine, right.T):
            yield _TRANSPOSED
        elif _equal(mine, right.flip(0)):
            yield _REVERSED
        elif _equal(mine.flatten().sort().values, right.flatten().sort().values):
            yield _ORDER
    if right.dim() and len(right) >= _ENOUGH:
        rows = _near_each(mine, right).reshape(len(right), -1).all(dim=1)
        if rows[0] and not bool(rows[1:].any()):
            yield _ONLY_FIRST
        elif not rows[0] and bool(rows[1:].all()):
            yield _ALL_BUT_FIRST
        elif not rows[-1] and bool(rows[:-1].all()):
            yield _ALL_BUT_LAST


def _among(numbers: Tensor, *sizes: float) -> bool:
    """Whether every number is one of these, or with a single size that or its negative."""
    if len(sizes) == 1:
        return bool((numbers.abs() == sizes[0]).all())
    return bool(torch.isin(numbers, numbers.new_tensor(sizes)).all())


def _differ(numbers: Tensor) -> bool:
    """Whether there are so many different numbers that a common property is no accident."""
    return len(set(numbers.flatten().tolist())) >= _ENOUGH


def _same_tensor(one: Tensor, other: Tensor) -> bool:
    return (one.shape, one.dtype) == (other.shape, other.dtype) and torch.equal(one, other.detach())


def _equal(one: Tensor, other: Tensor) -> bool:
    return bool(_near_each(one, other).all())


def _near_each(one: Tensor, other: Tensor) -> Tensor:
    largest = other[torch.isfinite(other)].abs().max() if bool(torch.isfinite(other).any()) else other.new_zeros(())
    return torch.isclose(one, other, rtol=RELATIVE, atol=1e-6 * float(largest))


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= RELATIVE * abs(other)
