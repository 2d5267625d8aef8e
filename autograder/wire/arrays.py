"""NumPy's arrays and numbers as plain data."""

from __future__ import annotations

import numpy as np
from msgspec import Struct

MAX_TENSOR_BYTES = 16 * 2**20
MAX_DIMENSIONS = 16

NUMPY_DTYPES = frozenset(
    f"{kind}{bits}" for kind, sizes in (
        ("float", (64, 32, 16)), ("int", (64, 32, 16, 8)), ("uint", (64, 32, 16, 8)), ("complex", (64, 128)),
    ) for bits in sizes
) | {"bool"}  # fmt: skip

# numpy's numbers that are none of Python's.
NUMBERS = frozenset(np.dtype(name).type for name in NUMPY_DTYPES) - {np.float64, np.complex128}


class ValueRejected(ValueError):
    """The data contradicts itself, or the value is too large."""


class ArrayData(Struct, tag="a", frozen=True, array_like=True):
    """A numpy array, in row order; with `scalar` a number of numpy's own, such as np.int64(3)."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes
    scalar: bool = False


def encode_array(array: np.ndarray) -> ArrayData | str:
    """The data of an array, or the reason why it is not sent."""
    if array.dtype.name not in NUMPY_DTYPES:
        return f"dtype {array.dtype.name[:40]}"
    if not array.dtype.isnative:
        return f"dtype {array.dtype.str}, of another byte order"
    if array.nbytes > MAX_TENSOR_BYTES or array.ndim > MAX_DIMENSIONS:
        return "too large"
    return ArrayData(array.dtype.name, array.shape, np.ascontiguousarray(array).tobytes())


def decode_array(value: ArrayData) -> np.ndarray | np.generic:
    """A new array. Raises ValueRejected."""
    if value.dtype not in NUMPY_DTYPES:
        raise ValueRejected(f"unknown dtype {value.dtype[:40]!r}")
    dtype = np.dtype(value.dtype)
    if count_elements(value.shape) * dtype.itemsize != len(value.data):
        raise ValueRejected(f"{len(value.data)} bytes cannot be a {value.dtype} array of shape {value.shape[:8]}")
    if value.scalar and (value.shape or dtype.type not in NUMBERS):
        raise ValueRejected(f"no number of numpy's is a {value.dtype} of shape {value.shape[:8]}")
    array = np.frombuffer(bytearray(value.data), dtype=dtype).reshape(value.shape)
    return array[()] if value.scalar else array


def count_elements(shape: tuple[int, ...]) -> int:
    """How many elements an array of this shape has. Raises ValueRejected for what cannot be a shape."""
    if len(shape) > MAX_DIMENSIONS:
        raise ValueRejected(f"{len(shape)} dimensions")
    count = spanned = 1
    for size in shape:
        if not 0 <= size <= MAX_TENSOR_BYTES:
            raise ValueRejected(f"a dimension of size {size}")
        count *= size
        spanned *= max(size, 1)  # an empty tensor has strides as well, and they must not overflow
    if spanned > MAX_TENSOR_BYTES:
        raise ValueRejected(f"a shape that spans {spanned} elements")
    return count
