"""What the exercises' names were bound to last as a function or class of the notebook's own, while its cells ran.

A last cell may say `predict = predict(w, X)`, `del train`, `%reset -f` or `from torch.nn.functional import *`: the work
is there all the same. When the cells have run, what was lost so is put back, and told.
"""

from __future__ import annotations

import math
import os
import sys
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.wire.values import torch_if_imported

if TYPE_CHECKING:
    from collections.abc import Iterable

_NOTHING = object()
_SMALL = 10_000  # elements of an array or a tensor that is put back; what is larger was deleted to make room
_PLAIN = (bool, int, float, complex, str, bytes, tuple, frozenset, type(None))


class LastDefinitions:
    """Watches a namespace while cells are run in it.

    Args:
        names: the exercises.
        namespace: the notebook's.
    """

    def __init__(self, names: Iterable[str], namespace: dict[str, Any]) -> None:
        self._names = tuple(names)
        self._namespace = namespace
        self._folder = os.getcwd() + os.sep  # of the notebook; its modules are the student's own
        self._last: dict[str, Any] = {}
        self._lost: dict[str, int] = {}  # by name, the cell since which it is bound to something else
        self._seen: dict[str, Any] = {}
        self._deleted: dict[str, tuple[Any, int]] = {}

    def note(self, cell: int, *, is_stub: bool = False) -> None:
        """Look at what stands in the namespace, after a part of the cell `cell` has run.

        What the stub of a release defines is nobody's work.
        """
        namespace = self._namespace
        for name in self._names:
            thing = namespace.get(name, _NOTHING)
            if thing is self._last.get(name, _NOTHING):
                self._lost.pop(name, None)
            elif thing is not _NOTHING and self._is_own_callable(thing):
                self._lost.pop(name, None)
                if is_stub:
                    self._last.pop(name, None)
                else:
                    self._last[name] = thing
            elif name in self._last:
                self._lost.setdefault(name, cell)
        for name in self._seen.keys() - namespace.keys():
            if not name.startswith("_") and _may_be_kept(self._seen[name]):
                self._deleted[name] = self._seen[name], cell
        self._seen = dict(namespace)

    def put_back(self) -> dict[str, int]:
        """Put back what was lost: by name, the cell that bound it to something else or deleted it.

        Names that functions may use are put back as well where they were deleted; functions and modules are told.
        """
        told = {name: cell for name, cell in self._lost.items() if name in self._last}
        for name in told:
            self._namespace[name] = self._last[name]
        for name, (thing, cell) in self._deleted.items():
            if name not in self._namespace:
                self._namespace[name] = thing
                if isinstance(thing, FunctionType | ModuleType | type):
                    told[name] = cell
        self._seen, self._deleted = {}, {}
        return told

    def _is_own_callable(self, thing: Any) -> bool:
        """Whether a thing can be called, and is not a library's function or class under its own name."""
        if not callable(thing) or isinstance(thing, BuiltinFunctionType):
            return False
        if not isinstance(thing, FunctionType | MethodType | type):
            return True  # an object of some class: the notebook has made it
        name = getattr(thing, "__module__", None)
        if name == "__main__" or type(name) is not str:
            return True
        module = sys.modules.get(name)
        place: Any = module
        for part in str(getattr(thing, "__qualname__", "")).split("."):
            place = getattr(place, part, None)
        file = getattr(module, "__file__", None)
        return place is not thing or (isinstance(file, str) and file.startswith(self._folder))


def _may_be_kept(thing: Any) -> bool:
    if isinstance(thing, (FunctionType, ModuleType, type, *_PLAIN)) or callable(thing):
        return True
    torch = torch_if_imported()
    kinds = (np.ndarray,) if torch is None else (np.ndarray, torch.Tensor, torch.nn.Parameter)
    return type(thing) in kinds and math.prod(thing.shape) <= _SMALL
