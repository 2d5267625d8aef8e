"""Values: what goes over the wire comes back exactly, and what contradicts itself is refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.wire.values import (
    MAX_TENSOR_BYTES,
    NUMPY_DTYPES,
    TORCH_DTYPES,
    ArrayData,
    DictData,
    NamedData,
    NoObjects,
    Opaque,
    TensorData,
    ValueRejected,
    decode,
    decode_tensor,
    encode,
)

PLAIN = NoObjects()
SHAPES = st.lists(st.integers(0, 4), max_size=4).map(tuple)


def there_and_back(thing):
    return decode(encode(thing, PLAIN), PLAIN)


@given(st.sampled_from(sorted(TORCH_DTYPES)), SHAPES, st.booleans())
def test_a_tensor_keeps_values_dtype_shape_and_requires_grad(name, shape, tracked):
    dtype = TORCH_DTYPES[name]
    tensor = (torch.arange(float(np.prod(shape, dtype=int))) % 3).reshape(shape).to(dtype)
    tensor.requires_grad_(tracked and dtype.is_floating_point)
    back = there_and_back(tensor)
    assert type(back) is torch.Tensor
    assert (back.dtype, back.shape, back.requires_grad) == (tensor.dtype, tensor.shape, tensor.requires_grad)
    assert torch.equal(back, tensor)


def test_a_gradient_travels_with_its_tensor():
    tensor = torch.ones(3, requires_grad=True)
    tensor.grad = torch.tensor([1.0, 2.0, 3.0])
    assert torch.equal(there_and_back(tensor).grad, tensor.grad)


def test_a_parameter_stays_a_parameter():
    assert type(there_and_back(torch.nn.Parameter(torch.ones(2)))) is torch.nn.Parameter


def test_views_and_negated_and_expanded_tensors_travel_by_their_values():
    base = torch.arange(6.0).reshape(2, 3)
    for tensor in (
        base.T,
        base[:, 1],
        base[0].expand(4, 3),
        torch.view_as_real(torch.ones(2, dtype=torch.complex64)).T,
    ):
        assert torch.equal(there_and_back(tensor), tensor)


PLAIN_DATA = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=15,
)


@settings(max_examples=200)
@given(PLAIN_DATA)
def test_plain_data_comes_back_with_its_exact_types(thing):
    back = there_and_back(thing)
    assert back == thing
    assert type(back) is type(thing)


@given(st.sampled_from(sorted(NUMPY_DTYPES)), SHAPES)
def test_an_array_keeps_values_dtype_and_shape(name, shape):
    array = np.ones(shape).astype(name)
    back = there_and_back(array)
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    assert np.array_equal(back, array)


class LyingList(list):
    pass


class LyingInt(int):
    pass


class LyingTensor(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        return True


@pytest.mark.parametrize(
    ("thing", "name"),
    [
        (LyingList([1]), "LyingList"),
        (LyingInt(1), "LyingInt"),
        (torch.ones(2).as_subclass(LyingTensor), "LyingTensor"),
        (object(), "object"),
        (2**70, "int"),
        (torch.ones(2).to_sparse(), "Tensor"),
        (torch.ones(2, device="meta"), "Tensor"),
        (torch.ones(1).expand(10**11), "Tensor"),
        (np.array(["text"]), "ndarray"),
        ({1: 2}, "dict"),
    ],
)
def test_what_does_not_travel_is_only_named(thing, name):
    value = encode(thing, PLAIN)
    assert isinstance(value, Opaque)
    assert value.type_name == name


def test_data_nested_too_deeply_is_cut_off():
    deep: list = []
    for _ in range(1000):
        deep = [deep]
    value = encode(deep, PLAIN)
    for _ in range(20):
        (value,) = value.items
    assert value == Opaque("list", "nested too deeply")


@pytest.mark.parametrize(
    "value",
    [
        TensorData("float32", (2,), "cpu", b"1234"),
        TensorData("float32", (-1,), "cpu", b""),
        TensorData("float32", (2**62, 4), "cpu", b""),
        TensorData("float32", (10**11,), "cpu", b"12345678"),
        TensorData("float32", (1,) * 40, "cpu", b"1234"),
        TensorData("float99", (), "cpu", b"1234"),
        TensorData("float32", (), "disk", b"1234"),
        TensorData("float32", (), "cuda:999", b"1234"),
        TensorData("float32", (1,), "cpu", b"1234", grad=TensorData("float32", (2,), "cpu", b"12345678")),
        ArrayData("object", (1,), b"12345678"),
        ArrayData("float64", (2,), b"12345678"),
        NamedData("dtype", "float99"),
        NamedData("device", "cpu; import os"),
        NamedData("module", "os"),
        DictData(("a", "b"), (1,)),
    ],
)
def test_a_value_that_contradicts_itself_is_refused(value):
    with pytest.raises(ValueRejected):
        decode(value, PLAIN)


DTYPE_NAMES = st.sampled_from([*TORCH_DTYPES, "object", "", "float"])
DIMENSIONS = st.lists(st.integers(-3, 2**40) | st.integers(0, 3), max_size=20).map(tuple)


@settings(max_examples=300)
@given(DTYPE_NAMES, DIMENSIONS, st.sampled_from(["cpu", "cuda:x", "tpu"]), st.binary(max_size=64), st.booleans())
def test_a_forged_tensor_is_a_tensor_of_those_bytes_or_refused(dtype, shape, device, data, tracked):
    try:
        tensor = decode_tensor(TensorData(dtype, shape, device, data, tracked))
    except ValueRejected:
        return
    assert tensor.numel() * tensor.element_size() == len(data) <= MAX_TENSOR_BYTES
