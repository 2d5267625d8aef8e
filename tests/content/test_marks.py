"""Each notebook is worth 25 points, of which nothing that is trivial earns any; see test_check.py for the rest."""

from __future__ import annotations

import pytest

from autograder.trusted.assignment.course import KIT, Course

COURSE = Course(KIT)
NOTEBOOKS = list(COURSE.notebooks)


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


@pytest.mark.parametrize(
    ("notebook", "kind"),
    [
        pytest.param(notebook, kind, marks=() if (place + number) % 4 == 0 else pytest.mark.thorough)
        for place, kind in enumerate(WORTHLESS)
        for number, notebook in enumerate(NOTEBOOKS)
    ],
)
def test_a_notebook_of_trivial_functions_earns_nothing(grade, notebook, kind):
    body = f"(*arguments, **options):\n    {WORTHLESS[kind]}\n"
    record = grade(notebook, {name: f"def {name}{body}" for name in COURSE.notebooks[notebook].exercises})
    passed = [line for line in verdicts(record) if ": passed:" in line]
    assert passed == []
