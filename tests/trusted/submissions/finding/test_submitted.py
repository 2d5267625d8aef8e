"""A course may call the folder of what is handed in as it likes: whoever is who is found there as below submitted/."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.trusted.assignment.course_settings import settings_of
from autograder.trusted.submissions.find import find_submissions, holds_a_class
from autograder.trusted.submissions.finding import submitted as module
from autograder.trusted.submissions.finding.submitted import folder_of_a_student, is_submitted
from tests.trusted.submissions.test_find import PLANS, touch

NAMES = ["handed_in", "in/2026"]


@pytest.fixture(params=NAMES)
def course(request, tmp_path):
    """A course whose settings name another folder, in which ada and bob have handed in a notebook."""
    root = tmp_path / "course"
    (root / "source" / "week06").mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.CourseDirectory.submitted_directory = {request.param!r}\n"
    )
    touch(*(root / request.param / student / "week06" / "perceptron.ipynb" for student in ("ada", "bob")))
    return root, root / request.param


def found(*paths: Path) -> set[tuple[str, str]]:
    """Whose each found file is, and its name."""
    return {(each.student, each.notebook) for each in find_submissions(paths, "week06", PLANS) if each.path}


def test_a_courses_root_stands_for_the_folder_that_it_names(course):
    root, _ = course
    assert found(root) == {("ada", "perceptron"), ("bob", "perceptron")}


def test_the_dot_is_a_courses_root_as_well(course, monkeypatch):
    monkeypatch.chdir(course[0])
    assert found(Path()) == {("ada", "perceptron"), ("bob", "perceptron")}


@pytest.mark.parametrize("named", ["bob", "bob/week06", "bob/week06/perceptron.ipynb"])
def test_below_it_the_next_folder_is_the_student_whatever_was_named(course, named):
    _, submitted = course
    assert found(submitted / named) == {("bob", "perceptron")}
    assert not holds_a_class(submitted / named, "week06", PLANS)


def test_a_file_is_its_folders_students_whatever_it_is_called(course):
    _, submitted = course
    odd = submitted / "bob" / "drafts" / "ada_chain_rule.ipynb"
    touch(odd)
    assert found(odd) == {("bob", "chain_rule")}


def test_it_is_a_class_and_no_students(course):
    _, submitted = course
    assert is_submitted(submitted)
    assert holds_a_class(submitted, "week06", PLANS)
    assert found(submitted) == {("ada", "perceptron"), ("bob", "perceptron")}


def test_a_course_without_it_says_the_name_that_its_settings_have(tmp_path):
    touch(tmp_path / "perceptron.ipynb")
    (tmp_path / "nbgrader_config.py").write_text("c.CourseDirectory.submitted_directory = 'handed_in'\n")
    with pytest.raises(UsageError, match=r"There is no .*/handed_in: name the folder with the submissions"):
        found(tmp_path)


def test_settings_that_a_student_hands_in_make_nobody_of_their_folders(course):
    root, submitted = course
    own = submitted / "bob" / "week06"
    (submitted / "bob" / "nbgrader_config.py").write_text("c.CourseDirectory.submitted_directory = 'week06'\n")
    forged = own / "ada" / "chain_rule.ipynb"
    touch(forged)
    assert folder_of_a_student(forged) == submitted / "bob"
    assert found(forged) == {("bob", "chain_rule")}
    assert ("ada", "chain_rule") not in found(root)


@pytest.mark.parametrize(
    "text", ["c.CourseDirectory.submitted_directory = 1 +", "c.CourseDirectory.submitted_directory = 1"]
)
def test_settings_above_that_say_nothing_stop_nobody(tmp_path, text):
    (tmp_path / "nbgrader_config.py").write_text(text)
    path = tmp_path / "course" / "submitted" / "bob" / "perceptron.ipynb"
    touch(path)
    assert found(path) == {("bob", "perceptron")}


def test_a_folder_called_submitted_is_one_in_any_course(course):
    root, _ = course
    path = root / "old" / "submitted" / "cat" / "perceptron.ipynb"
    touch(path)
    assert found(path) == {("cat", "perceptron")}


def test_a_link_to_it_leads_to_the_same_students(course, tmp_path):
    _, submitted = course
    link = tmp_path / "link"
    os.symlink(submitted, link)
    assert found(link / "bob") == {("bob", "perceptron")}


def test_settings_in_a_download_are_not_even_read(course, monkeypatch):
    root, _ = course
    joe = root / "downloads" / "Joe Roe_1235_assignsubmission_file_"
    touch(joe / "x" / "victim" / "week06" / "perceptron.ipynb")
    (joe / "nbgrader_config.py").write_text("c.CourseDirectory.submitted_directory = 'x'\n")
    read = []
    monkeypatch.setattr(module, "settings_of", lambda folder: read.append(folder) or settings_of(folder))
    assert found(root / "downloads") == {("Joe Roe_1235", "perceptron")}
    assert set(read) <= {root}
