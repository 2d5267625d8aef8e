"""Values: what goes over the wire comes back exactly, and what contradicts itself is refused."""

from __future__ import annotations

import sys
from collections import OrderedDict, defaultdict, namedtuple
from contextlib import suppress
from enum import IntEnum

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.wire.arrays import MAX_TENSOR_BYTES, NUMPY_DTYPES, ArrayData, ValueRejected
from autograder.wire.values import (
    TENSOR_DTYPES,
    DictData,
    Handle,
    ListData,
    NamedData,
    NoObjects,
    Opaque,
    TensorData,
    TupleData,
    Value,
    decode,
    decode_tensor,
    encode,
)

PLAIN = NoObjects()
SHAPES = st.lists(st.integers(0, 4), max_size=4).map(tuple)


def there_and_back(thing):
    return decode(encode(thing, PLAIN), PLAIN)


@settings(deadline=None)
@given(st.sampled_from(sorted(TENSOR_DTYPES)), SHAPES, st.booleans())
def test_a_tensor_keeps_values_dtype_shape_and_requires_grad(name, shape, tracked):
    dtype = getattr(torch, name)
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


@given(st.sampled_from(["float64", "float16", "bfloat16", "complex64"]), SHAPES, st.booleans(), st.booleans())
def test_a_parameter_keeps_its_kind_its_gradient_and_whether_it_is_trained(name, shape, trained, with_gradient):
    parameter = torch.nn.Parameter(torch.ones(shape, dtype=getattr(torch, name)), requires_grad=trained)
    if with_gradient:
        parameter.grad = torch.full_like(parameter, 3.0)
    back = there_and_back(parameter)
    assert type(back) is torch.nn.Parameter
    assert (back.requires_grad, back.grad is not None) == (trained, with_gradient)
    assert not with_gradient or torch.equal(back.grad, parameter.grad)


def test_no_gradient_is_told_from_one_of_zeros():
    tensor = torch.ones(2, requires_grad=True)
    assert there_and_back(tensor).grad is None
    tensor.grad = torch.zeros(2)
    assert torch.equal(there_and_back(tensor).grad, torch.zeros(2))


def test_what_comes_back_shares_no_memory_with_what_was_sent():
    tensor, array = torch.zeros(2), np.zeros(2)
    there_and_back(tensor).add_(1)
    there_and_back(array)[:] = 1
    assert torch.equal(tensor, torch.zeros(2))
    assert not array.any()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -0.0])
def test_special_numbers_keep_their_bits(value):
    tensor = torch.tensor([value])
    assert torch.equal(there_and_back(tensor).view(torch.int32), tensor.view(torch.int32))


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
    assert repr(back) == repr(thing)  # which tells True from 1, 1 from 1.0 and -0.0 from 0.0, at every depth


@given(st.sampled_from(sorted(NUMPY_DTYPES)), SHAPES)
def test_an_array_keeps_values_dtype_and_shape(name, shape):
    array = np.ones(shape).astype(name)
    back = there_and_back(array)
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    assert np.array_equal(back, array)


class LyingList(list):
    __iter__ = __len__ = __getitem__ = None


class LyingInt(int):
    __int__ = __pos__ = __index__ = lambda self: 7


class LyingFloat(float):
    __eq__ = lambda self, other: True  # noqa: E731
    __float__ = __pos__ = lambda self: 7.0
    __hash__ = float.__hash__


class LyingText(str):
    __str__ = lambda self: "7"  # noqa: E731


class LyingDict(dict):
    items = keys = __iter__ = None


Weights = namedtuple("Weights", "u f")


class LyingTensor(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        return True


@pytest.mark.parametrize(
    ("thing", "name"),
    [
        (torch.ones(2).as_subclass(LyingTensor), "LyingTensor"),
        (object(), "object"),
        (2**70, "int"),
        (torch.ones(2).to_sparse(), "Tensor"),
        (torch.ones(2, device="meta"), "Tensor"),
        (torch.ones(1).expand(10**11), "Tensor"),
        (np.array(["text"]), "ndarray"),
        (np.array([1.0], dtype=np.dtype("f8").newbyteorder()), "ndarray"),
        (np.ones((1,) * 17), "ndarray"),
        (np.ma.masked_array([1.0]), "MaskedArray"),
        (np.complex128(1j), "complex128"),
        (1j, "complex"),
        (b"bytes", "bytes"),
        ({1}, "set"),
        ([0] * 100_001, "list"),
        ("x" * (MAX_TENSOR_BYTES + 1), "str"),
        ({1: 2}, "dict"),
    ],
)
def test_what_does_not_travel_is_only_named(thing, name):
    value = encode(thing, PLAIN)
    assert isinstance(value, Opaque)
    assert value.type_name == name


@pytest.mark.parametrize(
    ("thing", "same"),
    [
        (Weights(1, 2.0), (1, 2.0)),
        (torch.Size([2, 3]), (2, 3)),
        (np.float64(1.5), 1.5),
        (np.str_("words"), "words"),
        (IntEnum("Label", {"NO": -1, "YES": 1}).NO, -1),
        (OrderedDict(a=1), {"a": 1}),
        (defaultdict(int, b=2), {"b": 2}),
        (LyingList([1, 2]), [1, 2]),
        (LyingInt(1), 1),
        (LyingFloat(1.5), 1.5),
        (LyingText("words"), "words"),
        (LyingDict(a=1), {"a": 1}),
        ([Weights(np.float64(0.5), LyingList([True]))], [(0.5, [True])]),
    ],
)
def test_an_object_of_a_subclass_travels_as_what_its_base_class_says(thing, same):
    back = there_and_back(thing)
    assert repr(back) == repr(same)


def test_an_object_that_is_held_travels_as_its_handle():
    assert there_and_back([Handle(3, "Linear")]) == [Handle(3, "Linear")]


def test_text_that_is_no_unicode_can_be_sent():
    assert there_and_back(["\ud800", {"\udcff": 1}]) == ["?", {"?": 1}]


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
        TensorData("float32", (), "cuda:", b"1234"),
        TensorData("float32", (), "meta", b"1234"),
        TensorData("float32", (0, 2**20, 2**20, 2**20, 2**20), "cpu", b""),
        ArrayData("float64", (0, 2**20, 2**20, 2**20, 2**20), b""),
        TensorData("float32", (1,), "cpu", b"1234", grad=TensorData("int32", (1,), "cpu", b"1234")),
        TensorData("float32", (1,), "cpu", b"1234", grad=TensorData("float32", (2,), "cpu", b"12345678")),
        ArrayData("object", (1,), b"12345678"),
        ArrayData("float64", (2,), b"12345678"),
        NamedData("dtype", "float99"),
        NamedData("device", "cpu; import os"),
        NamedData("device", "cuda:01"),
        NamedData("device", "cuda:\u0663"),
        NamedData("device", "cpu\n"),
        NamedData("module", "os"),
        DictData(("a", "b"), (1,)),
    ],
)
def test_a_value_that_contradicts_itself_is_refused(value):
    with pytest.raises(ValueRejected):
        decode(value, PLAIN)


@pytest.mark.parametrize("device", ["sim", "sim:0", "cuda", "cuda:99"])
def test_a_tensor_that_is_said_to_lie_elsewhere_becomes_one_on_the_cpu(device):
    tensor = decode(TensorData("float32", (), device, b"\0\0\x80?"), PLAIN)
    assert (tensor.device, tensor.item()) == (torch.device("cpu"), 1.0)


def test_a_device_that_torch_does_not_know_here_is_opaque():
    assert decode(NamedData("device", "sim:0"), PLAIN) == Opaque("device", "sim:0")


DTYPE_NAMES = st.sampled_from([*TENSOR_DTYPES, "object", "", "float"])
DIMENSIONS = st.lists(st.integers(-3, 2**40) | st.integers(0, 3), max_size=20).map(tuple)


@settings(max_examples=300)
@given(
    DTYPE_NAMES,
    DIMENSIONS,
    st.sampled_from(["cpu", "cpu:3", "cuda", "cuda:x", "sim:0", "tpu"]),
    st.binary(max_size=64),
    st.booleans(),
)
def test_a_forged_tensor_is_a_tensor_of_those_bytes_or_refused(dtype, shape, device, data, tracked):
    try:
        tensor = decode_tensor(TensorData(dtype, shape, device, data, tracked), PLAIN)
    except ValueRejected:
        return
    assert tensor.numel() * tensor.element_size() == len(data) <= MAX_TENSOR_BYTES
    assert tensor.device == torch.device("cpu")


NUMPY_NAMES = st.sampled_from([*sorted(NUMPY_DTYPES), "object", "str"])


@settings(max_examples=200)
@given(NUMPY_NAMES, DIMENSIONS, st.binary(max_size=64))
def test_a_forged_array_is_an_array_of_those_bytes_or_refused(dtype, shape, data):
    try:
        array = decode(ArrayData(dtype, shape, data), PLAIN)
    except ValueRejected:
        return
    assert array.nbytes == len(data)
    assert (array.dtype.name, array.shape) == (dtype, shape)


@pytest.mark.parametrize("kind", [ListData, TupleData, lambda items: DictData(("key",), items)])
def test_forged_data_nested_too_deeply_is_refused(kind):
    value = kind((None,))
    for _ in range(400):
        value = kind((value,))
    with pytest.raises(ValueRejected, match="nested too deeply"):
        decode(value, PLAIN)


def test_data_nested_as_deeply_as_may_be_sent_is_read():
    deep: list = []
    for _ in range(1000):
        deep = [deep]
    back = there_and_back(deep)
    for _ in range(20):
        (back,) = back
    assert back == Opaque("list", "nested too deeply")


PARTS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 2**40)
    | st.text(max_size=3)
    | st.binary(max_size=16)
    | st.sampled_from(["float32", "bool", "cpu", "cuda:0", "dtype", "device"]),
    lambda inner: st.tuples(st.sampled_from("taludnho"), inner, inner) | st.lists(inner, max_size=3),
    max_leaves=12,
)
FORGED = st.one_of(
    st.tuples(st.just("t"), DTYPE_NAMES, DIMENSIONS, st.sampled_from(["cpu", "cuda:0"]), st.binary(max_size=16)),
    st.tuples(st.just("l"), st.lists(PARTS, max_size=3)),
    st.tuples(st.just("d"), st.lists(st.text(max_size=2), max_size=3), st.lists(PARTS, max_size=3)),
    st.tuples(st.just("n"), st.sampled_from(["dtype", "device", "x"]), st.text(max_size=6)),
    PARTS,
)


@settings(max_examples=400)
@given(FORGED)
def test_any_packed_bytes_that_read_as_a_value_are_decoded_or_refused(parts):
    try:
        value = msgspec.msgpack.decode(msgspec.msgpack.encode(parts), type=Value)
    except msgspec.ValidationError:
        return
    with suppress(ValueRejected):
        decode(value, PLAIN)


def test_a_chain_of_gradients_is_cut_off_where_it_is_made_and_refused_where_it_comes():
    first, second = torch.zeros(2), torch.zeros(2)
    first.grad, second.grad = second, first  # a circle
    value = encode(first, NoObjects())
    assert decode(value, NoObjects()).grad.grad.grad is None
    for _ in range(3):
        value = msgspec.structs.replace(value, grad=value)
    with pytest.raises(ValueRejected, match="a gradient of a gradient"):
        decode(value, NoObjects())


def test_where_nothing_has_imported_torch_a_tensor_stays_a_name(monkeypatch):
    sent = [encode(each, PLAIN) for each in (torch.ones(2), torch.float32, torch.device("cpu"))]
    monkeypatch.delitem(sys.modules, "torch")
    assert [decode(value, PLAIN) for value in sent] == [
        Opaque("Tensor"),
        Opaque("dtype", "float32"),
        Opaque("device", "cpu"),
    ]
    assert "torch" not in sys.modules
