"""Parts of torch that are imported when something needs them; else all that asks for them looks if they are in use.

`torch.optim` imports the compiler with the first optimiser, to tell it what to leave alone, were it at work. What is
computed in Python, as on the simulated accelerator, imports distributed tensors, to see that it was given none. Both
together are half of all that the template would import, and a fifth of the memory that each fork must map. A gradient
that is told where to begin, as in `y.backward(g)`, imports symbolic algebra, to see that y and g have one shape.
"""

from __future__ import annotations

import dis
import importlib
import importlib.util
import sys
from contextlib import nullcontext, suppress
from importlib.abc import Loader
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.machinery import ModuleSpec

T = TypeVar("T")

_IMPORT_STATEMENT = dis.opmap["IMPORT_NAME"]


def _as_it_is(function: T, *_: Any, **__: Any) -> T:
    return function


def _nothing(*_: Any, **__: Any) -> None: ...


def _same_shape(x: tuple[int, ...], y: tuple[int, ...]) -> bool:
    return tuple(x) == tuple(y)


class _NoTensor:
    """What no tensor is an instance of, while there are no distributed ones: they need sockets, which no worker has."""


class _NotAtWork:
    """`torch._dynamo.compiled_autograd`, while nothing compiles: a gradient by torch.func turns it off meanwhile."""

    _disable = staticmethod(nullcontext)

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module("torch._dynamo.compiled_autograd"), name)


PARTS: Mapping[str, Mapping[str, Any]] = {
    "torch._dynamo": {"disable": _as_it_is, "graph_break": _nothing, "compiled_autograd": _NotAtWork()},
    "torch.distributed.tensor": {"DTensor": _NoTensor},
    "torch.fx.experimental.symbolic_shapes": {"expect_true": bool, "sym_eq": _same_shape},
}


def import_later() -> None:
    """Put stand-ins in the place of those parts that are not imported yet; torch must be."""
    if _AlreadyImported not in sys.meta_path:
        sys.meta_path.insert(0, _AlreadyImported)
    for name, what_is_asked_for in PARTS.items():
        if name not in sys.modules:
            _stand_in(importlib.util.find_spec(name), what_is_asked_for)


def _stand_in(spec: ModuleSpec | None, what_is_asked_for: Mapping[str, Any]) -> None:
    if spec is None:
        return
    stand_in = _Part(spec.name)
    stand_in.__dict__.update(what_is_asked_for)
    stand_in.__spec__, stand_in.__file__, stand_in.__loader__ = spec, spec.origin, spec.loader
    stand_in.__package__ = spec.parent
    sys.modules[spec.name] = stand_in
    package, _, own_name = spec.name.rpartition(".")
    if package in sys.modules:  # as the import of a module does
        setattr(sys.modules[package], own_name, stand_in)


class _AlreadyImported(Loader):
    """Finds a part's own modules where they are: the import of one asks for the part first, which may import it.

    Python does not look again whether it is there, and would run it twice.
    """

    def __init__(self, module: ModuleType) -> None:
        self._module, self._spec = module, module.__spec__

    @classmethod
    def find_spec(cls, name: str, _path: object = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """What Python asks before it imports a module; a `target` is one that it is told to run again."""
        module = sys.modules.get(name)
        if module is None or target is not None or name.rpartition(".")[0] not in PARTS:
            return None
        return importlib.util.spec_from_loader(name, cls(module))

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The module as it is."""
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        """It has been run; only what it says of its origin is as it was."""
        if module.__spec__ is not self._spec:
            module.__spec__ = self._spec


class _Part(ModuleType):
    """Becomes the part itself when it is asked for anything else than what it stands in for.

    It has no `__path__` until then, so that the import of one of its modules counts as such a question. The statement
    `from part import name` asks for it as well, and is told of none: it then asks for the name.
    """

    def __getattr__(self, name: str) -> Any:
        spec = self.__spec__
        assert spec is not None and spec.loader is not None
        asking = sys._getframe(1)
        if name == "__path__" and asking.f_code.co_code[asking.f_lasti] == _IMPORT_STATEMENT:
            raise AttributeError(name)
        self.__class__ = ModuleType  # type: ignore[assignment]  # the two differ in this method alone
        if spec.submodule_search_locations is not None:
            self.__path__ = list(spec.submodule_search_locations)
        spec.loader.exec_module(self)
        if not hasattr(self, name) and hasattr(self, "__path__"):
            with suppress(ModuleNotFoundError):  # as the statement would have done
                importlib.import_module(f"{self.__name__}.{name}")
        return getattr(self, name)
