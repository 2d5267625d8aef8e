"""Compare an answer with the expected one: type, shape and dtype exactly, then finiteness, then values.

Every function returns None, or raises CheckFailure with a sentence in which `what` ("the new
weights") names the answer. No sentence quotes an input or an expected value of a hidden case; a
check that wants to quote one (the worked example's -20) does so in `why`.

The tolerance is derived, not guessed. Rounding each of k operations to the nearest number of a
dtype with machine epsilon eps changes a result by at most k * eps * scale / 2, where scale bounds
the numbers that are added (Higham, Accuracy and Stability of Numerical Algorithms, section 3.1).
The student may use other operations than the reference, and both sides round: so two right answers
differ by at most k * eps * scale.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.errors import CheckFailure
from autograder.trusted.comparing.sentences import is_or_are, is_plural, sentences, several, start, within
from autograder.trusted.quoting import parameter_name, received_count, received_shape, type_name, untold_reason
from autograder.wire.figures import Figure
from autograder.wire.tables import is_table
from autograder.wire.values import Opaque, is_tensor, torch_if_imported

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    Numbers = Tensor | np.ndarray[Any, Any]

_CUT = "The graph is cut, as by .detach(), .item(), torch.no_grad() or a new torch.tensor: no gradient flows back."
_IN_PLACE = "`+=`, `x[...] = ...` and methods with _ at the end change a tensor itself; `x + ...` makes a new one."
_WORDS = {
    bool: "a bool",
    int: "an int",
    float: "a float",
    str: "text",
    list: "a list",
    tuple: "a tuple",
    dict: "a dict",
}


def close(
    received: Any,
    expected: Tensor | np.ndarray | np.generic | float,
    what: str,
    *,
    operations: int,
    scale: float | Tensor = 1.0,
    why: str = "",
) -> None:
    """Require that `received` is a tensor, an array or a number like `expected`, and equal up to rounding.

    Args:
        received: the student's answer.
        expected: the right answer; `received` must have exactly its shape and dtype. Where it is a number, Python's
            or NumPy's, any number of that kind will do: a float for a float, an int for an int.
        what: names the answer in a sentence: "the new weights".
        operations: how many rounded operations lead from an input to one output.
        scale: a bound on the magnitude of the numbers in between; the larger of it and |expected| counts.
        why: a sentence that tells the student what to look at if the values differ.
    """
    received, expected = _compared(received, expected, what)
    if not _is_real(expected):
        exactly(received, expected, what, why=why)
        return
    library = _library_of(expected)
    known = library.isfinite(expected)
    finite(received, what, where=known, expected=expected)
    bound = library.asarray(scale, dtype=expected.dtype)
    with np.errstate(invalid="ignore", over="ignore"):  # infinity less infinity is near nothing
        allowed = operations * library.finfo(expected.dtype).eps * library.maximum(abs(expected), bound)
        near = known & (abs(received - expected) <= allowed)  # no other number is near an infinity
    right = (received == expected) | near
    if not bool(right.all()):
        raise CheckFailure(_values_differ(what, right, why), compared=(received, expected))


def exactly(received: Any, expected: Tensor | np.ndarray | np.generic | float, what: str, *, why: str = "") -> None:
    """Require that `received` is a tensor, an array or a number like `expected`, and equal in every element."""
    received, expected = _compared(received, expected, what)
    finite(received, what, where=_library_of(expected).isfinite(expected), expected=expected)
    right = received == expected
    if not bool(right.all()):
        raise CheckFailure(_values_differ(what, right, why), compared=(received, expected))


def _compared(
    received: Any, expected: Tensor | np.ndarray | np.generic | float, what: str
) -> tuple[Any, Tensor | np.ndarray]:
    """Both as tensors or arrays, once `received` is alike; so one comparison serves these and numbers."""
    if is_tensor(expected):
        alike(received, expected, what)
        return received, expected
    if isinstance(expected, np.ndarray):
        alike_array(received, expected, what)
        return received, expected
    kinds = {bool: np.bool_, int: np.integer, float: np.floating}
    kind = next((each for each, numpys in kinds.items() if isinstance(expected, each | numpys)), float)
    if type(received) is not kind and not isinstance(received, kinds[kind]):
        raise CheckFailure(
            f"{start(what)} should be {_a_kind(kind)}, not {kind_of(received)}.", compared=(received, expected)
        )
    dtype = {bool: np.bool_, int: np.int64, float: np.float64}[kind]
    return np.array(kind(received), dtype), np.array(kind(expected), dtype)


def _library_of(numbers: Numbers) -> Any:
    """torch or numpy, whose functions of these names do the same."""
    return torch_if_imported() if is_tensor(numbers) else np


def _is_real(numbers: Numbers) -> bool:
    return numbers.dtype.kind == "f" if isinstance(numbers, np.ndarray) else numbers.is_floating_point()


def _is_parameter(thing: Any) -> bool:
    return is_tensor(thing) and isinstance(thing, torch_if_imported().nn.Parameter)


def alike(received: Any, expected: Tensor, what: str) -> None:
    """Require that `received` is a torch.Tensor of the expected shape and dtype; `Student.call` checks its device."""
    if received is None and "gradient of" in what.lower():
        raise CheckFailure(f"{start(what)} should be a tensor, not None: none flows back.", advice=_CUT)
    if not is_tensor(received) or _is_parameter(received):
        raise CheckFailure(f"{start(what)} should be a tensor, not {kind_of(received)}.", compared=(received, expected))
    if received.shape != expected.shape:
        raise CheckFailure(_shapes_differ(what, received.shape, expected.shape), compared=(received, expected))
    if received.dtype != expected.dtype:
        raise CheckFailure(
            f"{start(what)} should have dtype {_dtype(expected)}, not {_dtype(received)}.",
            compared=(received, expected),
        )


def finite(received: Numbers, what: str, where: Any = None, *, expected: Numbers | None = None) -> None:
    """Require that `received` has no NaN and no infinity, at least where `where`, of its shape, is true."""
    library = _library_of(received)
    good = library.isfinite(received)
    if where is not None:
        good = good | ~where
    if not bool(good.all()):
        nan = bool(library.isnan(received).any())
        it = "them" if is_plural(what) else "it"
        raise CheckFailure(
            f"{start(what)} should be finite; there is {'NaN' if nan else 'infinity'} in {it}.",
            compared=None if expected is None else (received, expected),
        )


def same(
    received: Any, expected: bool | float | str | list[Any] | tuple[Any, ...] | None, what: str, *, why: str = ""
) -> None:
    """Require that `received` is a plain Python value of the expected type and equal to it. A bool is not an int."""
    if type(received) is not type(expected):
        raise CheckFailure(
            f"{start(what)} should be {_a_kind(type(expected))}, not {kind_of(received)}.",
            compared=(received, expected),
        )
    if isinstance(expected, list | tuple) and isinstance(received, list | tuple):
        if len(received) != len(expected):
            raise CheckFailure(
                f"{start(what)} should have {several(len(expected), 'item')}, not {counted(received, len(expected))}."
            )
        for position, (one, other) in enumerate(zip(received, expected, strict=True)):
            if type(one) is not type(other):
                raise CheckFailure(
                    f"Item {position} of {within(what)} should be {_a_kind(type(other))}, not {kind_of(one)}.",
                    compared=(one, other),
                )
    if received != expected:
        raise CheckFailure(sentences(f"{start(what)} {is_or_are(what)} not right.", why))


def items(received: Any, count: int, what: str, *, kind: type = tuple) -> None:
    """Require that `received` is a tuple (or another `kind`) of `count` items."""
    if type(received) is not kind or not isinstance(received, list | tuple):
        raise CheckFailure(
            f"{start(what)} should be {_a_kind(kind)} of {several(count, 'item')}, not {kind_of(received)}.",
            compared=(received, kind),
        )
    if len(received) != count:
        raise CheckFailure(f"{start(what)} should have {several(count, 'item')}, not {counted(received, count)}.")


def array(received: Any, expected: np.ndarray, what: str) -> None:
    """Require that `received` is a numpy array of the expected shape and dtype, and equal in every element."""
    alike_array(received, expected, what)
    if not np.array_equal(received, expected):
        raise CheckFailure(
            f"{start(what)} {'do' if is_plural(what) else 'does'} not hold the tensor's values.",
            compared=(received, expected),
        )


def alike_array(received: Any, expected: np.ndarray, what: str) -> None:
    """Require that `received` is a numpy array of the expected shape and dtype."""
    if type(received) is not np.ndarray:
        raise CheckFailure(
            f"{start(what)} should be a numpy array, not {kind_of(received)}.",
            compared=(received, expected),
        )
    if received.shape != expected.shape:
        raise CheckFailure(_shapes_differ(what, received.shape, expected.shape), compared=(received, expected))
    if received.dtype != expected.dtype:
        raise CheckFailure(
            f"{start(what)} should have dtype {expected.dtype}, not {received.dtype}.", compared=(received, expected)
        )


def holds(condition: bool, sentence: str) -> None:
    """Require that `condition` is true; `sentence` tells the student what is wrong otherwise."""
    if not condition:
        raise CheckFailure(sentence)


def unchanged(arguments: tuple[Any, ...], originals: tuple[Any, ...], names: str) -> None:
    """Require that a call left its arguments unchanged: tensors' values, requires_grad and .grad, arrays and tables.

    Args:
        arguments: `student.arguments`, after the call.
        originals: what was passed.
        names: the parameters' names, separated by spaces.
    """
    for name, after, before in zip(names.split(), arguments, originals, strict=True):
        if isinstance(before, np.ndarray):
            equal = type(after) is np.ndarray and (after.shape, after.dtype) == (before.shape, before.dtype)
            if not equal or not np.array_equal(after, before, equal_nan=before.dtype.kind in "fc"):
                raise CheckFailure(f"The argument `{name}` was changed in place; compute a new array instead.")
        if is_table(before) and not (type(after) is type(before) and after.equals(before)):
            raise CheckFailure(f"The argument `{name}` was changed in place; work on a copy of it instead.")
        if not is_tensor(before):
            continue
        torch = torch_if_imported()
        matches = is_tensor(after) and (after.shape, after.dtype) == (before.shape, before.dtype)
        if not matches or not torch.equal(after, before):
            raise CheckFailure(
                f"The argument `{name}` was changed in place; compute a new tensor instead.", advice=_IN_PLACE
            )
        if after.requires_grad != before.requires_grad:
            raise CheckFailure(f"The argument `{name}` has another requires_grad after the call; leave it alone.")
        if (after.grad is None) != (before.grad is None):
            raise CheckFailure(f"The call left something in `{name}.grad`, or took it away; leave it alone.")
        if after.grad is not None and before.grad is not None and not torch.equal(after.grad, before.grad):
            raise CheckFailure(f"The call changed `{name}.grad`; leave it alone.")


def detached(received: Any) -> Any:
    """A tensor without its graph, so that an answer may or may not have one; any other value unchanged."""
    return received.detach() if is_tensor(received) and not _is_parameter(received) else received


def kind_of(thing: Any) -> str:
    """The type of a received value, in words for a student."""
    if thing is None:
        return "None (is a `return` missing?)"
    if _is_parameter(thing):
        return "a torch.nn.Parameter"
    if is_tensor(thing):
        return "a tensor"
    if isinstance(thing, np.ndarray):
        return "a numpy array"
    if isinstance(thing, np.generic):
        return f"a numpy {thing.dtype.name}"
    if is_table(thing):
        return "a Series" if thing.ndim == 1 else "a DataFrame"
    if isinstance(thing, Figure):
        return "a figure"
    if isinstance(thing, Opaque):
        if thing == Opaque("Tensor"):  # of a course without torch
            return "a tensor"
        return type_name(thing.type_name) + untold_reason(thing.why)
    return _WORDS.get(type(thing), "another kind of object")


def quoted(name: str) -> str:
    """The name of a model's parameter, of the student's making, as a sentence may quote it."""
    return f"`{parameter_name(name)}`"


def counted(things: Sequence[Any], expected: int) -> str:
    """How many things a student has returned where `expected` are due: "none", "fewer" or "more"."""
    return received_count(len(things), expected)


def _a_kind(kind: type) -> str:
    return "None" if kind is type(None) else _WORDS[kind]


def _shapes_differ(what: str, received: Sequence[int], expected: Sequence[int]) -> str:
    return f"{start(what)} should have shape {tuple(expected)}, not {received_shape(received, expected)}."


def _values_differ(what: str, right: Any, why: str) -> str:
    equal = np.asarray(right)
    wrong = int((~equal).sum())
    many = "" if equal.size == 1 else f" in {wrong} of {equal.size} elements"
    return sentences(f"{start(what)} {is_or_are(what)} wrong{many}.", why)


def _dtype(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")
