"""`autograder grade`, around the grading: what is said of earlier runs, of a stop, and of pages that are old."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import nbformat
import pytest

from autograder.author.samples import copy_assignment, edited
from autograder.faces.commands import grade as grade_module
from autograder.faces.nbgrader.messages import ClassOrder, OrderedNotebook
from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.results.store import read_results
from tests.command_line import autograder

FOREVER = "def margin(w, X, y):\n    while True: pass"
NEVER_MOVES = "def update(w, x, y, eta=1.0):\n    return w"


def hand_in(root: Path, student: str, edits: dict[str, str]) -> None:
    path = root / "submitted" / student / "week06" / "perceptron.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(edited(KIT / "source" / "week06" / "perceptron.ipynb", edits, ()), encoding="utf-8")


@pytest.fixture
def root(tmp_path):
    copy_assignment(Course(KIT), tmp_path / "course")
    return tmp_path / "course"


def command(*words: object) -> list[str]:
    return [sys.executable, "-m", "autograder", "grade", "--jobs", "1", *map(str, words)]


def run(root: Path, *words: object) -> subprocess.CompletedProcess[str]:
    done = autograder("grade", "--jobs", "1", *words, cwd=root)
    assert done.returncode == 0, done.stderr
    return done


def page_before_a_better_notebook(root: Path) -> Path:
    """A feedback page of work that was graded, and has since been handed in anew, without its mistake."""
    hand_in(root, "ada", {"update": NEVER_MOVES})
    run(root)
    page = root / "graded" / "week06" / "feedback" / "ada.html"
    page.parent.mkdir()
    page.write_text("<p>as it was</p>")
    hand_in(root, "ada", {})
    return page


@pytest.mark.thorough
def test_marks_that_moved_are_said_once_and_their_pages_go(root):
    page = page_before_a_better_notebook(root)
    moved = run(root)
    assert "1 mark moved since" in moved.stdout
    assert "1 feedback page is older than the marks, and is removed" in moved.stderr
    assert not page.exists()
    again = run(root)
    assert "moved since" not in again.stdout
    assert "feedback page" not in again.stderr


@pytest.mark.thorough
def test_ctrl_c_says_what_is_graded_and_the_same_command_goes_on(root):
    hand_in(root, "ada", {})
    hand_in(root, "bob", {"margin": FOREVER})
    running = subprocess.Popen(
        command("--timeout", 60), cwd=root, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        start_new_session=True,
    )  # fmt: skip
    results = root / "graded" / "week06" / "results.jsonl"
    patience = time.monotonic() + 120
    while not (results.is_file() and b'"graded"' in results.read_bytes()) and time.monotonic() < patience:
        time.sleep(0.05)
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does, to the graders as well
    said = running.communicate(timeout=60)[1]
    assert running.returncode == 130, said
    assert "autograder: stopped: " in said
    assert f"notebooks are graded, and kept in {results}" in said
    assert "Traceback" not in said
    assert "graded before and unchanged" in run(root, root / "submitted" / "ada", "--timeout", 60).stdout


@pytest.mark.thorough
def test_a_gradebook_that_cannot_be_read_is_told_and_the_class_is_graded(root):
    hand_in(root, "ada", {})
    (root / "gradebook.db").write_bytes(b"no database" * 100)
    done = run(root)
    assert "gradebook.db cannot be read" in done.stderr
    assert "the marks are those of the checks alone" in done.stderr
    assert (root / "graded" / "week06" / "report.html").is_file()


def test_how_to_go_on_is_said_in_a_sentence():
    said = grade_module._how_to_go_on(3, 56, Path("graded/week06/results.jsonl"))
    assert said.startswith("stopped: 3 of 56 notebooks are graded, and kept in graded/week06/results.jsonl.")


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not here")
def test_git_leaves_out_all_that_a_course_makes():
    made = [
        "grades.csv", "gradebook.db", "gradebook.db-journal", "gradebook.db.bak", "feedback/ada/week06/x.html",
        "downloaded/week06/archive/x.zip", "submitted/ada/week06/x.ipynb", "autograded/ada/week06/x.ipynb",
        "graded/week06/results.jsonl", "graded/week06/exercises.csv", "solution/week06/x.ipynb", ".nbgrader.log",
        "exchange/comp90051/inbound/x", "autograder.zip",
    ]  # fmt: skip
    told = subprocess.run(["git", "check-ignore", *made], cwd=KIT, capture_output=True, text=True)
    assert told.stdout.splitlines() == made


@pytest.mark.thorough
def test_nbgraders_server_removes_old_pages_and_writes_the_tables_too(root):
    page = page_before_a_better_notebook(root)
    path = root / "submitted" / "ada" / "week06" / "perceptron.ipynb"
    order = ClassOrder(
        str(root), "week06", (OrderedNotebook("ada", "perceptron", str(path), (), str(root / "submitted")),), 5.0, None,
        "sandbox", 1, False,
    )  # fmt: skip
    subprocess.run(
        [sys.executable, "-m", "autograder.faces.nbgrader.server"],
        input=msgspec.json.encode(order), cwd=root, capture_output=True, check=True, timeout=200,
    )  # fmt: skip
    assert not page.exists()
    assert "perceptron update" in (root / "graded" / "week06" / "exercises.csv").read_text()


@pytest.mark.thorough
def test_a_question_for_a_person_beside_hidden_checks_raises_no_doubt_and_keeps_its_points(root):
    """An essay, answered, and a piece of code that no check judges: both wait for a person."""
    hand_in(root, "ada", {})
    submitted = root / "submitted" / "ada" / "week06" / "perceptron.ipynb"
    for path in (*(root / name / "week06" / "perceptron.ipynb" for name in ("source", "release")), submitted):
        notebook = nbformat.read(path, as_version=4)
        answer = "My essay: def update is an update." if path == submitted else "Write here."
        essay = nbformat.v4.new_markdown_cell(answer, metadata={"nbgrader": _by_hand("essay", 5)})
        free = nbformat.v4.new_code_cell("raise NotImplementedError()", metadata={"nbgrader": _by_hand("free", 4)})
        notebook.cells[3:3] = [essay, free]
        nbformat.write(notebook, path)
    run(root)
    found = read_results(root / "graded" / "week06" / "results.jsonl")
    record = next(each for each in found if each.notebook == "perceptron")
    assert (record.earned, record.possible) == (25.0, 34.0)
    assert (record.needs_review, record.repairs) == ((), ())
    assert {name: each.possible for name, each in record.exercises.items() if name in {"essay", "free"}} == {
        "essay": 5.0,
        "free": 4.0,
    }


def _by_hand(grade_id: str, points: int) -> dict:
    return {
        "grade_id": grade_id, "grade": True, "solution": True, "locked": False, "task": False, "schema_version": 3,
        "points": points,
    }  # fmt: skip
