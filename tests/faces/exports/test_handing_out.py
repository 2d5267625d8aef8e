"""Pages on their way to students: each system's own layout, a table for a mail merge, and nbgrader's folders."""

from __future__ import annotations

import csv
import zipfile
from types import SimpleNamespace

import pytest

from autograder.faces.exports.handing_out import CANVAS, MOODLE, Page, write_archive, write_mail_merge, write_released
from autograder.faces.exports.roster import read_roster
from autograder.faces.shown_names import shown_names
from tests.faces.classes import check, exercise, notebook

RIGHT = exercise(check("a", points=3.0))


def page(tmp_path, student: str, *files: str) -> Page:
    path = tmp_path / f"page{len(list(tmp_path.iterdir()))}.html"
    path.write_text(f"the page of {student}")
    return Page(student, path, (notebook(student, {"update": RIGHT}),), files)


def contents(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_moodles_archive_has_a_folder_a_participant_as_its_own_download_has(tmp_path):
    pages = [page(tmp_path, "Jane Roe_88123"), page(tmp_path, "bob")]
    notes = write_archive(tmp_path / "feedback-moodle.zip", MOODLE, pages, None)
    assert contents(tmp_path / "feedback-moodle.zip") == {
        "Jane Roe_88123_assignsubmission_file_/feedback.html": "the page of Jane Roe_88123"
    }
    assert "bob" in notes[0] and "--roster" in notes[0]


def test_moodles_numbers_come_from_the_grading_worksheet_and_no_name_shifts_them(tmp_path):
    worksheet = tmp_path / "worksheet.csv"
    worksheet.write_text("Identifier,Full name,Email address\nParticipant 77,Bob_7_ / Builder,bob@uni.edu\n")
    write_archive(tmp_path / "f.zip", MOODLE, [page(tmp_path, "bob@uni.edu")], read_roster(worksheet))
    assert list(contents(tmp_path / "f.zip")) == ["Bob 7 Builder_77_assignsubmission_file_/feedback.html"]


def test_canvas_archive_has_the_names_that_canvas_gave_with_both_its_numbers(tmp_path):
    pages = [
        page(tmp_path, "roejane_90311", "roejane_LATE_90311_77810_perceptron-1.ipynb", "roejane_90311_77811_x.ipynb"),
        page(tmp_path, "bob", "perceptron.ipynb"),
    ]
    notes = write_archive(tmp_path / "f.zip", CANVAS, pages, None)
    assert list(contents(tmp_path / "f.zip")) == ["roejane_LATE_90311_77810_perceptron-1.html"]
    assert "Canvas" in notes[0] and "bob" in notes[0]


@pytest.mark.parametrize("system", [CANVAS, MOODLE])
def test_no_name_in_an_archive_leaves_its_folder(tmp_path, system):
    hostile = "../../etc/x_90311_77810_../../passwd.ipynb"
    write_archive(tmp_path / "f.zip", system, [page(tmp_path, "../../x_90311", hostile)], None)
    parts = [part for name in contents(tmp_path / "f.zip") for part in name.split("/")]
    assert "" not in parts and not {".", ".."} & set(parts)


def test_a_mail_merge_has_names_emails_marks_and_files_and_no_formula(tmp_path):
    roster = tmp_path / "roster.csv"
    roster.write_text("Username,First name,Surname,Email address\njroe,Jane,Roe,jroe@uni.edu\n")
    pages = [page(tmp_path, "jroe"), page(tmp_path, "=cmd()")]
    names = shown_names(each.student for each in pages)
    write_mail_merge(tmp_path / "mail.csv", pages, names, read_roster(roster))
    with (tmp_path / "mail.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["student", "name", "email", "mark", "possible", "file"],
        ["jroe", "Jane Roe", "jroe@uni.edu", "3", "3", pages[0].path.name],
        ["'=cmd()", "'=cmd()", "", "3", "3", pages[1].path.name],
    ]


@pytest.fixture
def course(tmp_path):
    for student in ("ada", "bob"):
        (tmp_path / "submitted" / student / "week06").mkdir(parents=True)
    for name in ("timestamp.txt", "submission_secret.txt"):
        (tmp_path / "submitted" / "ada" / "week06" / name).write_text(f"{name} of ada")
    return SimpleNamespace(root=tmp_path, submitted=tmp_path / "submitted", assignment="week06")


def test_a_release_has_what_nbgrader_needs_and_leaves_out_who_has_no_secret(tmp_path, course):
    pages = {(student, "perceptron"): f"page of {student}" for student in ("ada", "bob", "..", "x/y", "a\0b")}
    released, notes = write_released(course, pages)
    folder = tmp_path / "feedback" / "ada" / "week06"
    assert {path.name: path.read_text() for path in folder.iterdir()} == {
        "perceptron.html": "page of ada",
        "timestamp.txt": "timestamp.txt of ada",
        "submission_secret.txt": "submission_secret.txt of ada",
    }
    assert released == 1
    assert [path.name for path in (tmp_path / "feedback").iterdir()] == ["ada"]
    assert "bob" in notes[0]


def test_a_secret_that_is_a_link_is_not_followed(tmp_path, course):
    secret = tmp_path / "submitted" / "ada" / "week06" / "submission_secret.txt"
    secret.unlink()
    (tmp_path / "key").write_text("the tutor's")
    secret.symlink_to(tmp_path / "key")
    assert write_released(course, {("ada", "perceptron"): "page"})[0] == 0


def test_a_name_that_a_system_made_loses_its_number_unless_two_would_be_one():
    names = shown_names(["Jane Roe_88123", "Jane Roe_88124", "roejane_90311", "team_42", "s_1"])
    assert names == {
        "Jane Roe_88123": "Jane Roe_88123",
        "Jane Roe_88124": "Jane Roe_88124",
        "roejane_90311": "roejane",
        "team_42": "team_42",
        "s_1": "s_1",
    }
