"""The page of what an author of checks imports: its examples are checks, and each tells right from wrong."""

from __future__ import annotations

import inspect
import textwrap
from contextlib import closing

import pytest

import autograder.checking
from autograder.errors import CheckFailure
from autograder.trusted.checking.random_inputs import rng_of
from autograder.trusted.checking.recorded_calls import RecordedCalls
from autograder.trusted.checking.student import Student
from autograder.trusted.execution.executed_notebook import ExecutedNotebook
from autograder.trusted.submissions.cells import NotebookCell

RIGHT = """
import matplotlib.pyplot as plt

def mean(x):
    return x.sum() / len(x)

def extremes(xs):
    return min(xs), max(xs)

def counts(frame):
    return frame.groupby("name", as_index=False).size().rename(columns={"size": "n"})

def plot_squares(n):
    plt.plot(range(n), [i * i for i in range(n)])
    plt.xlabel("i")
    plt.ylabel("i * i")
"""
WRONG = {
    "mean": "def mean(x):\n    return x.sum() / (len(x) - 1)",
    "extremes": "def extremes(xs):\n    return [min(xs), max(xs)]",
    "counts": 'def counts(frame):\n    return frame.groupby("name").size()',
    "plot_squares": "def plot_squares(n):\n    plt.plot(range(n), [i + i for i in range(n)])",
}


def _examples():
    page = inspect.cleandoc(autograder.checking.__doc__)
    code = "\n".join(line for line in page.splitlines() if not line or line.startswith("    "))
    namespace: dict = {}
    exec(compile(textwrap.dedent(code), "the page", "exec"), namespace)
    return {
        thing.pytestmark[0].kwargs["exercise"]: thing for thing in namespace.values() if hasattr(thing, "pytestmark")
    }


EXAMPLES = _examples()


def run(workers, exercise: str, source: str) -> None:
    with closing(ExecutedNotebook(workers, [NotebookCell("c", source)], 5.0)) as notebook:
        given = {"student": Student(RecordedCalls(notebook)), "rng": rng_of(1, exercise)}
        function = EXAMPLES[exercise]
        function(**{name: given[name] for name in inspect.signature(function).parameters})


def test_each_example_has_an_answer_here():
    assert EXAMPLES.keys() == WRONG.keys()


@pytest.mark.parametrize("exercise", EXAMPLES)
def test_an_example_of_the_page_passes_what_is_right(workers, exercise):
    run(workers, exercise, RIGHT)


@pytest.mark.parametrize("exercise", EXAMPLES)
def test_an_example_of_the_page_fails_what_is_wrong(workers, exercise):
    with pytest.raises(CheckFailure):
        run(workers, exercise, RIGHT + WRONG[exercise])


def test_what_is_exported_is_documented():
    undocumented = [
        name
        for name in autograder.checking.__all__
        if callable(thing := getattr(autograder.checking, name)) and not inspect.getdoc(thing)
    ]
    assert undocumented == []
