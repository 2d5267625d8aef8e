"""Results: whole lines, nothing lost, nothing doubled, and recognised when they come again."""

from __future__ import annotations

import csv
from pathlib import Path

import msgspec
import pytest

from autograder.errors import UsageError
from autograder.trusted.results.fingerprint import fingerprint, fingerprint_of_files
from autograder.trusted.results.records import NotebookRecord
from autograder.trusted.results.store import Results, read_earlier_results, read_results, read_results_at, write_grades


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


def test_a_line_cut_off_within_a_character_is_passed_over(tmp_path):
    path = tmp_path / "results.jsonl"
    cut = msgspec.json.encode(record("李华"))
    path.write_bytes(msgspec.json.encode(record()) + b"\n" + cut[: cut.index("李".encode()) + 1])
    assert [each.student for each in read_results(path)] == ["s01"]


def test_a_last_line_that_lacks_only_its_end_is_kept_apart_from_the_next(tmp_path):
    path = tmp_path / "results.jsonl"
    path.write_bytes(msgspec.json.encode(record("s01")))
    with Results(tmp_path).opened() as results:
        results.add(record("s02"))
    assert [each.student for each in read_results(path)] == ["s01", "s02"]


@pytest.mark.parametrize(
    "line", [b" ", b"7", b"[]", b'{"student": "s01"}', b"\xff\xfe", b"[" * 10**5, b'{"student": "s']
)
def test_a_foreign_line_among_records_is_named_by_its_number(tmp_path, line):
    path = tmp_path / "results.jsonl"
    whole = msgspec.json.encode(record()) + b"\n"
    path.write_bytes(whole + line + b"\n" + whole)
    with pytest.raises(UsageError, match="line 2 is no record"):
        read_results(path)


def test_a_run_that_breaks_leaves_tidy_results_and_grades(tmp_path):
    with pytest.raises(KeyboardInterrupt), Results(tmp_path).opened() as results:  # noqa: PT012  # it breaks within
        results.add(record("s02"))
        results.add(record("s01"))
        raise KeyboardInterrupt
    assert [each.student for each in read_results(tmp_path / "results.jsonl")] == ["s01", "s02"]
    assert (tmp_path / "grades.csv").read_text().count("\n") == 3


def test_a_rewrite_that_fails_leaves_the_old_file_whole_and_nothing_beside_it(tmp_path, monkeypatch):
    with Results(tmp_path).opened() as results:
        results.add(record())
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(UsageError, match="No space left"), Results(tmp_path).opened():
        pass
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_disk_that_fills_up_in_the_middle_is_said_and_what_was_written_stands(tmp_path):
    with pytest.raises(UsageError, match="make room"), Results(tmp_path).opened() as results:  # noqa: PT012
        results.add(record("s01"))
        results._file.close()
        with Path("/dev/full").open("wb", buffering=0) as results._file:
            results.add(record("s02"))
    assert [each.student for each in read_results(tmp_path / "results.jsonl")] == ["s01"]


def test_a_folder_in_the_place_of_the_results_is_named(tmp_path):
    (tmp_path / "results.jsonl").mkdir()
    with pytest.raises(UsageError, match="cannot be written"), Results(tmp_path).opened():
        pass


def test_a_run_may_follow_one_that_was_refused(tmp_path):
    path = tmp_path / "results.jsonl"
    path.write_text("not ours\n")
    with pytest.raises(UsageError), Results(tmp_path).opened():
        pass
    path.unlink()
    with Results(tmp_path).opened() as results:
        assert results.records == []


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


def test_files_count_with_their_names_and_bytes_in_whatever_order_they_come(tmp_path):
    one, two = tmp_path / "one.py", tmp_path / "two.py"
    one.write_text("a")
    two.write_text("b")
    before = fingerprint_of_files([one, two])
    assert fingerprint_of_files([two, one]) == before
    one.write_text("b")
    two.write_text("a")
    assert fingerprint_of_files([one, two]) != before


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


@pytest.mark.parametrize("name", ["a,b", 'say "hi"', "a\r\nb", "a\0b", "\u202eada", "-1", "=1\t+1"])
def test_whatever_a_student_is_called_is_one_cell_of_one_row(tmp_path, name):
    write_grades(tmp_path / "grades.csv", [record(name)])
    with (tmp_path / "grades.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert [len(row) for row in rows] == [3, 3]
    assert rows[1][1:] == ["20", "20"]
    assert rows[1][0].isprintable()


def grade_into(folder: Path, *marks: tuple[str, float], killed: bool = False) -> None:
    """One run that grades these students; `killed` before it is over."""
    try:
        with Results(folder).opened() as results:
            for student, earned in marks:
                results.add(record(student, earned=earned))
            if killed:
                raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass


def earlier(folder: Path) -> dict[str, float]:
    return {each.student: each.earned for each in read_earlier_results(folder)}


def test_what_a_regrade_overwrites_is_kept_as_it_was(tmp_path):
    grade_into(tmp_path, ("s01", 20), ("s02", 10))
    grade_into(tmp_path, ("s01", 21))
    assert earlier(tmp_path) == {"s01": 20, "s02": 10}


def test_a_first_grading_and_one_that_adds_students_overwrite_nothing(tmp_path):
    grade_into(tmp_path, ("s01", 20))
    grade_into(tmp_path, ("s02", 10))
    assert earlier(tmp_path) == {}


def test_a_run_that_comes_to_the_same_results_leaves_the_earlier_ones_alone(tmp_path):
    grade_into(tmp_path, ("s01", 20))
    grade_into(tmp_path, ("s01", 21))
    with Results(tmp_path).opened() as results:
        results.add(msgspec.structs.replace(record("s01", earned=21), seconds=9.0, fingerprint="x", repairs=("so",)))
    assert earlier(tmp_path) == {"s01": 20}


def test_a_regrade_that_is_killed_and_resumed_is_compared_with_what_was_before_both(tmp_path):
    grade_into(tmp_path, ("s01", 20), ("s02", 10))
    grade_into(tmp_path, ("s01", 21), killed=True)
    assert earlier(tmp_path) == {"s01": 20, "s02": 10}
    grade_into(tmp_path, ("s02", 11))
    assert earlier(tmp_path) == {"s01": 20, "s02": 10}


def test_a_resumed_regrade_that_finds_nothing_left_to_do_is_over(tmp_path):
    grade_into(tmp_path, ("s01", 20), ("s02", 10))
    grade_into(tmp_path, ("s01", 21), ("s02", 11), killed=True)
    grade_into(tmp_path)
    grade_into(tmp_path, ("s01", 22))
    assert earlier(tmp_path) == {"s01": 21, "s02": 11}


def test_each_regrade_is_compared_with_the_one_before_it(tmp_path):
    for earned in (20, 21, 22):
        grade_into(tmp_path, ("s01", earned))
    assert earlier(tmp_path) == {"s01": 21}


def test_earlier_results_that_cannot_be_kept_stop_the_run_before_anything_is_overwritten(tmp_path, monkeypatch):
    grade_into(tmp_path, ("s01", 20))
    replace = Path.replace

    def refuse(self, target):
        if target.name == "results.regrading.jsonl":
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(UsageError, match="No space left"), Results(tmp_path).opened() as results:
        results.add(record("s01", earned=21))
    assert [each.earned for each in read_results(tmp_path / "results.jsonl")] == [20]


def test_results_are_found_by_their_file_or_its_folder(tmp_path):
    grade_into(tmp_path, ("s01", 20))
    assert read_results_at(tmp_path) == read_results_at(tmp_path / "results.jsonl") != []
    with pytest.raises(UsageError, match=r"There is no .*nowhere"):
        read_results_at(tmp_path / "nowhere")
