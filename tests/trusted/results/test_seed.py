"""The seed of a class: drawn once, kept with its results, changed on demand only."""

from __future__ import annotations

import stat

import msgspec
import pytest

from autograder.errors import UsageError
from autograder.trusted.results.records import NotebookRecord
from autograder.trusted.results.seed import SEED, seed_of
from autograder.trusted.results.store import RESULTS


def test_a_seed_is_drawn_once_and_kept(tmp_path):
    assert seed_of(tmp_path / "graded") == seed_of(tmp_path / "graded")


def test_two_classes_have_two_seeds(tmp_path):
    assert len({seed_of(tmp_path / str(number)) for number in range(4)}) > 1


def test_only_the_tutor_can_read_it(tmp_path):
    seed_of(tmp_path)
    assert stat.S_IMODE((tmp_path / SEED).stat().st_mode) == 0o600


def test_a_seed_that_is_named_stays(tmp_path):
    first = seed_of(tmp_path)
    assert seed_of(tmp_path, first + 1 if first < 1_000 else 7) == seed_of(tmp_path)


def test_a_class_that_was_graded_without_a_seed_beside_it_keeps_its_own(tmp_path):
    record = NotebookRecord("s", "week06", "n", "graded", 1.0, 1.0, 0.1, {}, seed=90051)
    (tmp_path / RESULTS).write_bytes(msgspec.json.encode(record) + b"\n")
    assert seed_of(tmp_path) == 90051


@pytest.mark.parametrize("odd", ["", "-1", "x", "1" * 5_000, "٣", str(2**31)])
def test_what_is_no_seed_is_refused_in_a_sentence(tmp_path, odd):
    (tmp_path / SEED).write_text(odd, encoding="utf-8")
    with pytest.raises(UsageError, match="holds no seed"):
        seed_of(tmp_path)
