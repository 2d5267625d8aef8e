"""Interned records: equal exercises are kept once, and nothing is taken for equal that is not."""

from __future__ import annotations

import tracemalloc

import msgspec
import pytest

from autograder.trusted.results.interned import Interned
from autograder.trusted.results.records import CheckRecord, ExerciseRecord, NotebookRecord
from autograder.trusted.results.store import Results, read_results


def notebook(student: str, earned: float = 5.0, message: str = "", device: str = "cpu") -> NotebookRecord:
    check = CheckRecord("test_update_adds", "It adds y x.", "passed", 5.0, message, devices={device: "passed"})
    exercises = {"update": ExerciseRecord(earned, 5.0, (check,))}
    return NotebookRecord(student, "week06", "perceptron", "graded", earned, 25.0, 0.1, exercises)


def exercise(**said) -> ExerciseRecord:
    return notebook("ada", **said).exercises["update"]


def test_equal_exercises_are_one():
    shared = Interned()
    first = shared.of(exercise())
    assert shared.of(exercise()) is first
    assert first == exercise()


@pytest.mark.parametrize("other", [{"earned": 4.0}, {"message": "Is eta there?"}, {"device": "sim"}])
def test_exercises_that_differ_in_anything_stay_what_they_are(other):
    shared = Interned()
    shared.of(exercise())
    assert shared.of(exercise(**other)) == exercise(**other)


def test_what_is_read_is_what_was_written_and_shared(tmp_path):
    with Results(tmp_path).opened() as results:
        kept = [results.add(notebook(student)) for student in ("ada", "ben")]
    assert kept[0].exercises["update"] is kept[1].exercises["update"]
    read = read_results(tmp_path / "results.jsonl")
    assert read == kept
    assert read[0].exercises["update"] is read[1].exercises["update"]


def test_records_whose_exercises_are_alike_take_less_than_a_kilobyte_each(tmp_path):
    path = tmp_path / "results.jsonl"
    words = "Follow each path back from the loss. " * 100
    with path.open("wb") as file:
        file.writelines(msgspec.json.encode(notebook(f"s{k}", message=words)) + b"\n" for k in range(2_000))
    tracemalloc.start()
    try:
        records = read_results(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert path.stat().st_size > 4_000 * len(records)
    assert peak < 1_000 * len(records)
