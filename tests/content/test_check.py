"""The assignment is proved by the author's own command; how it says what it finds is tested in tests/author."""

from __future__ import annotations

import os

import pytest

from autograder.author.check.again import OTHER_SEED
from autograder.author.check.assignment import How, check_assignment
from autograder.trusted.execution.template_process import SANDBOX
from autograder.trusted.grading.settings import FIXED_SEED


def seed() -> int:
    """The other seed: that of AUTOGRADER_SEED, if it is set."""
    given = int(os.environ.get("AUTOGRADER_SEED", OTHER_SEED))
    return given if given != FIXED_SEED else OTHER_SEED


@pytest.mark.thorough
def test_autograder_check_finds_nothing_wrong(course):
    proof = check_assignment(course, How(1, SANDBOX, seed=seed()))
    assert [str(complaint) for complaint in proof.complaints] == []
    assert [note for note in proof.notes if "table" in note] == []
    assert proof.cases > 500


@pytest.mark.thorough
def test_no_mechanical_mutant_keeps_its_points_without_a_reason(course):
    proof = check_assignment(course, How(2, SANDBOX, mutants=True))
    assert [str(complaint) for complaint in proof.complaints] == []
    assert proof.mutants > 200
