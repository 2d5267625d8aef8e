"""pandas' DataFrames and Series as plain data: labels, an index, and a column after another.

pandas is imported where a table is there, and only then: a course without it need not have it.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Union

import numpy as np
from msgspec import Struct

from autograder.wire.arrays import MAX_TENSOR_BYTES, NUMPY_DTYPES, ValueRejected

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

MAX_COLUMNS = 1000
MAX_ROWS = 100_000

_TIMES = frozenset(f"{kind}64[{unit}]" for kind in ("datetime", "timedelta") for unit in ("s", "ms", "us", "ns"))
_ITEMWISE = frozenset({
    "object", "str", "string", "category", "boolean", "Float32", "Float64",
    *(f"{sign}Int{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64)),
})  # fmt: skip

Label = Union[None, bool, int, float, str]


class ColumnData(Struct, frozen=True, array_like=True):
    """A column, or an index: its label, its dtype, and the numbers' bytes or, for any other dtype, the items.

    A missing item is None.
    """

    label: Label
    dtype: str
    data: bytes = b""
    items: tuple[Label, ...] = ()


class TableData(Struct, tag="f", frozen=True, array_like=True):
    """A DataFrame; with `is_series` a Series, of one column."""

    index: ColumnData
    columns: tuple[ColumnData, ...]
    is_series: bool = False


class _Untold(Exception):
    """Why a table is not sent."""


def is_table(thing: object) -> bool:
    """Whether it is a DataFrame or a Series itself; a subclass may change what every operation means."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and type(thing) in (getattr(pandas, "DataFrame", None), getattr(pandas, "Series", None))


def encode_table(table: pd.DataFrame | pd.Series) -> TableData | str:
    """The data of a table, or the reason why it is not sent."""
    try:
        if len(table) > MAX_ROWS:
            raise _Untold("too large")
        index = _encode_column(table.index, table.index.name)
        if table.ndim == 1:
            return TableData(index, (_encode_column(table, table.name),), is_series=True)
        if table.shape[1] > MAX_COLUMNS:
            raise _Untold("too large")
        parts = (table.iloc[:, position] for position in range(table.shape[1]))
        columns = tuple(_encode_column(part, label) for part, label in zip(parts, table.columns, strict=True))
        if sum(len(column.data) for column in columns) > MAX_TENSOR_BYTES:
            raise _Untold("too large")
        return TableData(index, columns)
    except _Untold as why:
        return str(why)


def _encode_column(column: pd.Series | pd.Index, label: Any) -> ColumnData:
    dtype = str(column.dtype)
    if dtype in NUMPY_DTYPES:
        return ColumnData(_label(label), dtype, np.ascontiguousarray(column.to_numpy()).tobytes())
    if dtype in _TIMES:
        return ColumnData(_label(label), dtype, np.ascontiguousarray(column.to_numpy()).view(np.int64).tobytes())
    if dtype in _ITEMWISE and getattr(column, "nlevels", 1) == 1:
        missing = column.isna()
        items = (None if gone else item for item, gone in zip(column, missing, strict=True))
        return ColumnData(_label(label), dtype, items=tuple(map(_label, items)))
    raise _Untold("with a column that cannot be sent")


def _label(thing: Any) -> Label:
    """A label or an item: a number or text."""
    if isinstance(thing, np.generic):
        thing = thing.item()
    if thing is None or type(thing) in (bool, float) or (type(thing) is int and -(2**63) <= thing < 2**63):
        return thing
    if isinstance(thing, str):
        return str.__str__(thing).encode("utf-8", "replace").decode()
    raise _Untold("with a column that cannot be sent")


def decode_table(value: TableData) -> pd.DataFrame | pd.Series:
    """A new table. Raises ValueRejected if its parts do not fit together, or pandas is not installed."""
    try:
        import pandas as pd
    except ImportError as error:
        raise ValueRejected("a table, where there is no pandas") from error
    if len(value.columns) > MAX_COLUMNS or (value.is_series and len(value.columns) != 1):
        raise ValueRejected(f"a table of {len(value.columns)} columns")
    index = pd.Index(_decode_column(value.index), name=value.index.label)
    arrays = [_decode_column(column) for column in value.columns]
    if any(len(array) != len(index) for array in arrays):
        raise ValueRejected("a table whose columns differ in length")
    if value.is_series:
        return pd.Series(arrays[0], index=index, name=value.columns[0].label)
    frame = pd.DataFrame(dict(enumerate(arrays)), index=index)
    frame.columns = pd.Index([column.label for column in value.columns])
    return frame


def _decode_column(value: ColumnData) -> Any:
    import pandas as pd

    if value.dtype in NUMPY_DTYPES | _TIMES and not value.items:
        dtype = np.dtype(value.dtype)
        if len(value.data) % dtype.itemsize or len(value.data) > MAX_ROWS * dtype.itemsize:
            raise ValueRejected(f"{len(value.data)} bytes cannot be a column of {value.dtype}")
        return np.frombuffer(bytearray(value.data), dtype=dtype)
    if value.dtype not in _ITEMWISE or value.data or len(value.items) > MAX_ROWS:
        raise ValueRejected(f"no column is a {value.dtype[:40]!r} of these parts")
    try:
        return pd.array(_objects(value.items), dtype=value.dtype)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueRejected(f"items that are no {value.dtype}") from error


def _objects(items: Iterable[Label]) -> np.ndarray:
    """Items as they are, in an array that turns none into another kind."""
    listed = list(items)
    array = np.empty(len(listed), dtype=object)
    array[:] = listed
    return array
