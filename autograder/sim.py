"""`sim`: a device that computes on the CPU and otherwise behaves as an accelerator does.

    import torch
    from autograder import sim

    sim.enable()
    X = torch.ones(3, 2, device="sim")
    X + torch.ones(3, 2)        # RuntimeError: Expected all tensors to be on the same device, ...
    X.numpy()                   # TypeError: can't convert sim:0 device type tensor to numpy. ...

Code that runs here and on the CPU with equal results is device-agnostic as far as it was run: no GPU needed.

How: torch lets a device be written in Python under its key "PrivateUse1". A tensor of this device is a
wrapper without memory of its own around a CPU tensor; every operation on it arrives, below autograd, in
`_compute`, which refuses a mixture of devices, computes on what is inside, and wraps the answer. What makes
a tensor without having one (`torch.zeros(2, device="sim")`) arrives there by a fallback for the key.

Needs nothing but torch, whose interface for this is experimental: the version is pinned.
Sources: `torch.utils.backend_registration`, "Extending PyTorch" (__torch_dispatch__), and, for what CUDA
does, the notes "CUDA semantics" of torch's documentation.
"""

from __future__ import annotations

import copy
import functools
import weakref
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import torch
from torch.utils.backend_registration import _DummyBackendModule, _setup_privateuseone_for_python_backend

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from torch._ops import OpOverload

NAME = "sim"

# These take tensors of two devices, as on CUDA: they are how data gets from one to the other.
_COPIES = {"aten::copy_", "aten::_to_copy", "aten::_copy_from", "aten::_copy_from_and_resize"}
# The positions may lie on the CPU, wherever the tensor lies.
_INDEXES = {"aten::index", "aten::index_put", "aten::index_put_", "aten::_index_put_impl_"}
_libraries: list[torch.library.Library] = []  # a library that is collected takes its kernels along


def enable() -> torch.device:
    """Make the device available in this process, once and for good; returns `torch.device("sim", 0)`."""
    register()
    _Module.available = True
    return torch.device(NAME, 0)


@functools.cache
def register() -> None:
    """Make the device known to torch: it works, but `torch.accelerator.is_available()` says no until `enable()`.

    It has to be known before the first backward pass of the process, when torch counts the devices. No
    operation is run, so a process that is forked afterwards can still differentiate.
    """
    _setup_privateuseone_for_python_backend(NAME, backend_module=_Module())
    everything = torch.library.Library("_", "IMPL")
    everything.fallback(lambda operation, *arguments, **options: _compute(operation, arguments, options), "PrivateUse1")
    copying = torch.library.Library("aten", "IMPL")
    copying.impl("copy_", _copy, "PrivateUse1")  # torch.tensor(..., device="sim") asks for this below the wrapper
    _libraries.extend((everything, copying))
    torch.Generator = Generator  # type: ignore[misc]  # torch's own class knows no such device


def registered() -> bool:
    """Whether torch knows the device in this process."""
    return bool(_libraries)


class _Module(_DummyBackendModule):
    """What torch asks about the device: `torch.sim`."""

    available = False

    def is_available(self) -> bool:
        return self.available


class SimTensor(torch.Tensor):
    """A tensor on the simulated device. `inner` holds its elements, on the CPU and without a gradient."""

    inner: torch.Tensor  # type: ignore[assignment]  # a method of torch's by this name gives way

    @staticmethod
    def __new__(cls: type[SimTensor], inner: torch.Tensor, *, requires_grad: bool = False) -> SimTensor:
        """A wrapper of the same shape, strides and dtype around `inner`."""
        wrapper: SimTensor = torch.Tensor._make_wrapper_subclass(
            cls,
            inner.size(),
            strides=inner.stride(),
            storage_offset=inner.storage_offset(),
            dtype=inner.dtype,
            layout=inner.layout,
            device=torch.device(NAME, 0),
            requires_grad=requires_grad,
        )
        wrapper.inner = inner
        return wrapper

    def _assign_data(self, value: SimTensor) -> None:
        torch.Tensor.data.__set__(self, value)  # type: ignore[attr-defined]  # refuses a tensor of another device
        self.inner = value.inner

    # The same elements without the graph; what is assigned takes their place.
    data = property(torch.Tensor.data.__get__, _assign_data)  # type: ignore[attr-defined]

    __torch_function__ = torch._C._disabled_torch_function_impl  # type: ignore[assignment]  # as torch documents it

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]  # our names for torch's four positions
        cls, operation: OpOverload, types: Any, arguments: tuple[Any, ...] = (), options: dict[str, Any] | None = None
    ) -> Any:
        """Every operation on such a tensor, below autograd."""
        return _compute(operation, arguments, options or {})

    def numpy(self, *, force: bool = False) -> Any:
        """Refused as for CUDA tensors, unless `force`d."""
        return self.detach().cpu().numpy() if force else _refuse_numpy()

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        """Refused: numpy has no such device."""
        _refuse_numpy()

    def tolist(self) -> Any:
        """The elements as Python numbers, which are copied from any device."""
        return self.detach().cpu().tolist()

    def __deepcopy__(self, memo: dict[int, Any]) -> SimTensor:
        """A leaf of its own with the same elements, as `copy.deepcopy` of a model wants it."""
        if not self.is_leaf:
            raise RuntimeError("Only Tensors created explicitly by the user support the deepcopy protocol")
        if id(self) not in memo:
            twin = SimTensor(self.inner.clone(), requires_grad=self.requires_grad)
            if isinstance(self, torch.nn.Parameter):
                twin = torch.nn.Parameter(twin, self.requires_grad)  # type: ignore[assignment]  # of our class
            memo[id(self)] = twin
            twin.grad = copy.deepcopy(self.grad, memo)
        return memo[id(self)]

    def data_ptr(self) -> int:
        """Where the first element lies."""
        return self.inner.data_ptr()

    def __format__(self, specification: str) -> str:
        """A number as a number, as for every other tensor."""
        return format(self.item(), specification) if self.dim() == 0 else super().__format__(specification)

    def __repr__(self, **_: Any) -> str:  # type: ignore[override]  # torch passes words of its own
        """As torch writes a tensor that is on a device."""
        about = [f"device='{self.device}'"]
        if self.grad_fn is not None:
            about.append(f"grad_fn=<{type(self.grad_fn).__name__}>")
        elif self.requires_grad:
            about.append("requires_grad=True")
        written = f"{repr(self.inner)[:-1]}, {', '.join(about)})"
        return f"Parameter containing:\n{written}" if isinstance(self, torch.nn.Parameter) else written


class _Traits(NamedTuple):
    """What is to be known of an operation: the arguments that it writes to, by position and name, and how it mixes."""

    written: tuple[tuple[int, str], ...]
    copies: bool
    indexes: bool


@functools.cache
def _traits(operation: OpOverload) -> _Traits:
    schema = operation._schema
    written = tuple(
        (position, argument.name)
        for position, argument in enumerate(schema.arguments)
        if argument.alias_info is not None and argument.alias_info.is_write
    )
    return _Traits(written, schema.name in _COPIES, schema.name in _INDEXES)


def _compute(operation: OpOverload, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """Compute on the CPU what was asked of the device."""
    traits = _traits(operation)
    tensors = [*_tensors(arguments), *_tensors(options.values())]
    here = [tensor for tensor in tensors if type(tensor) is SimTensor]
    if here and len(here) < len(tensors) and not traits.copies:
        _refuse_a_mixture(traits, arguments, options, len(tensors) - len(here))
    answers_here = bool(here)
    if options.get("device") is not None:
        answers_here = torch.device(options["device"]).type == NAME
        options = {**options, "device": torch.device("cpu")}
    generator = options.get("generator")
    if answers_here and generator is not None and generator._cdata not in _generators:
        raise RuntimeError(f"Expected a '{NAME}' device type for generator but found 'cpu'")
    changed = [
        thing
        for position, name in traits.written
        for thing in _tensors([arguments[position] if position < len(arguments) else options.get(name)])
        if type(thing) is SimTensor
    ]
    answer = operation(*map(_inside, arguments), **{name: _inside(option) for name, option in options.items()})
    for wrapper in changed:
        _follow(wrapper)
    known = {id(wrapper.inner): wrapper for wrapper in changed}
    return _outside(answer, known) if answers_here or known else answer


def _tensors(things: Iterable[Any]) -> Iterator[torch.Tensor]:
    """The tensors among an operation's arguments, and in the lists among them."""
    for thing in things:
        if isinstance(thing, torch.Tensor):
            yield thing
        elif type(thing) is list or type(thing) is tuple:
            yield from _tensors(thing)


def _inside(thing: Any) -> Any:
    """An argument with what is inside its wrappers in their place."""
    kind = type(thing)
    if kind is SimTensor:
        return thing.inner
    return kind(map(_inside, thing)) if kind is list or kind is tuple else thing


def _outside(answer: Any, known: dict[int, SimTensor]) -> Any:
    """An answer with its tensors wrapped; one that was written to has its wrapper already."""
    if isinstance(answer, torch.Tensor):
        return known[id(answer)] if id(answer) in known else SimTensor(answer)
    kind = type(answer)
    return kind(_outside(each, known) for each in answer) if kind is list or kind is tuple else answer


def _follow(wrapper: SimTensor) -> None:
    """Give a wrapper the shape that its inner tensor has got."""
    inner = wrapper.inner
    if (wrapper.shape, wrapper.stride()) != (inner.shape, inner.stride()):
        wrapper.data = SimTensor(inner)


def _copy(self: torch.Tensor, source: torch.Tensor, non_blocking: bool = False) -> torch.Tensor:
    """`copy_`, from or to the device."""
    plain = [thing.inner if isinstance(thing, SimTensor) else thing for thing in (self, source)]
    plain[0].copy_(plain[1], non_blocking)
    return self


def _refuse_a_mixture(traits: _Traits, arguments: tuple[Any, ...], options: dict[str, Any], on_cpu: int) -> None:
    """Raise as CUDA does where tensors of two devices meet; a CPU tensor of no dimension counts as a number."""
    first_is_here = bool(arguments) and type(arguments[0]) is SimTensor
    if traits.indexes:
        if first_is_here:
            return
        raise RuntimeError("indices should be either on cpu or on the same device as the indexed tensor (cpu)")
    numbers = sum(_is_a_number(thing) for thing in (*arguments, *options.values()))
    written_to = bool(arguments) and bool(traits.written) and not first_is_here
    if numbers < on_cpu or written_to:
        raise RuntimeError(
            f"Expected all tensors to be on the same device, but found at least two devices, {NAME}:0 and cpu!"
        )


def _is_a_number(thing: Any) -> bool:
    return isinstance(thing, torch.Tensor) and type(thing) is not SimTensor and thing.dim() == 0


def _refuse_numpy() -> NoReturn:
    raise TypeError(
        f"can't convert {NAME}:0 device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory first."
    )


_CpuGenerator = torch.Generator


_generators: set[int] = set()  # those of the device, by address: an operation gets another Python object


class SimGenerator(_CpuGenerator):
    """A random number generator of the device; its numbers are those of the CPU's."""

    def __init__(self) -> None:
        address: int = self._cdata  # type: ignore[attr-defined]  # not in torch's stubs
        _generators.add(address)
        weakref.finalize(self, _generators.discard, address)

    @property
    def device(self) -> torch.device:  # type: ignore[override]  # an attribute in torch's stubs
        """The simulated device."""
        return torch.device(NAME, 0)


class _AnyGenerator(type(_CpuGenerator)):  # type: ignore[misc]  # torch's metaclass has no public name
    """Calls itself a class of every generator, and makes those of the device as well."""

    def __call__(cls, device: Any = "cpu") -> torch.Generator:
        return SimGenerator() if torch.device(device).type == NAME else _CpuGenerator(device)

    def __instancecheck__(cls, thing: object) -> bool:
        return isinstance(thing, _CpuGenerator)


class Generator(_CpuGenerator, metaclass=_AnyGenerator):
    """In the place of torch.Generator, which knows no device that is written in Python."""
