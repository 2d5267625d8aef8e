"""`autograder compare`, as a tutor types it."""

from __future__ import annotations

import json

import msgspec
import pytest
from click.testing import CliRunner

from autograder.faces.commands.main import main
from autograder.trusted.results.records import CheckRecord, ExerciseRecord, NotebookRecord
from autograder.trusted.results.store import Results


def record(student: str, outcome: str) -> NotebookRecord:
    check = CheckRecord("test_at_zero", "f(0) = +1.", outcome, 2.0)
    earned = 2.0 if outcome == "passed" else 0.0
    exercises = {"activation": ExerciseRecord(earned, 2.0, (check,))}
    return NotebookRecord(student, "week06", "perceptron", "graded", earned, 2.0, 0.1, exercises)


@pytest.fixture
def graded(tmp_path):
    """A folder in which ada's mark moved up, bao's stayed, and a student with a hostile name moved down."""
    for outcomes in ({"ada": "failed", "bao": "passed", "\x1b[2Jx": "passed"}, {"ada": "passed", "\x1b[2Jx": "failed"}):
        with Results(tmp_path).opened() as results:
            for student, outcome in outcomes.items():
                results.add(record(student, outcome))
    return tmp_path


def compare(*words: object):
    return CliRunner(env={"COLUMNS": "160"}).invoke(main, ["compare", *map(str, words)])


def test_a_folder_is_compared_with_what_it_held_before_its_last_regrade(graded):
    shown = compare(graded)
    assert shown.exit_code == 0, shown.output
    assert "ada" in shown.output
    assert "activation / at_zero: failed became passed (+2)" in shown.output
    assert "2 marks of 2 students moved; 1 notebook as before." in shown.output
    assert "\x1b" not in shown.output


def test_two_results_are_compared_as_json_by_file_or_by_folder(graded):
    done = compare(graded / "results.previous.jsonl", graded, "--json")
    told = json.loads(done.stdout)
    assert {move["student"]: move["moved"] for move in told["moved"]} == {"ada": 2.0, "\x1b[2Jx": -2.0}


def test_the_exit_code_says_on_demand_whether_a_mark_moved(graded):
    assert compare(graded, "--exit-code").exit_code == 3
    assert compare(graded, graded, "--exit-code").exit_code == 0


def test_a_class_of_which_no_mark_moved_says_so(graded):
    assert "No mark moved; 3 notebooks as before." in compare(graded, graded).output


def test_who_is_new_or_gone_is_named(graded, tmp_path_factory):
    other = tmp_path_factory.mktemp("other") / "results.jsonl"
    other.write_bytes(b"".join(msgspec.json.encode(record(name, "passed")) + b"\n" for name in ("bao", "zoe")))
    shown = compare(graded, other).output
    assert "New in the later results: zoe." in shown
    assert "Gone from the later results: [2Jx, ada." in shown


@pytest.mark.parametrize(
    ("places", "complaint"),
    [(("nowhere",), "There is no nowhere"), (("a", "b", "c"), "3 places"), ((".",), "There is no")],
)
def test_wrong_use_gets_one_sentence(places, complaint, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = compare(*places)
    assert done.exit_code == 2
    assert complaint in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_folder_that_was_never_regraded_has_nothing_to_be_compared_with(tmp_path):
    with Results(tmp_path).opened() as results:
        results.add(record("ada", "passed"))
    assert "holds no earlier result" in compare(tmp_path).stderr
