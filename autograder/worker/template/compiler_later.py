"""torch's compiler, imported when something needs it: an optimiser asks for it, and uses nothing of it.

`torch.optim` imports `torch._dynamo` with the first optimiser, only to tell the compiler what to leave alone, were it
at work. That is a quarter of all that the template imports, and a tenth of the memory that each fork must map.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
from types import ModuleType
from typing import Any, TypeVar

COMPILER = "torch._dynamo"

F = TypeVar("F")


def import_compiler_later() -> None:
    """Put a stand-in in the compiler's place, unless that is imported already; torch must be."""
    if COMPILER in sys.modules:
        return
    spec = importlib.util.find_spec(COMPILER)
    if spec is None or spec.loader is None:
        return
    stand_in = _Compiler(COMPILER)
    stand_in.__spec__, stand_in.__file__, stand_in.__loader__ = spec, spec.origin, spec.loader
    stand_in.__package__ = COMPILER
    stand_in.__dict__.update(disable=_disable, graph_break=_graph_break)
    sys.modules[COMPILER] = stand_in


class _Compiler(ModuleType):
    """Becomes the compiler itself when it is asked for anything but what an optimiser takes of it.

    It has no `__path__` until then, so that the import of one of its modules counts as such a question.
    """

    def __getattr__(self, name: str) -> Any:
        spec = self.__spec__
        assert spec is not None and spec.loader is not None
        self.__class__ = ModuleType  # type: ignore[assignment]  # the class may differ in nothing else
        self.__path__ = list(spec.submodule_search_locations or ())
        spec.loader.exec_module(self)
        return getattr(self, name)


def _disable(function: F, *_: Any, **__: Any) -> F:
    """The function as it is: no compiler is at work."""
    return function


def _graph_break(*_: Any, **__: Any) -> None:
    """Nothing, as `torch._dynamo.graph_break` outside of the compiler."""
