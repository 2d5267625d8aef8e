"""Figures for the feedback: a classifier trained by a student's functions, beside the reference's.

The assignment's figures.py defines the training and its data, in EXPERIMENTS by notebook. The student's functions run
in a new sandboxed worker, after all grading, and do not affect it.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autograder.errors import CheckFailure, KitError, StudentError, WorkerLost
from autograder.trusted.results import outcomes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import ModuleType

    from torch import Tensor

    from autograder.trusted.assignment.course import Course
    from autograder.trusted.checking.check_context import CheckContext
    from autograder.trusted.results.records import NotebookRecord

SECONDS = 2.0  # the limit of a cell, and of all calls of a figure; short, to not delay the class
BARS, CURVES = "bars", "curves"
# Outcomes of an exercise whose function is not called again: it does not exist, or it ends its process.
_NOTHING_TO_CALL = (outcomes.NOT_ATTEMPTED, *outcomes.LOST)


@dataclass(frozen=True)
class Trained:
    """A trained linear classifier of points in the plane.

    Attributes:
        boundary: (w1, w2, w0); w1 x1 + w2 x2 + w0 is 0 on the boundary, and >= 0 where the label is the upper one.
        progress: the number of mistakes in each pass, or the loss before each step.
    """

    boundary: tuple[float, float, float]
    progress: tuple[float, ...]


@dataclass(frozen=True)
class Progress:
    """How the progress of a training is plotted.

    Attributes:
        kind: BARS or CURVES.
        name: what is counted, in a word.
        title: the plot's title.
        tell: describes the plot, from the reference's progress and the student's, which may be None.
    """

    kind: str
    name: str
    title: str
    tell: Callable[[Sequence[float], Sequence[float] | None], str]


@dataclass(frozen=True)
class Experiment:
    """The plot of an exercise.

    Attributes:
        data: points (n, 2) and labels (n,), the upper label being 1.
        train: trains a classifier on the points and labels with a notebook's functions, its first argument.
        about: the end of a sentence that says what the classifier was trained on.
        upper: the name of the upper label; `lower` is the name of the other one.
    """

    exercise: str
    data: Callable[[], tuple[Tensor, Tensor]]
    train: Callable[[Any, Tensor, Tensor], Trained]
    about: str
    upper: str
    lower: str
    progress: Progress


@dataclass(frozen=True)
class Figure:
    """A figure of one exercise: the reference's training, and the student's, or a sentence `why` that is missing."""

    notebook: str
    exercise: str
    reference: Trained
    student: Trained | None = None
    why: str = ""


def experiments_of(course: Course) -> Mapping[str, Experiment]:
    """The experiments of an assignment by notebook; none if it has no figures.py."""
    content = course.content("figures")
    return content.EXPERIMENTS if content is not None else {}


def plot_figure(context: CheckContext, experiment: Experiment) -> Figure:
    """Train with the student's functions in the worker of `context`, close it, and return the notebook's figure."""
    notebook = context.plan.name
    reference = right_answer(notebook, experiment, context.reference)
    try:
        student = experiment.train(context.student(), *experiment.data())
    except (CheckFailure, StudentError, WorkerLost) as error:
        verdict = context.verdict(experiment.exercise, error)
        return Figure(notebook, experiment.exercise, reference, why=verdict.message if verdict else "")
    finally:
        context.close()
    return Figure(notebook, experiment.exercise, reference, student)


def worth_plotting(record: NotebookRecord, experiments: Mapping[str, Experiment]) -> bool:
    """Whether a graded notebook has an experiment, and its function exists and does not end its process."""
    experiment = experiments.get(record.notebook)
    exercise = record.exercises.get(experiment.exercise) if experiment else None
    return exercise is not None and all(check.outcome not in _NOTHING_TO_CALL for check in exercise.checks)


@functools.cache
def right_answer(notebook: str, experiment: Experiment, reference: ModuleType) -> Trained:
    """The reference's training for a notebook's figure. Raises KitError if the reference cannot do it."""
    try:
        return experiment.train(reference, *experiment.data())
    except (CheckFailure, AttributeError, TypeError) as error:
        raise KitError(
            f"The reference of {notebook} cannot plot the figure of `{experiment.exercise}`: {error}"
        ) from error
