"""What a student's functions plot: on data that everybody can see, looked at before it is drawn."""

from __future__ import annotations

import dataclasses
import itertools
import math
from types import SimpleNamespace

import nbformat
import pytest
import torch

from autograder.author.samples import edited
from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.checking.check_context import Verdict
from autograder.trusted.grading import figures
from autograder.trusted.grading.class_run import Task
from autograder.trusted.grading.figures import (
    Trained,
    experiments_of,
    figures_fingerprint,
    plot_figure,
    right_answer,
    worth_plotting,
)
from autograder.trusted.results import outcomes
from autograder.trusted.submissions.submission import Submission
from tests.faces.classes import check, exercise, notebook

COURSE = Course(KIT)
EXPERIMENTS = experiments_of(COURSE)
RETURNS = "def train(X, y, w=None, eta=1.0, epochs=1):\n    return {}\n"
RETURNS_LOSSES = "def train(model, X, y, lr, epochs):\n    return {}\n"


@pytest.fixture
def plot(grade, tmp_path):
    """The figure of the solved notebook with some of its cells replaced."""

    def plot(name, edits=None, start="source"):
        path = tmp_path / f"{name}.ipynb"
        path.write_text(edited(COURSE.root / start / "week06" / f"{name}.ipynb", edits or {}), encoding="utf-8")
        done = grade.task(Task(Submission("ada", name, path), grade=False, plot=True))
        assert (done.record, done.fault) == (None, "")
        return done.figure

    return plot


@pytest.fixture
def graded_and_plotted(grade, tmp_path):
    """The record of the solved notebook with some of its cells replaced, graded for feedback as well."""

    def of(name, edits=None):
        path = tmp_path / f"{name}.ipynb"
        path.write_text(edited(COURSE.source / f"{name}.ipynb", edits or {}), encoding="utf-8")
        done = grade.task(Task(Submission("ada", name, path), plot=True))
        assert (done.figure, done.fault) == (None, "")
        return done.record

    return of


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_solved_notebook_plots_what_the_reference_plots(plot, name):
    figure = plot(name)
    right = right_answer(name, EXPERIMENTS[name], COURSE.reference(name))
    assert figure.why == ""
    assert figure.boundary == pytest.approx(right.boundary)
    assert figure.progress == pytest.approx(right.progress)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_data_are_those_of_the_released_notebooks_own_figures(name):
    cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell.source for cell in _released(name).cells}
    namespace = {"torch": torch, "draw_with": lambda *_: lambda function: function}
    exec(cells["example_data"], namespace)
    points, labels = EXPERIMENTS[name].data()
    shown = ("eight_points", "eight_labels") if name == "perceptron" else ("X_cloud", "y_cloud")
    assert torch.equal(points, namespace[shown[0]])
    assert torch.equal(labels, namespace[shown[1]])


def _released(name):
    return nbformat.read(COURSE.release / f"{name}.ipynb", as_version=4)


def _solved(name):
    return nbformat.read(COURSE.source / f"{name}.ipynb", as_version=4)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("None", "What train returns, (w, mistakes), should be a tuple of 2 items, not None (is a `return` missing?)."),
        ("torch.zeros(2), [0]", "The weights should have shape (3,), not (…,)."),
        ("torch.full((3,), math.nan), [0]", "The weights should be finite; there is NaN in them."),
        ("[1.0, 2.0, 3.0], [0]", "The weights should be a tensor, not a list."),
        ("torch.zeros(3), [math.inf]", "The mistakes should be a list of ints, one for each pass."),
        ("torch.zeros(3), [10**9]", "The mistakes should be a list of ints, one for each pass."),
        ("torch.zeros(3), [True]", "The mistakes should be a list of ints, one for each pass."),
        ("torch.zeros(3), [1] * 50_000", "There should be at least one pass and at most 20."),
        ("torch.zeros(3), []", "There should be at least one pass and at most 20."),
        ("1 / 0", "Your code raised ZeroDivisionError: division by zero (cell `train`, line 3: `return 1 / 0`)."),
        (
            "__import__('os')._exit(3)",
            "The code ended its whole Python process: it left Python, as sys.exit or os._exit does.",
        ),
    ],
)
def test_what_cannot_be_drawn_is_said_in_a_sentence(plot, answer, why):
    figure = plot("perceptron", {"train": "import math\n" + RETURNS.format(answer)})
    assert (figure.boundary, figure.why) == (None, why)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("[0.5]", "The losses should be a list of floats, one for each step."),
        ("[1] * epochs", "The losses should be a list of floats, one for each step."),
        ("[float('nan')] * epochs", "The losses should be finite; there is NaN in them."),
        ("[1e300] * (epochs - 1) + [float('inf')]", "The losses should be finite; there is infinity in them."),
    ],
)
def test_losses_that_cannot_be_drawn_are_said_in_a_sentence(plot, answer, why):
    figure = plot("logistic_regression", {"train": RETURNS_LOSSES.format(answer)})
    assert (figure.boundary, figure.why) == (None, why)


def test_a_model_that_is_no_line_has_no_boundary_to_draw(plot):
    product = """
class LogisticRegression(torch.nn.Linear):
    def __init__(self, num_features):
        super().__init__(num_features, 1)

    def forward(self, X):
        return (1 + self.weight[0, 0] ** 2) * X[:, 0] * X[:, 1]
"""
    figure = plot("logistic_regression", {"LogisticRegression": product})
    assert figure.boundary is None
    assert "do not lie on a plane" in figure.why


@pytest.mark.thorough
def test_a_function_that_never_stops_costs_a_figure_no_more_than_its_own_limit(plot, monkeypatch):
    figure = plot("perceptron", {"train": "def train(*a, **k):\n    while True: pass\n"})
    assert figure.boundary is None
    assert figure.why.startswith(f"The code did not come to an end within {figures.SECONDS:g} s")


ZEROS = "def train(X, y, w=None, eta=1.0, epochs=1):\n    return torch.zeros(X.shape[1]), [1] * epochs\n"
RAISES = "def train(X, y, w=None, eta=1.0, epochs=1):\n    raise ValueError('no')\n"


@pytest.mark.parametrize(
    ("name", "edits"),
    [
        ("perceptron", {}),
        ("logistic_regression", {}),
        ("perceptron", {"train": ZEROS}),
        ("perceptron", {"train": RAISES}),
        ("perceptron", {"update": "def update(w, x, y, eta=1.0):\n    return w + eta * x\n"}),
    ],
)
def test_grading_keeps_the_figure_that_a_worker_of_its_own_would_make(plot, graded_and_plotted, name, edits):
    kept = graded_and_plotted(name, edits).figure
    assert kept == plot(name, edits)
    assert kept.made_by == figures_fingerprint(COURSE)


@pytest.mark.parametrize(
    ("does", "why"),
    [
        pytest.param("pass", "The code did not come to an end", marks=pytest.mark.thorough),
        ("__import__('os')._exit(0)", "The code ended its whole Python process"),
    ],
)
def test_what_a_function_does_for_its_figure_alone_costs_no_mark(graded_and_plotted, does, why):
    solved = graded_and_plotted("perceptron")
    cells = {cell.metadata["nbgrader"]["grade_id"]: cell.source for cell in _solved("perceptron").cells}
    only_there = """
right = train
def train(X, y, w=None, eta=1.0, epochs=1):
    while epochs == 20 and len(X) == 8: {}
    return right(X, y, w, eta, epochs)
"""
    record = graded_and_plotted("perceptron", {"train": cells["train"] + only_there.format(does)})
    assert record.figure.why.startswith(why)
    assert (record.status, record.reason, record.needs_review) == (outcomes.GRADED, "", ())
    assert record.exercises == solved.exercises


@pytest.mark.thorough
def test_a_function_that_does_not_come_to_an_end_has_no_figure(graded_and_plotted):
    assert graded_and_plotted("perceptron", {"train": "def train(*a, **k):\n    while True: pass\n"}).figure is None


@pytest.mark.parametrize("trained", [Trained((0.0, math.nan, 1.0), (1.0,)), Trained((0.0, 1.0, 1.0), (math.inf,))])
def test_numbers_that_no_record_can_hold_are_no_figure(trained):
    context = SimpleNamespace(
        begin=lambda **_: None, student=lambda: None, verdict=lambda _, error: Verdict(outcomes.FAILED, str(error))
    )
    experiment = dataclasses.replace(EXPERIMENTS["perceptron"], train=lambda *_: trained)
    figure = plot_figure(context, experiment, "")
    assert (figure.boundary, figure.why) == (None, "What was trained has numbers that are not finite.")


def test_grading_alone_draws_nothing(grade):
    assert grade("perceptron").figure is None


def test_an_unwritten_function_has_no_side_in_its_figure(plot):
    assert plot("perceptron", start="release").why == "You have not written `train` yet."


def test_a_notebook_without_an_experiment_has_no_figure(plot):
    assert plot("tensor_ops") is None


@pytest.mark.parametrize(
    ("outcome", "worth"),
    [
        (outcomes.PASSED, True),
        (outcomes.FAILED, True),
        (outcomes.RAISED, True),
        (outcomes.BLOCKED, True),
        (outcomes.NOT_ATTEMPTED, False),
        (outcomes.TIMEOUT, False),
        (outcomes.CRASHED, False),
        (outcomes.OUT_OF_MEMORY, False),
    ],
)
def test_a_function_that_is_not_there_or_ends_its_process_is_not_called_again(outcome, worth):
    record = notebook("ada", {"train": exercise(check("a"), check("b", outcome))})
    assert worth_plotting(record, EXPERIMENTS) is worth
    assert not worth_plotting(notebook("ada", {"update": exercise(check("a"))}), EXPERIMENTS)
    assert not worth_plotting(notebook("ada", {"train": exercise(check("a"))}, name="tensor_ops"), EXPERIMENTS)


def test_the_reference_separates_the_eight_points_and_lowers_its_loss():
    perceptron = right_answer("perceptron", EXPERIMENTS["perceptron"], COURSE.reference("perceptron"))
    assert perceptron.progress[-1] == 0
    losses = right_answer(
        "logistic_regression", EXPERIMENTS["logistic_regression"], COURSE.reference("logistic_regression")
    ).progress
    assert losses[0] == pytest.approx(math.log(2))
    assert all(after < before for before, after in itertools.pairwise(losses))
