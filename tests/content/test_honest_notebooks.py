"""A class of sixty notebooks that are right, each in a way of its own: all earn full marks.

Each style is tried on one notebook; `pytest -m thorough` tries it on all four.
"""

from __future__ import annotations

import pytest

from autograder.trusted.assignment.course import KIT, Course
from tests.content.honest_notebooks import STYLES, honest_notebook

COURSE = Course(KIT)
NOTEBOOKS = list(COURSE.notebooks)
CASES = [
    pytest.param(style, notebook, marks=[] if (place + number) % 4 == 0 else pytest.mark.thorough)
    for place, style in enumerate(STYLES)
    for number, notebook in enumerate(NOTEBOOKS)
]


@pytest.mark.parametrize(("style", "notebook"), CASES)
def test_an_honest_notebook_earns_full_marks(grade, tmp_path, style, notebook):
    path = tmp_path / f"{notebook}.ipynb"
    path.write_text(honest_notebook(COURSE, notebook, style), encoding="utf-8")
    record = grade.file(path, notebook)
    lost = [
        f"{check.name}: {check.message}"
        for exercise in record.exercises.values()
        for check in exercise.checks
        if check.outcome != "passed"
    ]
    assert (record.status, record.earned, lost) == ("graded", record.possible, [])
