"""Figures for the feedback: a classifier trained by a student's functions, beside the reference's.

The assignment's figures.py defines the training and its data, in EXPERIMENTS by notebook. Where it is known before that
there will be feedback, the student's functions are asked in the worker that grades them, and what they make stays with
the record; else, and where figures.py has changed since, a worker of its own is asked.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autograder.errors import CheckFailure, KitError, StudentError, WorkerLost
from autograder.later import import_later
from autograder.trusted.results import outcomes
from autograder.trusted.results.fingerprint import fingerprint
from autograder.trusted.results.records import FigureRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
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


def plot_figure(context: CheckContext, experiment: Experiment, made_by: str) -> FigureRecord:
    """Train with the student's functions in the worker of `context`; returns the student's part of the figure.

    `made_by` is the fingerprint of the assignment's figures.py.
    """
    context.begin(most=SECONDS)
    try:
        student = experiment.train(context.student(), *experiment.data())
        if not all(map(math.isfinite, (*student.boundary, *student.progress))):
            raise CheckFailure("What was trained has numbers that are not finite.")
    except (CheckFailure, StudentError, WorkerLost) as error:
        verdict = context.verdict(experiment.exercise, error)
        return FigureRecord(experiment.exercise, made_by, why=verdict.message if verdict else "")
    return FigureRecord(experiment.exercise, made_by, student.boundary, student.progress)


def kept_figures(course: Course, records: Iterable[NotebookRecord]) -> dict[tuple[str, str], FigureRecord]:
    """What records hold for the assignment's figures.py as it stands now, by student and notebook."""
    made_by = figures_fingerprint(course)
    return {
        (record.student, record.notebook): record.figure
        for record in records
        if record.figure is not None and record.figure.made_by == made_by
    }


def beside_the_reference(
    course: Course, plotted: Mapping[tuple[str, str], FigureRecord]
) -> dict[tuple[str, str], Figure]:
    """The figures, by student and notebook, of what students' functions made.

    Raises KitError if the reference cannot make its part.
    """
    experiments = experiments_of(course)
    figures = {}
    for (student, notebook), made in plotted.items():
        reference = right_answer(notebook, experiments[notebook], course.reference(notebook))
        trained = None if made.boundary is None else Trained(made.boundary, made.progress)
        figures[student, notebook] = Figure(notebook, made.exercise, reference, trained, made.why)
    return figures


def figures_fingerprint(course: Course) -> str:
    """A fingerprint of the assignment's figures.py; "" if it has none."""
    path = course.checks / "figures.py"
    return fingerprint(path.read_bytes()) if path.is_file() else ""


def worth_plotting(record: NotebookRecord, experiments: Mapping[str, Experiment]) -> bool:
    """Whether a graded notebook has an experiment, and its function exists and does not end its process."""
    experiment = experiments.get(record.notebook)
    exercise = record.exercises.get(experiment.exercise) if experiment else None
    return exercise is not None and can_be_called(check.outcome for check in exercise.checks)


def can_be_called(found: Iterable[str]) -> bool:
    """Whether the outcomes of an exercise's checks are those of a function that exists and does not end its process."""
    return all(outcome not in _NOTHING_TO_CALL for outcome in found)


@functools.cache
def right_answer(notebook: str, experiment: Experiment, reference: ModuleType) -> Trained:
    """The reference's training for a notebook's figure. Raises KitError if the reference cannot do it."""
    import_later()  # an optimiser needs no compiler, which takes a second to import
    try:
        return experiment.train(reference, *experiment.data())
    except (CheckFailure, AttributeError, TypeError) as error:
        raise KitError(
            f"The reference of {notebook} cannot plot the figure of `{experiment.exercise}`: {error}"
        ) from error
