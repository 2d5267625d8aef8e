"""Whatever a notebook's bytes are, it is read or refused, at once and within bounds."""

import pytest

from tests.damage.fuzz import MEMORY_MIB, SECONDS_EACH, fuzz, grade_mutated


@pytest.mark.parametrize("seed", [1, 2])
def test_notebooks_mutated_at_random_are_read_or_refused(seed):
    ended, longest, gained = fuzz(100, seed)
    assert set(ended) >= {"unreadable", "read", "repaired"}
    assert longest < 10 * SECONDS_EACH
    assert gained < MEMORY_MIB


@pytest.mark.thorough
def test_mutated_notebooks_among_innocents_end_no_run_and_move_no_mark(tmp_path):
    graded = grade_mutated(60, 3, tmp_path)
    assert graded.wrong == []
    assert set(graded.statuses) >= {"graded", "unreadable"}
