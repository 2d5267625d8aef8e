"""The student's functions and models as a check sees them: the check calls them, and gets plain data back."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from msgspec import structs

from autograder.errors import CheckFailure
from autograder.trusted.comparing.compare import kind_of, quoted
from autograder.wire.arrays import ValueRejected
from autograder.wire.messages import Call, Described, Inspect, Returned, SetParameters, WatchCall, Watched
from autograder.wire.values import Handle, TensorData, Value, decode, encode, is_tensor

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from torch import Tensor

    from autograder.trusted.checking.recorded_calls import RecordedCalls
    from autograder.wire.figures import Figure


CPU, SIM, CUDA = "cpu", "sim", "cuda"
_CALLED = {CPU: "the CPU", SIM: "a simulated accelerator", CUDA: "the GPU"}

_ELSEWHERE = "What `{}` returns lies on {}, though what it was given lies on {}: it should follow its arguments."
_TO_THE_CPU = (
    "Something was made on the CPU, where torch.zeros or torch.tensor make theirs unless a device is named, or was "
    "brought there, as by .cpu()."
)
_WITHOUT_VALUES = (
    "The model's parameter {} has no values that can be looked at: it is {}. Make it a plain tensor of floats in "
    "__init__, as torch.nn.Linear(num_features, 1) does."
)
_ONLY_WRITTEN = "`{}`: its code has {}, but a call was not seen to use it: look whether the answer relies on it."
# What runs where the watch sees nothing: it is switched off, or no call of torch's from Python.
_UNWATCHED = frozenset({
    "DisableTorchFunction", "DisableTorchFunctionSubclass", "_C", "compile", "ctypes", "jit", "scipy",
})  # fmt: skip
_DEFAULT_CHANGED = (
    "`{}` changes the device on which PyTorch makes every tensor from then on (torch.set_default_device), and "
    "leaves it so: name the device where a tensor is made instead."
)


class Student:
    """The functions and classes that one student's notebook defines.

    `student.update(w, x, y)` calls the student's `update` in the worker. The worker gets copies of the
    arguments, so a function cannot change the originals; `arguments` holds the copies as they were
    after the latest call. Tensors come back as new leaf tensors with values, dtype, device,
    requires_grad and, for arguments, `.grad`. A model comes back as a RemoteModule.

    On this side every tensor lies on the CPU; only its device's name is sent. A check of devices calls
    `student.on("sim").update(w, x, y)`: the worker puts the arguments on that device, and the answer must
    lie on it.

    Every call raises StudentError if the student's code raises, WorkerLost if it loops, crashes or runs
    out of memory, and CheckFailure if the answer lies on another device; a check catches none of them.
    """

    def __init__(self, calls: RecordedCalls) -> None:
        self._calls = calls
        self._device = CPU  # where arguments are put, and answers must lie
        self._accelerator = CPU  # the accelerator that is made ready beside the CPU
        self._elsewhere = ""  # a wrong device on which a part of the latest answer lies; "" for none
        self.arguments: tuple[Any, ...] = ()

    def on(self, device: str) -> Student:
        """This student, with calls whose tensor arguments lie on `device`, such as "sim" or "cuda"."""
        there = self if device == CPU else self.beside(device)
        return there._with(_device=device)

    def beside(self, device: str) -> Student:
        """This student, with calls whose tensor arguments lie on the CPU while `device` is available as well."""
        return self._with(_accelerator=device)

    def _with(self, **attributes: str) -> Student:
        """A copy that shares the recorded calls and has these attributes."""
        other = copy.copy(self)
        other.__dict__.update(attributes)
        return other

    def __getattr__(self, name: str) -> RemoteFunction:
        if name.startswith("_"):
            raise AttributeError(name)
        return RemoteFunction(self, name)

    @property
    def code(self) -> Code:
        """The source code of the notebook's definitions, for the few exercises that forbid a short cut."""
        return Code(self._calls)

    def call(
        self,
        name: str,
        arguments: tuple[Any, ...],
        keywords: dict[str, Any] | None = None,
        *,
        target: int | None = None,
        backward: bool = False,
        figures: bool = False,
    ) -> Any:
        """Call a function by name; with `target`, call a method of an object in the worker, or the object itself."""
        values = tuple(encode(argument, self) for argument in arguments)
        named = {key: encode(value, self) for key, value in (keywords or {}).items()}
        reply = self._calls.ask(
            Call(
                name,
                values,
                named,
                target=target,
                backward=backward,
                device=self._accelerator,
                figures=figures,
            )
        )
        if not isinstance(reply, Returned):
            raise self._calls.notebook.garbled("another kind of answer was due")
        if len(reply.arguments) != len(arguments):
            raise self._calls.notebook.garbled("it came back with other arguments")
        self.arguments = tuple(self._decode(value) for value in reply.arguments)
        self._elsewhere = ""
        answer = self._decode(reply.value)
        if self._elsewhere:
            where = _ELSEWHERE.format(name or "the model", called(self._elsewhere), called(self._device))
            raise CheckFailure(where, advice=_TO_THE_CPU if self._elsewhere == CPU else "")
        if not _is_on(reply.default_device, CPU):
            raise CheckFailure(_DEFAULT_CHANGED.format(name or "the model"))
        return answer

    def functions_seen(self, name: str, arguments: tuple[Any, ...], among: Iterable[str]) -> frozenset[str]:
        """Which of torch's functions `among` a call of a function goes through, as far as the worker has seen.

        The worker may be silent or lie: nothing that is missing here says anything for the student.
        """
        call = Call(name, tuple(encode(argument, self) for argument in arguments), device=self._accelerator, echo=False)
        reply = self._calls.ask(WatchCall(call, tuple(sorted(among))))
        if not isinstance(reply, Watched):
            raise self._calls.notebook.garbled("another kind of answer was due")
        return frozenset(reply.seen) & frozenset(among)

    def leave_to_a_person(self, sentence: str) -> None:
        """Have a person look at this: the sentence stands in the record, under "to be looked at"."""
        self._calls.needs_review.append(sentence)

    def describe(self, target: int) -> Description:
        """What the module that is held as `target` consists of.

        Raises CheckFailure where a parameter has no values that can be compared.
        """
        reply = self._calls.ask(Inspect(target))
        if not isinstance(reply, Described):
            raise self._calls.notebook.garbled("another kind of answer was due")
        parameters = {name: self._decode(value) for name, value in reply.parameters.items()}
        for name, value in parameters.items():
            if not is_tensor(value):
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
        """Copy values into the parameters of the module that the worker holds as `target`."""
        sent = {name: encode(value, self) for name, value in values.items()}
        self._calls.ask(SetParameters(target, sent))

    # --- the Holder of autograder.wire.values ------------------------------------------------------

    def hold(self, thing: object) -> Value:
        """A model is sent as the handle of the student's object."""
        if isinstance(thing, RemoteModule):
            return thing.handle
        if isinstance(thing, Lying):
            tensor = encode(thing.tensor, self)
            assert isinstance(tensor, TensorData)
            return structs.replace(tensor, device=thing.device)
        raise TypeError(f"a check can pass numbers, text, containers, tensors and models, but no {type(thing)}")

    def held(self, value: Handle) -> object:
        """A handle becomes a RemoteModule."""
        return RemoteModule(self, value)

    def device_of(self, tensor: Tensor) -> str:
        """The device on which the worker puts a tensor: the one that the check is about."""
        return self._device

    def placed(self, tensor: Tensor, device: str) -> Tensor:
        """The tensor itself; a wrong `device` is recorded, and the call then fails."""
        if not _is_on(device, self._device):
            self._elsewhere = device
        return tensor

    def _decode(self, value: Value) -> Any:
        try:
            return decode(value, self)
        except ValueRejected as why:
            raise self._calls.notebook.garbled("it contradicts itself") from why


@dataclass(frozen=True)
class Lying:
    """An argument that the worker puts on `device`, whatever device the other arguments are on."""

    tensor: Tensor
    device: str


class Code:
    """The source code of the student's definitions; what a check learns from it is recorded with the calls."""

    def __init__(self, calls: RecordedCalls) -> None:
        self._calls = calls

    def has_loop(self, name: str) -> bool:
        """Whether `name`, or a function of the notebook that it calls, loops in Python."""
        return bool(self._calls.read("has_loop", name))

    def words_used(self, name: str, *words: str) -> frozenset[str]:
        """Those of the words that are identifiers in `name` or in what it calls, and not the notebook's own.

        `.word` counts only where it is used like this, or imported as `word`.
        """
        found: frozenset[str] = self._calls.read("words_used", name, *sorted(words))
        return found


class RemoteFunction:
    """A function or class of the student; calling it runs it in the worker."""

    def __init__(self, student: Student, name: str) -> None:
        self._student = student
        self.name = name

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Call it, and return the student's answer."""
        return self._student.call(self.name, arguments, keywords)

    def draws(self, *arguments: Any, **keywords: Any) -> list[Figure]:
        """Call it, and return what pyplot's figures show then, whatever it returns.

        A function that returns its figure, or axes of it, answers a plain call with a Figure.
        """
        figures: list[Figure] = self._student.call(self.name, arguments, keywords, figures=True)
        return figures

    def goes_through(self, *arguments: Any, among: Iterable[str]) -> bool:
        """Whether a call is seen to go through one of torch's functions `among`, whatever they are called by there.

        Beside torch's own names, "torch.nn" stands for all that is in it, and "requires_grad" for autograd at work.
        Only True says something: the student's code can hide from this, as it can from `Student.code`.
        """
        return bool(self._student.functions_seen(self.name, arguments, among))

    def relies_on(
        self,
        *arguments: Any,
        among: Iterable[str],
        names: Collection[str] = (),
        attributes: Collection[str] = (),
    ) -> bool:
        """Whether a call is seen to go through one of torch's functions `among`; see goes_through.

        Where it is not, but the text has one of `names`, or one of `attributes` after a dot, that may stand where
        nothing runs. This is left to a person and no reason to dock a mark, unless the text also has something that
        cannot be watched.
        """
        after_a_dot = {f".{word}" for word in attributes}
        used = self._student.code.words_used(self.name, *names, *after_a_dot, *_UNWATCHED)
        written = used & frozenset(names) | {word.removeprefix(".") for word in used & after_a_dot}
        if written and used & _UNWATCHED:
            return True
        if self.goes_through(*arguments, among=among):
            return True
        if written:
            listed = ", ".join(f"`{word}`" for word in sorted(written))
            self._student.leave_to_a_person(_ONLY_WRITTEN.format(self.name, listed))
        return False

    def differentiate(self, *arguments: Any) -> tuple[Any, tuple[Tensor | None, ...]]:
        """Call it in the worker, and differentiate the sum of its result by autograd.

        Returns the result, and the gradient of each argument (None if it has none).
        """
        result = self._student.call(self.name, arguments, backward=True)
        return result, tuple(getattr(argument, "grad", None) for argument in self._student.arguments)


@dataclass(frozen=True)
class Description:
    """A module's parameters (with `.grad`) and buffers by name, each submodule's training mode, and the devices.

    `devices` has the kind of device, such as "sim", of each parameter and buffer.
    """

    is_module: bool
    parameters: dict[str, Tensor]
    buffers: dict[str, Tensor]
    training: dict[str, bool]
    devices: dict[str, str]


class RemoteModule:
    """A torch.nn.Module of the student, which stays in the worker.

    It can be called, moved (`to`), switched (`train`, `eval`), described, and passed to another
    function of the student; every other attribute is a method to call.
    """

    def __init__(self, student: Student, handle: Handle) -> None:
        self._student = student
        self.handle = handle

    def __call__(self, *arguments: Any) -> Any:
        """Call the model, and return its output."""
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
        """Describe its current parameters, buffers and training modes."""
        return self._student.describe(self.handle.number)

    def set_parameters(self, **values: Tensor) -> None:
        """Copy values into parameters, by name; pass a name with dots as in `**{"a.b": value}`."""
        self._student.set_parameters(self.handle.number, values)


def called(device: str) -> str:
    """The name of a device, in words for a student."""
    kind = device.partition(":")[0]
    return _CALLED.get(kind, f"the device {kind}")


def _is_on(name: str, device: str) -> bool:
    """Whether a device's name, such as "sim:0", means `device`, such as "sim"."""
    return name.partition(":")[0] == device
