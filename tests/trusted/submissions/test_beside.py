"""A notebook finds the files beside it in its student's own folder, and nothing else."""

from __future__ import annotations

import json
import os

import pytest

from autograder.author.samples import edited
from autograder.trusted.grading.class_run import Task
from autograder.trusted.submissions import beside
from autograder.trusted.submissions.beside import files_beside
from autograder.trusted.submissions.find import find_submissions


@pytest.fixture
def grade_tree(course, grade, tmp_path):
    """Grades one student's perceptron.ipynb in a submitted/ tree with more files in it."""

    def graded(files, edits, last=()):
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        notebook = json.loads(edited(course.source / "perceptron.ipynb", edits, last))
        place = tmp_path / "ada" / "week06" / "perceptron.ipynb"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(notebook))
        submissions = find_submissions([tmp_path], "week06", course.notebooks)
        (mine,) = [each for each in submissions if each.student == "ada" and each.notebook == "perceptron"]
        done = grade.task(Task(mine))
        assert not done.fault
        return done.record

    return graded


@pytest.fixture
def using(course):
    def text(line):
        source = course.notebooks["perceptron"].stubs["update"]
        return source.replace("    return w + eta", f"    {line}\n    return w + eta")

    return text


def test_a_module_and_a_table_beside_the_notebook_are_there(grade_tree, using):
    record = grade_tree(
        {"ada/week06/helpers.py": "rate = 1.0\n", "ada/week06/data/points.csv": "1,2\n"},
        {
            "update": "from helpers import rate\n\n"
            + using("assert rate and open('data/points.csv').read() == '1,2\\n'")
        },
    )
    assert (record.earned, record.needs_review) == (25, ())


def test_what_the_notebook_writes_into_a_file_can_be_imported(grade_tree, using):
    record = grade_tree(
        {}, {"update": using("assert mine.rate")}, last=("%%writefile mine.py\nrate = 1.0", "import mine")
    )
    assert record.earned == 25, record


def test_an_exercise_may_be_imported_from_a_module_beside_the_notebook(grade_tree):
    source = (
        "def update(w, x, y, eta=1.0):\n    return w + eta * y * x if y * (w @ x + (w @ x == 0)) <= 0 else w.clone()"
    )
    record = grade_tree({"ada/week06/helpers.py": source}, {"update": "from helpers import update\nx = 1"})
    assert (record.earned, record.needs_review) == (25, ())


def test_another_students_files_are_not_there(grade_tree, using):
    record = grade_tree(
        {"bob/week06/helpers.py": "rate = 1.0\n", "helpers.py": "rate = 1.0\n"},
        {"update": "from helpers import rate\n\n" + using("assert rate")},
    )
    assert record.exercises["update"].earned == 0
    assert "imports `helpers`, which this machine lacks" in record.needs_review[0]


def test_a_link_is_not_followed_and_is_told(grade_tree, using, tmp_path):
    (tmp_path / "ada" / "week06").mkdir(parents=True)
    (tmp_path / "secret.txt").write_text("words")
    os.symlink(tmp_path / "secret.txt", tmp_path / "ada" / "week06" / "mine.txt")
    record = grade_tree({}, {"update": using("assert open('mine.txt')")})
    assert record.exercises["update"].earned == 0
    assert "it did not find `mine.txt`" in record.needs_review[0]


def test_files_are_bounded_in_number_bytes_and_depth(tmp_path, monkeypatch):
    monkeypatch.setattr(beside, "MAX_FILES", 2)
    monkeypatch.setattr(beside, "MAX_BYTES", 100)
    monkeypatch.setattr(beside, "MAX_FOLDERS_DEEP", 1)
    for name, size in {"a": 60, "b": 60, "c": 10, "d": 10}.items():
        (tmp_path / name).write_bytes(b"x" * size)
    found = files_beside(tmp_path, tmp_path)
    assert (sorted(found.content), found.left_out) == (["a", "c"], ("b", "d"))
    (tmp_path / "c").unlink()
    (tmp_path / "d").unlink()
    (tmp_path / "e" / "f").mkdir(parents=True)
    (tmp_path / "e" / "f" / "deep").write_bytes(b"x")
    assert files_beside(tmp_path, tmp_path).left_out == ("b", "f")


def test_notebooks_hidden_files_and_caches_are_not_copied(tmp_path):
    for name in ("perceptron.ipynb", "OTHER.IPYNB", ".git", "__pycache__"):
        (tmp_path / name).write_bytes(b"x")
    assert files_beside(tmp_path, tmp_path).content == {}


def test_a_notebook_whose_files_have_changed_is_graded_anew(tmp_path):
    (tmp_path / "helpers.py").write_text("rate = 1.0")
    before = files_beside(tmp_path, tmp_path).parts
    (tmp_path / "helpers.py").write_text("rate = 2.0")
    assert files_beside(tmp_path, tmp_path).parts != before
