"""The tables beside the results: points per notebook and per exercise, and what is missing is not 0."""

from __future__ import annotations

import csv

from autograder.faces.exports.tables import write_tables
from autograder.trusted.results import outcomes
from tests.faces.classes import check, exercise, notebook

HALF = exercise(check("a", points=3.0), check("b", outcomes.FAILED, 4.0))
NOTHING = exercise(check("a", outcomes.FAILED, 7.0))
CLASS = [
    notebook("ada", {"update": HALF}),
    notebook("ada", name="tensor_ops", status=outcomes.MISSING, possible=5.0, reason="it was not handed in"),
    notebook("bob", {"update": NOTHING}),
    notebook("bob", name="tensor_ops", status=outcomes.UNREADABLE, possible=5.0, reason="it is no notebook"),
    notebook("=eve", status=outcomes.MISSING, possible=7.0, reason="it was not handed in"),
]


def rows(path):
    with path.open(newline="") as file:
        return list(csv.reader(file))


def test_a_missing_notebook_is_no_number_and_an_unreadable_one_is_0(tmp_path):
    write_tables(tmp_path, CLASS)
    assert rows(tmp_path / "grades.csv") == [
        ["student", "perceptron", "tensor_ops", "total"],
        ["'=eve", "", "", ""],
        ["ada", "3", "", "3"],
        ["bob", "0", "0", "0"],
    ]


def test_each_exercise_has_a_column_with_the_points_possible_on_top(tmp_path):
    write_tables(tmp_path, CLASS)
    assert rows(tmp_path / "exercises.csv") == [
        ["student", "perceptron update"],
        ["possible", "7"],
        ["'=eve", ""],
        ["ada", "3"],
        ["bob", "0"],
    ]
