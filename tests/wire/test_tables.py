"""Tables: a DataFrame or Series comes back as it was, and data that contradicts itself is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from autograder.wire.arrays import ValueRejected
from autograder.wire.tables import MAX_ROWS, ColumnData, TableData, decode_table
from autograder.wire.values import NoObjects, Opaque, decode, encode

PLAIN = NoObjects()


def there_and_back(thing):
    return decode(encode(thing, PLAIN), PLAIN)


TABLES = {
    "numbers and text": pd.DataFrame({"n": [1, 2], "x": [0.5, np.nan], "name": ["a", None], "yes": [True, False]}),
    "nothing": pd.DataFrame(),
    "columns without rows": pd.DataFrame({"a": np.array([], dtype="int64"), "b": np.array([], dtype="float32")}),
    "rows with names": pd.DataFrame({"a": [1, 2]}, index=pd.Index(["first", "second"], name="row")),
    "columns of one name": pd.DataFrame([[1, 2.5]], columns=["a", "a"]),
    "columns with numbers": pd.DataFrame([[1, 2], [3, 4]]),
    "dates": pd.DataFrame({"day": pd.to_datetime(["2026-01-01", None]), "for": pd.to_timedelta(["1 day", "2 h"])}),
    "nullable numbers": pd.DataFrame({"n": pd.array([1, None], dtype="Int64")}),
    "nullable truth": pd.DataFrame({"y": pd.array([True, None], dtype="boolean")}),
    "categories": pd.DataFrame({"c": pd.Categorical(["b", "a", "b"])}),
    "mixed objects": pd.DataFrame({"o": pd.Series([1, "two", 3.0, None, True], dtype=object)}),
}  # fmt: skip


@pytest.mark.parametrize("which", TABLES)
def test_a_table_comes_back_as_it_was(which):
    back = there_and_back(TABLES[which])
    pd.testing.assert_frame_equal(
        back, TABLES[which], check_index_type=False, check_column_type="equiv" if len(back.columns) else False
    )


def test_a_series_keeps_its_name_and_index():
    series = pd.Series([1.0, 2.0], index=["a", "b"], name="mean")
    pd.testing.assert_series_equal(there_and_back(series), series)


def test_a_list_of_tables_travels():
    back = there_and_back([pd.Series([1]), {"table": pd.DataFrame({"a": [1]})}])
    assert [type(back[0]), type(back[1]["table"])] == [pd.Series, pd.DataFrame]


class Own(pd.DataFrame):
    """A table whose operations may mean anything."""


@pytest.mark.parametrize(
    "table",
    [
        Own({"a": [1]}),
        pd.DataFrame({"a": [object()]}),
        pd.DataFrame({"a": [2**70]}),
        pd.DataFrame({"z": [1j]}).set_index(pd.MultiIndex.from_tuples([(1, 2)])),
        pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")])),
        pd.DataFrame({"a": np.zeros(MAX_ROWS + 1)}),
        pd.DataFrame({"p": pd.period_range("2026-01", periods=2, freq="M")}),
    ],
)
def test_what_cannot_be_sent_says_so(table):
    assert isinstance(encode(table, PLAIN), Opaque)


INDEX = ColumnData(None, "int64", bytes(8))


@pytest.mark.parametrize(
    "data",
    [
        TableData(INDEX, (ColumnData("a", "int64", bytes(16)),)),
        TableData(INDEX, (ColumnData("a", "int64", bytes(7)),)),
        TableData(INDEX, (ColumnData("a", "int64", items=(1,)),)),
        TableData(INDEX, (ColumnData("a", "object", bytes(8)),)),
        TableData(INDEX, (ColumnData("a", "Int64", items=("x",)),)),
        TableData(INDEX, (ColumnData("a", "UInt8", items=(-1,)),)),
        TableData(INDEX, (ColumnData("a", "period[M]", items=("x",)),)),
        TableData(INDEX, (ColumnData("a", "float64", bytes(8)),) * 2, is_series=True),
        TableData(INDEX, (), is_series=True),
        TableData(INDEX, (ColumnData("a", "float64", bytes(8)),) * 1001),
    ],
)
def test_data_that_contradicts_itself_is_refused(data):
    with pytest.raises(ValueRejected):
        decode_table(data)
