"""The kit's checks without any sandbox: called in the process that holds the student's functions.

The check functions are the very same; `student` has the student's plain Python functions, and hands out
and takes back copies of tensors, as checks expect it. No fork, no wire, no pytest, no second try of an exercise
with the reference's help, no search for misconceptions.
"""

from __future__ import annotations

import copy
import functools
import importlib.util
import inspect
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from autograder import sim
from autograder.errors import CheckFailure, MissingName, StudentError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

SEED = 90051


@dataclass
class Check:
    """A check function, and what its mark says."""

    name: str
    exercise: str
    function: Callable[..., None]


@dataclass
class Case:
    """What a check's fixtures are made from."""

    check: Check
    namespace: dict[str, Any]
    sources: list[str]
    reference: ModuleType
    device: str = "cpu"


FIXTURES: dict[str, Callable[[Case], Any]] = {
    "student": lambda case: PlainStudent(case.namespace, case.sources),
    "reference": lambda case: case.reference,
    "random": lambda case: _random(case.check.name),
    "device": lambda case: case.device,
}
DEVICES = ("cpu", "sim")


def _random(name: str) -> Any:
    from autograder.trusted.checking.random_inputs import RandomInputs

    return RandomInputs(SEED, name)


@functools.cache
def _load_checks(notebook: str) -> ModuleType:
    """The checks of a notebook as a module."""
    path = Path(__file__).parents[2] / "autograder" / "checks" / "week06" / f"test_{notebook}.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def checks_of(notebook: str) -> list[Check]:
    """The checks of a notebook. Ends the program with a sentence where one takes a fixture that is not known here."""
    module = _load_checks(notebook)
    found = []
    for name, function in vars(module).items():
        marks = [mark for mark in getattr(function, "pytestmark", []) if mark.name == "check"]
        if not (name.startswith("test_") and marks):
            continue
        for fixture in inspect.signature(function).parameters:
            if fixture not in FIXTURES:
                sys.exit(
                    f"{module.__name__}.{name} takes the fixture `{fixture}`, of which the floor knows nothing: "
                    f"say how it is made in FIXTURES, in {__file__}."
                )
        found.append(Check(name, marks[0].kwargs["exercise"], function))
    return found


def run_check(case: Case) -> None:
    """Call one check, of devices on each of them; it raises what it raises."""
    fixtures = inspect.signature(case.check.function).parameters
    if "device" in fixtures:
        sim.enable()
    for device in DEVICES if "device" in fixtures else DEVICES[:1]:
        there = replace(case, device=device)
        case.check.function(**{name: FIXTURES[name](there) for name in fixtures})


def load_reference(script: Path) -> ModuleType:
    """The reference solution, as a module."""
    module = ModuleType(f"solutions_{script.stem}")
    exec(compile(script.read_text(encoding="utf-8"), str(script), "exec"), module.__dict__)
    return module


_hidden: dict[str, tuple[list[Check], ModuleType]] = {}


def hidden_asserts(notebook: str, exercise: str, namespace: dict[str, Any], cells: Iterable[str]) -> None:
    """The checks of an exercise as nbgrader's own hidden tests have them: in the student's kernel, on its namespace.

    What only the kit needs (pytest, nbformat) is not imported, so that the kernel pays for the checks alone.
    """
    if notebook not in _hidden:
        sys.modules.setdefault("pytest", _without_pytest())
        solutions = Path(__file__).parents[2] / "solutions" / "week06"
        _hidden[notebook] = checks_of(notebook), load_reference(solutions / f"{notebook}.py")
    checks, reference = _hidden[notebook]
    for check in checks:
        if check.exercise == exercise:
            run_check(Case(check, namespace, list(cells), reference))


def _without_pytest() -> ModuleType:
    module = ModuleType("pytest")

    def mark(**said: object) -> Callable[[Any], Any]:
        def marked(function: Any) -> Any:
            function.pytestmark = [SimpleNamespace(name="check", kwargs=said)]
            return function

        return marked

    module.__dict__.update(mark=SimpleNamespace(check=mark), MarkDecorator=object)
    return module


class PlainStudent:
    """What `autograder.trusted.checking.student.Student` is to a check, over plain functions."""

    def __init__(self, namespace: dict[str, Any], sources: list[str]) -> None:
        self._namespace = namespace
        self._sources = sources
        self._place = "cpu"
        self.arguments: tuple[Any, ...] = ()

    def __getattr__(self, name: str) -> PlainFunction:
        if name.startswith("_"):
            raise AttributeError(name)
        return PlainFunction(self, name)

    def on(self, device: str) -> PlainStudent:
        """This student, with tensors on a device."""
        there = copy.copy(self)
        there._place = device
        return there

    def beside(self, device: str) -> PlainStudent:
        """This student; the device is there anyway."""
        return self

    @property
    def code(self) -> Any:
        """The text of what the notebook defines."""
        from autograder.trusted.submissions.definitions import Definitions

        return Definitions(self._sources)

    def call(
        self,
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
        keywords: dict[str, Any],
        *,
        backward: bool = False,
    ) -> Any:
        """Call with copies, which `arguments` holds afterwards; what the student raises becomes a StudentError."""
        passed = _copied(arguments, self._place)
        given = tuple(copy.copy(each) if isinstance(each, list | dict) else each for each in passed)
        try:
            result = function(*given, **_copied(keywords, self._place))
            if backward and isinstance(result, Tensor) and result.requires_grad:
                torch.autograd.backward(result.sum())
        except Exception as error:
            bases = tuple(base.__name__ for base in type(error).__mro__)
            raise StudentError(type(error).__name__, str(error), bases=bases, raised_by_student=True) from error
        self.arguments = tuple(_received(each, self) for each in passed)
        for tensor in result if isinstance(result, tuple | list) else [result]:
            if isinstance(tensor, Tensor) and tensor.device.type != self._place:
                raise CheckFailure("the answer lies elsewhere")
        if torch.get_default_device().type != "cpu":
            torch.set_default_device(None)
            raise CheckFailure("the default device was changed")
        return _received(result, self)

    def named(self, name: str) -> Any:
        """What the notebook defines under this name."""
        if name not in self._namespace:
            raise MissingName(name)
        return self._namespace[name]


@dataclass
class PlainFunction:
    """A function of the student's."""

    student: PlainStudent
    name: str

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        return self.student.call(self.student.named(self.name), arguments, keywords)

    def goes_through(self, *arguments: Any, among: Iterable[str]) -> bool:
        """Whether a call is seen to go through one of torch's functions `among`."""
        from autograder.worker.notebook.watch import Watch

        with Watch(among) as watch:
            self(*arguments)
        return bool(watch.seen)

    def relies_on(self, *arguments: Any, among: Iterable[str], **written: Collection[str]) -> bool:
        """Whether a call is seen to; a text that only says so is for a person, and there is none here."""
        return self.goes_through(*arguments, among=among)

    def differentiate(self, *arguments: Any) -> tuple[Any, tuple[Tensor | None, ...]]:
        """The result, and the gradients of its sum."""
        result = self.student.call(self.student.named(self.name), arguments, {}, backward=True)
        return result, tuple(getattr(argument, "grad", None) for argument in self.student.arguments)


@dataclass
class Described:
    """As `autograder.trusted.checking.student.Description`."""

    is_module: bool
    parameters: dict[str, Tensor]
    buffers: dict[str, Tensor]
    training: dict[str, bool] = field(default_factory=dict)
    devices: dict[str, str] = field(default_factory=dict)


def _plain_module(module: torch.nn.Module, student: PlainStudent) -> Any:
    """A model of the student's; checks ask whether it is a RemoteModule."""
    from autograder.trusted.checking.student import RemoteModule

    class PlainModule(RemoteModule):
        def __init__(self) -> None:
            self.module = module

        def __call__(self, *arguments: Any) -> Any:
            return student.call(module, arguments, {})

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_"):
                raise AttributeError(name)
            return lambda *arguments, **keywords: student.call(getattr(module, name), arguments, keywords)

        def differentiate(self, *arguments: Any) -> tuple[Any, dict[str, Tensor | None]]:
            result = student.call(module, arguments, {}, backward=True)
            return result, {name: value.grad for name, value in self.describe().parameters.items()}

        def describe(self) -> Any:
            held = {**dict(module.named_parameters()), **dict(module.named_buffers())}
            return Described(
                True,
                {name: _received(value, student) for name, value in module.named_parameters()},
                {name: _received(value, student) for name, value in module.named_buffers()},
                {name: bool(part.training) for name, part in module.named_modules()},
                {name: value.device.type for name, value in held.items()},
            )

        def set_parameters(self, **values: Tensor) -> None:
            with torch.no_grad():
                for name, value in values.items():
                    module.get_parameter(name).copy_(value)

    return PlainModule()


def _copied(thing: Any, place: str) -> Any:
    """Tensors as new leaves on a device with the same value, requires_grad and .grad; new containers; models."""
    if isinstance(thing, Tensor):
        copied = _moved(thing.detach().clone(), place).requires_grad_(thing.requires_grad)
        if thing.is_leaf and thing.grad is not None:
            copied.grad = _moved(thing.grad.clone(), place)
        return copied
    if isinstance(thing, np.ndarray):
        return thing.copy()
    if isinstance(thing, list | tuple):
        return type(thing)(_copied(each, place) for each in thing)
    if isinstance(thing, dict):
        return {key: _copied(value, place) for key, value in thing.items()}
    if type(thing).__name__ == "Lying":
        return _copied(thing.tensor, thing.device)
    return getattr(thing, "module", thing)


def _moved(tensor: Tensor, place: str) -> Tensor:
    return sim.SimTensor(tensor) if place == sim.NAME else tensor


def _received(thing: Any, student: PlainStudent) -> Any:
    """A student's answer as a check gets it: tensors are leaves on the CPU, models can be described."""
    if isinstance(thing, Tensor):
        received = thing.detach().cpu().requires_grad_(thing.requires_grad)
        if thing.is_leaf and thing.grad is not None:
            received.grad = thing.grad.cpu()
        return received
    if isinstance(thing, list | tuple) and type(thing) in (list, tuple):
        return type(thing)(_received(each, student) for each in thing)
    return _plain_module(thing, student) if isinstance(thing, torch.nn.Module) else thing
