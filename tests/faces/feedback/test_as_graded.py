"""The code that the report shows: what was graded, of exercises that lost points, bounded, and from no link."""

from __future__ import annotations

import pytest

from autograder.author.samples import edited
from autograder.faces.feedback import as_graded
from autograder.faces.feedback.as_graded import code_that_failed
from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.grading.settings import Settings, settings_fingerprint
from autograder.trusted.results import outcomes
from autograder.trusted.results.fingerprint import fingerprint
from autograder.trusted.similarity.files import read_works
from autograder.trusted.submissions.find import find_submissions
from tests.faces.classes import check, exercise, notebook

UPDATE = "def update(w, x, y, eta=1.0):\n    return w"
RIGHT, WRONG = exercise(check("a")), exercise(check("a", outcomes.FAILED))


@pytest.fixture
def handed_in(tmp_path):
    """A student's file, the folder of the class, and the record of what was graded."""
    path = tmp_path / "submitted" / "ada" / "week06" / "perceptron.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(edited(KIT / "source" / "week06" / "perceptron.ipynb", {"update": UPDATE}, ()), encoding="utf-8")
    course = Course(KIT)
    known = fingerprint(path.read_bytes(), settings_fingerprint(course, Settings(seed=7)), b"")
    record = notebook("ada", {"update": WRONG, "margin": RIGHT}, seed=7, fingerprint=known)
    return course, path, record


def code_of(course, path, record):
    submissions = find_submissions([path.parents[2]], course.assignment, course.notebooks, course.released)
    return code_that_failed(course, submissions, Settings(), [record], read_works(course, submissions))


def test_only_what_lost_points_is_shown(handed_in, monkeypatch):
    course, path, record = handed_in
    monkeypatch.setattr(as_graded, "fingerprint", lambda *_: record.fingerprint)
    assert code_of(course, path, record) == {("ada", "perceptron", "update"): UPDATE}


def test_a_file_that_is_not_what_was_graded_shows_nothing(handed_in):
    course, path, record = handed_in
    path.write_text(path.read_text().replace("return w", "return 2 * w"))
    assert code_of(course, path, record) == {}


def test_a_link_shows_nothing(handed_in, monkeypatch, tmp_path):
    course, path, record = handed_in
    monkeypatch.setattr(as_graded, "fingerprint", lambda *_: record.fingerprint)
    path.rename(tmp_path / "elsewhere.ipynb")
    path.symlink_to(tmp_path / "elsewhere.ipynb")
    assert code_of(course, path, record) == {}


def test_a_flood_of_code_is_cut(handed_in, monkeypatch):
    course, path, record = handed_in
    monkeypatch.setattr(as_graded, "fingerprint", lambda *_: record.fingerprint)
    monkeypatch.setattr(as_graded, "MAX_CODE", 10)
    assert code_of(course, path, record) == {("ada", "perceptron", "update"): f"{UPDATE[:10]}\n…"}
