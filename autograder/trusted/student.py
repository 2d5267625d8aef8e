"""The student's functions and models as a check sees them: called like any other, answered by data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autograder.errors import StudentError
from autograder.trusted.source_code import Definitions
from autograder.wire.messages import Call, Described, Inspect, Returned, SetParameters
from autograder.wire.values import Handle, Value, ValueRejected, decode, encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from autograder.trusted.executed import ExecutedNotebook


class Student:
    """What one student's notebook defines.

    `student.update(w, x, y)` calls the student's `update` in the worker. Arguments travel as copies,
    so a function that changes them changes nothing here; `arguments` then holds them as they were
    after the latest call. Tensors come back as new leaf tensors with values, dtype, device,
    requires_grad and, for arguments, `.grad`. A model comes back as a RemoteModule.

    All calls together may last as long as one cell: a Student is made for one check.

    Every call raises StudentError where the student's code raises, and WorkerLost where it loops,
    crashes or eats all memory; a check lets both pass.
    """

    def __init__(self, notebook: ExecutedNotebook) -> None:
        self._notebook = notebook
        self._seconds_left = notebook.seconds
        self.arguments: tuple[Any, ...] = ()
        self.transcript: list[Any] = []  # every answer of this student's, in order, as it came

    def __getattr__(self, name: str) -> RemoteFunction:
        if name.startswith("_"):
            raise AttributeError(name)
        return RemoteFunction(self, name)

    @property
    def code(self) -> Definitions:
        """The text of what the notebook defines, for the few exercises that forbid a short cut."""
        return Definitions(cell.source for cell in self._notebook.cells)  # one house

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
        reply = self._ask(lambda number: Call(number, name, values, named, target=target, backward=backward))
        if not isinstance(reply, Returned):
            raise self._notebook.garbled("another kind of answer was due")
        if len(reply.arguments) != len(arguments):
            raise self._notebook.garbled("it came back with other arguments")
        self.arguments = tuple(self._decode(value) for value in reply.arguments)
        return self._decode(reply.value)

    def describe(self, target: int) -> Description:
        """What the module that is held as `target` consists of."""
        reply = self._ask(lambda number: Inspect(number, target))
        if not isinstance(reply, Described):
            raise self._notebook.garbled("another kind of answer was due")
        return Description(
            reply.is_module,
            {name: self._decode(value) for name, value in reply.parameters.items()},
            {name: self._decode(value) for name, value in reply.buffers.items()},
            reply.training,
        )

    def set_parameters(self, target: int, values: dict[str, Tensor]) -> None:
        """Copy values into the parameters of the module that is held as `target`."""
        sent = {name: encode(value, self) for name, value in values.items()}
        self._ask(lambda number: SetParameters(number, target, sent))

    def _ask(self, make_request: Callable[[int], Any]) -> Any:
        try:
            reply, seconds = self._notebook.ask(make_request, self._seconds_left)
        except StudentError as error:
            self.transcript.append(error.kind)
            raise
        self._seconds_left -= seconds
        self.transcript.append(reply)
        return reply

    # --- the Holder of autograder.wire.values ------------------------------------------------------

    def hold(self, thing: object) -> Value:
        """A model travels as the handle of the student's own object."""
        if isinstance(thing, RemoteModule):
            return thing.handle
        raise TypeError(f"a check can pass numbers, text, containers, tensors and models, but no {type(thing)}")

    def held(self, value: Handle) -> object:
        """A handle becomes something to call and to describe."""
        return RemoteModule(self, value)

    def _decode(self, value: Value) -> Any:
        try:
            return decode(value, self)
        except ValueRejected as why:
            raise self._notebook.garbled(str(why)) from why


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
    """A module's parameters (with `.grad`) and buffers by name, and each submodule's training mode."""

    is_module: bool
    parameters: dict[str, Tensor]
    buffers: dict[str, Tensor]
    training: dict[str, bool]


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
