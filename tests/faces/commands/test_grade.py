"""`autograder grade`, around the grading: what is said of earlier runs, of a stop, and of pages that are old."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.author.samples import copy_assignment, edited
from autograder.faces.commands import grade as grade_module
from autograder.trusted.assignment.course import KIT, Course

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
    done = subprocess.run(command(*words), cwd=root, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done


def test_marks_that_moved_are_said_once_and_their_pages_go(root):
    hand_in(root, "ada", {"update": NEVER_MOVES})
    run(root)
    page = root / "graded" / "week06" / "feedback" / "ada.html"
    page.parent.mkdir()
    page.write_text("<p>as it was</p>")
    hand_in(root, "ada", {})
    moved = run(root)
    assert "1 mark moved since" in moved.stdout
    assert "1 feedback page is older than the marks, and is removed" in moved.stderr
    assert not page.exists()
    again = run(root)
    assert "moved since" not in again.stdout
    assert "feedback page" not in again.stderr


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


def test_git_leaves_out_all_that_a_course_makes():
    made = [
        "grades.csv", "gradebook.db", "gradebook.db-journal", "gradebook.db.bak", "feedback/ada/week06/x.html",
        "downloaded/week06/archive/x.zip", "submitted/ada/week06/x.ipynb", "autograded/ada/week06/x.ipynb",
        "graded/week06/results.jsonl", "graded/week06/exercises.csv", "solution/week06/x.ipynb", ".nbgrader.log",
        "exchange/comp90051/inbound/x", "autograder.zip",
    ]  # fmt: skip
    told = subprocess.run(["git", "check-ignore", *made], cwd=KIT, capture_output=True, text=True)
    assert told.stdout.splitlines() == made
