"""What a student's functions draw: a classifier, trained on data that every student can see, beside the reference's.

The data are those of the notebooks' own figures, never a hidden check's. The student's functions run in a sealed
worker of their own, after and apart from all grading; what comes back is looked at before anything is drawn.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from autograder.errors import CheckFailure, KitError, StudentError, WorkerLost
from autograder.trusted import records
from autograder.trusted.compare import alike, detached, finite, holds, items, kind_of
from autograder.trusted.examination import Examination
from autograder.trusted.lending import Lender
from autograder.trusted.student import RemoteModule

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from autograder.trusted.course import NotebookPlan
    from autograder.trusted.notebooks import SubmittedNotebook
    from autograder.trusted.records import NotebookRecord
    from autograder.trusted.workers import Workers

SECONDS = 2.0  # the limit of a cell, and of all calls of a figure: it should not hold up the class
PASSES = 20
STEPS, RATE = 40, 0.2
# What came of an exercise whose function is not worth another call: there is none, or it ends its process.
_NOTHING_TO_CALL = (records.NOT_ATTEMPTED, records.TIMEOUT, records.CRASHED, records.OUT_OF_MEMORY)


@dataclass(frozen=True)
class Trained:
    """A trained linear classifier of points in the plane.

    Attributes:
        boundary: (w1, w2, w0); the boundary is where w1 x1 + w2 x2 + w0 = 0, and from 0 on the label is the upper one.
        progress: the mistakes of each pass, or the loss before each step.
    """

    boundary: tuple[float, float, float]
    progress: tuple[float, ...]


@dataclass(frozen=True)
class Figure:
    """A figure of one exercise: the reference's side, and the student's, or `why` there is none, in a sentence."""

    notebook: str
    exercise: str
    reference: Trained
    student: Trained | None = None
    why: str = ""


@dataclass(frozen=True)
class Experiment:
    """What is drawn of an exercise.

    Attributes:
        data: points (n, 2) and labels (n,), the upper label being 1.
        train: what functions like a notebook's make of the points and labels.
    """

    exercise: str
    data: Callable[[], tuple[Tensor, Tensor]]
    train: Callable[[Any, Tensor, Tensor], Trained]


def draw(
    workers: Workers, plan: NotebookPlan, submitted: SubmittedNotebook, reference: ModuleType, seconds: float
) -> Figure:
    """The figure of a notebook in EXPERIMENTS, drawn by the student's functions in a worker of their own."""
    experiment = EXPERIMENTS[plan.name]
    figure = Figure(plan.name, experiment.exercise, right_answer(plan.name, reference))
    examination = Examination(workers, plan, submitted, Lender(plan, reference), min(seconds, SECONDS))
    try:
        student = experiment.train(examination.student(), *experiment.data())
    except (CheckFailure, StudentError, WorkerLost) as error:
        verdict = examination.verdict(experiment.exercise, error)
        return Figure(plan.name, experiment.exercise, figure.reference, why=verdict.message if verdict else "")
    finally:
        examination.close()
    return Figure(plan.name, experiment.exercise, figure.reference, student)


def worth_drawing(record: NotebookRecord) -> bool:
    """Whether a graded notebook has a figure, and a function that lives to draw it."""
    experiment = EXPERIMENTS.get(record.notebook)
    exercise = record.exercises.get(experiment.exercise) if experiment else None
    return exercise is not None and all(check.outcome not in _NOTHING_TO_CALL for check in exercise.checks)


@functools.cache
def right_answer(notebook: str, reference: ModuleType) -> Trained:
    """The reference's side of the notebook's figure. Raises KitError where it is no such reference."""
    experiment = EXPERIMENTS[notebook]
    try:
        return experiment.train(reference, *experiment.data())
    except (CheckFailure, AttributeError, TypeError) as error:
        raise KitError(
            f"The reference of {notebook} cannot draw the figure of `{experiment.exercise}`: {error}"
        ) from error


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
    """At most PASSES passes of the rule from zero, over points with a constant 1 as their last feature."""
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
    """STEPS steps of gradient descent from a new model; its boundary is read off its logits at four points."""
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


EXPERIMENTS = {
    "perceptron": Experiment("train", eight_points, _train_perceptron),
    "logistic_regression": Experiment("train", two_clouds, _train_logistic_regression),
}
