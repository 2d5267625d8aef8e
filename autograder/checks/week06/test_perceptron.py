"""Checks of the perceptron: activation, predict, update, train, margin.

Shapes: n examples, m features (the last one is the constant 1).

Tolerances: w . x is m products and m - 1 sums, so 2m operations; one step of the rule adds two more.
Where inputs are small whole numbers, every sum is exact in float32, and so is the comparison.
"""

from __future__ import annotations

import torch
from torch import Tensor

from autograder.checking import FLOATS, alike, check, close, counted, exactly, holds, items, same, several, unchanged

BUILDS_ON = {
    "predict": ("activation",),
    "update": ("activation", "predict"),
    "train": ("activation", "predict", "update"),
}


def with_bias(X: Tensor) -> Tensor:
    """X (n, m) with a last column of ones, (n, m + 1)."""
    return torch.cat([X, X.new_ones(len(X), 1)], dim=1)


def separable(random, n: int, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor]:
    """X (n, 3) of small whole numbers and labels y (n,) that the weights (2, -1, 0.5) separate.

    The bias of one half keeps every example off the boundary.
    """
    X = with_bias(random.small_integers(n, 2, dtype=dtype))
    scores = X @ X.new_tensor([2.0, -1.0, 0.5])
    return X, torch.where(scores >= 0, 1.0, -1.0).to(dtype)


def contradicted() -> tuple[Tensor, Tensor]:
    """X (5, 3) and y (5,) of which the last example contradicts the first.

    After one pass one example is wrong, and after each later pass three are.
    """
    X = [[2.0, -1.0, 1.0], [-3.0, 3.0, 1.0], [-2.0, -1.0, 1.0], [3.0, -3.0, 1.0], [2.0, -1.0, 1.0]]
    return torch.tensor(X), torch.tensor([1.0, -1.0, -1.0, 1.0, -1.0])


# --- activation (4) -------------------------------------------------------------------------------


@check("activation", points=1.5)
def test_activation_is_the_sign_of_s(student):
    """f(s) is +1 for positive s and -1 for negative s, elementwise, in the shape of s."""
    for s in (torch.tensor([-3.0, -1e-6, 1e-6, 3.0]), torch.tensor([[5.0, -5.0], [-0.5, 0.5]]), torch.tensor(-2.0)):
        expected = torch.where(s > 0, 1.0, -1.0)
        exactly(student.activation(s), expected, "f(s)", why="It is +1 for s > 0 and -1 for s < 0.")


@check("activation", points=1)
def test_activation_at_zero_is_plus_one(student):
    """f(0) = +1, unlike torch.sign, which gives 0."""
    s = torch.tensor([0.0, -0.0, 2.0, -2.0])
    exactly(student.activation(s), torch.tensor([1.0, 1.0, 1.0, -1.0]), "f(s)", why="Look at s = 0: f(0) = +1.")


@check("activation", points=1)
def test_activation_keeps_the_floating_dtype(student, random):
    """f(s) has the floating dtype of s, and leaves s as it was."""
    for dtype in FLOATS:
        s = random.normal(3, 4, dtype=dtype)
        exactly(student.activation(s), torch.where(s >= 0, 1.0, -1.0).to(dtype), "f(s)")
        unchanged(student.arguments, (s,), "s")


@check("activation", points=0.5)
def test_activation_follows_its_argument(student, device, random):
    """f(s) lies where s lies: on the CPU, or on an accelerator such as a GPU."""
    s = random.normal(6)
    exactly(student.on(device).activation(s), torch.where(s > 0, 1.0, -1.0), "f(s)")


# --- predict (4) ----------------------------------------------------------------------------------


@check("predict", points=1.5)
def test_predict_labels_a_batch(student, reference, random):
    """For X (n, m), predict gives f(w . x) for each row, of shape (n,)."""
    for n, m in ((1, 3), (8, 3), (20, 5)):
        w, X = random.small_integers(m), with_bias(random.small_integers(n, m - 1))
        exactly(student.predict(w, X), reference.predict(w, X), "The labels", why="Each is f(w . x) of one row.")
    w, X = torch.tensor([1.0, -1.0, -3.0]), torch.tensor([[2.0, 1.0, 1.0], [5.0, 1.0, 1.0], [1.0, 2.0, 1.0]])
    exactly(student.predict(w, X), torch.tensor([-1.0, 1.0, -1.0]), "The labels", why="The bias counts, and once.")


@check("predict", points=1)
def test_predict_takes_one_example(student, reference, random):
    """For one example x (m,), predict gives one label, a 0-d tensor."""
    for _ in range(4):
        w, x = random.small_integers(4), with_bias(random.small_integers(1, 3))[0]
        exactly(student.predict(w, x), reference.predict(w, x), "The label of one example")


@check("predict", points=1)
def test_predict_on_the_boundary_and_in_float64(student, reference, random):
    """On the boundary, w . x = 0, the label is +1; labels have the dtype of X."""
    for dtype in FLOATS:
        w = torch.tensor([1.0, -1.0, 0.0], dtype=dtype)
        X = torch.tensor([[2.0, 2.0, 1.0], [1.0, 2.0, 1.0], [2.0, 1.0, 1.0]], dtype=dtype)
        exactly(student.predict(w, X), X.new_tensor([1.0, -1.0, 1.0]), "The labels", why="f(0) = +1.")
        w, X = random.small_integers(3, dtype=dtype), with_bias(random.small_integers(9, 2, dtype=dtype))
        exactly(student.predict(w, X), reference.predict(w, X), "The labels")
        unchanged(student.arguments, (w, X), "w X")


@check("predict", points=0.5)
def test_predict_follows_its_arguments(student, device, random):
    """The labels lie where w and X lie: on the CPU, or on an accelerator such as a GPU."""
    X, _ = separable(random, 8)
    w = torch.tensor([2.0, -1.0, 0.5])
    exactly(student.on(device).predict(w, X), torch.where(X @ w > 0, 1.0, -1.0), "The labels")


# --- update (6) -----------------------------------------------------------------------------------


@check("update", points=1.5)
def test_update_on_a_mistake(student, random):
    """On a mistake the new weights are w + eta * y * x."""
    for dtype in FLOATS:
        for _ in range(4):
            x = with_bias(random.normal(1, 3, dtype=dtype))[0]
            y = random.signs(dtype=dtype)
            w = -y * x  # y * (w . x) = -|x|^2: a mistake
            for eta in (1.0, 0.25):
                close(
                    student.update(w, x, y, eta), w + eta * y * x, "The new weights", operations=4,
                    scale=w.abs() + x.abs(), why="On a mistake they are w + eta * y * x.",
                )  # fmt: skip


@check("update", points=1)
def test_update_on_a_right_answer(student, random):
    """Weights move on a mistake only: where the prediction is right, they stay as they are."""
    for _ in range(4):
        x, y = with_bias(random.normal(1, 3))[0], random.signs()
        w = 2 * y * x  # y * (w . x) > 0: right
        exactly(student.update(w, x, y, 0.5), w, "The new weights", why="The prediction was right, so nothing moves.")
        moved = student.update(-w, x, y, 0.5)
        alike(moved, w, "The new weights")
        holds(not torch.equal(moved, -w), "The prediction was a mistake, and the weights did not move.")


@check("update", points=1)
def test_update_on_the_boundary(student):
    """On the boundary f(0) = +1: right for y = +1, a mistake for y = -1."""
    w, x = torch.zeros(3), torch.tensor([1.0, -2.0, 1.0])
    why = "w . x = 0 is predicted +1."
    exactly(student.update(w, x, torch.tensor(1.0)), w, "The new weights for y = +1", why=why)
    exactly(student.update(w, x, torch.tensor(-1.0)), -x, "The new weights for y = -1", why=why)


@check("update", points=1)
def test_update_without_eta_takes_one(student, random):
    """eta is 1 where it is not given; y may be a tensor or a plain number."""
    x = with_bias(random.small_integers(1, 3) + 5)[0]
    exactly(student.update(-3 * x, x, torch.tensor(1.0)), -2 * x, "The new weights", why="eta is 1.")
    exactly(student.update(3 * x, x, -1), 2 * x, "The new weights for a plain number y")


@check("update", points=1)
def test_update_leaves_w_alone(student, random):
    """The rule returns new weights; w and x themselves are not changed."""
    x, y = with_bias(random.normal(1, 3))[0], random.signs()
    w = -y * x
    close(student.update(w, x, y, 0.5), w + 0.5 * y * x, "The new weights", operations=4, scale=w.abs())
    unchanged(student.arguments[:2], (w, x), "w x")


@check("update", points=0.5)
def test_update_follows_its_arguments(student, device, random):
    """The new weights lie where w and x lie, a moved one and an unmoved one: on the CPU, or on an accelerator."""
    x = with_bias(random.small_integers(1, 3) + 5)[0]
    for w, y, expected in ((-3 * x, 1.0, -2 * x), (3 * x, 1.0, 3 * x)):
        received = student.on(device).update(w, x, torch.tensor(y), 1.0)
        exactly(received, expected, "The new weights")


# --- train (7) ------------------------------------------------------------------------------------


def trained(answer) -> tuple[Tensor, list[int]]:
    """The two parts of train's answer, or what is wrong with its form."""
    items(answer, 2, "What train returns, (w, mistakes),")
    return answer


@check("train", points=1.5)
def test_train_runs_the_rule_in_order(student, reference, random):
    """One pass from w = 0 applies the rule to every example in order; the weights require no gradient."""
    X, y = separable(random, 12)
    w, mistakes = trained(student.train(X, y))
    expected_w, expected_mistakes = reference.train(X, y)
    exactly(w, expected_w, "The weights after one pass", why="Examples come in the order of the rows.")
    holds(not w.requires_grad, "The weights should require no gradient: the rule takes its steps without one.")
    same(mistakes, expected_mistakes, "The list of mistakes", why="It counts the mistakes of each pass made.")


@check("train", points=1)
def test_train_stops_after_a_pass_without_a_mistake(student, reference, random):
    """Training stops after the first pass without a mistake, which is counted with 0."""
    X, y = separable(random, 10)
    order = y.argsort(descending=True, stable=True)  # zeros are right about the first example, and wrong later
    X, y = X[order], y[order]
    w, mistakes = trained(student.train(X, y, epochs=200))
    expected_w, expected_mistakes = reference.train(X, y, epochs=200)
    same(mistakes, expected_mistakes, "The list of mistakes", why="The last pass made has no mistake.")
    exactly(w, expected_w, "The final weights")


@check("train", points=1)
def test_train_makes_no_more_than_epochs_passes(student, reference):
    """On data that no line separates, there are exactly `epochs` passes, each with mistakes; the last weights count."""
    X = torch.tensor([[0.0, 0.0, 1.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.0], [1.0, 0.0, 1.0]])
    y = torch.tensor([-1.0, -1.0, 1.0, 1.0])  # XOR
    for epochs in (1, 5):
        w, mistakes = trained(student.train(X, y, epochs=epochs))
        holds(isinstance(mistakes, list), "The mistakes should be a list, one number for each pass.")
        holds(
            len(mistakes) == epochs,
            f"With epochs={epochs} on XOR there should be {several(epochs, 'pass', 'passes')}, "
            f"but there are {counted(mistakes, epochs)}.",
        )
        holds(
            all(type(count) is int and count > 0 for count in mistakes),
            "Every pass over XOR makes a mistake; count them as ints.",
        )
        expected_w, expected_mistakes = reference.train(X, y, epochs=epochs)
        same(mistakes, expected_mistakes, "The list of mistakes on XOR")
        exactly(w, expected_w, "The weights after the last pass over XOR")
    X, y = contradicted()
    w, mistakes = trained(student.train(X, y, epochs=4))
    expected_w, expected_mistakes = reference.train(X, y, epochs=4)
    same(mistakes, expected_mistakes, "The list of mistakes")
    exactly(w, expected_w, "The weights after the last pass", why="The last ones count, not the best on the way.")


@check("train", points=1)
def test_train_goes_on_from_given_weights(student, reference, random):
    """Given w and eta, training starts from that w, takes steps of eta, and leaves w as it was."""
    X, y = separable(random, 12)
    w = X.new_tensor([-2.0, 1.0, -0.5]) * random.integers(1, 5)  # wrong on every example, so that it moves
    received, mistakes = trained(student.train(X, y, w=w, eta=0.5, epochs=2))
    expected, expected_mistakes = reference.train(X, y, w=w, eta=0.5, epochs=2)
    exactly(received, expected, "The weights", why="They start from the given w and move by eta * y * x.")
    same(mistakes, expected_mistakes, "The list of mistakes")
    again = w.clone()
    student.train(X, y, w, 1.0, 1)
    unchanged(student.arguments[:3], (X, y, again), "X y w")


@check("train", points=1)
def test_train_in_float64(student, reference, random):
    """The weights have the dtype of X."""
    X, y = separable(random, 12, torch.float64)
    w, mistakes = trained(student.train(X, y, epochs=2))
    expected_w, expected_mistakes = reference.train(X, y, epochs=2)
    exactly(w, expected_w, "The weights")
    same(mistakes, expected_mistakes, "The list of mistakes")


@check("train", points=1)
def test_train_with_no_pass_at_all(student, random):
    """With epochs=0 the weights are the starting ones, zeros if none were given, and mistakes is []; they move else."""
    x, label = torch.tensor([[2.0, -1.0, 1.0]]), torch.tensor([-1.0])  # a mistake of w = 0, which predicts +1
    moved, _ = trained(student.train(x, label))
    alike(moved, torch.zeros(3), "The weights after one pass")
    holds(bool(moved.any()), "Training did not move the weights at all, though the example was a mistake.")
    X, y = separable(random, 5)
    for start in (None, random.small_integers(3)):
        w, mistakes = trained(student.train(X, y, w=start, epochs=0))
        exactly(w, torch.zeros(3) if start is None else start, "The weights")
        same(mistakes, [], "The list of mistakes")


@check("train", points=0.5)
def test_train_follows_its_arguments(student, device, random):
    """The weights lie where X and y lie, also those that start from zero: on the CPU, or on an accelerator."""
    X, y = separable(random, 6)
    expected, mistakes = torch.zeros(3), 0
    for x, label in zip(X, y, strict=True):
        if (1.0 if expected @ x >= 0 else -1.0) != label:
            expected, mistakes = expected + label * x, mistakes + 1
    w, counted = trained(student.on(device).train(X, y))
    exactly(w, expected, "The weights after one pass")
    same(counted, [mistakes], "The list of mistakes")


# --- margin (4) -----------------------------------------------------------------------------------


@check("margin", points=1.5)
def test_margin_is_the_smallest_signed_distance(student, reference, random):
    """The margin is the smallest y (w . x) / ||w|| over all examples, a 0-d tensor."""
    for dtype in FLOATS:
        w, X = random.normal(4, dtype=dtype), with_bias(random.normal(30, 3, dtype=dtype))
        y = random.signs(30, dtype=dtype)
        farthest = (X @ w).abs().argmax()
        w = w * (X @ w)[farthest].sign()
        y[farthest] = -1.0  # the smallest is that of an example with this label
        close(
            student.margin(w, X, y), reference.margin(w, X, y), "The margin", operations=20,
            scale=X.norm(dim=1).max().item(), why="It is the minimum over i of y_i (w . x_i) / ||w||.",
        )  # fmt: skip
        unchanged(student.arguments, (w, X, y), "w X y")


@check("margin", points=1)
def test_margin_says_whether_w_separates(student, random):
    """The margin is positive only if w separates the data."""
    X, y = separable(random, 20)
    w = torch.tensor([2.0, -1.0, 0.5])
    for weights, case in ((w, "that separate the data"), (-w, "that get every example wrong")):
        expected = (y * (X @ weights)).min() / weights.norm()
        close(
            student.margin(weights, X, y), expected, f"The margin of weights {case}", operations=10, scale=8.0,
            why="It is positive only if w separates the data.",
        )  # fmt: skip


@check("margin", points=1)
def test_margin_does_not_depend_on_the_length_of_w(student, random):
    """Dividing by ||w||, the margin of 10 w is the margin of w."""
    w, X, y = random.normal(3), with_bias(random.normal(10, 2)), random.signs(10)
    expected = (y * (X @ w)).min() / w.norm()
    for factor in (1.0, 10.0, 0.125):
        close(
            student.margin(factor * w, X, y), expected, "The margin", operations=20, scale=X.norm(dim=1).max().item(),
            why="Is it divided by the Euclidean norm of w?",
        )  # fmt: skip


@check("margin", points=0.5)
def test_margin_follows_its_arguments(student, device, random):
    """The margin lies where w, X and y lie: on the CPU, or on an accelerator such as a GPU."""
    X, y = separable(random, 10)
    w = torch.tensor([2.0, -1.0, 0.5])
    expected = (y * (X @ w)).min() / w.norm()
    close(student.on(device).margin(w, X, y), expected, "The margin", operations=10, scale=8.0)
