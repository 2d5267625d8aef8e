"""Whatever a docstring says is checked: each sentence has a misconception that violates it, and a check that tells.

The rows stand in sentences/, a file for each notebook. A sentence that is changed or new has no row, and fails here.
"""

from __future__ import annotations

import os
import tomllib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.grading.grader import Grader
from autograder.trusted.grading.pytest_session import collect_checks
from autograder.trusted.grading.settings import FIXED_SEED, Settings
from tests.content.docstrings import sentences_of

if TYPE_CHECKING:
    from autograder.trusted.execution.workers import Workers

COURSE = Course(KIT)
EXERCISES = [(notebook, exercise) for notebook, plan in COURSE.notebooks.items() for exercise in plan.exercises]
TABLES = {
    notebook: tomllib.loads((Path(__file__).parent / "sentences" / f"{notebook}.toml").read_text(encoding="utf-8"))
    for notebook in COURSE.notebooks
}
MOST_WITHOUT_A_PROMISE = 6  # of all sentences: what a caller gives, and no more


def rows(notebook: str, exercise: str) -> list[dict[str, Any]]:
    table: list[dict[str, Any]] = TABLES[notebook].get(exercise, [])
    return table


@pytest.mark.parametrize(("notebook", "exercise"), EXERCISES)
def test_every_sentence_of_a_docstring_has_a_row(notebook, exercise):
    source = (COURSE.solutions / f"{notebook}.py").read_text(encoding="utf-8")
    assert [row["says"] for row in rows(notebook, exercise)] == sentences_of(source, exercise)


@pytest.mark.parametrize("notebook", COURSE.notebooks)
def test_no_row_is_about_something_else(notebook):
    assert set(TABLES[notebook]) == set(COURSE.notebooks[notebook].exercises)


@pytest.mark.parametrize(("notebook", "exercise"), EXERCISES)
def test_every_sentence_is_violated_by_a_misconception_or_says_why_it_cannot_be(notebook, exercise):
    for row in rows(notebook, exercise):
        assert set(row) in ({"says", "violated_by"}, {"says", "promises_nothing"})
        assert row.get("violated_by") or row.get("promises_nothing")


def test_few_sentences_promise_nothing():
    without = [row["says"] for case in EXERCISES for row in rows(*case) if "promises_nothing" in row]
    assert len(without) <= MOST_WITHOUT_A_PROMISE, without


@pytest.fixture(scope="module")
def caught(workers: Workers) -> dict[tuple[str, str, str], set[str]]:
    """By notebook, exercise and name, the checks that each misconception fails."""
    seed = int(os.environ.get("AUTOGRADER_SEED", FIXED_SEED))
    grader = Grader(COURSE, workers, collect_checks(COURSE), Settings(seed=seed))
    found = {}
    for notebook in COURSE.notebooks:
        variants = COURSE.misconceptions(notebook)
        for variant, verdicts in zip(variants, grader.check_variants(notebook, variants), strict=True):
            failed = {check.name for check, verdict in verdicts.items() if verdict.outcome in ("failed", "raised")}
            found[notebook, variant.exercise, variant.name] = failed
    return found


@pytest.mark.parametrize(("notebook", "exercise"), EXERCISES)
def test_the_check_that_is_named_fails_for_the_misconception(notebook, exercise, caught):
    broken = [
        f"{row['says']} {name} should fail {check}, but fails {caught.get((notebook, exercise, name))}"
        for row in rows(notebook, exercise)
        for name, check in row.get("violated_by", {}).items()
        if check not in caught.get((notebook, exercise, name), ())
    ]
    assert broken == []


def test_every_check_is_named_by_a_sentence():
    """A check that no sentence names punishes what nobody said."""
    named = Counter(
        (notebook, check)
        for notebook, exercise in EXERCISES
        for row in rows(notebook, exercise)
        for check in row.get("violated_by", {}).values()
    )
    checks = {(check.notebook, check.name) for check in collect_checks(COURSE)}
    assert checks - set(named) == set()
