"""Parts of torch that are imported when something needs them; else all that asks for them looks if they are in use.

`torch.optim` imports the compiler with the first optimiser, to tell it what to leave alone, were it at work. What is
computed in Python, as on the simulated accelerator, imports distributed tensors, to see that it was given none. Both
together are half of all that the template would import, and a fifth of the memory that each fork must map.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from contextlib import nullcontext
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")


def _as_it_is(function: T, *_: Any, **__: Any) -> T:
    return function


def _nothing(*_: Any, **__: Any) -> None: ...


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

    It has no `__path__` until then, so that the import of one of its modules counts as such a question.
    """

    def __getattr__(self, name: str) -> Any:
        spec = self.__spec__
        assert spec is not None and spec.loader is not None
        self.__class__ = ModuleType  # type: ignore[assignment]  # the two differ in this method alone
        self.__path__ = list(spec.submodule_search_locations or ())
        spec.loader.exec_module(self)
        return getattr(self, name)
