"""Submissions are found where tutors have them, and a complaint names the path."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.trusted.submissions import find_submissions

NAMES = ("chain_rule", "perceptron")


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")


def found(*paths: Path) -> list[tuple[str, str, bool]]:
    return [(s.student, s.notebook, s.path is not None) for s in find_submissions(paths, "week06", NAMES)]


def test_a_tree_of_nbgraders_is_read_by_student_and_assignment(tmp_path):
    touch(
        tmp_path / "ada/week06/perceptron.ipynb",
        tmp_path / "ada/week06/chain_rule.ipynb",
        tmp_path / "ada/week05/x.ipynb",
    )
    touch(tmp_path / "bao/week06/perceptron.ipynb", tmp_path / "bao/week06/timestamp.txt")
    assert found(tmp_path) == [
        ("ada", "chain_rule", True),
        ("ada", "perceptron", True),
        ("bao", "chain_rule", False),
        ("bao", "perceptron", True),
    ]


def test_a_student_with_an_empty_folder_misses_everything(tmp_path):
    touch(tmp_path / "ada/week06/perceptron.ipynb")
    (tmp_path / "bao/week06").mkdir(parents=True)
    assert found(tmp_path)[2:] == [("bao", "chain_rule", False), ("bao", "perceptron", False)]


def test_a_students_own_folder_is_that_students(tmp_path):
    touch(tmp_path / "ada/week06/perceptron.ipynb")
    assert found(tmp_path / "ada" / "week06")[1] == ("ada", "perceptron", True)


def test_a_folder_of_students_without_an_assignment_folder_will_do(tmp_path):
    touch(tmp_path / "ada/perceptron.ipynb", tmp_path / "bao/perceptron.ipynb")
    assert [each for each in found(tmp_path) if each[2]] == [("ada", "perceptron", True), ("bao", "perceptron", True)]


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("perceptron.ipynb", "hand_ins"),
        ("perceptron (1).ipynb", "hand_ins"),
        ("perceptron copy.ipynb", "hand_ins"),
        ("s01_perceptron.ipynb", "s01"),
        ("Mary Ann-perceptron (2).ipynb", "Mary Ann"),
        ("李华_perceptron.ipynb", "李华"),
    ],
)
def test_a_single_file_is_recognised_by_its_name(tmp_path, name, student):
    touch(tmp_path / "hand_ins" / name)
    assert found(tmp_path / "hand_ins" / name) == [(student, "perceptron", True)]


def test_checkpoints_and_other_notebooks_are_passed_over(tmp_path):
    touch(
        tmp_path / "ada/week06/perceptron.ipynb", tmp_path / "ada/week06/.ipynb_checkpoints/perceptron-checkpoint.ipynb"
    )
    touch(tmp_path / "ada/week06/scratch.ipynb")
    assert [each for each in found(tmp_path) if each[2]] == [("ada", "perceptron", True)]


def test_two_files_that_claim_to_be_one_notebook_are_both_named(tmp_path):
    touch(tmp_path / "ada/week06/perceptron.ipynb", tmp_path / "ada/week06/perceptron (1).ipynb")
    with pytest.raises(UsageError) as caught:
        found(tmp_path)
    assert "perceptron.ipynb" in str(caught.value)
    assert "perceptron (1).ipynb" in str(caught.value)


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("nowhere", "There is no"),
        ("notes.txt", "There is no"),
        ("notes.ipynb", "names none"),
        ("empty", "holds no notebook"),
    ],
)
def test_a_path_that_makes_no_sense_is_named_with_the_mend(tmp_path, path, complaint):
    touch(tmp_path / "notes.txt", tmp_path / "notes.ipynb")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=complaint) as caught:
        found(tmp_path / path)
    assert path in str(caught.value)
