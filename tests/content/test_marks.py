"""The checks judge the reference, the stub, and each exercise on its own."""

from __future__ import annotations

import pytest

from autograder.trusted.assignment.course import KIT, Course

COURSE = Course(KIT)
NOTEBOOKS = list(COURSE.notebooks)
EXERCISES = [(notebook, name) for notebook, plan in COURSE.notebooks.items() for name in plan.exercises]


def solution(notebook: str, exercise: str) -> str:
    return next(cell.source for cell in COURSE.notebooks[notebook].cells if cell.name == exercise)


def verdicts(record) -> list[str]:
    return [
        f"{check.name}: {check.outcome}: {check.message}"
        for exercise in record.exercises.values()
        for check in exercise.checks
    ]


def test_there_are_four_notebooks_of_25_points_each():
    assert {name: plan.possible for name, plan in COURSE.notebooks.items()} == {
        "chain_rule": 25,
        "logistic_regression": 25,
        "perceptron": 25,
        "tensor_ops": 25,
    }


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_the_reference_earns_every_point(grade, notebook):
    record = grade(notebook)
    assert (record.status, record.earned) == ("graded", 25), verdicts(record)


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_the_untouched_release_earns_nothing_and_is_told_so(grade, notebook):
    record = grade(notebook, start="release")
    assert (record.status, record.earned) == ("graded", 0)
    assert {check.outcome for exercise in record.exercises.values() for check in exercise.checks} == {"not-attempted"}


@pytest.mark.parametrize(("notebook", "exercise"), EXERCISES)
def test_each_exercise_can_be_earned_alone(grade, notebook, exercise):
    record = grade(notebook, {exercise: solution(notebook, exercise)}, start="release")
    earned = {name: result.earned for name, result in record.exercises.items() if result.earned}
    assert earned == {exercise: COURSE.notebooks[notebook].exercises[exercise].points}, verdicts(record)


WORTHLESS = {
    "returns None": "return None",
    "returns its first argument": "return arguments[0] if arguments else None",
    "returns NaN": "return torch.full((3,), float('nan'))",
    "returns a zero": "return torch.tensor(0.0)",
    "returns a float": "return 0.0",
    "returns an empty tensor": "return torch.empty(0)",
    "returns an empty list": "return []",
    "returns two things": "return torch.zeros(2), []",
    "returns True": "return True",
    "raises": "raise ValueError('no')",
}


@pytest.mark.parametrize("kind", WORTHLESS)
@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_notebook_of_trivial_functions_earns_nothing(grade, notebook, kind):
    body = f"(*arguments, **options):\n    {WORTHLESS[kind]}\n"
    record = grade(notebook, {name: f"def {name}{body}" for name in COURSE.notebooks[notebook].exercises})
    passed = [line for line in verdicts(record) if ": passed:" in line]
    assert passed == []
