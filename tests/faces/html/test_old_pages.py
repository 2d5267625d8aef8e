"""A feedback page never says what no longer holds: it is known by what it was made from, and removed."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from autograder.faces.html.feedback import feedback_page
from autograder.faces.html.names import FEEDBACK, page_names
from autograder.faces.html.old_pages import forget_old_pages
from autograder.trusted.results import outcomes
from tests.faces.classes import check, exercise, notebook

RIGHT, WRONG = exercise(check("a")), exercise(check("a", outcomes.FAILED))
CLASS = [notebook("ada", {"update": RIGHT}), notebook("bob", {"update": RIGHT})]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / FEEDBACK).mkdir()
    for record in CLASS:
        write(tmp_path, record)
    return tmp_path


def write(folder: Path, record) -> None:
    path = folder / FEEDBACK / page_names([record.student])[record.student]
    path.write_text(feedback_page(record.student, [record], {}, {}), encoding="utf-8")


def pages(folder: Path) -> set[str]:
    return {path.name for path in (folder / FEEDBACK).iterdir()}


def test_pages_of_unchanged_marks_stay_however_long_the_grading_took(folder):
    again = [msgspec.structs.replace(record, seconds=9.0) for record in CLASS]
    assert forget_old_pages(folder, again) == 0
    assert pages(folder) == {"ada.html", "bob.html"}


def test_the_page_of_a_changed_mark_is_removed_and_no_other(folder):
    assert forget_old_pages(folder, [notebook("ada", {"update": WRONG}), CLASS[1]]) == 1
    assert pages(folder) == {"bob.html"}


def test_the_page_of_a_student_who_is_gone_is_removed(folder):
    assert forget_old_pages(folder, CLASS[:1]) == 1
    assert pages(folder) == {"ada.html"}


def test_a_page_without_a_fingerprint_is_as_old_as_the_version_that_wrote_it(folder):
    (folder / FEEDBACK / "ada.html").write_text("<p>100 of 100, well done</p>")
    assert forget_old_pages(folder, CLASS) == 1
    assert pages(folder) == {"bob.html"}


def test_what_a_tutor_has_put_beside_the_pages_stays(folder):
    (folder / FEEDBACK / "how to read this.html").write_text("<p>mine</p>")
    assert forget_old_pages(folder, CLASS) == 0
    assert "how to read this.html" in pages(folder)


def test_what_was_made_from_the_pages_goes_with_an_old_one(folder):
    for path in (
        folder / FEEDBACK / "index.html",
        folder / FEEDBACK / "mail_merge.csv",
        folder / "feedback-canvas.zip",
    ):
        path.write_bytes(b"")
    forget_old_pages(folder, [notebook("ada", {"update": WRONG}), CLASS[1]])
    assert pages(folder) == {"bob.html"}
    assert not (folder / "feedback-canvas.zip").exists()


def test_a_student_called_index_has_a_page_of_their_own():
    assert page_names(["index"])["index"] != "index.html"
