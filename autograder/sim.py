"""`sim`: a device that computes on the CPU and otherwise behaves like an accelerator.

    import torch
    from autograder import sim

    sim.enable()
    X = torch.ones(3, 2, device="sim")
    X + torch.ones(3, 2)        # RuntimeError: Expected all tensors to be on the same device, ...
    X.numpy()                   # TypeError: can't convert sim:0 device type tensor to numpy. ...

Code that gives equal results on this device and on the CPU is device-agnostic, as far as it was run. No GPU is needed.

How it works: torch lets Python code implement a device under the dispatch key "PrivateUse1". A tensor of this
device is a wrapper, without memory of its own, around a CPU tensor. Torch passes every operation on it, below
autograd, to `_compute`, which refuses mixed devices, computes on the CPU tensors, and wraps the result. Functions
that create a tensor (`torch.zeros(2, device="sim")`) reach `_compute` by a fallback for the key.

A process that knows this device cannot differentiate on CUDA: torch has one accelerator in a process, and asks this
one for its streams.

The module needs only torch. Torch's interface for such devices is experimental: 2.11 and 2.13 were tried.
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

# These operations copy data between devices, so they accept tensors of two devices, as on CUDA.
_COPIES = {"aten::copy_", "aten::_to_copy", "aten::_copy_from", "aten::_copy_from_and_resize"}
# The index tensors of these operations may lie on the CPU, whatever device the indexed tensor is on.
_INDEXES = {"aten::index", "aten::index_put", "aten::index_put_", "aten::_index_put_impl_"}
# These work element by element, beside those that torch marks so.
_ELEMENTWISE = {"mse_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits", "smooth_l1_loss", "huber_loss"}
_libraries: list[torch.library.Library] = []  # torch drops a library's kernels when it is collected


def enable() -> torch.device:
    """Make the device available for the rest of this process; returns `torch.device("sim", 0)`."""
    register()
    _Module.available = True
    return torch.device(NAME, 0)


@functools.cache
def register() -> None:
    """Register the device with torch: it works, but `torch.accelerator.is_available()` is False until `enable()`.

    Call it before the first backward pass of the process, because torch counts the devices then. It runs no
    operation, so a process that is forked afterwards can still run backward passes.
    """
    _setup_privateuseone_for_python_backend(NAME, backend_module=_Module())
    everything = torch.library.Library("_", "IMPL")
    everything.fallback(lambda operation, *arguments, **options: _compute(operation, arguments, options), "PrivateUse1")
    copying = torch.library.Library("aten", "IMPL")
    copying.impl("copy_", _copy, "PrivateUse1")  # torch.tensor(..., device="sim") calls this below the wrapper
    _libraries.extend((everything, copying))
    torch.Generator = Generator  # type: ignore[misc]  # torch's own class knows no such device


def registered() -> bool:
    """Whether torch knows the device in this process."""
    return bool(_libraries)


class _Module(_DummyBackendModule):
    """The module `torch.sim`, through which torch asks about the device."""

    available = False

    def is_available(self) -> bool:
        return self.available


class SimTensor(torch.Tensor):
    """A tensor on the simulated device. `inner` holds its elements, on the CPU and without a gradient."""

    inner: torch.Tensor  # type: ignore[assignment]  # hides torch's method of this name

    @staticmethod
    def __new__(cls: type[SimTensor], inner: torch.Tensor, *, requires_grad: bool = False) -> SimTensor:
        """Make a wrapper that has the shape, strides and dtype of `inner`."""
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

    # Reading it gives the same elements without the graph; assigning to it replaces the elements.
    data = property(torch.Tensor.data.__get__, _assign_data)  # type: ignore[attr-defined]

    __torch_function__ = torch._C._disabled_torch_function_impl  # type: ignore[assignment]  # as torch documents it

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]  # our names for torch's four parameters
        cls, operation: OpOverload, types: Any, arguments: tuple[Any, ...] = (), options: dict[str, Any] | None = None
    ) -> Any:
        """Run one operation on a SimTensor; torch calls this below autograd."""
        return _compute(operation, arguments, options or {})

    def numpy(self, *, force: bool = False) -> Any:
        """Raise TypeError, as CUDA tensors do, unless `force` is set."""
        return self.detach().cpu().numpy() if force else _refuse_numpy()

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        """Raise TypeError: numpy cannot read this device."""
        _refuse_numpy()

    def tolist(self) -> Any:
        """The elements as Python numbers."""
        return self.detach().cpu().tolist()

    def __deepcopy__(self, memo: dict[int, Any]) -> SimTensor:
        """A new leaf tensor with the same elements; `copy.deepcopy` of a model needs it."""
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
        """The address of the first element."""
        return self.inner.data_ptr()

    def __format__(self, specification: str) -> str:
        """Format a tensor without dimensions as the number in it, as torch does."""
        return format(self.item(), specification) if self.dim() == 0 else super().__format__(specification)

    def __repr__(self, **_: Any) -> str:  # type: ignore[override]  # torch passes keyword arguments
        """The text that torch writes for a tensor on a device."""
        about = [f"device='{self.device}'"]
        if self.grad_fn is not None:
            about.append(f"grad_fn=<{type(self.grad_fn).__name__}>")
        elif self.requires_grad:
            about.append("requires_grad=True")
        written = f"{repr(self.inner)[:-1]}, {', '.join(about)})"
        return f"Parameter containing:\n{written}" if isinstance(self, torch.nn.Parameter) else written


class _Traits(NamedTuple):
    """An operation: the arguments that it writes to, by position and name, and which mixed devices it accepts.

    `name` has no namespace and no final underscore; `parameters` are the names of its arguments.
    """

    name: str
    parameters: tuple[str, ...]
    written: tuple[tuple[int, str], ...]
    copies: bool
    indexes: bool
    elementwise: bool


@functools.cache
def _traits(operation: OpOverload) -> _Traits:
    schema = operation._schema
    written = tuple(
        (position, argument.name)
        for position, argument in enumerate(schema.arguments)
        if argument.alias_info is not None and argument.alias_info.is_write
    )
    name = schema.name.removeprefix("aten::").removesuffix("_")
    return _Traits(
        name,
        tuple(argument.name for argument in schema.arguments),
        written,
        schema.name in _COPIES,
        schema.name in _INDEXES,
        torch.Tag.pointwise in operation.tags or name in _ELEMENTWISE,
    )


def _compute(operation: OpOverload, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """Run an operation of the device on the CPU."""
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
    """An argument, with each wrapper replaced by its inner tensor."""
    kind = type(thing)
    if kind is SimTensor:
        return thing.inner
    return kind(map(_inside, thing)) if kind is list or kind is tuple else thing


def _outside(answer: Any, known: dict[int, SimTensor]) -> Any:
    """A result with its tensors wrapped; a tensor that was written to keeps its wrapper from `known`."""
    if isinstance(answer, torch.Tensor):
        return known[id(answer)] if id(answer) in known else SimTensor(answer)
    kind = type(answer)
    return kind(_outside(each, known) for each in answer) if kind is list or kind is tuple else answer


def _follow(wrapper: SimTensor) -> None:
    """Give a wrapper the present shape of its inner tensor."""
    inner = wrapper.inner
    if (wrapper.shape, wrapper.stride()) != (inner.shape, inner.stride()):
        wrapper.data = SimTensor(inner)


def _copy(self: torch.Tensor, source: torch.Tensor, non_blocking: bool = False) -> torch.Tensor:
    """`copy_`, from or to the device."""
    plain = [thing.inner if isinstance(thing, SimTensor) else thing for thing in (self, source)]
    plain[0].copy_(plain[1], non_blocking)
    return self


def _refuse_a_mixture(traits: _Traits, arguments: tuple[Any, ...], options: dict[str, Any], on_cpu: int) -> None:
    """Raise CUDA's error for tensors of two devices; a CPU tensor without dimensions counts as a number."""
    first_is_here = bool(arguments) and type(arguments[0]) is SimTensor
    if traits.indexes:
        if first_is_here:
            return
        raise RuntimeError("indices should be either on cpu or on the same device as the indexed tensor (cpu)")
    numbers = sum(_is_a_number(thing) for thing in (*arguments, *options.values()))
    written_to = bool(arguments) and bool(traits.written) and not first_is_here
    if numbers < on_cpu or written_to:
        raise RuntimeError(_refusal(traits, arguments, options))


def _refusal(traits: _Traits, arguments: tuple[Any, ...], options: dict[str, Any]) -> str:
    """CUDA's words: those of all elementwise operations, or of one that compares its arguments one by one."""
    if traits.name == "masked_fill":
        own, mask = (thing.device for thing in _tensors(arguments[:2]))
        return f"expected self and mask to be on the same device, but got mask on {mask} and self on {own}"
    expected = "Expected all tensors to be on the same device, but"
    if traits.elementwise:
        return f"{expected} found at least two devices, {NAME}:0 and cpu!"
    named = [*zip(traits.parameters, arguments, strict=False), *options.items()]
    if traits.name == "mv":  # which CUDA computes as a sum with what lies where the vector does
        named = [named[1], ("mat", named[0][1])]
    placed = [(name, tensor.device) for name, thing in named for tensor in _tensors([thing])]
    name, device = next(each for each in placed if each[1] != placed[0][1])
    return (
        f"{expected} got {name} is on {device}, different from other tensors on {placed[0][1]} (when checking argument "
        f"in method wrapper_{NAME.upper()}_{traits.name})"
    )


def _is_a_number(thing: Any) -> bool:
    return isinstance(thing, torch.Tensor) and type(thing) is not SimTensor and thing.dim() == 0


def _refuse_numpy() -> NoReturn:
    raise TypeError(
        f"can't convert {NAME}:0 device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory first."
    )


_CpuGenerator = torch.Generator


_generators: set[int] = set()  # addresses of the device's generators: an operation gets another Python object


class SimGenerator(_CpuGenerator):
    """A random number generator of the device; it gives the same numbers as the CPU's generator."""

    def __init__(self) -> None:
        address: int = self._cdata  # type: ignore[attr-defined]  # not in torch's stubs
        _generators.add(address)
        weakref.finalize(self, _generators.discard, address)

    @property
    def device(self) -> torch.device:  # type: ignore[override]  # an attribute in torch's stubs
        """The simulated device."""
        return torch.device(NAME, 0)


class _AnyGenerator(type(_CpuGenerator)):  # type: ignore[misc]  # torch's metaclass has no public name
    """Makes generators of every device, and makes `isinstance` true for all of them."""

    def __call__(cls, device: Any = "cpu") -> torch.Generator:
        return SimGenerator() if torch.device(device).type == NAME else _CpuGenerator(device)

    def __instancecheck__(cls, thing: object) -> bool:
        return isinstance(thing, _CpuGenerator)


class Generator(_CpuGenerator, metaclass=_AnyGenerator):
    """Replaces torch.Generator, which does not support devices that are written in Python."""
