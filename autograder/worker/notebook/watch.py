"""Watches which of torch's functions a call goes through, whatever they are called by and wherever they come from.

It sees what Python code asks of torch: functions, methods, operators, modules and distributions by what they call. The
student's code can switch it off or say anything in its place, so what it sees may count against a call, never for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch.overrides import TorchFunctionMode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

NN = "torch.nn"  # what stands for every function of torch.nn and torch.nn.functional
_NN_MODULES = (NN, "torch._C._nn")
TRACKED = "requires_grad"  # what stands for a result that autograd, or torch.func, tracks


class Watch(TorchFunctionMode):
    """While it is entered, notes which of the functions `among` are called.

    Attributes:
        seen: their names, as torch has them; NN and TRACKED are among them only where they are asked for.
    """

    def __init__(self, among: Iterable[str]) -> None:
        super().__init__()
        self._among = frozenset(among)
        self.seen: set[str] = set()

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Call the function, and note its name."""
        result = func(*args, **(kwargs or {}))
        names = {str(getattr(func, "__name__", "")).partition(".")[0]}  # an operator's overload follows a dot
        if str(getattr(func, "__module__", "")).startswith(_NN_MODULES):
            names.add(NN)
        if isinstance(result, torch.Tensor) and result.requires_grad:
            names.add(TRACKED)
        self.seen |= names & self._among
        return result
