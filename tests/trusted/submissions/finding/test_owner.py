"""Where a place lies says whose it is, and nothing that a student puts into a folder changes that."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.trusted.submissions.find import find_submissions, holds_a_class
from autograder.trusted.submissions.finding.owner import owner_by_place
from tests.trusted.submissions.test_find import PLANS, touch

# What bob may put into his own folder, to pose as somebody else.
POSES = ["submitted/ada/week06", "week06/submitted/ada/week06", "submitted/submitted/ada", "ada/week06", "week06/ada"]
FORGED = "c.CourseDirectory.submitted_directory = {!r}\n"
JANE = "Jane Roe_88123_assignsubmission_file_"


def students(*paths: Path) -> set[str]:
    return {each.student for each in find_submissions(paths, "week06", PLANS) if each.path}


@pytest.fixture(params=["settings", "no settings", "another name"])
def submitted(request, tmp_path):
    """Where students' folders stand: of a course, of none, and of a course that calls it otherwise."""
    root = tmp_path / "course"
    name = "handed_in" if request.param == "another name" else "submitted"
    touch(root / name / "ada/week06/chain_rule.ipynb")
    if request.param != "no settings":
        (root / "source").mkdir()
        (root / "nbgrader_config.py").write_text(FORGED.format(name))
    return root / name


@pytest.mark.parametrize("pose", POSES)
def test_however_a_folder_within_a_students_is_named_it_is_that_students(submitted, monkeypatch, pose):
    forged = submitted / "bob" / pose / "perceptron.ipynb"
    touch(forged)
    (submitted / "bob" / "nbgrader_config.py").write_text(FORGED.format(pose.split("/")[0]))
    (submitted.parent.parent / "class").symlink_to(submitted)
    (submitted.parent.parent / "bobs").symlink_to(submitted / "bob")
    within = [each for each in (forged, *forged.parents) if submitted in each.parents]
    linked = [submitted.parent.parent / "class" / each.relative_to(submitted) for each in within]
    linked += [submitted.parent.parent / "bobs" / each.relative_to(submitted / "bob") for each in within]
    for path in (*within, *linked):
        assert students(path) == {"bob"}, path
        assert not holds_a_class(path, "week06", PLANS), path
    monkeypatch.chdir(forged.parent)
    assert students(Path()) == students(Path("perceptron.ipynb")) == students(Path("..")) == {"bob"}


@pytest.mark.parametrize("pose", POSES)
def test_in_the_whole_class_it_is_that_students_as_well(submitted, pose):
    touch(submitted / "bob" / pose / "perceptron.ipynb")
    assert students(submitted) == students(submitted.parent) == {"ada", "bob"}
    found = find_submissions([submitted], "week06", PLANS)
    assert [each.student for each in found if each.path and each.notebook == "perceptron"] == ["bob"]


def test_a_link_in_a_students_folder_makes_nobody_else_of_them(submitted):
    (submitted / "bob").mkdir()
    (submitted / "bob" / "mine").symlink_to("../ada")
    assert owner_by_place(submitted / "bob" / "mine" / "week06") == "bob"


def test_settings_of_a_student_are_not_read_where_the_course_has_none(tmp_path):
    bob = tmp_path / "submitted" / "bob"
    touch(bob / "week06/ada/perceptron.ipynb")
    (bob / "nbgrader_config.py").write_text(FORGED.format("week06"))
    for named in ("week06/ada/perceptron.ipynb", "week06/ada", "week06", ""):
        assert students(bob / named) == {"bob"}


def test_settings_may_name_a_folder_within_submitted(tmp_path):
    (tmp_path / "nbgrader_config.py").write_text(FORGED.format("submitted/2026"))
    touch(tmp_path / "submitted/2026/ada/week06/perceptron.ipynb")
    assert owner_by_place(tmp_path / "submitted/2026") is None
    assert students(tmp_path / "submitted/2026/ada") == students(tmp_path) == {"ada"}


@pytest.mark.parametrize(
    "folder", [JANE, "1234-5678 - Jane Roe - Mar 1, 2026 1011 AM", "jane+week06+2026-03-01 10:11:12 UTC"]
)
@pytest.mark.parametrize("pose", [*POSES, "x"])
def test_all_that_is_in_a_systems_folder_is_its_students(tmp_path, folder, pose):
    forged = tmp_path / "download" / folder / pose / "ada_perceptron.ipynb"
    touch(forged, forged.with_name("eve_perceptron.ipynb"))
    within = [each for each in (forged, *forged.parents) if tmp_path / "download" in each.parents]
    (student,) = students(tmp_path / "download")
    assert student.casefold().startswith("jane")
    for path in within:
        assert students(path) == {student}, path


@pytest.mark.parametrize("name", ["comp_90051_2026_labs", "2026-1 - Labs", "comp90051+week06", "12-34 - Tutorial 1"])
def test_a_tutors_folder_that_looks_like_a_systems_is_no_students(tmp_path, name):
    touch(tmp_path / name / "ada/week06/perceptron.ipynb", tmp_path / name / "bob/week06/perceptron.ipynb")
    assert owner_by_place(tmp_path / name) is None
    assert students(tmp_path / name) == {"ada", "bob"}


def test_a_dot_and_a_way_back_say_the_same(submitted, monkeypatch):
    touch(submitted / "bob/submitted/ada/perceptron.ipynb")
    monkeypatch.chdir(submitted / "bob")
    for named in (".", "submitted", "./submitted/ada/..", os.path.join("..", "bob", "submitted", "ada")):
        assert students(Path(named)) == {"bob"}
