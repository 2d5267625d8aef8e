"""Results: whole lines, nothing lost, nothing doubled, and recognised when they come again."""

from __future__ import annotations

import msgspec
import pytest

from autograder.errors import UsageError
from autograder.trusted.records import NotebookRecord, Results, fingerprint, read_results, write_grades


def record(
    student: str = "s01", notebook: str = "perceptron", earned: float = 20.0, print_: str = "f"
) -> NotebookRecord:
    return NotebookRecord(student, "week06", notebook, "graded", earned, 25.0, 0.1, fingerprint=print_)


def test_records_are_read_back_in_the_order_of_students(tmp_path):
    with Results(tmp_path).opened() as results:
        results.add(record("s02"))
        results.add(record("s01"))
    assert [each.student for each in read_results(tmp_path / "results.jsonl")] == ["s01", "s02"]


def test_each_record_is_on_disk_as_a_whole_line_at_once(tmp_path):
    with Results(tmp_path).opened() as results:
        results.add(record())
        assert results.path.read_bytes() == msgspec.json.encode(record()) + b"\n"


def test_a_regraded_notebook_takes_the_place_of_its_record(tmp_path):
    with Results(tmp_path).opened() as results:
        results.add(record(earned=1.0))
    with Results(tmp_path).opened() as results:
        results.add(record(earned=2.0))
    assert [each.earned for each in read_results(tmp_path / "results.jsonl")] == [2.0]


def test_a_line_cut_off_by_a_kill_is_passed_over_and_the_rest_is_kept(tmp_path):
    path = tmp_path / "results.jsonl"
    path.write_bytes(msgspec.json.encode(record()) + b"\n" + msgspec.json.encode(record("s02"))[:40])
    with Results(tmp_path).opened() as results:
        assert [each.student for each in results.records] == ["s01"]
        results.add(record("s03"))
    assert [each.student for each in read_results(path)] == ["s01", "s03"]


def test_a_file_of_somebody_elses_is_refused_and_left_as_it_is(tmp_path):
    path = tmp_path / "results.jsonl"
    path.write_text("my shopping list\nmilk\n")
    with pytest.raises(UsageError, match="line 1 is no record"), Results(tmp_path).opened():
        pass
    assert path.read_text() == "my shopping list\nmilk\n"


def test_only_the_very_same_notebook_and_settings_count_as_graded(tmp_path):
    with Results(tmp_path).opened() as results:
        results.add(record(print_=fingerprint(b"notebook", b"settings")))
    with Results(tmp_path).opened() as results:
        assert results.graded("s01", "perceptron", fingerprint(b"notebook", b"settings")) is not None
        assert results.graded("s01", "perceptron", fingerprint(b"notebook", b"others")) is None
        assert results.graded("s01", "tensor_ops", fingerprint(b"notebook", b"settings")) is None


def test_bytes_moved_from_one_part_to_the_next_give_another_fingerprint():
    assert fingerprint(b"ab", b"c") != fingerprint(b"a", b"bc")


def test_two_runs_cannot_write_to_one_folder(tmp_path):
    with Results(tmp_path).opened(), pytest.raises(UsageError, match="Another run"), Results(tmp_path).opened():
        pass


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="file/out cannot be written"), Results(tmp_path / "file" / "out").opened():
        pass


def test_grades_have_a_column_a_notebook_and_a_total(tmp_path):
    write_grades(tmp_path / "grades.csv", [record("s01", "a", 1.5), record("s01", "b", 2.0), record("s02", "b", 0.0)])
    assert (tmp_path / "grades.csv").read_text() == "student,a,b,total\ns01,1.5,2,3.5\ns02,,0,0\n"


def test_a_student_called_a_formula_is_text_in_the_grades(tmp_path):
    write_grades(tmp_path / "grades.csv", [record("=cmd|'x'!A1"), record("a\x1b[2Jb\nc")])
    lines = (tmp_path / "grades.csv").read_text().splitlines()
    assert lines[1].startswith("'=cmd")
    assert lines[2].startswith("a[2Jb c,")
