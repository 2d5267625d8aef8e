"""A share that one slip keeps is told in every face, and a hint stands once an exercise in each."""

from __future__ import annotations

import pytest

from autograder.faces.exports import ExportOptions, export
from autograder.faces.exports.gradebooks import _told
from autograder.faces.html.feedback import feedback_page
from autograder.faces.nbgrader.scored_cells import outputs_of
from autograder.trusted.results.records import CheckRecord, ExerciseRecord, Kept, NotebookRecord
from autograder.trusted.results.regrade import compare_results

SENTENCE = "One slip explains all that failed here, so the exercise keeps 2 of 4 points."
HINT = "The sides are swapped."


def record(kept: Kept | None) -> NotebookRecord:
    checks = tuple(
        CheckRecord(name, f"{name}.", "failed", 2.0, f"{name} is wrong.", "sides_swapped", HINT)
        for name in ("test_a", "test_b")
    )
    earned = 2.0 if kept else 0.0
    exercises = {"activation": ExerciseRecord(earned, 4.0, checks, kept)}
    return NotebookRecord("ada", "week06", "perceptron", "graded", earned, 4.0, 0.25, exercises)


SLIP = record(Kept("sides_swapped", 0.5))
FACES = {
    "nbgrader": lambda: outputs_of(SLIP, "activation", 4.0)[0]["text"],
    "feedback": lambda: feedback_page("ada", [SLIP], {}, {}),
    "gradebook": lambda: _told(SLIP),
    "junit": lambda: export([SLIP], "week06", "junit", ExportOptions()).text,
    "gradescope": lambda: export([SLIP], "week06", "gradescope", ExportOptions()).text,
}


@pytest.mark.parametrize("face", FACES)
def test_what_one_slip_keeps_is_told_once_and_so_is_its_hint(face):
    text = " ".join(FACES[face]().split())
    assert text.count(SENTENCE) == 1
    assert text.count(HINT) == 1


def test_nbgraders_points_of_the_cell_are_those_of_the_exercise():
    assert outputs_of(SLIP, "activation", 4.0)[1]["data"]["text/plain"] == "2.0"


def test_what_a_slip_keeps_is_a_move_of_its_own_where_gradings_are_compared():
    (move,) = compare_results([record(None)], [SLIP]).moved
    assert move.moved == sum(check.moved for check in move.checks) == 2.0
