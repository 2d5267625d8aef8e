"""Figures for the feedback: a classifier, trained by a student's functions, beside the reference's.

What is trained on which data is the assignment's: its figures.py holds EXPERIMENTS by notebook. The student's functions
run in a sandboxed worker of their own, after and apart from all grading.
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

SECONDS = 2.0  # the limit of a cell, and of all calls of a figure: it should not hold up the class
BARS, CURVES = "bars", "curves"
# What came of an exercise whose function is not worth another call: there is none, or it ends its process.
_NOTHING_TO_CALL = (outcomes.NOT_ATTEMPTED, *outcomes.LOST)


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
class Progress:
    """How the progress of a training is plotted.

    Attributes:
        kind: BARS or CURVES.
        name: what is counted, in a word.
        title: the picture's title.
        tell: what there is to see, from the reference's progress and the student's, which may be None.
    """

    kind: str
    name: str
    title: str
    tell: Callable[[Sequence[float], Sequence[float] | None], str]


@dataclass(frozen=True)
class Experiment:
    """What is plotted of an exercise.

    Attributes:
        data: points (n, 2) and labels (n,), the upper label being 1.
        train: what functions like a notebook's make of the points and labels.
        about: on what it was trained, as a sentence goes on.
        upper: what the upper label is called, and `lower` the other one.
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
    """A figure of one exercise: the reference's side, and the student's, or `why` there is none, in a sentence."""

    notebook: str
    exercise: str
    reference: Trained
    student: Trained | None = None
    why: str = ""


def experiments_of(course: Course) -> Mapping[str, Experiment]:
    """The experiments of an assignment by notebook; none where it has no figures.py."""
    content = course.content("figures")
    return content.EXPERIMENTS if content is not None else {}


def plot_figure(context: CheckContext, experiment: Experiment) -> Figure:
    """The figure of a notebook, trained by the student's functions in the worker of `context`, which is closed."""
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
    """Whether a graded notebook has a figure, and a function that lives to make it."""
    experiment = experiments.get(record.notebook)
    exercise = record.exercises.get(experiment.exercise) if experiment else None
    return exercise is not None and all(check.outcome not in _NOTHING_TO_CALL for check in exercise.checks)


@functools.cache
def right_answer(notebook: str, experiment: Experiment, reference: ModuleType) -> Trained:
    """The reference's side of a notebook's figure. Raises KitError where it is no such reference."""
    try:
        return experiment.train(reference, *experiment.data())
    except (CheckFailure, AttributeError, TypeError) as error:
        raise KitError(
            f"The reference of {notebook} cannot plot the figure of `{experiment.exercise}`: {error}"
        ) from error
