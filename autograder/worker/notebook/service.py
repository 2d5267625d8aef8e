"""The worker's service: runs the cells it is given, then calls what they defined, as it is asked.

This process belongs to the student's code. Nothing it says is believed on the other side.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import pyplot
from msgspec import structs

from autograder.wire.messages import (
    Call,
    CellRan,
    Described,
    ErrorReport,
    Inspect,
    Raised,
    ReferenceCall,
    ReferenceResult,
    Reply,
    Request,
    Returned,
    RunCells,
    SetParameters,
    Substitute,
    WatchCall,
    Watched,
)
from autograder.wire.values import Handle, Opaque, Value, decode, device_name, encode, is_tensor, torch_if_imported
from autograder.worker.notebook import accelerators
from autograder.worker.notebook.error_reports import report_of
from autograder.worker.notebook.last_definitions import LastDefinitions
from autograder.worker.notebook.substitutes import substitute

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeGuard

    import torch

    from autograder.wire.frames import Channel
    from autograder.worker.notebook.shell import NotebookShell

MAX_HELD = 10_000


class Service:
    """Answers one request after another about one notebook's namespace, until the wire is closed."""

    def __init__(self, channel: Channel, shell: NotebookShell) -> None:
        self._channel = channel
        self._shell = shell
        self._held: list[object] = []
        self._number = 0

    def serve(self) -> None:
        """Answer until the other side hangs up."""
        answers: dict[type, Callable[[Any], None]] = {
            RunCells: self._run_cells,
            Call: self._call,
            WatchCall: self._watch,
            Inspect: self._inspect,
            SetParameters: self._set_parameters,
            Substitute: self._substitute,
        }
        while True:
            try:
                request = self._channel.receive(Request)
            except EOFError:
                return
            self._number = self._channel.number
            answers[type(request)](request)

    # --- what travels as a handle (the Holder of autograder.wire.values) -------------------------

    def hold(self, thing: object) -> Value:
        """Keep a model, and send its handle; of anything else send the class's name."""
        if len(self._held) >= MAX_HELD:
            return Opaque(type(thing).__name__[:80], "too many objects")
        if _is_module(thing):
            self._held.append(thing)
            return Handle(len(self._held) - 1, type(thing).__name__[:80])
        return Opaque(type(thing).__name__[:80])

    def held(self, value: Handle) -> object:
        """The model that was kept."""
        return self._held[value.number]

    def device_of(self, tensor: torch.Tensor) -> str:
        """Where the tensor lies."""
        return device_name(tensor)

    def placed(self, tensor: torch.Tensor, device: str) -> torch.Tensor:
        """The tensor, moved to the device."""
        if device == "cpu":
            return tensor
        from autograder import sim

        return sim.SimTensor(tensor) if device.startswith(sim.NAME) else tensor.to(device)

    # --- requests --------------------------------------------------------------------------------

    def _run_cells(self, request: RunCells) -> None:
        self._shell.keep_outputs = request.keep_outputs
        if request.keep_outputs:
            self._shell.show_figures()
        _seed()
        shell, last = self._shell, len(request.cells) - 1
        definitions = LastDefinitions(request.exercises, shell.user_ns) if request.exercises else None
        for index, source in enumerate(request.cells):
            if index in request.skipped:
                ran = CellRan(index, ErrorReport("Skipped"))
            else:
                shell.noted = _noting(definitions, index, is_stub=index in request.stubs)
                error = shell.run_notebook_cell(index, source)
                ran = CellRan(index, error, tuple(shell.outputs), tuple(shell.lacking))
            if index == last and definitions is not None:
                ran = structs.replace(ran, put_back=definitions.put_back())
            self._reply(ran)
        shell.noted = None
        shell.keep_outputs = False

    def _call(self, request: Call) -> None:
        namespace = self._shell.user_ns
        if request.target is None and request.name not in namespace:
            self._reply(Raised(ErrorReport("NameError"), missing=True))
            return
        try:
            arguments, keywords = self._prepared(request)
            passed = [_containers_copied(argument) for argument in arguments]
            if request.figures:
                pyplot.close("all")
            with self._shell.captured():
                result = self._target(request)(*arguments, **keywords)
                if request.backward:
                    _backward(result)
            if request.figures:
                result = [pyplot.figure(number) for number in pyplot.get_fignums()]
                pyplot.close("all")
            default = accelerators.taken_back_default()
            values = tuple(encode(argument, self) for argument in passed) if request.echo else ()
            reply: Returned | Raised = Returned(encode(result, self), values, default)
        except BaseException as error:  # noqa: BLE001  # a student may raise SystemExit, or worse
            accelerators.taken_back_default()
            reply = Raised(report_of(error))
        self._reply(reply)

    def _watch(self, request: WatchCall) -> None:
        if torch_if_imported() is None:
            self._reply(Watched())
            return
        from autograder.worker.notebook.watch import Watch

        watch = Watch(request.among)
        try:
            arguments, keywords = self._prepared(request.call)
            target = self._target(request.call)
            with self._shell.captured(), watch:
                target(*arguments, **keywords)
        except BaseException:  # noqa: BLE001, S110  # what it comes to is the affair of a Call
            pass
        accelerators.taken_back_default()
        self._reply(Watched(tuple(sorted(watch.seen))))

    def _prepared(self, request: Call) -> tuple[list[Any], dict[str, Any]]:
        """A call's arguments, where all is ready for it."""
        accelerators.make_ready(request.device)
        _seed()
        arguments = [decode(value, self) for value in request.arguments]
        return arguments, {name: decode(value, self) for name, value in request.keywords.items()}

    def _target(self, request: Call) -> Any:
        if request.target is None:
            return self._shell.user_ns[request.name]
        thing = self._held[request.target]
        return getattr(thing, request.name) if request.name else thing

    def _inspect(self, request: Inspect) -> None:
        module = self._held[request.target]
        if not _is_module(module):
            self._reply(Described(is_module=False))
            return
        self._reply(
            Described(
                is_module=True,
                parameters={name: encode(value, self) for name, value in module.named_parameters()},
                buffers={name: encode(value, self) for name, value in module.named_buffers()},
                training={name: bool(part.training) for name, part in module.named_modules()},
            )
        )

    def _set_parameters(self, request: SetParameters) -> None:
        module = self._held[request.target]
        assert _is_module(module)
        import torch

        with torch.no_grad():
            for name, value in request.values.items():
                module.get_parameter(name).copy_(decode(value, self))
        self._reply(Returned())

    def _substitute(self, request: Substitute) -> None:
        make = _maker_of_substitutes()
        for name in request.names:
            self._shell.user_ns[name] = make(name, self._ask, module=name in request.modules)
        self._reply(Returned())

    def _ask(self, question: ReferenceCall) -> ReferenceResult:
        self._reply(question)
        answer: ReferenceResult = self._channel.receive(ReferenceResult)
        return answer

    def _reply(self, reply: Reply) -> None:
        self._channel.send(reply, number=self._number)


def _noting(definitions: LastDefinitions | None, index: int, *, is_stub: bool) -> Callable[[], None] | None:
    """What is called after each part of the cell `index`."""
    return None if definitions is None else lambda: definitions.note(index, is_stub=is_stub)


def _containers_copied(thing: Any) -> Any:
    """The very tensors that were passed, in lists of our own: a new tensor in the caller's list changes none."""
    if isinstance(thing, list | tuple):
        return type(thing)(_containers_copied(item) for item in thing)
    if isinstance(thing, dict):
        return {key: _containers_copied(item) for key, item in thing.items()}
    return thing


def _maker_of_substitutes() -> Callable[..., Any]:
    if torch_if_imported() is None:
        return substitute
    from autograder.worker.notebook.differentiable_substitutes import differentiable_substitute

    return differentiable_substitute


def _is_module(thing: object) -> TypeGuard[torch.nn.Module]:
    torch = torch_if_imported()
    return torch is not None and isinstance(thing, torch.nn.Module)


def _seed() -> None:
    """The same random numbers for each student, whatever was drawn before."""
    torch = torch_if_imported()
    if torch is not None:
        torch.default_generator.manual_seed(0)  # torch.manual_seed notes a stack trace for each kind of accelerator
    np.random.seed(0)
    random.seed(0)


def _backward(result: Any) -> None:
    """Differentiate the sum of a result, if there is anything to differentiate."""
    if is_tensor(result) and result.requires_grad:
        import torch

        torch.autograd.backward(result.sum())
