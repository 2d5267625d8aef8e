"""Stand-ins for an exercise that the student has not got right, so that later ones can be judged.

A substitute holds none of the reference's code: each call asks the trusted side, which answers
with the reference's value and, in the backward pass, with its gradients. So `train` can be right
although `update` is not written yet. The one class among the exercises has its stand-in here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from autograder.wire.messages import ReferenceCall, ReferenceResult
from autograder.wire.values import NoObjects, decode, encode

if TYPE_CHECKING:
    from collections.abc import Callable

_PLAIN = NoObjects()


class LinearLogits(nn.Module):
    """A linear layer that maps X (n, m) to logits (n,), starting at zero."""

    def __init__(self, num_features: int) -> None:
        super().__init__()
        self.linear = nn.Linear(num_features, 1)
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)

    def forward(self, X: Tensor) -> Tensor:
        """The logits X w + b."""
        return self.linear(X).squeeze(-1)  # (n, 1) -> (n,)


CLASSES: dict[str, type] = {"LogisticRegression": LinearLogits}


def substitute(name: str, ask: Callable[[ReferenceCall], ReferenceResult]) -> Any:
    """Something to call under the exercise's `name`; `ask` carries a question to the trusted side."""
    return CLASSES.get(name) or _substitute_function(name, ask)


def _substitute_function(name: str, ask: Callable[[ReferenceCall], ReferenceResult]) -> Callable[..., Any]:
    def called(*arguments: Any) -> Any:
        tensors = [a for a in arguments if isinstance(a, Tensor) and a.requires_grad]
        if not (tensors and torch.is_grad_enabled()):
            return _answered(ask(_question(name, arguments)), _device_of(arguments))
        return _SubstituteCall.apply(name, ask, *arguments)  # type: ignore[no-untyped-call]  # torch's own

    called.__name__ = name
    return called


class _SubstituteCall(torch.autograd.Function):
    """One call of a substitute within a graph; both passes are answered by the trusted side."""

    @staticmethod
    def forward(ctx: Any, name: str, ask: Callable[[ReferenceCall], ReferenceResult], *arguments: Any) -> Any:
        ctx.name, ctx.ask, ctx.arguments = name, ask, arguments
        return _answered(ask(_question(name, arguments)), _device_of(arguments))

    @staticmethod
    def backward(ctx: Any, *output_gradients: Tensor) -> Any:
        gradient = output_gradients[0] if len(output_gradients) == 1 else tuple(output_gradients)
        question = _question(ctx.name, ctx.arguments, encode(gradient, _PLAIN))
        gradients = [decode(value, _PLAIN) for value in ctx.ask(question).gradients]
        return None, None, *(_moved(gradient, output_gradients[0].device) for gradient in gradients)


def _question(name: str, arguments: tuple[Any, ...], output_gradient: Any = None) -> ReferenceCall:
    return ReferenceCall(name, tuple(encode(argument, _PLAIN) for argument in arguments), output_gradient)


def _answered(answer: ReferenceResult, device: torch.device) -> Any:
    """What the trusted side said, as tensors that lie on `device`."""
    if answer.error:
        raise RuntimeError(f"{answer.error}: {answer.message}")
    value = decode(answer.value, _PLAIN)
    return tuple(_moved(part, device) for part in value) if isinstance(value, tuple) else _moved(value, device)


def _moved(value: Any, device: torch.device) -> Any:
    return value.detach().to(device) if isinstance(value, Tensor) else value


def _device_of(arguments: tuple[Any, ...]) -> torch.device:
    """Where a function's answer belongs: on the accelerator, if one of its arguments lies there."""
    devices = [argument.device for argument in arguments if isinstance(argument, Tensor)]
    return next((device for device in devices if device.type != "cpu"), torch.device("cpu"))
