"""The behaviours of nbgrader's autograde that a user relies on, by nbgrader's own tests of them."""

from __future__ import annotations

import pytest

from tests.faces.nbgrader.peer import run_peer_tests

pytestmark = pytest.mark.thorough

RELIED_ON = (
    "test_grade",  # error is zero, partial credit, manual cells
    "test_grade_with_validating_envvar",
    "test_grade_missing_notebook",
    "test_showtraceback_exploit",
    "test_grade_overwrite_files",
    "test_missing_source_kernelspec",
    "test_infinite_loop",
    "test_autograde_timeout",
)


@pytest.fixture(scope="module")
def outcomes():
    return run_peer_tests(*RELIED_ON)


@pytest.mark.parametrize("name", RELIED_ON)
def test_nbgraders_own_test_passes_with_this_engine(outcomes, name):
    assert outcomes[name] == "passed"
