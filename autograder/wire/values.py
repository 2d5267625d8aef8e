"""Values as plain data: numbers, text, containers, arrays, tables, figures, tensors, and handles of objects.

A tensor is sent as dtype, shape, device and bytes. Objects that cannot be sent as data stay where they are:
the other side gets an `Opaque` name or, in replies of a worker, the `Handle` of an object that the worker holds.

Each side decides where a tensor lies. A worker puts it on the named device; the trusted side computes on the
CPU and only records the name.

Nothing here imports torch before there is a tensor: a course without torch does not need it, nor waits for it.
"""

from __future__ import annotations

import functools
import re
import sys
from typing import TYPE_CHECKING, Any, Protocol, Union

import numpy as np
from msgspec import Struct

from autograder.wire.arrays import (
    MAX_DIMENSIONS,
    MAX_TENSOR_BYTES,
    NUMBERS,
    ArrayData,
    ValueRejected,
    count_elements,
    decode_array,
    encode_array,
)
from autograder.wire.figures import FigureData, decode_figure, encode_figure, is_drawn
from autograder.wire.tables import TableData, decode_table, encode_table, is_table

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeGuard

    import torch

    from autograder import sim

MAX_DEPTH = 20
MAX_GRADIENTS = 2  # of a tensor: its gradient, and the gradient of that
MAX_ITEMS = 100_000
_DEVICE = re.compile(r"(cpu|cuda|sim)(:(0|[1-9][0-9]?))?")

# The dtypes of tensors that are sent, and the bytes that an element has.
TENSOR_DTYPES = {
    "float64": 8, "float32": 4, "float16": 2, "bfloat16": 2,
    "int64": 8, "int32": 4, "int16": 2, "int8": 1, "uint8": 1, "bool": 1,
    "complex64": 8, "complex128": 16,
}  # fmt: skip


class TensorData(Struct, tag="t", frozen=True, array_like=True):
    """A dense tensor. `data` holds its elements in row order, as the machine stores them."""

    dtype: str
    shape: tuple[int, ...]
    device: str
    data: bytes
    requires_grad: bool = False
    is_parameter: bool = False
    grad: TensorData | None = None


class ListData(Struct, tag="l", frozen=True, array_like=True):
    """A list, item by item."""

    items: tuple[Value, ...]


class TupleData(Struct, tag="u", frozen=True, array_like=True):
    """A tuple, item by item."""

    items: tuple[Value, ...]


class DictData(Struct, tag="d", frozen=True, array_like=True):
    """A dict with text as its keys, in order."""

    keys: tuple[str, ...]
    items: tuple[Value, ...]


class NamedData(Struct, tag="n", frozen=True, array_like=True):
    """A torch.dtype or torch.device, by name."""

    kind: str
    name: str


class Handle(Struct, tag="h", frozen=True, array_like=True):
    """An object that the worker holds under `number`; `type_name` is its class."""

    number: int
    type_name: str


class Opaque(Struct, tag="o", frozen=True, array_like=True):
    """An object that is not sent: its class, and the reason in a few words."""

    type_name: str
    why: str = ""


Value = Union[
    None, bool, int, float, str,
    TensorData, ArrayData, TableData, FigureData, ListData, TupleData, DictData, NamedData, Handle, Opaque,
]  # fmt: skip


class Holder(Protocol):
    """One side of the wire: keeps the objects that are not sent, and decides where tensors lie."""

    def hold(self, thing: object) -> Value:
        """The value that is sent in place of `thing`."""

    def held(self, value: Handle) -> object:
        """The object that this side keeps under a handle."""

    def device_of(self, tensor: torch.Tensor) -> str:
        """The device name that is sent with a tensor."""

    def placed(self, tensor: torch.Tensor, device: str) -> torch.Tensor:
        """Put a tensor, received with the legal device name `device`, where it should lie on this side."""


class NoObjects:
    """A holder that keeps no objects: they become Opaque, handles stay handles, and all tensors lie on the CPU."""

    def hold(self, thing: object) -> Value:
        """A handle unchanged; an Opaque for any other object."""
        return thing if isinstance(thing, Handle) else Opaque(_class_name(thing))

    def held(self, value: Handle) -> object:
        """The handle itself."""
        return value

    def device_of(self, tensor: torch.Tensor) -> str:
        """Where the tensor lies."""
        return device_name(tensor)

    def placed(self, tensor: torch.Tensor, device: str) -> torch.Tensor:
        """The tensor as it is."""
        return tensor


def torch_if_imported() -> Any:
    """torch; None while nothing has imported it in this process, where nothing is a tensor or a module of its then."""
    return sys.modules.get("torch")


def is_tensor(thing: object) -> TypeGuard[torch.Tensor]:
    """Whether a thing is a tensor, of whatever class."""
    torch = torch_if_imported()
    return torch is not None and isinstance(thing, torch.Tensor)


def device_name(tensor: torch.Tensor) -> str:
    """Where a tensor lies, as torch writes it: "cpu", "cuda:0", "sim:0"."""
    return "cpu" if tensor.is_cpu else str(tensor.device)  # most lie there, and the words take time


def _class_name(thing: object) -> str:
    return type(thing).__name__[:80]


def _text(text: str) -> str:
    return text.encode("utf-8", "replace").decode()  # UTF-8 has no lone surrogates


def encode(thing: Any, holder: Holder, depth: int = 0) -> Value:
    """Encode `thing` as a value.

    A subclass is the thing: what is a str, int, float, tuple, list or dict to Python's `isinstance` is sent as one,
    with the value that the base class itself has: a namedtuple or torch.Size as a tuple, np.float64 as a float, np.str_
    as text. np.float32, np.int64 and np.bool_ are none of these, and stay what they are. A subclass of Tensor or
    ndarray is not sent: it may change what every operation means.
    """
    kind = type(thing)
    if thing is None or kind in (bool, float):
        return thing
    if kind is int:
        small = -(2**63) <= thing < 2**63
        return thing if small else Opaque("int", "beyond 64 bits")
    if kind is str:
        text = _text(thing)
        return text if len(text) <= MAX_TENSOR_BYTES else Opaque("str", "too long")
    if _is_plain_tensor(thing):
        return encode_tensor(thing, holder)
    if kind is np.ndarray:
        return _or_opaque(encode_array(thing), "ndarray")
    if kind in NUMBERS:
        return ArrayData(thing.dtype.name, (), thing.tobytes(), scalar=True)
    if kind.__module__ == "torch" and kind.__name__ in ("dtype", "device"):
        return NamedData(kind.__name__, str(thing).removeprefix("torch."))
    if kind in (list, tuple, dict):
        if depth >= MAX_DEPTH:
            return Opaque(kind.__name__, "nested too deeply")
        if len(thing) > MAX_ITEMS:
            return Opaque(kind.__name__, "too many items")
    if kind is list:
        return ListData(tuple(encode(item, holder, depth + 1) for item in thing))
    if kind is tuple:
        return TupleData(tuple(encode(item, holder, depth + 1) for item in thing))
    if kind is dict and all(type(key) is str for key in thing):
        return DictData(tuple(map(_text, thing)), tuple(encode(item, holder, depth + 1) for item in thing.values()))
    if is_table(thing):
        return _or_opaque(encode_table(thing), kind.__name__)
    if is_drawn(thing):
        return _or_opaque(encode_figure(thing), kind.__name__)
    for base, value_of in _BASES.items():
        if kind is not base and issubclass(kind, base):
            return encode(value_of(thing), holder, depth)
    return holder.hold(thing)


def _is_plain_tensor(thing: object) -> bool:
    torch = torch_if_imported()
    return torch is not None and (type(thing) in (torch.Tensor, torch.nn.Parameter) or _is_simulated(thing))


def _is_simulated(thing: object) -> TypeGuard[sim.SimTensor]:
    simulated = sys.modules.get("autograder.sim")
    return simulated is not None and type(thing) is simulated.SimTensor


def _or_opaque(value: ArrayData | TableData | FigureData | str, name: str) -> Value:
    """What was made of an object of the class `name`; where that is the reason why nothing was, an Opaque."""
    return Opaque(name, value) if isinstance(value, str) else value


# The value of an object of a subclass, by its base class's own methods: the subclass's may say anything.
_BASES: dict[type, Callable[[Any], Any]] = {
    str: str.__str__,
    int: int.__pos__,
    float: float.__pos__,
    tuple: lambda thing: tuple(tuple.__iter__(thing)),
    list: lambda thing: list(list.__iter__(thing)),
    dict: lambda thing: dict(dict.items(thing)),
}


@functools.cache
def _dtypes() -> dict[str, torch.dtype]:
    import torch

    return {name: getattr(torch, name) for name in TENSOR_DTYPES}


@functools.cache
def _dtype_names() -> dict[torch.dtype, str]:
    return {dtype: name for name, dtype in _dtypes().items()}


def encode_tensor(tensor: torch.Tensor, holder: Holder, depth: int = 0) -> TensorData | Opaque:
    """Encode a dense tensor as data; as Opaque if it is sparse, too large, or of a dtype not in TENSOR_DTYPES."""
    import torch

    dtype = _dtype_names().get(tensor.dtype)
    if tensor.layout is not torch.strided:
        return Opaque("Tensor", f"layout {tensor.layout}")
    if tensor.is_nested:
        return Opaque("Tensor", "nested")
    if dtype is None:
        return Opaque("Tensor", f"dtype {str(tensor.dtype).removeprefix('torch.')}")
    if tensor.is_meta:
        return Opaque("Tensor", "on the meta device, without values")
    if tensor.numel() * TENSOR_DTYPES[dtype] > MAX_TENSOR_BYTES or tensor.dim() > MAX_DIMENSIONS:
        return Opaque("Tensor", f"too large, of shape {tuple(tensor.shape)[:8]}")
    gradient = None
    if depth < MAX_GRADIENTS and tensor.is_leaf and tensor.grad is not None:
        gradient = encode_tensor(tensor.grad, holder, depth + 1)
    return TensorData(
        dtype,
        tuple(tensor.shape),
        holder.device_of(tensor),
        _bytes(tensor),
        tensor.requires_grad,
        type(tensor) is torch.nn.Parameter or bool(getattr(tensor, "_is_param", False)),  # as isinstance has it
        gradient if isinstance(gradient, TensorData) else None,
    )


def _bytes(tensor: torch.Tensor) -> bytes:
    """The elements in row order, as the machine stores them."""
    import torch

    plain = tensor.inner if _is_simulated(tensor) else tensor.detach() if tensor.requires_grad else tensor
    if not plain.is_cpu or plain.dtype is torch.bfloat16 or plain.is_conj() or plain.is_neg():
        plain = plain.to("cpu").resolve_conj().resolve_neg().contiguous().reshape(-1)
        plain = plain.view(torch.uint8) if plain.numel() else plain.to(torch.uint8)
    return plain.numpy().tobytes()


def decode(value: Value, holder: Holder, depth: int = 0) -> Any:
    """Make a new object from `value`. Raises ValueRejected if the value contradicts itself.

    Where nothing has imported torch, nobody can ask a tensor for anything, and it stays an Opaque.
    """
    if isinstance(value, TensorData):
        return decode_tensor(value, holder) if torch_if_imported() else Opaque("Tensor")
    if isinstance(value, ArrayData):
        return decode_array(value)
    if isinstance(value, ListData | TupleData | DictData) and depth >= MAX_DEPTH:
        raise ValueRejected("data nested too deeply")
    if isinstance(value, ListData):
        return [decode(item, holder, depth + 1) for item in value.items]
    if isinstance(value, TupleData):
        return tuple(decode(item, holder, depth + 1) for item in value.items)
    if isinstance(value, DictData):
        if len(value.keys) != len(value.items):
            raise ValueRejected("a dict with more keys than items, or fewer")
        return {key: decode(item, holder, depth + 1) for key, item in zip(value.keys, value.items, strict=True)}
    if isinstance(value, NamedData):
        return _decode_named(value)
    if isinstance(value, Handle):
        return holder.held(value)
    if isinstance(value, TableData):
        return decode_table(value)
    if isinstance(value, FigureData):
        return decode_figure(value)
    return value


def decode_tensor(value: TensorData, holder: Holder, depth: int = 0) -> torch.Tensor:
    """Make a new leaf tensor with the value's elements, requires_grad and grad, and let the holder place it.

    Raises ValueRejected if shape, dtype and bytes do not fit together, or the device's name is not legal.
    """
    import torch

    dtype = _dtypes().get(value.dtype)
    if dtype is None:
        raise ValueRejected(f"unknown dtype {value.dtype[:40]!r}")
    count = count_elements(value.shape)
    if count * TENSOR_DTYPES[value.dtype] != len(value.data):
        raise ValueRejected(f"{len(value.data)} bytes cannot be a {value.dtype} tensor of shape {value.shape[:8]}")
    if not count:
        tensor = torch.empty(value.shape, dtype=dtype)
    elif dtype is torch.bfloat16:  # which NumPy has not
        tensor = torch.frombuffer(bytearray(value.data), dtype=dtype).reshape(value.shape)
    else:  # the quicker way
        tensor = torch.from_numpy(np.ndarray(value.shape, value.dtype, bytearray(value.data)))
    if value.device != "cpu" and not _DEVICE.fullmatch(value.device):
        raise ValueRejected(f"no device is called {value.device[:40]!r}")
    tensor = holder.placed(tensor, value.device)
    tracked = value.requires_grad and (dtype.is_floating_point or dtype.is_complex)
    if value.is_parameter:
        tensor = torch.nn.Parameter(tensor, requires_grad=tracked)
    elif tracked:
        tensor.requires_grad_()
    if value.grad is not None:
        if depth == MAX_GRADIENTS:
            raise ValueRejected("a gradient of a gradient of a gradient")
        grad = decode_tensor(value.grad, holder, depth + 1)
        if grad.shape != tensor.shape or grad.dtype != tensor.dtype:
            raise ValueRejected("a gradient of another shape or dtype than its tensor")
        tensor.grad = grad
    return tensor


def _decode_named(value: NamedData) -> torch.dtype | torch.device | Opaque:
    torch = torch_if_imported()
    if value.kind == "dtype" and value.name in TENSOR_DTYPES:
        return getattr(torch, value.name) if torch else Opaque("dtype", value.name)
    if value.kind == "device" and _DEVICE.fullmatch(value.name):
        try:
            return torch.device(value.name) if torch else Opaque("device", value.name)
        except RuntimeError:  # the simulated one, which this process has not made known to torch
            return Opaque("device", value.name)
    raise ValueRejected(f"no {value.kind[:20]} is called {value.name[:40]!r}")
