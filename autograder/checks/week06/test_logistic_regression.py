"""Checks of logistic regression: sigmoid, bce_loss, LogisticRegression, train, predict.

Shapes: n examples, m features.

Tolerances: exp, log1p and a division round to within a few eps each, so sigmoid counts 8 operations;
the mean loss adds n sums. A step of gradient descent on n examples and m features counts n + m, and
T steps T times as many, on numbers no larger than the weights and inputs that are drawn.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from autograder.checking import (
    CPU,
    FLOATS,
    CheckFailure,
    Lying,
    RemoteModule,
    called,
    check,
    close,
    counted,
    detached,
    exactly,
    holds,
    kind_of,
    quoted,
    same,
    unchanged,
)

EXTREMES = (-1000.0, -100.0, 100.0, 1000.0)
READY_SIGMOIDS = {
    "sigmoid_", "expit", "logsigmoid", "LogSigmoid", "Sigmoid", "softmax", "Softmax", "log_softmax", "Bernoulli",
    "SigmoidTransform", "hardsigmoid", "silu", "SiLU", "glu", "GLU", "_softmax", "_log_softmax",
}  # fmt: skip
READY_LOSSES = {
    "BCELoss", "BCEWithLogitsLoss", "binary_cross_entropy", "binary_cross_entropy_with_logits", "SoftMarginLoss",
    "soft_margin_loss", "CrossEntropyLoss", "cross_entropy", "nll_loss", "NLLLoss", "kl_div", "KLDivLoss",
    "multilabel_soft_margin_loss", "MultiLabelSoftMarginLoss",
}  # fmt: skip

BUILDS_ON = {
    "train": ("sigmoid", "bce_loss", "LogisticRegression"),
    "predict": ("sigmoid", "LogisticRegression"),
}


def exact_sigmoid(z: Tensor) -> Tensor:
    """1 / (1 + e^-z) in float64, each branch where it cannot overflow."""
    z = z.double()
    decay = torch.exp(-z.abs())
    return torch.where(z >= 0, 1 / (1 + decay), decay / (1 + decay))


def exact_loss(logits: Tensor, y: Tensor) -> Tensor:
    """The mean of log(1 + e^z) - z y in float64, without overflow."""
    z, y = logits.double(), y.double()
    return (z.clamp(min=0) + torch.log1p(torch.exp(-z.abs())) - z * y).mean()


# --- sigmoid (4) ----------------------------------------------------------------------------------


@check("sigmoid", points=1.5)
def test_sigmoid_is_one_over_one_plus_exp_minus_z(student, random):
    """sigmoid(z) = 1 / (1 + exp(-z)), elementwise, in the shape and dtype of z."""
    for dtype in FLOATS:
        for z in (
            random.normal(5, dtype=dtype, scale=3.0),
            random.normal(2, 3, dtype=dtype),
            torch.tensor(0.0, dtype=dtype),
        ):
            close(student.sigmoid(z), exact_sigmoid(z).to(dtype), "sigmoid(z)", operations=8)
            unchanged(student.arguments, (z,), "z")


@check("sigmoid", points=1)
def test_sigmoid_far_from_zero(student):
    """At z = -1000 and z = 1000 the sigmoid is exactly 0 and 1, and its gradient 0: no overflow, no NaN."""
    for dtype in FLOATS:
        z = torch.tensor(EXTREMES, dtype=dtype, requires_grad=True)
        value, (gradient,) = student.sigmoid.differentiate(z)
        close(
            detached(value),
            exact_sigmoid(z.detach()).to(dtype),
            "sigmoid(z)",
            operations=8,
            why="Look far from zero: exp overflows there.",
        )
        close(
            gradient,
            torch.zeros(4, dtype=dtype),
            "The gradient of sigmoid",
            operations=8,
            why="It vanishes far from zero.",
        )
        ends = torch.tensor([-1000.0, 1000.0], dtype=dtype)
        nought_and_one = torch.tensor([0.0, 1.0], dtype=dtype)
        exactly(
            student.sigmoid(ends), nought_and_one, "sigmoid(z) at -1000 and 1000", why="There it is exactly 0 and 1."
        )


@check("sigmoid", points=1)
def test_sigmoid_is_your_own_and_differentiable(student, random):
    """The gradient of sigmoid is sigmoid(z) (1 - sigmoid(z)), 1/4 at 0; it is written without torch.sigmoid."""
    z = random.normal(6, dtype=torch.float64, scale=2.0)
    value, (gradient,) = student.sigmoid.differentiate(z.clone().requires_grad_())
    p = exact_sigmoid(z)
    close(detached(value), p, "sigmoid(z)", operations=8)
    close(gradient, p * (1 - p), "The gradient of sigmoid", operations=16)
    zero = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    _, (gradient,) = student.sigmoid.differentiate(zero)
    quarter = torch.full((3,), 0.25, dtype=torch.float64)
    close(gradient, quarter, "The gradient of sigmoid at 0", operations=16, why="Mind the kinks of max, abs and where.")
    # The student's own name is `sigmoid`, so torch.sigmoid shows as that name on a module or a tensor.
    everywhere = torch.cat([z, torch.tensor((0.0, *EXTREMES), dtype=torch.float64)])
    among = READY_SIGMOIDS | {"sigmoid", "special_expit", "log_sigmoid"}
    ready = student.sigmoid.relies_on(everywhere, among=among, names=READY_SIGMOIDS, attributes={"sigmoid"})
    holds(not ready, "Write it with exp: a ready sigmoid is not allowed here.")


@check("sigmoid", points=0.5)
def test_sigmoid_follows_its_argument(student, device, random):
    """The probabilities lie where z lies: on the CPU, or on an accelerator such as a GPU."""
    z = random.normal(6, scale=3.0)
    close(student.on(device).sigmoid(z), exact_sigmoid(z).float(), "sigmoid(z)", operations=8)


# --- bce_loss (6) ---------------------------------------------------------------------------------


@check("bce_loss", points=1.5)
def test_bce_loss_is_the_mean_cross_entropy(student, random):
    """The loss is the mean over n of -(y log p + (1 - y) log(1 - p)) with p = sigmoid(logit), a 0-d tensor."""
    for dtype in FLOATS:
        for n in (1, 7, 20):
            logits, y = random.normal(n, dtype=dtype, scale=2.0), random.bits(n, dtype=dtype)
            close(
                student.bce_loss(logits, y), exact_loss(logits, y).to(dtype), "The loss", operations=n + 16, scale=8.0,
                why="Is it the mean, and from logits?",
            )  # fmt: skip
            unchanged(student.arguments, (logits, y), "logits y")
            received, expected = student.bce_loss(logits, y.long()), exact_loss(logits, y).to(dtype)
            close(received, expected, "The loss for integer labels", operations=n + 16, scale=8.0)


@check("bce_loss", points=1)
def test_bce_loss_of_a_logit_of_zero_is_log_two(student):
    """At logit 0, p = 1/2 and the loss is log 2, whatever the label."""
    for label in (0.0, 1.0):
        close(
            student.bce_loss(torch.zeros(4), torch.full((4,), label)),
            torch.tensor(math.log(2)),
            "The loss",
            operations=16,
        )


@check("bce_loss", points=1)
def test_bce_loss_far_from_zero(student):
    """At logits of -1000 and 1000 the loss is finite: 0 where the label is right, 1000 where it is wrong."""
    for dtype in FLOATS:
        for logit, label, loss in (
            (1000.0, 1.0, 0.0),
            (-1000.0, 0.0, 0.0),
            (1000.0, 0.0, 1000.0),
            (-1000.0, 1.0, 1000.0),
        ):
            received = student.bce_loss(torch.tensor([logit], dtype=dtype), torch.tensor([label], dtype=dtype))
            close(
                received,
                torch.tensor(loss, dtype=dtype),
                "The loss",
                operations=16,
                why="Look far from zero: log(0) and exp overflow there.",
            )


@check("bce_loss", points=1)
def test_bce_loss_has_the_right_gradient(student, random):
    """The gradient with respect to a logit is (p - y) / n, also far from zero; the loss is your own."""
    z = torch.cat([random.normal(6, dtype=torch.float64), torch.tensor(EXTREMES, dtype=torch.float64)])
    y = torch.cat([random.bits(6, dtype=torch.float64), torch.tensor([1.0, 0.0, 1.0, 0.0], dtype=torch.float64)])
    gradient_close(student, z, y, "It is (p - y) / n for each logit.")
    ready = student.bce_loss.relies_on(z, y, among=READY_LOSSES, names=READY_LOSSES)
    holds(not ready, "Write the loss with exp, log and mean: a ready loss is not allowed here.")


@check("bce_loss", points=1)
def test_bce_loss_has_the_right_gradient_at_zero(student, random):
    """At a logit of 0 the gradient is (0.5 - y) / n: every model that starts at zero starts there."""
    z, y = torch.zeros(5, dtype=torch.float64), torch.tensor([0.0, 1.0, 1.0, 0.0, 1.0], dtype=torch.float64)
    gradient_close(student, z, y, "At z = 0, mind the kinks of max and abs: clamp takes the slope 1 there, relu 0.")


def gradient_close(student, z: Tensor, y: Tensor, why: str) -> None:
    """The student's loss of the logits z (n,) and its gradient are right."""
    value, (gradient, _) = student.bce_loss.differentiate(z.clone().requires_grad_(), y)
    close(detached(value), exact_loss(z, y), "The loss", operations=40, scale=1000.0)
    close(gradient, (exact_sigmoid(z) - y) / len(z), "The gradient of the loss", operations=40, why=why)


@check("bce_loss", points=0.5)
def test_bce_loss_follows_its_arguments(student, device, random):
    """The loss lies where the logits and y lie: on the CPU, or on an accelerator such as a GPU."""
    logits, y = random.normal(6, scale=2.0), random.bits(6)
    received, expected = student.on(device).bce_loss(logits, y), exact_loss(logits, y).float()
    close(detached(received), expected, "The loss", operations=22, scale=8.0)


# --- LogisticRegression (4) -----------------------------------------------------------------------


def module(received: object) -> RemoteModule:
    """The student's model, or what is wrong with it."""
    holds(
        isinstance(received, RemoteModule),
        f"LogisticRegression(m) should be a torch.nn.Module, not {kind_of(received)}.",
    )
    assert isinstance(received, RemoteModule)
    return received


def weight_and_bias(model: RemoteModule, num_features: int) -> tuple[str, str]:
    """The names of the model's two parameters: m weights and one bias."""
    parameters = model.describe().parameters
    sizes = {name: value.numel() if isinstance(value, Tensor) else -1 for name, value in parameters.items()}
    holds(
        sorted(sizes.values()) == [1, num_features],
        f"The model should have {num_features} weights and one bias, registered as two parameters, "
        + ("but has others." if len(sizes) == 2 else f"but has {counted([*sizes], 2)}."),
    )
    names = sorted(sizes, key=lambda name: sizes[name])
    return names[1], names[0]


def set_model(model: RemoteModule, w: Tensor, b: Tensor) -> None:
    """Give the model the weights w (m,) and the bias b ()."""
    weight, bias = weight_and_bias(model, len(w))
    parameters = model.describe().parameters
    model.set_parameters(**{weight: w.reshape(parameters[weight].shape), bias: b.reshape(parameters[bias].shape)})


@check("LogisticRegression", points=1)
def test_model_has_its_parameters_at_zero(student):
    """The model is a torch.nn.Module with m weights and one bias, registered as parameters, starting at zero."""
    for m in (2, 5):
        model = module(student.LogisticRegression(m))
        weight_and_bias(model, m)
        for name, value in model.describe().parameters.items():
            exactly(
                value.detach().as_subclass(Tensor),
                torch.zeros(value.shape),
                f"The parameter {quoted(name)}",
                why="It starts at zero.",
            )
            holds(value.requires_grad, f"The parameter {quoted(name)} should require a gradient.")
        exactly(
            detached(model(torch.ones(3, m))),
            torch.zeros(3),
            "The logits at the start",
            why="At zero weights they are zero.",
        )


@check("LogisticRegression", points=1.5)
def test_model_computes_logits(student, random):
    """forward(X) gives the logits X w + b, of shape (n,): not (n, 1), and not probabilities."""
    for n, m in ((1, 2), (6, 3), (9, 4)):
        model = module(student.LogisticRegression(m))
        w, b, X = random.normal(m), random.normal(), random.normal(n, m)
        set_model(model, w, b)
        close(
            detached(model(X)),
            X @ w + b,
            "The logits",
            operations=2 * m + 2,
            scale=4.0 * m,
            why="They are X w + b, before any sigmoid.",
        )
        unchanged(student.arguments, (X,), "X")


@check("LogisticRegression", points=1)
def test_model_learns_and_moves(student, random):
    """Gradients reach both parameters, and the model moves to float64 by .to()."""
    model = module(student.LogisticRegression(3))
    X = random.normal(5, 3)
    logits, gradients = model.differentiate(X)
    exactly(detached(logits), torch.zeros(5), "The logits at the start")
    weight, bias = weight_and_bias(model, 3)
    for name, expected in ((weight, X.sum(dim=0)), (bias, torch.tensor([5.0]))):
        gradient = gradients[name]
        if gradient is None:
            raise CheckFailure(
                f"No gradient reaches the parameter {quoted(name)}: is it used in forward, without detach?"
            )
        close(gradient.reshape(-1), expected, f"The gradient of {quoted(name)}", operations=10, scale=8.0)
    model.to(torch.float64)
    exactly(detached(model(X.double())), torch.zeros(5, dtype=torch.float64), "The logits in float64")


def moved(student, num_features: int, device: str) -> RemoteModule:
    """A new model of the student's, moved to a device by .to()."""
    model = module(student.LogisticRegression(num_features))
    model.to(device)
    return model


@check("LogisticRegression", points=0.5)
def test_model_moves_as_a_whole(student, device, random):
    """model.to(device) takes along all that forward needs: on the CPU, or on an accelerator such as a GPU."""
    model = moved(student.on(device), 3, device)
    w, b, X = random.small_integers(3), random.small_integers(), random.small_integers(5, 3)
    set_model(model, w, b)
    for name, place in model.describe().devices.items():
        holds(
            place == device,
            f"{quoted(name)} stays behind on {called(place)} when the model is moved to {called(device)}.",
        )
    exactly(detached(model(X)), X @ w + b, "The logits")


# --- train (7) ------------------------------------------------------------------------------------


def descend(X: Tensor, y: Tensor, w: Tensor, b: Tensor, lr: float, epochs: int) -> tuple[list[float], Tensor, Tensor]:
    """Gradient descent on the mean cross-entropy by its closed-form gradient: losses, w (m,), b ()."""
    losses = []
    for _ in range(epochs):
        losses.append(exact_loss(X @ w + b, y).item())
        error = exact_sigmoid(X @ w + b).to(X.dtype) - y  # (n,)
        w, b = w - lr * X.T @ error / len(y), b - lr * error.mean()
    return losses, w, b


def losses_close(received: object, expected: list[float], dtype: torch.dtype, steps: int) -> None:
    """The list of losses has one float for each step, each right up to rounding."""
    holds(type(received) is list, f"train should return a list of losses, but returns {kind_of(received)}.")
    assert isinstance(received, list)
    holds(
        len(received) == len(expected),
        f"There should be one loss for each step, {len(expected)} in all, "
        f"but there are {counted(received, len(expected))}.",
    )
    holds(
        all(type(loss) is float for loss in received),
        "The losses should be plain Python floats: loss.item() makes one.",
    )
    close(
        torch.tensor(received, dtype=dtype), torch.tensor(expected, dtype=dtype), "The losses",
        operations=20 * steps, scale=4.0, why="Each is the loss before its step.",
    )  # fmt: skip


def trained_model(student, X: Tensor, y: Tensor, lr: float, epochs: int) -> tuple[RemoteModule, object]:
    """A model of the student's after training from zero, and what train returned."""
    model = module(student.LogisticRegression(X.shape[1]))
    if X.dtype != torch.float32:
        model.to(X.dtype)
    return model, student.train(model, X, y, lr, epochs)


def parameters_close(model: RemoteModule, w: Tensor, b: Tensor, steps: int, why: str = "") -> None:
    """The model's weights and bias are w (m,) and b ()."""
    weight, bias = weight_and_bias(model, len(w))
    parameters = model.describe().parameters
    for name, expected in ((weight, w), (bias, b.reshape(1))):
        received = parameters[name].detach().as_subclass(Tensor).reshape(-1)
        close(received, expected, f"After training, {quoted(name)}", operations=40 * steps, scale=4.0, why=why)


@check("train", points=1.5)
def test_train_takes_one_step(student, random):
    """One step moves the parameters by -lr times the gradient of the loss, and returns [the loss before it]."""
    X, y = random.normal(12, 3), random.bits(12)
    model, losses = trained_model(student, X, y, 0.5, 1)
    expected, w, b = descend(X, y, torch.zeros(3), torch.tensor(0.0), 0.5, 1)
    losses_close(losses, expected, X.dtype, 1)
    parameters_close(model, w, b, 1, why="A step is p <- p - lr * gradient.")


@check("train", points=2)
def test_train_zeroes_the_gradients(student, random):
    """Each step uses its own gradient: gradients are zeroed in between, and those left from before do not count."""
    X, y = random.normal(12, 3), random.bits(12)
    model, losses = trained_model(student, X, y, 0.5, 6)
    expected, w, b = descend(X, y, torch.zeros(3), torch.tensor(0.0), 0.5, 6)
    losses_close(losses, expected, X.dtype, 6)
    parameters_close(model, w, b, 6, why="Are the gradients zeroed in each step?")
    again = student.train(model, X, y, 0.5, 2)
    expected, w, b = descend(X, y, w, b, 0.5, 2)
    losses_close(again, expected, X.dtype, 8)
    parameters_close(model, w, b, 8, why="Training goes on where it stopped, with fresh gradients.")


@check("train", points=1)
def test_train_ignores_gradients_left_from_before(student, random):
    """A gradient that was in .grad before the call does not count."""
    X, y = random.normal(10, 2), random.bits(10)
    model = module(student.LogisticRegression(2))
    model.differentiate(X)  # leaves the gradient of something else
    losses = student.train(model, X, y, 0.5, 1)
    expected, w, b = descend(X, y, torch.zeros(2), torch.tensor(0.0), 0.5, 1)
    losses_close(losses, expected, X.dtype, 1)
    parameters_close(model, w, b, 1, why="Zero the gradients before the first backward pass, too.")


@check("train", points=1)
def test_train_in_the_models_dtype(student, random):
    """X and y are moved to the model's floating dtype, integer labels too, and are not changed."""
    X, y = random.normal(8, 3, dtype=torch.float64), random.bits(8, dtype=torch.float64)
    for model_dtype, labels in ((torch.float64, y), (torch.float64, y.long()), (torch.float32, y.long())):
        model = module(student.LogisticRegression(3))
        model.to(model_dtype)
        losses = student.train(model, X, labels, 0.25, 3)
        unchanged(student.arguments[1:3], (X, labels), "X y")
        zeros, zero = torch.zeros(3, dtype=model_dtype), torch.zeros((), dtype=model_dtype)
        expected, w, b = descend(X.to(model_dtype), y.to(model_dtype), zeros, zero, 0.25, 3)
        losses_close(losses, expected, model_dtype, 3)
        parameters_close(model, w, b, 3)


@check("train", points=1)
def test_train_lowers_the_loss_step_by_step(student, random):
    """Over many steps the losses fall, one for each, however small the step; epochs=0 takes none; the mode stays."""
    X = random.normal(40, 2)
    y = (X[:, 0] + random.normal(40, scale=0.5) > 0).float()
    model, losses = trained_model(student, X, y, 0.5, 20)
    expected, w, b = descend(X, y, torch.zeros(2), torch.tensor(0.0), 0.5, 20)
    losses_close(losses, expected, X.dtype, 20)
    parameters_close(model, w, b, 20)
    same(student.train(model, X, y, 0.5, 0), [], "The list of losses for epochs=0")
    parameters_close(model, w, b, 20, why="With epochs=0 no step is taken.")
    model.eval()
    losses = student.train(model, X, y, 0.001, 4)
    expected, w, b = descend(X, y, w, b, 0.001, 4)
    losses_close(losses, expected, X.dtype, 24)
    parameters_close(model, w, b, 24, why="Small steps are taken as well.")
    modes = model.describe().training.values()
    holds(not any(modes), "The model was in eval mode before train, and is not any more.")


@check("train", points=0.5)
def test_train_brings_the_data_to_the_model(student, device, random):
    """Wherever the model lies, X and y are moved to it, and not the other way round: CPU or accelerator."""
    X, y = random.normal(6, 2), random.bits(6)
    expected, w, b = descend(X, y, torch.zeros(2), torch.tensor(0.0), 0.5, 1)
    there = student.on(device)
    for of_model, of_data in ((device, device), (device, CPU), (CPU, device)):
        model = moved(there, 2, of_model)
        losses = there.train(model, Lying(X, of_data), Lying(y, of_data), 0.5, 1)
        losses_close(losses, expected, X.dtype, 1)
        places = set(model.describe().devices.values())
        holds(places == {of_model}, f"After training, the model should lie on {called(of_model)}, where it was.")
        parameters_close(model, w, b, 1)


# --- predict (4) ----------------------------------------------------------------------------------


@check("predict", points=1.5)
def test_predict_gives_labels(student, random):
    """predict gives 1 where p >= 0.5 and 0 elsewhere, as int64 of shape (n,), whatever the model's dtype."""
    for m, dtype in ((2, torch.float32), (4, torch.float32), (3, torch.float64)):
        model = module(student.LogisticRegression(m))
        model.to(dtype)
        w, b, X = random.normal(m, dtype=dtype), random.normal(dtype=dtype), random.normal(15, m, dtype=dtype)
        set_model(model, w, b)
        exactly(
            student.predict(model, X),
            (X @ w + b >= 0).long(),
            "The labels",
            why="p >= 0.5 is where the logit is >= 0, not where it is >= 0.5.",
        )


@check("predict", points=1)
def test_predict_on_the_boundary_is_one(student):
    """At p = 0.5 exactly, the label is 1; no probability above one half is missed."""
    model = module(student.LogisticRegression(2))
    w, b = torch.tensor([1.0, -1.0]), torch.tensor(0.0)
    set_model(model, w, b)
    X = torch.tensor([[1.0, 1.0], [1.25, 1.0], [1.0, 1.25], [2.0, 2.0]])
    exactly(student.predict(model, X), torch.tensor([1, 1, 0, 1]), "The labels", why="p = 0.5 counts as 1.")


@check("predict", points=1)
def test_predict_leaves_the_model_as_it_was(student, random):
    """Predicting leaves train or eval mode, X, the parameters and their gradients as they were."""
    model = module(student.LogisticRegression(3))
    w, b, X = random.normal(3), random.normal(), random.normal(6, 3)
    set_model(model, w, b)
    expected = (X @ w + b >= 0).long()
    for switch, training in ((model.train, True), (model.eval, False)):
        switch()
        exactly(student.predict(model, X), expected, "The labels")
        unchanged(student.arguments[1:], (X,), "X")
        after = model.describe()
        mode = "train" if training else "eval"
        holds(
            all(flag is training for flag in after.training.values()),
            f"The model was in {mode} mode, and is not any more.",
        )
        holds(all(value.grad is None for value in after.parameters.values()), "predict left gradients behind.")
    parameters_close(model, w, b, 1, why="predict should not train.")


@check("predict", points=0.5)
def test_predict_follows_its_arguments(student, device, random):
    """The labels lie where the model and X lie: on the CPU, or on an accelerator such as a GPU."""
    there = student.on(device)
    model = moved(there, 2, device)
    w, b, X = random.small_integers(2), torch.tensor(0.5), random.small_integers(8, 2)
    set_model(model, w, b)
    exactly(there.predict(model, X), (X @ w + b >= 0).long(), "The labels")
