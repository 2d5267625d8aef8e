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
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    for name, what_is_asked_for in PARTS.items():
        spec = None if name in sys.modules else importlib.util.find_spec(name)
        if spec is not None:
            stand_in = _Part(name)
            stand_in.__dict__.update(what_is_asked_for)
            stand_in.__spec__, stand_in.__file__, stand_in.__loader__ = spec, spec.origin, spec.loader
            stand_in.__package__ = name
            sys.modules[name] = stand_in


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
