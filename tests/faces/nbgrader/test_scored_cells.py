"""A test cell's outputs: where a person has set a score, it is the only one, and what the checks said stays."""

from __future__ import annotations

from autograder.faces.nbgrader.scored_cells import outputs_of, score_shown, with_score_by_hand
from autograder.trusted.results import outcomes
from tests.faces.classes import check, exercise, notebook

RECORD = notebook(
    "ada",
    {
        "update": exercise(
            check("a", points=3.0),
            check("b", outcomes.FAILED, 4.0, message="w is 3/4 of what it should be.", hint="Mind the sign."),
        )
    },
)


def test_the_points_that_nbgrader_reads_are_the_exercises():
    assert score_shown(outputs_of(RECORD, "update", 7.0)) == 3.0


def test_a_score_set_by_hand_is_the_only_one_shown():
    outputs = with_score_by_hand(outputs_of(RECORD, "update", 7.0), "update", 5.0, 7.0)
    (stream,) = outputs
    assert stream["text"].startswith("update: 5 of 7 points, set by hand\n")
    assert "3 of 7" not in stream["text"]
    assert "3/3" not in stream["text"] and "0/4" not in stream["text"]
    assert score_shown(outputs) is None


def test_what_the_checks_said_stays_beside_a_score_set_by_hand():
    (stream,) = with_score_by_hand(outputs_of(RECORD, "update", 7.0), "update", 5.0, 7.0)
    assert "w is 3/4 of what it should be." in stream["text"]
    assert "Mind the sign." in stream["text"]
    assert "What a asks." in stream["text"]
