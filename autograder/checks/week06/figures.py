"""The figures of the feedback: a classifier that a student's `train` makes from data that every student can see.

The data are those of the notebooks' own figures, never a hidden check's. The same training code runs with the
reference's functions and with the student's; it validates the student's answers before they are plotted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from autograder.checking import (
    BARS,
    CURVES,
    Experiment,
    Progress,
    RemoteModule,
    Trained,
    alike,
    detached,
    finite,
    holds,
    items,
    kind_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

PASSES = 20
STEPS, RATE = 40, 0.2


def eight_points() -> tuple[Tensor, Tensor]:
    """The eight examples of the perceptron's notebook (`example_data`): points (8, 2), labels -1 and +1, (8,)."""
    points = [[1, -1], [-2, 0], [-3, 1], [3, -3], [3, 0], [1, 2], [-1, 3], [3, 2]]
    return torch.tensor(points, dtype=torch.float32), torch.tensor([1.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0, -1.0])


def two_clouds() -> tuple[Tensor, Tensor]:
    """The overlapping clouds of logistic regression's notebook (`example_data`): points (200, 2), labels 0 and 1."""
    noise = torch.randn(200, 2, generator=torch.Generator().manual_seed(41))
    labels = torch.arange(200) % 2
    return torch.tensor([[-1.0, -0.7], [1.0, 0.7]])[labels] + noise, labels


def _train_perceptron(functions: Any, points: Tensor, labels: Tensor) -> Trained:
    """Train from zero weights for at most PASSES passes; the points get a constant 1 as their last feature."""
    X = torch.cat([points, torch.ones(len(points), 1)], dim=1)
    answer = functions.train(X, labels, epochs=PASSES)
    items(answer, 2, "What train returns, (w, mistakes),")
    weights, mistakes = answer
    weights = detached(weights)
    alike(weights, torch.zeros(3), "The weights")
    finite(weights, "The weights")
    counted = type(mistakes) is list and all(type(count) is int and 0 <= count <= len(X) for count in mistakes)
    holds(counted, "The mistakes should be a list of ints, one for each pass.")
    holds(0 < len(mistakes) <= PASSES, f"There should be at least one pass and at most {PASSES}.")
    return Trained(_three(weights), tuple(map(float, mistakes)))


def _train_logistic_regression(functions: Any, points: Tensor, labels: Tensor) -> Trained:
    """Train a new model by STEPS steps of gradient descent; compute its boundary from its logits at four points."""
    model = functions.LogisticRegression(2)
    holds(
        isinstance(model, RemoteModule | torch.nn.Module),
        f"LogisticRegression(2) should be a torch.nn.Module, not {kind_of(model)}.",
    )
    losses = functions.train(model, points, labels, RATE, STEPS)
    floats = type(losses) is list and all(type(loss) is float for loss in losses)
    holds(floats and len(losses) == STEPS, "The losses should be a list of floats, one for each step.")
    finite(torch.tensor(losses, dtype=torch.float64), "The losses")
    corners = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    logits = detached(model(corners))
    alike(logits, torch.zeros(4), "The logits")
    finite(logits, "The logits")
    z = logits.double()
    slopes = torch.stack([z[1] - z[0], z[2] - z[0], z[0]])
    linear = torch.isclose(z[3], slopes.sum(), rtol=1e-3, atol=1e-3)
    holds(bool(linear), "The logits should be X w + b; those of your trained model do not lie on a plane.")
    return Trained(_three(slopes), tuple(losses))


def _three(weights: Tensor) -> tuple[float, float, float]:
    w1, w2, w0 = weights.tolist()
    return w1, w2, w0


def _tell_mistakes(right: Sequence[float], yours: Sequence[float] | None) -> str:
    counted = _listed(right)
    if yours is None:
        return f"It makes these mistakes in its passes: {counted}."
    if tuple(yours) == tuple(right):
        return f"Your passes make the right mistakes: {counted}."
    return f"Your passes make these mistakes: {_listed(yours)}. They should make these: {counted}."


def _tell_losses(right: Sequence[float], yours: Sequence[float] | None) -> str:
    fall = f"from {right[0]:.3g} to {right[-1]:.3g}"
    if yours is None:
        return f"The loss should fall {fall}."
    near = len(yours) == len(right) and all(
        abs(one - other) <= 1e-3 * max(1.0, abs(other)) for one, other in zip(yours, right, strict=True)
    )
    if near:
        return f"Your loss falls as it should, {fall}."
    return f"Your loss goes from {yours[0]:.3g} to {yours[-1]:.3g}. It should fall {fall}."


def _listed(counts: Sequence[float]) -> str:
    return ", ".join(f"{count:g}" for count in counts)


EXPERIMENTS = {
    "perceptron": Experiment(
        exercise="train",
        data=eight_points,
        train=_train_perceptron,
        about=f"on the notebook's eight examples, from zero weights, in at most {PASSES} passes",
        upper="y = +1",
        lower="y = −1",
        progress=Progress(BARS, "mistakes", "Mistakes in each pass", _tell_mistakes),
    ),
    "logistic_regression": Experiment(
        exercise="train",
        data=two_clouds,
        train=_train_logistic_regression,
        about=f"on the notebook's two clouds, from a new model, in {STEPS} steps at a rate of {RATE:g}",
        upper="y = 1",
        lower="y = 0",
        progress=Progress(CURVES, "losses", "The loss before each step", _tell_losses),
    ),
}
