"""There are enough misconceptions and right answers, under names of their own; see test_check.py for what they earn."""

from __future__ import annotations

from collections import Counter

import pytest

from autograder.trusted.assignment.course import KIT, Course

COURSE = Course(KIT)
WRONG_ONES = [(notebook, variant) for notebook in COURSE.notebooks for variant in COURSE.misconceptions(notebook)]
RIGHT_ONES = [(notebook, variant) for notebook in COURSE.notebooks for variant in COURSE.right_answers(notebook)]


@pytest.mark.parametrize("notebook", COURSE.notebooks)
def test_every_exercise_has_misconceptions_and_three_styles_of_right_answers(notebook):
    wrong = Counter(variant.exercise for name, variant in WRONG_ONES if name == notebook)
    right = Counter(variant.exercise for name, variant in RIGHT_ONES if name == notebook)
    exercises = COURSE.notebooks[notebook].exercises
    assert {name: wrong[name] for name in exercises if wrong[name] < 4} == {}
    assert {name: right[name] for name in exercises if right[name] < 3} == {}


def test_names_of_misconceptions_are_legal_and_unique():
    legal = {(notebook, exercise) for notebook, plan in COURSE.notebooks.items() for exercise in plan.exercises}
    assert {(notebook, variant.exercise) for notebook, variant in WRONG_ONES} <= legal
    seen = Counter((notebook, variant.name) for notebook, variant in WRONG_ONES)
    assert [name for name, count in seen.items() if count > 1] == []


def test_no_hint_shows_code():
    assert [variant.name for _, variant in WRONG_ONES if "return " in variant.hint or "def " in variant.hint] == []
