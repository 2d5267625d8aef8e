"""Substitutes for exercises that the student has not got right, so that later ones can be judged.

A substitute holds none of the reference's code: each call asks the trusted side, which answers with the reference's
value. So `train` can be right although `update` is not written yet. `differentiable_substitutes` has those for
tensors.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from autograder.wire.messages import ReferenceCall, ReferenceResult
from autograder.wire.values import NoObjects, decode, encode

if TYPE_CHECKING:
    import torch

Ask = Callable[[ReferenceCall], ReferenceResult]


class _OnCpu(NoObjects):
    """The reference computes on the CPU, wherever the student's tensors lie."""

    def device_of(self, tensor: torch.Tensor) -> str:
        """The CPU."""
        return "cpu"


PLAIN = _OnCpu()


def substitute(name: str, ask: Ask, *, module: bool = False) -> Callable[..., Any]:
    """Something to call under the exercise's `name`; `ask` carries a question to the trusted side.

    It is a function in the place of a class as well: without torch there is no `module` that it could be.
    """

    def called(*arguments: Any, **keywords: Any) -> Any:
        values = {key: encode(value, PLAIN) for key, value in named(arguments, keywords).items()}
        return value_of(ask(ReferenceCall(name, values, tracked=False)))

    return call_under_name(name, called)


def call_under_name(name: str, called: Callable[..., Any]) -> Callable[..., Any]:
    """The function, which says that this is its name."""
    called.__name__ = name
    return called


def named(arguments: tuple[Any, ...], keywords: dict[str, Any]) -> dict[str, Any]:
    """A call's arguments by name, those without one by their place; see ReferenceCall."""
    return {str(place): argument for place, argument in enumerate(arguments)} | keywords


def value_of(result: ReferenceResult) -> Any:
    """What the trusted side said. Raises RuntimeError where the reference raised."""
    raise_error_of(result)
    return decode(result.value, PLAIN)


def raise_error_of(result: ReferenceResult) -> None:
    """Raise RuntimeError where the reference raised."""
    if result.error:
        raise RuntimeError(f"{result.error}: {result.message}")
