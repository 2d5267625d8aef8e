"""The cases of an assignment, and what a record shows that it should not."""

from __future__ import annotations

import pytest

from autograder.author.check.cases import (
    ALONE,
    MISCONCEPTION,
    REFERENCE,
    RELEASE,
    RIGHT_ANSWER,
    Case,
    cases_of,
    complaints_of,
)
from autograder.trusted.assignment.variants import Variant
from autograder.trusted.results.records import CheckRecord, ExerciseRecord, NotebookRecord

HINT = "A number that equals the limit is not above it."
WRONG = Variant("at_least", "count_above", HINT, "", line=2)


def exercise(outcome: str, name: str = "test_scaled", hint: str = "") -> ExerciseRecord:
    check = CheckRecord(name, "A sentence.", outcome, 2.0, "It is wrong.", hint=hint)
    return ExerciseRecord(2.0 if outcome == "passed" else 0.0, 2.0, (check,))


def record(status: str = "graded", **exercises: ExerciseRecord) -> NotebookRecord:
    return NotebookRecord("1", "lab1", "perceptron", status, 0.0, 5.0, 0.1, exercises, reason="it took too long")


def told(places, kind: int, made: NotebookRecord, exercise: str = "", variant: Variant | None = None) -> list[str]:
    case = Case(kind, "perceptron", places.course.source / "perceptron.ipynb", {}, exercise, variant)
    return list(map(str, complaints_of(places, case, made)))


def test_there_is_a_case_for_solutions_release_each_exercise_and_each_variant(course):
    cases = [(case.kind, case.notebook, case.exercise) for case in cases_of(course)]
    assert cases == [
        (REFERENCE, "perceptron", ""),
        (RELEASE, "perceptron", ""),
        (ALONE, "perceptron", "average"),
        (ALONE, "perceptron", "count_above"),
        (ALONE, "perceptron", "scaled"),
        (MISCONCEPTION, "perceptron", "count_above"),
        (REFERENCE, "survey", ""),
        (RELEASE, "survey", ""),
        (ALONE, "survey", "double"),
        (ALONE, "survey", "root"),
    ]


def test_a_solution_that_loses_points_is_told_with_its_line_and_the_checks(places):
    (found,) = told(places, REFERENCE, record(average=exercise("passed"), scaled=exercise("failed")))
    assert found == (
        "solutions/lab1/perceptron.py, line 55: the solution loses points of `scaled`: test_scaled "
        "(checks/lab1/test_perceptron.py, line 38) says: failed. It is wrong. Mend it, or the check."
    )


@pytest.mark.parametrize("kind", [REFERENCE, RELEASE])
def test_a_notebook_that_cannot_be_graded_is_told_why(places, kind):
    (found,) = told(places, kind, record("timeout"))
    assert found.endswith(" is timeout: it took too long. Mend it, or the checks.")


def test_an_exercise_that_needs_another_is_told_to_say_so(places):
    made = record(average=exercise("not-attempted"), scaled=exercise("failed"))
    (found,) = told(places, ALONE, made, "scaled")
    assert found.startswith("solutions/lab1/perceptron.py, line 55: `scaled` loses points where all others are empty: ")
    assert found.endswith("Name those that it builds on in BUILDS_ON of test_perceptron.py.")


def test_a_check_that_an_empty_exercise_passes_is_told(places):
    made = record(average=exercise("passed"), scaled=exercise("passed"))
    (found,) = told(places, ALONE, made, "average")
    start = (
        "checks/lab1/test_perceptron.py, line 38: test_scaled accepts an empty `scaled`, where only `average` is solved"
    )
    assert found.startswith(start)


def test_a_misconception_that_costs_other_exercises_is_told(places):
    made = record(count_above=exercise("failed", "test_count_above", HINT), scaled=exercise("failed"))
    (found,) = told(places, MISCONCEPTION, made, "count_above", WRONG)
    assert found == (
        "checks/lab1/misconceptions/perceptron.py, line 2: at_least costs points of `scaled` as well: name "
        "`count_above` in BUILDS_ON of test_perceptron.py as what they build on."
    )


def test_a_misconception_without_any_hint_is_told(places):
    (found,) = told(
        places, MISCONCEPTION, record(count_above=exercise("timeout", "test_count_above")), "count_above", WRONG
    )
    assert "at_least is caught, but its hint is not shown: no hint is" in found


def test_what_is_as_it_should_be_is_not_told(places):
    right = record(average=exercise("passed"), scaled=exercise("passed"))
    assert told(places, REFERENCE, right) == []
    assert told(places, RIGHT_ANSWER, right, "average", WRONG) == []
    assert told(places, RELEASE, record(average=exercise("not-attempted"))) == []
    assert told(places, ALONE, record(average=exercise("passed"), scaled=exercise("failed")), "average") == []
    caught = record(count_above=exercise("failed", "test_count_above", HINT), scaled=exercise("passed"))
    assert told(places, MISCONCEPTION, caught, "count_above", WRONG) == []
