"""What can be seen of a wrong answer, whatever the exercise: a property that was measured, in a sentence.

Where no named misconception explains a failed check, such a sentence is the student's hint. It says what is true of
the answer that was compared, names the property ("with its sign flipped") and never a number, and guesses at a cause
only with "as". One number has many a property by accident: what is said of values and shapes has to hold in every
failed check of the exercise that has enough numbers to show it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from autograder.trusted.comparing.numbers import as_numbers
from autograder.wire.values import is_tensor

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from torch import Tensor

    Numbers = np.ndarray[Any, Any]

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


def seen_in(received: Any, expected: Any, arguments: Sequence[Tensor | Numbers] = ()) -> Seen | None:
    """What is seen of an answer that is not the expected one; None where nothing was looked at.

    Args:
        received: the student's answer.
        expected: the right answer, or for a tuple or list its type.
        arguments: the tensors and arrays that the student's code was given.
    """
    if isinstance(expected, type):
        return advice(_kind_for_items(received, expected))
    if is_tensor(expected):
        if not is_tensor(received):
            return advice(_kind_for_tensor(received))
        return _of_numbers(received, expected, arguments)
    if isinstance(expected, np.ndarray):
        if not isinstance(received, np.ndarray):
            return advice(_TENSOR_FOR_ARRAY if is_tensor(received) else _NOTHING if received is None else "")
        return _of_numbers(received, expected, arguments)
    if received is None:
        return advice(_NOTHING)
    return advice(_TENSOR_FOR_PLAIN if is_tensor(received) else "")


def _kind_for_items(received: Any, kind: type) -> str:
    if received is None:
        return _NOTHING
    if kind is not tuple:
        return ""
    if type(received) is dict:
        return _DICT_FOR_TUPLE
    return _LIST_FOR_TUPLE if type(received) is list else _TENSOR_FOR_TUPLE if is_tensor(received) else ""


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


def _of_numbers(
    received: Tensor | Numbers, expected: Tensor | Numbers, arguments: Sequence[Tensor | Numbers]
) -> Seen | None:
    """What is seen of a tensor or an array of another shape, dtype or value than the expected one."""
    mine, right = as_numbers(received), as_numbers(expected)
    if "c" in mine.dtype.kind + right.dtype.kind or not right.size or not mine.size:
        return None
    with np.errstate(all="ignore"):  # what is not finite is looked at, or left alone
        if mine.shape != right.shape:
            return Seen(_SHAPE, tuple(_of_shapes(mine, right)), telling=mine.size > 1)
        if received.dtype != expected.dtype:
            return advice(_DTYPE_ONLY if _equal(mine, right) else "")
        if _equal(mine, right):
            return advice(_NEARLY)
        finite = np.isfinite(mine)
        if not finite.all():
            some = bool(finite.any()) and _equal(mine[finite], right[finite])
            return advice(_FINITE_RIGHT if some else _NAN if np.isnan(mine).any() else _INFINITY)
        if not np.isfinite(right).all():
            return None
        given = any(_same_argument(received, each) for each in arguments)
        sizes = {size for each in arguments for size in each.shape}
        sentences = (*_of_factors(mine, right, sizes), *([_ARGUMENT] if given else []), *_of_values(mine, right))
        return Seen(_VALUES, sentences, telling=_differ(right))


def _of_shapes(mine: Numbers, right: Numbers) -> Iterator[str]:
    if mine.size == right.size and _equal(mine.ravel(), right.ravel()):
        yield _COLUMN if right.ndim and mine.shape == (*right.shape, 1) else _SHAPE_ONLY
    elif right.ndim == 2 and mine.shape == right.T.shape and _equal(mine, right.T):
        yield _TRANSPOSED
    elif right.ndim == 1 and len(right) > 1 and mine.shape == (len(right), len(right)):
        yield _BROADCAST
    elif right.ndim == 0:
        for one, sentence in ((mine.mean(), _MEAN_DUE), (mine.sum(), _SUM_DUE), (mine.min(), _MIN_DUE)):
            if _equal(one, right):
                yield sentence
        yield _ONE_DUE
    elif right.ndim == 1 and mine.ndim == 0:
        yield _ONE_FOR_ALL
    elif mine.shape[:-1] == right.shape[:-1]:
        yield _LONGER if mine.shape[-1] > right.shape[-1] else _SHORTER
    elif mine.ndim == right.ndim + 1:
        sums = (mine.sum(axis=axis) for axis in range(mine.ndim))
        if any(total.shape == right.shape and _equal(total, right) for total in sums):
            yield _ADDED_UP


def _of_factors(mine: Numbers, right: Numbers, sizes: Collection[int]) -> Iterator[str]:
    telling = np.abs(right) > _SMALL
    if not telling.any() or not _equal(mine[~telling], right[~telling]):
        return
    factors = mine[telling] / right[telling]
    factor = float(factors[0])
    if not _equal(factors, np.full_like(factors, factor)) or abs(factor) < _SMALL:
        return
    yield from _of_one_factor(factor, sizes)
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


def _of_values(mine: Numbers, right: Numbers) -> Iterator[str]:
    many = _differ(right)
    if _among(right, 1) and _among(mine, 0, 1):
        yield _ZERO_ONE
    if _among(right, 0, 1) and _among(mine, 1) and (mine == -1).any():
        yield _PLUS_MINUS
    if (many or _among(right, 0, 1)) and _equal(mine, 1 - right):
        yield _ONE_MINUS
    if (mine == 0).all():
        yield _ZEROS
    if mine.size > 1 and (mine == mine.flat[0]).all() and (right != right.flat[0]).any():
        yield _CONSTANT
    if many and _equal(mine - right, np.full_like(mine, (mine - right).flat[0])):
        yield _OFFSET
    between = (np.minimum(np.abs(np.abs(right) - 1), np.abs(right)) > 0.01).any()  # 0 and 1 are their own squares
    if between and _equal(mine, np.square(right)):
        yield _SQUARE
    if between and (right >= 0).all() and _equal(mine, np.sqrt(right)):
        yield _ROOT
    if right.size > 1 and _equal(mine, np.abs(right)):
        yield _ABSOLUTE
    if right.ndim and many:
        if right.ndim == 2 and mine.shape == right.T.shape and _equal(mine, right.T):
            yield _TRANSPOSED
        elif _equal(mine, np.flip(right, 0)):
            yield _REVERSED
        elif _equal(np.sort(mine, axis=None), np.sort(right, axis=None)):
            yield _ORDER
    if right.ndim and len(right) >= _ENOUGH:
        rows: Any = _near_each(mine, right).reshape(len(right), -1).all(axis=1)
        if rows[0] and not rows[1:].any():
            yield _ONLY_FIRST
        elif not rows[0] and rows[1:].all():
            yield _ALL_BUT_FIRST
        elif not rows[-1] and rows[:-1].all():
            yield _ALL_BUT_LAST


def _among(numbers: Numbers, *sizes: float) -> bool:
    """Whether every number is one of these, or with a single size that or its negative."""
    if len(sizes) == 1:
        return bool((np.abs(numbers) == sizes[0]).all())
    return bool(np.isin(numbers, sizes).all())


def _differ(numbers: Numbers) -> bool:
    """Whether there are so many different numbers that a common property is no accident."""
    return len(set(numbers.ravel().tolist())) >= _ENOUGH


def _same_argument(one: Tensor | Numbers, other: Tensor | Numbers) -> bool:
    if is_tensor(one) != is_tensor(other):
        return False
    return one.dtype == other.dtype and np.array_equal(as_numbers(one), as_numbers(other))


def _equal(one: Numbers, other: Numbers) -> bool:
    return bool(_near_each(one, other).all())


def _near_each(one: Numbers, other: Numbers) -> Numbers:
    known = np.abs(other[np.isfinite(other)])
    return np.asarray(np.isclose(one, other, rtol=RELATIVE, atol=1e-6 * float(known.max(initial=0.0))))


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= RELATIVE * abs(other)
