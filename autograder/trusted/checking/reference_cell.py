"""The cell that answers for the reference: it is run below the reference's own cells, in a worker of its own.

It is read as text and sent, never imported. What it is asked is a ReferenceCall of `autograder.wire.messages`.
"""

import sys
from typing import Any

modules: dict[tuple[str, str], Any] = {}  # the one that was asked last; its state comes with each call


def answer_reference_call(
    name: str, values: dict[str, Any], made_with: dict[str, Any] | None, tracked: bool, output_gradient: Any
) -> tuple[Any, dict[str, Any]]:
    """What the reference's `name` gives: its value, or with an `output_gradient` the gradients of `values`.

    A single number, as a loss is, comes with the gradients for an output gradient of 1, which are asked for next.
    """
    torch: Any = sys.modules.get("torch")  # which nothing in a course without tensors imports

    def called(thing: Any, named: dict[str, Any]) -> Any:
        arguments = [value for key, value in named.items() if key.isdigit()]
        return thing(*arguments, **{key: value for key, value in named.items() if key.isidentifier()})

    def made_once(thing: Any, made_with: dict[str, Any]) -> Any:
        if not all(isinstance(value, int | float | str) for value in made_with.values()):
            return called(thing, made_with)
        key = (name, repr(sorted(made_with.items())))
        if key not in modules:
            modules.clear()
            modules[key] = called(thing, made_with)
        return modules[key]

    def result() -> Any:
        thing = globals()[name]
        if made_with is not None:
            module = made_once(thing, made_with)
            state = {key.removeprefix("self."): value for key, value in values.items() if key.startswith("self.")}
            return called(lambda *given, **named: torch.func.functional_call(module, state, given, named), values)
        made = called(thing, values)
        is_module = isinstance(made, torch.nn.Module)
        return {**dict(made.named_parameters()), **dict(made.named_buffers())} if is_module else made

    def gradients_of(parts: tuple[Any, ...], output_gradients: tuple[Any, ...]) -> dict[str, Any]:
        inputs = {key: each for key, each in values.items() if isinstance(each, torch.Tensor) and each.requires_grad}
        pairs = [
            (part, gradient)
            for part, gradient in zip(parts, output_gradients, strict=True)
            if isinstance(part, torch.Tensor) and part.requires_grad and isinstance(gradient, torch.Tensor)
        ]
        if not pairs or not inputs:
            return {}
        outputs, gradients = zip(*pairs, strict=True)
        found = torch.autograd.grad(outputs, tuple(inputs.values()), gradients, allow_unused=True)
        return {key: gradient for key, gradient in zip(inputs, found, strict=True) if gradient is not None}

    if torch is None:
        return called(globals()[name], values), {}
    with torch.set_grad_enabled(tracked):
        value = result()
    if output_gradient is None:
        is_loss = isinstance(value, torch.Tensor) and value.dim() == 0 and value.requires_grad
        return value, gradients_of((value,), (torch.ones_like(value),)) if is_loss else {}
    return None, gradients_of(value if isinstance(value, tuple) else (value,), output_gradient)
