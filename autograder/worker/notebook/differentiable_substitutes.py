"""Substitutes through which torch differentiates: the trusted side gives the reference's gradients as well.

A class is substituted where it is a torch.nn.Module: the substitute has the parameters and buffers that the
reference begins with, which train as any, and asks for each forward pass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch._functorch.pyfunctorch import temporarily_clear_interpreter_stack

from autograder.wire.messages import ReferenceCall
from autograder.wire.values import decode, encode
from autograder.worker.notebook.substitutes import PLAIN, call_under_name, named, raise_error_of, value_of

if TYPE_CHECKING:
    from autograder.wire.values import Value
    from autograder.worker.notebook.substitutes import Ask

_OWN = "self."  # before the names of a module's parameters and buffers; see ReferenceCall


def differentiable_substitute(name: str, ask: Ask, *, module: bool = False) -> Any:
    """Something to call under the exercise's `name`; `ask` carries a question to the trusted side."""
    if module:
        return _substitute_module(name, ask)
    return call_under_name(name, lambda *arguments, **keywords: _call(name, ask, named(arguments, keywords)))


def _substitute_module(name: str, ask: Ask) -> type[nn.Module]:
    class Substitute(nn.Module):
        """A module whose forward passes are answered by the trusted side."""

        def __init__(self, *arguments: Any, **keywords: Any) -> None:
            super().__init__()
            self._made_with = {key: encode(value, PLAIN) for key, value in named(arguments, keywords).items()}
            state = value_of(ask(ReferenceCall(name, self._made_with)))
            for path, value in state.items():
                *owners, last = path.split(".")
                owner: nn.Module = self
                for each in owners:
                    if each not in owner._modules:
                        owner.add_module(each, nn.Module())
                    owner = owner.get_submodule(each)
                if isinstance(value, nn.Parameter):
                    owner.register_parameter(last, value)
                else:
                    owner.register_buffer(last, value)

        def forward(self, *arguments: Any, **keywords: Any) -> Any:
            """What the reference's forward makes of the parameters as they are now."""
            state = [*self.named_parameters(), *self.named_buffers()]
            own = {_OWN + path: value for path, value in state}
            return _call(name, ask, own | named(arguments, keywords), self._made_with)

    Substitute.__name__ = Substitute.__qualname__ = name
    return Substitute


def _call(name: str, ask: Ask, values: dict[str, Any], made_with: dict[str, Value] | None = None) -> Any:
    given = tuple(values.values())
    requiring = {key: isinstance(value, Tensor) and value.requires_grad for key, value in values.items()}
    question = _Question(name, ask, requiring, made_with, _common_device(name, values))
    if not (torch.is_grad_enabled() and any(requiring.values())):
        return question.result_of(question.forward(given, tracked=False))
    return question.result_of(_SubstituteCall.apply(question, *given))  # type: ignore[no-untyped-call]  # torch's own


class _Question:
    """One call of a substitute: what is asked in the forward and in the backward pass.

    `requiring` says by name which of the values require a gradient; torch.func hides it from a forward pass.
    Autograd takes a tuple of tensors and other things, so a result that is no tuple is wrapped into one.
    """

    def __init__(
        self,
        name: str,
        ask: Ask,
        requiring: dict[str, bool],
        made_with: dict[str, Value] | None,
        device: torch.device,
    ) -> None:
        self._name, self._ask, self._requiring, self._made_with, self._device = name, ask, requiring, made_with, device
        self._is_tuple = False
        self._loss_gradients: dict[str, Value] = {}  # for an output gradient of 1, if they came with the value

    def forward(self, given: tuple[Any, ...], *, tracked: bool) -> tuple[Any, ...]:
        self._given = given  # as they are here: in a backward pass of torch.func they are wrapped
        answer = self._ask(self._about(tracked=tracked))
        result, self._loss_gradients = value_of(answer), answer.gradients
        self._is_tuple = isinstance(result, tuple)
        parts = result if self._is_tuple else (result,)
        self.differentiable = [isinstance(part, Tensor) and part.requires_grad for part in parts]
        return tuple(_moved(part, self._device) for part in parts)

    def backward(self, output_gradients: tuple[Any, ...]) -> tuple[Any, ...]:
        gradients = self._loss_gradients
        if not gradients or not _is_one(output_gradients[0]):
            asked = self._about(tracked=True, output_gradient=encode(output_gradients, PLAIN))
            answer = self._ask(asked)
            raise_error_of(answer)
            gradients = answer.gradients
        found = {key: decode(value, PLAIN) for key, value in gradients.items()}
        return tuple(
            _moved(found[key], value.device) if key in found else None
            for key, value in zip(self._requiring, self._given, strict=True)
        )

    def result_of(self, parts: tuple[Any, ...]) -> Any:
        return tuple(parts) if self._is_tuple else parts[0]

    def _about(self, *, tracked: bool, output_gradient: Value = None) -> ReferenceCall:
        values = {
            key: encode(_leaf(value, requires_grad=requires_grad), PLAIN)
            for (key, requires_grad), value in zip(self._requiring.items(), self._given, strict=True)
        }
        return ReferenceCall(self._name, values, self._made_with, tracked, output_gradient)


class _SubstituteCall(torch.autograd.Function):
    """One call of a substitute within a graph; both passes are answered by the trusted side."""

    @staticmethod
    def forward(question: _Question, *given: Any) -> Any:
        return question.forward(given, tracked=True)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Any, ...]) -> None:
        ctx.question = inputs[0]
        ctx.mark_non_differentiable(
            *(
                part
                for part, differentiable in zip(output, ctx.question.differentiable, strict=True)
                if isinstance(part, Tensor) and not differentiable
            )
        )

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *output_gradients: Any) -> Any:
        plain = tuple(map(_unwrapped, output_gradients))
        with temporarily_clear_interpreter_stack():  # torch.func's, which would wrap what is made here
            return None, *ctx.question.backward(plain)


def _is_one(gradient: Any) -> bool:
    return isinstance(gradient, Tensor) and gradient.dim() == 0 and bool(gradient == 1)


def _leaf(value: Any, *, requires_grad: bool) -> Any:
    """A tensor without its graph and what lies in its .grad, which are not the reference's affair."""
    return value.detach().requires_grad_(requires_grad) if isinstance(value, Tensor) else value


def _unwrapped(value: Any) -> Any:
    """A tensor as it is below torch.func's wrappers."""
    while isinstance(value, Tensor) and torch._C._functorch.is_functorch_wrapped_tensor(value):
        value = torch._C._functorch.get_unwrapped(value)
    return value


def _moved(value: Any, device: torch.device) -> Any:
    return value.detach().to(device) if isinstance(value, Tensor) else value


def _common_device(name: str, values: dict[str, Any]) -> torch.device:
    """Where a function's answer belongs: where its arguments lie.

    Raises RuntimeError, as torch does, where they lie on several; a single number on the CPU goes with any.
    """
    tensors = [value for value in values.values() if isinstance(value, Tensor)]
    devices = {tensor.device for tensor in tensors if tensor.dim() or tensor.device.type != "cpu"}
    if len(devices) > 1:
        named = " and ".join(sorted(map(str, devices)))
        raise RuntimeError(f"Expected all tensors to be on the same device, but {name} was given some on {named}")
    return next(iter(devices), torch.device("cpu"))
