"""The student's functions and models as a check sees them: called like any other, answered by data."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from msgspec import structs

from autograder.errors import CheckFailure
from autograder.trusted.checking.compare import kind_of, quoted
from autograder.wire.messages import Call, Described, Inspect, Returned, SetParameters
from autograder.wire.values import Handle, TensorData, Value, ValueRejected, decode, encode

if TYPE_CHECKING:
    from torch import Tensor

    from autograder.trusted.checking.recorded_calls import RecordedCalls


CPU, SIM, CUDA = "cpu", "sim", "cuda"
_CALLED = {CPU: "the CPU", SIM: "a simulated accelerator", CUDA: "the GPU"}

_ELSEWHERE = "What `{}` returns lies on {}, though what it was given lies on {}: it should follow its arguments."
_WITHOUT_VALUES = (
    "The model's parameter {} has no values that can be looked at: it is {}. Make it a plain tensor of floats in "
    "__init__, as torch.nn.Linear(num_features, 1) does."
)
_DEFAULT_CHANGED = (
    "`{}` changes the device on which PyTorch makes every tensor from then on (torch.set_default_device), and "
    "leaves it so: name the device where a tensor is made instead."
)


class Student:
    """What one student's notebook defines.

    `student.update(w, x, y)` calls the student's `update` in the worker. Arguments travel as copies,
    so a function that changes them changes nothing here; `arguments` then holds them as they were
    after the latest call. Tensors come back as new leaf tensors with values, dtype, device,
    requires_grad and, for arguments, `.grad`. A model comes back as a RemoteModule.

    On this side every tensor lies on the CPU; where it lies over there is a name on the wire. A check of
    devices says `student.on("sim").update(w, x, y)`: the arguments are put there, and the answer must come
    from there.

    Every call raises StudentError where the student's code raises, WorkerLost where it loops, crashes or
    eats all memory, and CheckFailure where the answer lies on another device; a check lets all of them pass.
    """

    def __init__(self, calls: RecordedCalls) -> None:
        self._calls = calls
        self._device = CPU  # where tensors go, and are to come from
        self._accelerator = CPU  # what is made ready beside the CPU
        self._elsewhere = ""  # a device that is not `_device`, on which a part of the latest answer lies
        self.arguments: tuple[Any, ...] = ()

    def on(self, device: str) -> Student:
        """This student, whose functions are called with tensors that lie on `device`, such as "sim" or "cuda"."""
        there = self if device == CPU else self.beside(device)
        return there._with(_device=device)

    def beside(self, device: str) -> Student:
        """This student, whose functions are called with tensors on the CPU while `device` is there, too."""
        return self._with(_accelerator=device)

    def _with(self, **attributes: str) -> Student:
        """This student, in the same calls, with these attributes."""
        other = copy.copy(self)
        other.__dict__.update(attributes)
        return other

    def __getattr__(self, name: str) -> RemoteFunction:
        if name.startswith("_"):
            raise AttributeError(name)
        return RemoteFunction(self, name)

    @property
    def code(self) -> Code:
        """The text of what the notebook defines, for the few exercises that forbid a short cut."""
        return Code(self._calls)

    def call(
        self,
        name: str,
        arguments: tuple[Any, ...],
        keywords: dict[str, Any] | None = None,
        *,
        target: int | None = None,
        backward: bool = False,
    ) -> Any:
        """Call a function by name, or a method (or, without a name, the object itself) of a held object."""
        values = tuple(encode(argument, self) for argument in arguments)
        named = {key: encode(value, self) for key, value in (keywords or {}).items()}
        reply = self._calls.ask(Call(name, values, named, target=target, backward=backward, device=self._accelerator))
        if not isinstance(reply, Returned):
            raise self._calls.notebook.garbled("another kind of answer was due")
        if len(reply.arguments) != len(arguments):
            raise self._calls.notebook.garbled("it came back with other arguments")
        self.arguments = tuple(self._decode(value) for value in reply.arguments)
        self._elsewhere = ""
        answer = self._decode(reply.value)
        if self._elsewhere:
            raise CheckFailure(_ELSEWHERE.format(name or "the model", called(self._elsewhere), called(self._device)))
        if not _is_on(reply.default_device, CPU):
            raise CheckFailure(_DEFAULT_CHANGED.format(name or "the model"))
        return answer

    def describe(self, target: int) -> Description:
        """What the module that is held as `target` consists of.

        Raises CheckFailure where a parameter has no values that can be compared.
        """
        reply = self._calls.ask(Inspect(target))
        if not isinstance(reply, Described):
            raise self._calls.notebook.garbled("another kind of answer was due")
        parameters = {name: self._decode(value) for name, value in reply.parameters.items()}
        for name, value in parameters.items():
            if not isinstance(value, torch.Tensor):
                raise CheckFailure(_WITHOUT_VALUES.format(quoted(name), kind_of(value)))
        kept = {**reply.parameters, **reply.buffers}
        places = {name: value.device for name, value in kept.items() if isinstance(value, TensorData)}
        return Description(
            reply.is_module,
            parameters,
            {name: self._decode(value) for name, value in reply.buffers.items()},
            reply.training,
            {name: place.partition(":")[0] for name, place in places.items()},
        )

    def set_parameters(self, target: int, values: dict[str, Tensor]) -> None:
        """Copy values into the parameters of the module that is held as `target`."""
        sent = {name: encode(value, self) for name, value in values.items()}
        self._calls.ask(SetParameters(target, sent))

    # --- the Holder of autograder.wire.values ------------------------------------------------------

    def hold(self, thing: object) -> Value:
        """A model travels as the handle of the student's own object."""
        if isinstance(thing, RemoteModule):
            return thing.handle
        if isinstance(thing, Lying):
            tensor = encode(thing.tensor, self)
            assert isinstance(tensor, TensorData)
            return structs.replace(tensor, device=thing.device)
        raise TypeError(f"a check can pass numbers, text, containers, tensors and models, but no {type(thing)}")

    def held(self, value: Handle) -> object:
        """A handle becomes something to call and to describe."""
        return RemoteModule(self, value)

    def device_of(self, tensor: Tensor) -> str:
        """Where the student gets a tensor: on the device that the check is about."""
        return self._device

    def placed(self, tensor: Tensor, device: str) -> Tensor:
        """The tensor as it is; that it lies elsewhere over there is noted."""
        if not _is_on(device, self._device):
            self._elsewhere = device
        return tensor

    def _decode(self, value: Value) -> Any:
        try:
            return decode(value, self)
        except ValueRejected as why:
            raise self._calls.notebook.garbled(str(why)) from why


@dataclass(frozen=True)
class Lying:
    """A tensor that a function is to get on a `device` of its own, wherever the other arguments lie."""

    tensor: Tensor
    device: str


class Code:
    """The text of the student's definitions: what Definitions answers becomes part of the calls."""

    def __init__(self, calls: RecordedCalls) -> None:
        self._calls = calls

    def has_loop(self, name: str) -> bool:
        """Whether `name`, or a function of the notebook that it calls, loops in Python."""
        return bool(self._calls.read("has_loop", name))

    def names_used(self, name: str) -> frozenset[str]:
        """Every identifier in `name` and in what it calls."""
        names: frozenset[str] = self._calls.read("names_used", name)
        return names

    def uses_attribute(self, name: str, attribute: str) -> bool:
        """Whether `name`, or what it calls, uses something as `.attribute` or has imported it by that name."""
        return bool(self._calls.read("uses_attribute", name, attribute))


class RemoteFunction:
    """A function (or class) of the student's; calling it runs it in the worker."""

    def __init__(self, student: Student, name: str) -> None:
        self._student = student
        self.name = name

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """The student's answer."""
        return self._student.call(self.name, arguments, keywords)

    def differentiate(self, *arguments: Any) -> tuple[Any, tuple[Tensor | None, ...]]:
        """Call it, and differentiate the sum of its result by autograd, in the worker.

        Returns the result, and for each argument the gradient (None where there is none).
        """
        result = self._student.call(self.name, arguments, backward=True)
        return result, tuple(getattr(argument, "grad", None) for argument in self._student.arguments)


@dataclass(frozen=True)
class Description:
    """A module's parameters (with `.grad`) and buffers by name, each submodule's training mode, and where they lie.

    `devices` has the kind of device, such as "sim", of each parameter and buffer.
    """

    is_module: bool
    parameters: dict[str, Tensor]
    buffers: dict[str, Tensor]
    training: dict[str, bool]
    devices: dict[str, str]


class RemoteModule:
    """A torch.nn.Module of the student's, which lives in the worker.

    It can be called, moved (`to`), switched (`train`, `eval`), described, and passed to another
    function of the student's; every other attribute is a method to call.
    """

    def __init__(self, student: Student, handle: Handle) -> None:
        self._student = student
        self.handle = handle

    def __call__(self, *arguments: Any) -> Any:
        """What the model's forward gives."""
        return self._student.call("", arguments, target=self.handle.number)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *arguments, **keywords: self._student.call(name, arguments, keywords, target=self.handle.number)

    def differentiate(self, *arguments: Any) -> tuple[Any, dict[str, Tensor | None]]:
        """Call it, differentiate the sum of the result, and read each parameter's gradient."""
        result = self._student.call("", arguments, target=self.handle.number, backward=True)
        return result, {name: value.grad for name, value in self.describe().parameters.items()}

    def describe(self) -> Description:
        """Its parameters, buffers and training modes as they are now."""
        return self._student.describe(self.handle.number)

    def set_parameters(self, **values: Tensor) -> None:
        """Copy values into parameters, by name; dots in a name are written as in `**{"a.b": value}`."""
        self._student.set_parameters(self.handle.number, values)


def called(device: str) -> str:
    """A device in words that a student reads."""
    kind = device.partition(":")[0]
    return _CALLED.get(kind, f"the device {kind}")


def _is_on(name: str, device: str) -> bool:
    """Whether a device's name, such as "sim:0", means `device`, such as "sim"."""
    return name.partition(":")[0] == device
