"""`nbgrader autograde` with this kit's engine: scores and messages where nbgrader has its own.

One submission stands for a class here; test_autograde_class.py has all others.
"""

from __future__ import annotations

import shutil

import pytest

from autograder.trusted.assignment.course import KIT, Course
from tests.faces.nbgrader.autograding import (
    NEVER_MOVES,
    SIGN,
    assert_gradebook_equals_records,
    assert_seed_is_told_nowhere,
    autograded,
    graded_cell,
    grades_of,
)
from tests.faces.nbgrader.desks import solved

CLASS = {
    "bob": {"perceptron": solved("perceptron", {"update": NEVER_MOVES, "activation": SIGN})},
}


@pytest.fixture(scope="module")
def graded(tutor_at_a_new_course):
    return autograded(tutor_at_a_new_course("autograde"), CLASS)


@pytest.mark.parametrize("student", CLASS)
def test_nbgraders_gradebook_equals_our_results_to_the_last_point(graded, student):
    assert_gradebook_equals_records(graded, student)


def test_a_notebook_that_was_not_handed_in_is_zero_and_waits_for_nobody(graded):
    grades = grades_of(graded.tutor, "bob")
    missing = {grade for (notebook, _), grade in grades.items() if notebook == "chain_rule"}
    assert {(score, waits) for score, _, waits in missing} == {(0, False)}


def test_partial_credit_reaches_the_gradebook(graded):
    score, possible, _ = grades_of(graded.tutor, "bob")["perceptron", "test_activation"]
    assert 0 < score < possible


def test_the_test_cell_says_what_was_earned_and_why_the_rest_was_lost(graded):
    text, points = graded_cell(graded, "bob", "activation")
    assert text.startswith(f"activation: {points:g} of 4 points")
    assert "torch.sign" in text
    assert "Hint:" in text


def test_the_feedback_page_shows_the_messages(graded):
    page = (graded.tutor.folder / "feedback" / "bob" / "week06" / "perceptron.html").read_text()
    assert "activation: 3 of 4 points" in page
    assert "Hint:" in page


def test_neither_feedback_nor_graded_notebook_holds_a_hidden_check(graded):
    checks = (KIT / "autograder" / "checks" / "week06" / "test_perceptron.py").read_text()
    names = [line.split()[1].split("(")[0] for line in checks.splitlines() if line.startswith("def test_")]
    assert names
    for place in ("feedback/bob/week06/perceptron.html", "autograded/bob/week06/perceptron.ipynb"):
        shown = (graded.tutor.folder / place).read_text()
        assert [name for name in names if name in shown] == []


def test_no_page_or_notebook_of_a_student_holds_the_seed(graded):
    assert_seed_is_told_nowhere(graded)


def test_a_course_without_a_solutions_folder_takes_the_source_for_it(tmp_path):
    (tmp_path / "source").mkdir()
    shutil.copytree(KIT / "source" / "week06", tmp_path / "source" / "week06")
    reference = Course(tmp_path).reference("perceptron")
    assert callable(reference.update)
    assert reference.update.__doc__ == Course(KIT).reference("perceptron").update.__doc__
