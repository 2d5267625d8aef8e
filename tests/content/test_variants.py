"""Misconceptions lose marks where they belong and nowhere else; right answers keep them, however written."""

from __future__ import annotations

from collections import Counter

import pytest

from autograder.trusted.assignment.course import KIT, Course

COURSE = Course(KIT)
WRONG_ONES = [(notebook, variant) for notebook in COURSE.notebooks for variant in COURSE.misconceptions(notebook)]
RIGHT_ONES = [(notebook, variant) for notebook in COURSE.notebooks for variant in COURSE.right_answers(notebook)]


def names(case: object) -> str:
    return case if isinstance(case, str) else case.name


@pytest.mark.parametrize(("notebook", "variant"), WRONG_ONES, ids=names)
def test_a_misconception_loses_marks_on_its_own_exercise_only_and_is_recognised(grade, notebook, variant):
    record = grade(notebook, {variant.exercise: variant.source})
    lost = {name: result for name, result in record.exercises.items() if result.earned < result.possible}
    assert list(lost) == [variant.exercise]
    hints = {check.hint for check in lost[variant.exercise].checks if check.outcome != "passed"}
    assert variant.hint in hints


@pytest.mark.parametrize(("notebook", "variant"), RIGHT_ONES, ids=names)
def test_a_right_answer_keeps_full_marks_however_it_is_written(grade, notebook, variant):
    record = grade(notebook, {variant.exercise: variant.source})
    complaints = [
        f"{check.name}: {check.message}"
        for result in record.exercises.values()
        for check in result.checks
        if check.outcome != "passed"
    ]
    assert complaints == []


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
