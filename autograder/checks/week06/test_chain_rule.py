"""Checks of the chain rule: forward, mse_loss, manual_gradients, autograd_gradients and what follows.

Shapes: one example () or n examples (n,); the weights are 0-d.

Tolerances: u takes 3 operations, f one more, a gradient 3 more and a mean of n examples n, on numbers
that are bounded by the products of the inputs. The worked example is exact: -20, -30, -50.
"""

from __future__ import annotations

import torch
from torch import Tensor

from autograder.checking import FLOATS, alike, check, close, detached, exactly, holds, items, unchanged

BATCHES = ((), (1,), (7,), (16,))
READY = {"nn", "functional", "MSELoss", "HuberLoss", "SmoothL1Loss", "huber_loss", "smooth_l1_loss"}
TRACKED = {"requires_grad", "backward", "grad", "_make_dual"}  # what a call goes through where autograd is at work
AUTOGRAD = ("backward", "autograd", "func")

# Neither gradient builds on another: the numbers are the same, or a multiple.
BUILDS_ON = {
    "manual_gradients": ("forward",),
    "autograd_gradients": ("forward", "mse_loss"),
    "accumulated_gradients": ("forward", "mse_loss"),
}


def weights(random, dtype: torch.dtype) -> list[Tensor]:
    """w0, w1 and v."""
    return [random.normal(dtype=dtype) for _ in range(3)]


def worked_example(dtype: torch.dtype = torch.float32) -> tuple[Tensor, ...]:
    """a, b, y, w0, w1, v of the workshop."""
    return tuple(torch.tensor(value, dtype=dtype) for value in (2.0, 3.0, 10.0, 1.0, 1.0, 1.0))


def exact_gradients(a: Tensor, b: Tensor, y: Tensor, w0: Tensor, w1: Tensor, v: Tensor) -> tuple[Tensor, ...]:
    """dL/dw0, dL/dw1, dL/dv: the mean over the examples of 2 (f - y) v a, 2 (f - y) v b, 2 (f - y) u."""
    u = a * w0 + b * w1
    slope = 2 * (u * v - y)
    return (slope * v * a).mean(), (slope * v * b).mean(), (slope * u).mean()


def size(*tensors: Tensor) -> float:
    """A bound on the products that make a gradient."""
    largest = [max(1.0, tensor.abs().max().item()) for tensor in tensors]
    a, b, y, w0, w1, v = largest
    u = a * w0 + b * w1
    return 2 * (u * v + y) * max(v * a, v * b, u)


def three_gradients(received: object) -> tuple[Tensor, ...]:
    """The student's three gradients, or what is wrong with their form."""
    items(received, 3, "The gradients (dw0, dw1, dv)")
    return received  # type: ignore[return-value]  # each part is looked at by `close`


def gradients_close(received: object, inputs: tuple[Tensor, ...], factor: float = 1.0, why: str = "") -> None:
    """The student's three gradients of these inputs are right, times `factor`."""
    scale = size(*inputs) * max(1.0, factor)
    names = ("dL/dw0", "dL/dw1", "dL/dv")
    operations = 10 + inputs[0].numel() + int(factor)
    for name, mine, right in zip(names, three_gradients(received), exact_gradients(*inputs), strict=True):
        close(detached(mine), factor * right, name, operations=operations, scale=scale, why=why)


# --- forward (3) ----------------------------------------------------------------------------------


@check("forward", points=1)
def test_forward_computes_the_worked_example(student):
    """With a = 2, b = 3 and all weights 1, u = 5 and f = 5."""
    for dtype in FLOATS:
        a, b, _, w0, w1, v = worked_example(dtype)
        received = student.forward(a, b, w0, w1, v)
        items(received, 2, "What forward returns, (u, f),")
        exactly(detached(received[0]), torch.tensor(5.0, dtype=dtype), "u")
        exactly(detached(received[1]), torch.tensor(5.0, dtype=dtype), "f")
        received = student.forward(a, b, w0.requires_grad_(), w1, v)
        items(received, 2, "What forward returns, (u, f),")
        for name, part in zip("uf", received, strict=True):
            exactly(detached(part), torch.tensor(5.0, dtype=dtype), name)
            holds(part.requires_grad, f"{name} should be tracked where w0 is, so that the gradients can flow back.")


@check("forward", points=1.5)
def test_forward_of_one_example_and_of_many(student, random):
    """u = a w0 + b w1 and f = u v, for one example and for a batch, in float32 and float64."""
    for dtype in FLOATS:
        for shape in BATCHES:
            a, b = random.normal(*shape, dtype=dtype), random.normal(*shape, dtype=dtype)
            w0, w1, v = weights(random, dtype)
            received = student.forward(a, b, w0, w1, v)
            items(received, 2, "What forward returns, (u, f),")
            u = a * w0 + b * w1
            close(detached(received[0]), u, "u", operations=3, scale=16.0, why="u = a w0 + b w1.")
            close(detached(received[1]), u * v, "f", operations=4, scale=64.0, why="f = u v.")
            unchanged(student.arguments, (a, b, w0, w1, v), "a b w0 w1 v")


@check("forward", points=0.5)
def test_forward_follows_its_arguments(student, device, random):
    """u and f lie where the arguments lie: on the CPU, or on an accelerator such as a GPU."""
    a, b = random.small_integers(5), random.small_integers(5)
    w0, w1, v = (random.small_integers() for _ in range(3))
    received = student.on(device).forward(a, b, w0, w1, v)
    items(received, 2, "What forward returns, (u, f),")
    u = a * w0 + b * w1
    close(detached(received[0]), u, "u", operations=3, scale=32.0)
    close(detached(received[1]), u * v, "f", operations=4, scale=128.0)


# --- mse_loss (4) ---------------------------------------------------------------------------------


@check("mse_loss", points=1)
def test_mse_loss_computes_the_worked_example(student):
    """For f = 5 and y = 10 the loss is 25, a 0-d tensor; for two examples it is their mean."""
    for dtype in FLOATS:
        exactly(
            detached(student.mse_loss(torch.tensor(5.0, dtype=dtype), torch.tensor(10.0, dtype=dtype))),
            torch.tensor(25.0, dtype=dtype),
            "The loss of the worked example",
        )
        two = torch.tensor([5.0, 1.0], dtype=dtype), torch.tensor([10.0, 2.0], dtype=dtype)
        thirteen = torch.tensor(13.0, dtype=dtype)
        close(detached(student.mse_loss(*two)), thirteen, "The loss of two examples", operations=6)


@check("mse_loss", points=1.5)
def test_mse_loss_is_the_mean_of_the_squares(student, random):
    """L = (1/n) sum_i (y_i - f_i)^2, for any n."""
    for dtype in FLOATS:
        for shape in BATCHES:
            y_hat, y = random.normal(*shape, dtype=dtype), random.normal(*shape, dtype=dtype)
            expected = (y - y_hat).square().mean()
            received = detached(student.mse_loss(y_hat, y))
            close(
                received,
                expected,
                "The loss",
                operations=3 + y.numel(),
                scale=32.0,
                why="Is it the mean of the squares?",
            )
            unchanged(student.arguments, (y_hat, y), "y_hat y")


@check("mse_loss", points=1)
def test_mse_loss_is_your_own_and_differentiable(student, random):
    """The gradient with respect to a prediction is 2 (f - y) / n; the loss is written without torch.nn."""
    y_hat, y = random.normal(5, dtype=torch.float64), random.normal(5, dtype=torch.float64)
    value, (gradient, _) = student.mse_loss.differentiate(y_hat.clone().requires_grad_(), y)
    close(detached(value), (y - y_hat).square().mean(), "The loss", operations=8, scale=32.0)
    close(
        gradient, 2 * (y_hat - y) / 5, "The gradient of the loss", operations=8, scale=8.0, why="Is the graph broken?"
    )
    among = {"torch.nn", "mse_loss"}
    ready = student.mse_loss.relies_on(y_hat, y, among=among, names=READY, attributes={"mse_loss"})
    holds(not ready, "Write the loss with a difference, a square and a mean: torch.nn is not allowed here.")


@check("mse_loss", points=0.5)
def test_mse_loss_follows_its_arguments(student, device, random):
    """The loss lies where y and the predictions lie: on the CPU, or on an accelerator such as a GPU."""
    y_hat, y = random.small_integers(4), random.small_integers(4)
    expected = (y - y_hat).square().mean()
    close(detached(student.on(device).mse_loss(y_hat, y)), expected, "The loss", operations=10)


# --- manual_gradients (7) -------------------------------------------------------------------------


@check("manual_gradients", points=2)
def test_manual_gradients_of_the_worked_example(student):
    """On the worked example the gradients are exactly -20, -30 and -50, by the chain rule and not by autograd."""
    for dtype in FLOATS:
        received = three_gradients(student.manual_gradients(*worked_example(dtype)))
        for name, mine, value in zip(("dL/dw0", "dL/dw1", "dL/dv"), received, (-20.0, -30.0, -50.0), strict=True):
            exactly(mine, torch.tensor(value, dtype=dtype), name, why=f"It is {value:g} on the worked example.")
    attributes = {"requires_grad_", *AUTOGRAD}
    autograd = student.manual_gradients.relies_on(*worked_example(), among=TRACKED, attributes=attributes)
    holds(not autograd, "Write the three products of the chain rule: autograd is for the next exercise.")


@check("manual_gradients", points=2)
def test_manual_gradients_of_one_example(student, random):
    """For one example, dL/dw0 = 2(f - y) v a, dL/dw1 = 2(f - y) v b and dL/dv = 2(f - y) u."""
    for dtype in FLOATS:
        for _ in range(4):
            inputs = tuple(random.normal(dtype=dtype) for _ in range(6))
            gradients_close(student.manual_gradients(*inputs), inputs, why="Follow each path back from the loss.")


@check("manual_gradients", points=2)
def test_manual_gradients_of_many_examples(student, random):
    """With n examples each weight has one gradient, the mean over the examples: the 1/n counts."""
    for n in (1, 3, 10):
        inputs = (random.normal(n), random.normal(n), random.normal(n), *weights(random, torch.float32))
        gradients_close(
            student.manual_gradients(*inputs), inputs, why="Is each the mean over the examples, a 0-d tensor?"
        )


@check("manual_gradients", points=0.5)
def test_manual_gradients_in_float64_leave_the_arguments_alone(student, random):
    """The gradients have the dtype of the inputs, and no argument is changed or tracked."""
    inputs = (*(random.normal(6, dtype=torch.float64) for _ in range(3)), *weights(random, torch.float64))
    gradients_close(student.manual_gradients(*inputs), inputs)
    unchanged(student.arguments, inputs, "a b y w0 w1 v")


@check("manual_gradients", points=0.5)
def test_manual_gradients_follow_their_arguments(student, device, random):
    """The gradients lie where the arguments lie: on the CPU, or on an accelerator such as a GPU."""
    inputs = (*(random.normal(6) for _ in range(3)), *weights(random, torch.float32))
    gradients_close(student.on(device).manual_gradients(*inputs), inputs)


# --- autograd_gradients (4) -----------------------------------------------------------------------


@check("autograd_gradients", points=1)
def test_autograd_gradients_of_the_worked_example(student):
    """On the worked example, with tracked weights as on the slide, autograd finds -20, -30 and -50, too."""
    for dtype in FLOATS:
        a, b, y, *parameters = worked_example(dtype)
        tracked = [weight.requires_grad_() for weight in parameters]
        received = three_gradients(student.autograd_gradients(a, b, y, *tracked))
        for name, mine, value in zip(("dL/dw0", "dL/dw1", "dL/dv"), received, (-20.0, -30.0, -50.0), strict=True):
            exactly(
                detached(mine), torch.tensor(value, dtype=dtype), name, why=f"It is {value:g} on the worked example."
            )


@check("autograd_gradients", points=1)
def test_autograd_gradients_of_many_examples(student, random):
    """For one example and for n, autograd's gradients are those of the chain rule."""
    for shape in BATCHES:
        inputs = (*(random.normal(*shape) for _ in range(3)), *weights(random, torch.float32))
        tracked = [weight.clone().requires_grad_() for weight in inputs[3:]]
        gradients_close(student.autograd_gradients(*inputs[:3], *tracked), inputs)
    written = student.code.words_used("autograd_gradients", *(f".{word}" for word in AUTOGRAD))
    by_autograd = written or student.autograd_gradients.goes_through(*inputs, among={"backward", "grad"})
    holds(by_autograd, "Let PyTorch find these gradients: with backward(), torch.autograd.grad or torch.func.grad.")


@check("autograd_gradients", points=1.5)
def test_autograd_gradients_leave_nothing_behind(student, random):
    """Weights with or without requires_grad will do; their .grad, values and requires_grad stay as they were."""
    for tracked in (False, True):
        for grad in (None, torch.tensor(7.0)) if tracked else (None,):
            a, b, y = (random.normal(4) for _ in range(3))
            parameters = [weight.requires_grad_(tracked) for weight in weights(random, torch.float32)]
            for weight in parameters:
                weight.grad = None if grad is None else grad.clone()
            received = student.autograd_gradients(a, b, y, *parameters)
            plain = (a, b, y, *(weight.detach() for weight in parameters))
            gradients_close(received, plain)
            unchanged(student.arguments, (a, b, y, *parameters), "a b y w0 w1 v")


@check("autograd_gradients", points=0.5)
def test_autograd_gradients_follow_their_arguments(student, device, random):
    """The gradients lie where the arguments lie: on the CPU, or on an accelerator such as a GPU."""
    inputs = (*(random.normal(6) for _ in range(3)), *weights(random, torch.float32))
    gradients_close(student.on(device).autograd_gradients(*inputs), inputs)


# --- accumulated_gradients (3) --------------------------------------------------------------------


@check("accumulated_gradients", points=1)
def test_accumulated_gradients_of_the_worked_example(student):
    """After two passes without zeroing, .grad holds -40, -60 and -100."""
    for dtype in FLOATS:
        received = three_gradients(student.accumulated_gradients(*worked_example(dtype), 2))
        for name, mine, value in zip(("w0.grad", "w1.grad", "v.grad"), received, (-40.0, -60.0, -100.0), strict=True):
            exactly(detached(mine), torch.tensor(value, dtype=dtype), name, why=f"It is {value:g} after two passes.")


@check("accumulated_gradients", points=1.5)
def test_accumulated_gradients_after_any_number_of_passes(student, random):
    """After k passes .grad holds k times the gradient; the arguments are as they were."""
    for shape, passes in (((), 1), ((), 3), ((5,), 2), ((5,), 5)):
        inputs = (*(random.normal(*shape) for _ in range(3)), *weights(random, torch.float32))
        received = student.accumulated_gradients(*inputs, passes)
        gradients_close(received, inputs, factor=passes, why="Each pass adds the gradient once more; no step is taken.")
        unchanged(student.arguments[:6], inputs, "a b y w0 w1 v")
    tracked = tuple(weight.requires_grad_() for weight in weights(random, torch.float32))
    inputs = (*(random.normal(5) for _ in range(3)), *tracked)
    received = student.accumulated_gradients(*inputs, 2)
    gradients_close(received, tuple(each.detach() for each in inputs), factor=2)
    unchanged(student.arguments[:6], inputs, "a b y w0 w1 v")
    for mine in three_gradients(student.accumulated_gradients(*worked_example(), 0)):
        exactly(detached(mine), torch.tensor(0.0), "What .grad holds after no pass at all")


@check("accumulated_gradients", points=0.5)
def test_accumulated_gradients_follow_their_arguments(student, device, random):
    """What .grad holds lies where the arguments lie: on the CPU, or on an accelerator such as a GPU."""
    inputs = (*(random.normal(6) for _ in range(3)), *weights(random, torch.float32))
    gradients_close(student.on(device).accumulated_gradients(*inputs, 2), inputs, factor=2)


# --- gradient_step (4) ----------------------------------------------------------------------------


def parameter(value: Tensor, grad: Tensor | None) -> Tensor:
    """A leaf that requires grad, with a gradient in .grad."""
    value = value.clone().requires_grad_()
    value.grad = grad
    return value


def after_step(student, params: list[Tensor], lr: float) -> list[Tensor]:
    """The parameters as the student's step left them."""
    holds(student.gradient_step(params, lr) is None, "gradient_step should return nothing: the step happens in place.")
    stepped = student.arguments[0]
    items(stepped, len(params), "The list of parameters after the step", kind=list)
    for received, before in zip(stepped, params, strict=True):
        alike(detached(received), before.detach(), "A parameter after the step")
    return stepped


@check("gradient_step", points=1.5)
def test_gradient_step_moves_each_parameter_in_place(student, random):
    """Each parameter becomes p - lr * p.grad, in place, whatever its shape."""
    for dtype in FLOATS:
        values = [random.normal(*shape, dtype=dtype) for shape in ((), (3,), (2, 4))]
        grads = [random.normal(*value.shape, dtype=dtype) for value in values]
        params = [parameter(value, grad) for value, grad in zip(values, grads, strict=True)]
        for received, value, grad in zip(after_step(student, params, 0.125), values, grads, strict=True):
            expected = value - 0.125 * grad
            close(
                received.detach(),
                expected,
                "A parameter",
                operations=3,
                scale=4.0,
                why="It moves to p - lr * p.grad, in place.",
            )


@check("gradient_step", points=1)
def test_gradient_step_clears_the_gradients(student, random):
    """After the step every .grad is None or zero, and the parameter still requires grad: the step is not recorded."""
    values = [random.small_integers(*shape) for shape in ((3,), (), (2, 2))]
    grads = [random.small_integers(*value.shape) + 8 for value in values]
    params = [parameter(value, grad) for value, grad in zip(values, grads, strict=True)]
    for received, value, grad in zip(after_step(student, params, 0.5), values, grads, strict=True):
        exactly(received.detach(), value - 0.5 * grad, "A parameter")
        cleared = received.grad is None or not bool(received.grad.any())
        holds(cleared, "After the step the .grad of every parameter should be cleared, not only of one.")
        holds(received.requires_grad, "After the step a parameter should still require grad.")


@check("gradient_step", points=1)
def test_gradient_step_leaves_a_parameter_without_gradient_alone(student, random):
    """A parameter whose .grad is None is left alone; the others move."""
    value, grad, idle = random.small_integers(3), random.small_integers(3) + 8, random.small_integers(2)
    received = after_step(student, [parameter(idle, None), parameter(value, grad)], 0.5)
    exactly(received[0].detach(), idle, "The parameter without a gradient")
    exactly(received[1].detach(), value - 0.5 * grad, "The other parameter")
    holds(received[0].requires_grad, "The parameter without a gradient should still require grad.")


@check("gradient_step", points=0.5)
def test_gradient_step_on_any_device(student, device, random):
    """Parameters on an accelerator such as a GPU move like those on the CPU, and stay there."""
    values = [random.small_integers(*shape) for shape in ((3,), (2, 2))]
    grads = [random.small_integers(*value.shape) + 8 for value in values]
    params = [parameter(value, grad) for value, grad in zip(values, grads, strict=True)]
    for received, value, grad in zip(after_step(student.on(device), params, 0.5), values, grads, strict=True):
        exactly(received.detach(), value - 0.5 * grad, "A parameter")
