"""What a student's function does with tables and figures, as a check sees it."""

from __future__ import annotations

from contextlib import closing

import pandas as pd
import pytest

from autograder.trusted.checking.recorded_calls import RecordedCalls
from autograder.trusted.checking.student import Student
from autograder.trusted.comparing.compare import unchanged
from autograder.trusted.comparing.tables import table
from autograder.trusted.execution.executed_notebook import ExecutedNotebook
from autograder.trusted.submissions.cells import NotebookCell

SOURCE = """
import pandas as pd
import matplotlib.pyplot as plt

def means(frame):
    return frame.groupby("group", as_index=False)["x"].mean()

def spoil(frame):
    frame["x"] = 0.0
    return frame

def plot_losses(losses):
    plt.plot(losses, label="loss")
    plt.xlabel("epoch")
    plt.show()

def plotted(losses):
    figure, axes = plt.subplots()
    axes.plot(losses)
    return figure
"""
FRAME = pd.DataFrame({"group": ["a", "b", "a"], "x": [1.0, 2.0, 4.0]})


@pytest.fixture
def student(workers):
    with closing(ExecutedNotebook(workers, [NotebookCell("c", SOURCE)], 5.0)) as notebook:
        yield Student(RecordedCalls(notebook))


def test_a_table_goes_there_and_another_comes_back(student):
    table(student.means(FRAME), pd.DataFrame({"group": ["a", "b"], "x": [2.5, 2.0]}), "The table", operations=4)
    unchanged(student.arguments, (FRAME,), "frame")


def test_a_table_that_was_changed_in_place_is_told(student):
    student.spoil(FRAME)
    with pytest.raises(Exception, match="`frame` was changed in place; work on a copy"):
        unchanged(student.arguments, (FRAME,), "frame")


def test_what_a_function_draws_is_seen_though_it_returns_nothing(student):
    for losses in ([3.0, 2.0], [5.0]):
        (figure,) = student.plot_losses.draws(losses)
        (axes,) = figure.axes
        assert axes.xlabel == "epoch"
        assert [(line.label, line.y.tolist()) for line in axes.lines] == [("loss", losses)]


def test_a_figure_that_is_returned_is_seen(student):
    assert student.plotted([1.0, 2.0]).axes[0].lines[0].y.tolist() == [1.0, 2.0]
