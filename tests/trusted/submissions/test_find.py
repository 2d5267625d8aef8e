"""Submissions are found where tutors have them, and a complaint names the path."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from autograder.errors import NotebookUnreadable, UsageError
from autograder.trusted.assignment.plan import NotebookPlan, SourceCell
from autograder.trusted.submissions.find import find_submissions
from autograder.trusted.submissions.submission import Submission


def plan(name: str, *exercises: str) -> NotebookPlan:
    return NotebookPlan(name, tuple(SourceCell(each, "code", "", False, True, 1.0, False) for each in exercises))


PLANS = {
    "chain_rule": plan("chain_rule", "weighted_sum", "manual_gradients"),
    "perceptron": plan("perceptron", "activation", "predict", "update"),
}
SOLVED = "import torch\n\ndef activation(s):\n    pass\n\ndef predict(w, X):\n    pass\n"


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")


def found(*paths: Path) -> list[tuple[str, str, bool]]:
    return [(s.student, s.notebook, s.path is not None) for s in find_submissions(paths, "week06", PLANS)]


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


def test_a_file_in_one_students_folder_is_never_anothers(tmp_path):
    touch(tmp_path / "ada/week06/perceptron.ipynb", tmp_path / "eve/week06/ada_perceptron.ipynb")
    assert [each for each in found(tmp_path) if each[2]] == [("ada", "perceptron", True), ("eve", "perceptron", True)]
    assert find_submissions([tmp_path], "week06", PLANS)[1].path == tmp_path / "ada/week06/perceptron.ipynb"


def test_a_folder_of_named_files_holds_each_students_notebooks(tmp_path):
    touch(tmp_path / "ada_perceptron.ipynb", tmp_path / "bao-chain_rule.ipynb")
    assert found(tmp_path) == [
        ("ada", "chain_rule", False),
        ("ada", "perceptron", True),
        ("bao", "chain_rule", True),
        ("bao", "perceptron", False),
    ]


def test_a_file_whose_name_says_no_student_is_its_folders(tmp_path):
    touch(tmp_path / "ada/_perceptron.ipynb")
    assert found(tmp_path / "ada/_perceptron.ipynb") == [("ada", "perceptron", True)]


def test_a_single_file_of_nbgraders_tree_is_the_students_not_the_assignments(tmp_path):
    touch(tmp_path / "ada/week06/perceptron.ipynb")
    assert found(tmp_path / "ada/week06/perceptron.ipynb") == [("ada", "perceptron", True)]


def test_a_link_is_the_students_in_whose_folder_it_lies(tmp_path):
    touch(tmp_path / "ada/perceptron.ipynb")
    (tmp_path / "eve").mkdir()
    (tmp_path / "eve/perceptron.ipynb").symlink_to(tmp_path / "ada/perceptron.ipynb")
    assert found(tmp_path / "eve/perceptron.ipynb") == [("eve", "perceptron", True)]


def test_a_single_file_makes_no_other_notebook_missing(tmp_path):
    touch(tmp_path / "ada/perceptron.ipynb", tmp_path / "ada/chain_rule.ipynb")
    assert found(tmp_path / "ada/perceptron.ipynb") == [("ada", "perceptron", True)]


def test_a_path_that_is_named_twice_counts_once(tmp_path):
    touch(tmp_path / "ada/week06/perceptron.ipynb")
    again = tmp_path / "ada" / "week06" / "perceptron.ipynb"
    assert found(tmp_path, again, again) == [("ada", "chain_rule", False), ("ada", "perceptron", True)]


def test_a_link_to_nowhere_is_found_so_that_it_is_reported(tmp_path):
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada/perceptron.ipynb").symlink_to(tmp_path / "nowhere")
    assert found(tmp_path / "ada/perceptron.ipynb") == [("ada", "perceptron", True)]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_that_is_no_unicode_becomes_text_that_can_be_written(tmp_path):
    touch(Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe/week06/perceptron.ipynb")))
    (student,) = {each[0] for each in found(tmp_path)}
    assert student == r"\udcff\udcfe"
    assert student.encode("utf-8")


def test_two_paths_that_claim_to_be_one_notebook_are_both_named(tmp_path):
    first, second = tmp_path / "one/ada/perceptron.ipynb", tmp_path / "two/ada/perceptron.ipynb"
    touch(first, second)
    with pytest.raises(UsageError) as caught:
        found(first, second)
    assert str(first) in str(caught.value)
    assert str(second) in str(caught.value)


def only(folder: Path) -> Submission:
    (submission,) = (each for each in find_submissions([folder], "week06", PLANS) if each.path)
    return submission


def test_of_two_copies_in_one_folder_the_plain_name_counts_and_the_other_is_named(tmp_path):
    touch(tmp_path / "ada/week06/perceptron (1).ipynb", tmp_path / "ada/week06/perceptron.ipynb")
    assert only(tmp_path).path == tmp_path / "ada/week06/perceptron.ipynb"
    assert only(tmp_path).notes == (
        "perceptron.ipynb was graded; perceptron (1).ipynb could be the same notebook, and was not.",
    )


def test_of_two_marked_copies_the_newest_counts(tmp_path):
    touch(tmp_path / "ada/week06/perceptron (1).ipynb", tmp_path / "ada/week06/perceptron (2).ipynb")
    os.utime(tmp_path / "ada/week06/perceptron (2).ipynb", (0, 0))
    assert only(tmp_path).path == tmp_path / "ada/week06/perceptron (1).ipynb"


@pytest.mark.parametrize("name", ["Ada's homework.ipynb", "Untitled7.py", "week six - Perceptron, final.ipynb"])
def test_a_file_of_any_name_is_recognised_by_what_it_defines(tmp_path, name):
    touch(tmp_path / "ada/week06" / name)
    (tmp_path / "ada/week06" / name).write_text(SOLVED)
    submission = only(tmp_path)
    assert (submission.student, submission.notebook) == ("ada", "perceptron")
    assert submission.notes == (f"{name} was taken for perceptron, as it defines its exercises.",)


def test_a_file_in_a_shared_folder_that_is_known_by_its_content_is_the_students_that_its_name_says(tmp_path):
    (tmp_path / "ada lovelace - Perceptron.ipynb").write_text(SOLVED)
    assert only(tmp_path).student == "ada lovelace"


def test_a_file_that_defines_less_than_half_of_the_exercises_is_no_submission(tmp_path):
    touch(tmp_path / "ada/week06/perceptron.ipynb")
    (tmp_path / "ada/week06/helper.py").write_text("def update(w):\n    pass\n")
    assert only(tmp_path).notes == ()


def test_a_script_counts_where_there_is_no_notebook_and_only_there(tmp_path):
    (tmp_path / "ada/week06").mkdir(parents=True)
    (tmp_path / "ada/week06/perceptron.py").write_text(SOLVED)
    assert only(tmp_path).path == tmp_path / "ada/week06/perceptron.py"
    touch(tmp_path / "ada/week06/perceptron copy.ipynb")
    assert only(tmp_path).path == tmp_path / "ada/week06/perceptron copy.ipynb"
    assert only(tmp_path).notes == ()


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
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")


def reasons(folder: Path) -> dict[str, str]:
    """What is said of each student's perceptron: its content, or why it cannot be read."""
    said = {}
    for each in find_submissions([folder], "week06", PLANS):
        if each.notebook == "perceptron":
            try:
                said[each.student] = each.content().decode()
            except NotebookUnreadable as why:
                said[each.student] = str(why)
    return said


def test_who_is_a_link_is_told_so_and_the_others_are_read(tmp_path):
    touch(tmp_path / "ada/week06/perceptron.ipynb")
    (tmp_path / "eve").symlink_to("ada")
    (tmp_path / "mal").mkdir()
    (tmp_path / "mal/week06").symlink_to("../ada/week06")
    (tmp_path / "ned").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pia")
    (tmp_path / "README").symlink_to("ada/week06/perceptron.ipynb")
    assert reasons(tmp_path) == {
        "ada": "{}",
        "eve": "its folder `eve` is a link",
        "mal": "its folder `week06` is a link",
        "ned": "its folder `ned` is a link",
        "pia": "its folder `pia` is a pipe",
    }


def test_a_class_of_nothing_but_links_is_found_and_refused(tmp_path):
    (tmp_path / "eve").symlink_to("/")
    assert reasons(tmp_path) == {"eve": "its folder `eve` is a link"}


def test_a_link_beside_a_students_own_notebooks_is_nobodys(tmp_path):
    touch(tmp_path / "ada/week06/perceptron.ipynb")
    (tmp_path / "ada/week06/data").symlink_to("/")
    assert reasons(tmp_path / "ada/week06") == {"ada": "{}"}


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), OSError(5, "Input/output error")])
def test_a_folder_that_cannot_be_read_is_its_students_problem_alone(tmp_path, monkeypatch, error):
    touch(tmp_path / "ada/week06/perceptron.ipynb", tmp_path / "eve/week06/perceptron.ipynb")
    honest = os.open

    def failing(path, *arguments, **options):
        if path == "eve":
            raise error
        return honest(path, *arguments, **options)

    monkeypatch.setattr(os, "open", failing)
    assert reasons(tmp_path) == {"ada": "{}", "eve": f"the file cannot be opened: {error.strerror.lower()}"}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_names_that_become_one_text_are_two_students(tmp_path):
    touch(Path(os.fsdecode(os.fsencode(tmp_path) + b"/x\xff/week06/perceptron.ipynb")))
    touch(tmp_path / r"x\udcff/week06/perceptron.ipynb")
    one, other = reasons(tmp_path)
    assert (one, other.partition("~")[0]) == (r"x\udcff", r"x\udcff")
