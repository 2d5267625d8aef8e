"""In a class that is not below submitted/, each student's folder holds that student's files alone, or is a tutorial."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.trusted.submissions.find import find_submissions
from tests.trusted.submissions.test_find import PLANS, touch

POSES = [
    "submitted/ada/week06",
    "submitted/week06/ada",
    "week06/submitted/ada/week06",
    "ada/week06",
    "Jane Roe_88123_assignsubmission_file_",
]


def files(*paths: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in find_submissions(paths, "week06", PLANS):
        if each.path:
            found.setdefault(each.student, []).append(each.notebook)
    return found


@pytest.mark.parametrize("pose", POSES)
@pytest.mark.parametrize("own", ["ada/week06/chain_rule.ipynb", "ada/chain_rule.ipynb"])
def test_a_folder_beside_a_students_is_a_students_whatever_it_holds(tmp_path, pose, own):
    touch(tmp_path / own, tmp_path / "bob" / pose / "perceptron.ipynb")
    expected = {"ada": ["chain_rule"], "bob": ["perceptron"]}
    assert files(tmp_path) == expected
    assert files(tmp_path / "ada", tmp_path / "bob") == expected
    assert files(tmp_path / "bob", tmp_path / "ada") == expected


def test_settings_that_one_of_them_hands_in_stop_nobody(tmp_path):
    touch(tmp_path / "ada/week06/chain_rule.ipynb", tmp_path / "bob/submitted/ada/week06/perceptron.ipynb")
    touch(tmp_path / "bob/nbgrader_config.py", tmp_path / "cleo/week06/perceptron.ipynb")
    touch(tmp_path / "cleo/nbgrader_config.py")
    named = [tmp_path / each for each in ("ada", "bob", "cleo")]
    assert files(*named) == {"ada": ["chain_rule"], "bob": ["perceptron"], "cleo": ["perceptron"]}


@pytest.mark.parametrize("beside", ["zoe/week06/chain_rule.ipynb", "zoe/chain_rule.ipynb"])
def test_what_may_be_a_tutorial_beside_a_students_folder_is_to_be_looked_at(tmp_path, beside):
    touch(tmp_path / beside, *(tmp_path / "tut1" / name / "week06/perceptron.ipynb" for name in ("ada", "bao")))
    doubts = {
        each.student: [why for why in each.needs_review if "if it is a tutorial, name it by itself" in why]
        for each in find_submissions([tmp_path], "week06", PLANS)
        if each.path
    }
    assert {student: len(why) for student, why in doubts.items()} == {"tut1": 1, "zoe": 0}
    assert files(tmp_path / "tut1") == {"ada": ["perceptron"], "bao": ["perceptron"]}


def test_tutorials_that_are_named_side_by_side_are_classes(tmp_path):
    touch(tmp_path / "tut1/ada/week06/perceptron.ipynb", tmp_path / "tut2/bao/week06/perceptron.ipynb")
    expected = {"ada": ["perceptron"], "bao": ["perceptron"]}
    assert files(tmp_path / "tut1", tmp_path / "tut2") == files(tmp_path) == expected


def test_courses_that_are_named_side_by_side_are_courses(tmp_path):
    for course, student in (("one", "ada"), ("two", "bao")):
        touch(
            tmp_path / course / "source/week06/perceptron.ipynb", tmp_path / course / "release/week06/perceptron.ipynb"
        )
        touch(tmp_path / course / "submitted" / student / "week06/perceptron.ipynb")
    assert files(tmp_path / "one", tmp_path / "two") == {"ada": ["perceptron"], "bao": ["perceptron"]}


def test_a_folder_of_late_downloads_beside_the_others_is_looked_into(tmp_path):
    late = "late/Max Okoro_88124_assignsubmission_file_/week06/perceptron.ipynb"
    touch(tmp_path / "Jane Roe_88123_assignsubmission_file_/week06/perceptron.ipynb", tmp_path / late)
    assert set(files(tmp_path)) == {"Jane Roe_88123", "Max Okoro_88124"}
