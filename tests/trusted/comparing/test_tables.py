"""Tables are compared as tensors are, and no sentence tells an item or a student's own word."""

# ruff: noqa: E501  # a case a line

from __future__ import annotations

import pandas as pd
import pytest

from autograder.errors import CheckFailure
from autograder.trusted.comparing.tables import table

EXPECTED = pd.DataFrame({"name": ["a", "b", None], "n": [1, 2, 3], "mean": [0.5, 1.5, float("nan")]})


def told(received, expected=EXPECTED, **options) -> str:
    with pytest.raises(CheckFailure) as failure:
        table(received, expected, "The table", **options)
    return str(failure.value)


def test_an_equal_table_is_right():
    table(EXPECTED.copy(), EXPECTED, "The table")
    table(EXPECTED["n"].copy(), EXPECTED["n"], "The counts")


def test_categories_that_nothing_has_make_no_difference():
    expected = pd.Series(pd.Categorical(["b", "a"], categories=["c", "b", "a"]))
    table(pd.Series(pd.Categorical(["b", "a"])), expected, "The groups")
    assert told(pd.Series(pd.Categorical(["b", "b"])), expected) == "The table is wrong in 1 of 2 rows."


def test_floats_may_be_rounded_where_the_check_says_so():
    near = EXPECTED.assign(mean=EXPECTED["mean"] * (1 + 1e-15))
    table(near, EXPECTED, "The table", operations=10)
    assert told(near) == "Column `mean` of the table is wrong in 2 of 2 elements."


@pytest.mark.parametrize(
    ("received", "sentence"),
    [
        (None, "The table should be a DataFrame, not None (is a `return` missing?)."),
        (EXPECTED["n"], "The table should be a DataFrame, not a Series."),
        ([1], "The table should be a DataFrame, not a list."),
        (EXPECTED.rename(columns={"n": "my own"}), "The table should have the columns `name`, `n`, `mean`: there is no `n`."),
        (EXPECTED.assign(more=1), "The table should have the columns `name`, `n`, `mean`: there are others as well."),
        (EXPECTED[["n", "name", "mean"]], "The columns of the table are in another order than `name`, `n`, `mean`."),
        (EXPECTED[:2], "The table should have 3 rows, not fewer."),
        (EXPECTED.set_index(pd.Index([1, 2, 3])), "The index of the table is wrong in 3 of 3 elements."),
        (EXPECTED.astype({"n": "float64"}), "Column `n` of the table should have dtype int64, not float64."),
        (EXPECTED.assign(n=[1, 2, 4]), "Column `n` of the table is wrong in 1 of 3 elements."),
        (EXPECTED.assign(name=["a", "c", None]), "Column `name` of the table is wrong in 1 of 2 rows."),
        (EXPECTED.assign(mean=[0.5, None, None]), "Column `mean` of the table has missing values where there should be none."),
        (EXPECTED.assign(mean=[0.5, 1.5, 2.5]), "Column `mean` of the table has values where they should be missing."),
    ],
)  # fmt: skip
def test_what_differs_is_told_by_its_place(received, sentence):
    assert told(received) == sentence
