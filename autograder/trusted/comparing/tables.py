"""Compare a table, pandas' DataFrame or Series, with the expected one: its kind, labels, rows, dtypes, then values.

As in `compare`, no sentence quotes an input, an item, or what a student has called something. The labels of the right
answer's columns are told: a docstring has to say them anyway.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.errors import CheckFailure
from autograder.trusted.comparing.compare import close, exactly, kind_of
from autograder.trusted.comparing.sentences import sentences, several, start, within
from autograder.trusted.quoting import received_count
from autograder.wire.tables import is_table

if TYPE_CHECKING:
    import pandas as pd

_FLOATS = ("float64", "float32", "float16")


def table(
    received: Any,
    expected: pd.DataFrame | pd.Series,
    what: str,
    *,
    operations: int = 0,
    scale: float = 1.0,
    why: str = "",
) -> None:
    """Require that `received` is a DataFrame or Series like `expected`: the same labels in the same order, and items.

    Args:
        received: the student's answer.
        expected: the right answer. A missing item is equal to a missing item.
        what: names the answer in a sentence: "the table of means".
        operations: how many rounded operations lead to an item of a column of floats; 0 wants it exactly.
        scale: a bound on the magnitude of the numbers in between, as `close` has it.
        why: a sentence that tells the student what to look at if the items differ.
    """
    kind = kind_of(expected)
    if not is_table(received) or kind_of(received) != kind:
        raise CheckFailure(f"{start(what)} should be {kind}, not {kind_of(received)}.")
    if expected.ndim == 2:
        _same_labels(received, expected, what)
    if len(received) != len(expected):
        count = received_count(len(received), len(expected))
        raise CheckFailure(sentences(f"{start(what)} should have {several(len(expected), 'row')}, not {count}.", why))
    _same_column(received.index.to_series(), expected.index.to_series(), f"The index of {within(what)}", 0, 1.0, why)
    if expected.ndim == 1:
        _same_column(received, expected, what, operations, scale, why)
        return
    for position, label in enumerate(expected.columns):
        column = f"Column `{label}` of {within(what)}"
        _same_column(received.iloc[:, position], expected.iloc[:, position], column, operations, scale, why)


def _same_labels(received: pd.DataFrame, expected: pd.DataFrame, what: str) -> None:
    mine, theirs = list(received.columns), list(expected.columns)
    if mine == theirs:
        return
    listed = ", ".join(f"`{label}`" for label in theirs)
    if sorted(map(repr, mine)) == sorted(map(repr, theirs)):
        raise CheckFailure(f"The columns of {within(what)} are in another order than {listed}.")
    missing = [f"`{label}`" for label in theirs if label not in mine]
    told = f"there is no {missing[0]}" if missing else "there are others as well"
    raise CheckFailure(f"{start(what)} should have the columns {listed}: {told}.")


def _same_column(received: pd.Series, expected: pd.Series, what: str, operations: int, scale: float, why: str) -> None:
    if str(received.dtype) != str(expected.dtype):  # categories are compared by the items that are there
        raise CheckFailure(f"{start(what)} should have dtype {expected.dtype}, not {received.dtype}.")
    gone, should_be_gone = received.isna().to_numpy(), expected.isna().to_numpy()
    if not np.array_equal(gone, should_be_gone):
        lost = bool((gone & ~should_be_gone).any())
        told = "has missing values where there should be none" if lost else "has values where they should be missing"
        raise CheckFailure(sentences(f"{start(what)} {told}.", why))
    mine, theirs = received.to_numpy()[~gone], expected.to_numpy()[~gone]
    if str(expected.dtype) in _FLOATS and operations:
        close(mine, theirs, what, operations=operations, scale=scale, why=why)
    elif expected.dtype.kind in "biuf" and mine.dtype == theirs.dtype != object:
        exactly(mine, theirs, what, why=why)
    else:
        wrong = sum(one != other for one, other in zip(mine, theirs, strict=True))
        if wrong:
            many = f" in {wrong} of {several(len(theirs), 'row')}" if len(theirs) > 1 else ""
            raise CheckFailure(sentences(f"{start(what)} is wrong{many}.", why))
