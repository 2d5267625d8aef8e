"""What a person says in formgrader counts in every face, and is said to be theirs; without it, nothing changes."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from datetime import datetime, timedelta

import pytest
from click.testing import CliRunner
from nbgrader.api import Gradebook

from autograder.errors import UsageError
from autograder.faces.by_hand import (
    comment_on,
    marks_by_hand,
    read_gradebook,
    said_of,
    said_of_notebook,
    with_marks_by_hand,
)
from autograder.faces.commands.main import main
from autograder.trusted.results import outcomes
from tests.faces.classes import check, exercise, notebook
from tests.faces.gradebooks import course_with, grade_of, gradebook, total_of

HALF = exercise(check("a", points=3.0), check("b", outcomes.FAILED, 4.0))
RIGHT = exercise(check("a", points=7.0))
OPEN = exercise(check("essay", outcomes.BY_HAND, 5.0))
CLASS = [
    notebook("ada", {"update": HALF, "margin": RIGHT}),
    notebook("bob", {"update": HALF, "margin": RIGHT}),
    notebook("bob", {"sigmoid": RIGHT}, name="logistic_regression"),
    notebook("eve", {"update": HALF, "margin": RIGHT}),
]


@pytest.fixture
def graded(tmp_path):
    return course_with(tmp_path, CLASS)


def of(records, student, name="perceptron"):
    return next(each for each in records if (each.student, each.notebook) == (student, name))


def test_a_score_set_by_hand_takes_the_place_of_the_checks_and_says_so(tmp_path, graded):
    with gradebook(tmp_path, CLASS) as book:
        grade_of(book, "ada", "update").manual_score = 5.0
    records = with_marks_by_hand(graded, CLASS)
    ada = of(records, "ada")
    assert ada.earned == 12.0
    assert said_of(ada.exercises["update"]) == "5 of 7, set by hand"
    assert said_of(ada.exercises["margin"]) == ""
    assert of(records, "eve") == of(CLASS, "eve")


def test_a_score_that_says_what_the_checks_say_is_nothing_to_tell(tmp_path, graded):
    with gradebook(tmp_path, CLASS) as book:
        grade_of(book, "ada", "update").manual_score = 3.0
    assert said_of(of(with_marks_by_hand(graded, CLASS), "ada").exercises["update"]) == ""


def test_extra_credit_is_added_even_beyond_what_is_possible(tmp_path, graded):
    with gradebook(tmp_path, CLASS) as book:
        grade_of(book, "ada", "margin").extra_credit = 1.5
    ada = of(with_marks_by_hand(graded, CLASS), "ada")
    assert said_of(ada.exercises["margin"]) == "8.5 of 7, with 1.5 extra credit"
    assert (ada.earned, ada.possible) == (11.5, 14.0)


def test_a_comment_stands_with_its_exercise(tmp_path, graded):
    with gradebook(tmp_path, CLASS) as book:
        book.find_comment("update", "perceptron", "week06", "ada").manual_comment = "Mind <b>the</b> sign."
    update = of(with_marks_by_hand(graded, CLASS), "ada").exercises["update"]
    assert comment_on(update) == "Mind <b>the</b> sign."
    assert update.earned == 3.0


def test_a_penalty_for_being_late_is_taken_from_the_student_and_never_below_zero(tmp_path, graded):
    with gradebook(tmp_path, CLASS) as book:
        book.find_submission_notebook("perceptron", "week06", "ada").late_submission_penalty = 2.0
        book.find_submission_notebook("perceptron", "week06", "bob").late_submission_penalty = 10.0
        for name in ("update", "margin"):
            grade_of(book, "bob", name).manual_score = 1.0
    records = with_marks_by_hand(graded, CLASS)
    assert said_of_notebook(of(records, "ada")) == ("late: -2",)
    assert of(records, "ada").earned == 8.0
    assert sum(each.earned for each in records if each.student == "bob") == 0.0


def test_a_question_for_a_person_has_the_points_that_the_person_gave(tmp_path):
    records = [notebook("ada", {"essay": OPEN})]
    graded = course_with(tmp_path, records)
    with gradebook(tmp_path, records) as book:
        grade_of(book, "ada", "essay").manual_score = 4.0
    essay = of(with_marks_by_hand(graded, records), "ada").exercises["essay"]
    assert said_of(essay) == "4 of 5, given by hand"


def test_points_for_a_notebook_that_could_not_be_graded_count(tmp_path):
    broken = notebook("ada", status=outcomes.UNREADABLE, possible=7.0, reason="it is no notebook")
    graded = course_with(tmp_path, [broken])
    with gradebook(tmp_path, [broken, notebook("bob", {"update": HALF})]) as book:
        grade_of(book, "ada", "update").manual_score = 6.0
    ada = of(with_marks_by_hand(graded, [broken]), "ada")
    assert (ada.earned, ada.possible) == (6.0, 7.0)
    assert said_of(ada.exercises["update"]) == "6 of 7, set by hand"


def test_every_total_is_what_nbgrader_exports(tmp_path, graded):
    with gradebook(tmp_path, CLASS) as book:
        grade_of(book, "ada", "update").manual_score = 6.5
        grade_of(book, "ada", "update").extra_credit = 0.25
        grade_of(book, "bob", "margin").extra_credit = 2.0
        book.find_submission_notebook("logistic_regression", "week06", "bob").late_submission_penalty = 7.0
        book.find_submission_notebook("perceptron", "week06", "eve").late_submission_penalty = 99.0
    records = with_marks_by_hand(graded, CLASS)
    with Gradebook(f"sqlite:///{tmp_path}/gradebook.db") as book:
        for student in ("ada", "bob", "eve"):
            ours = sum(each.earned for each in records if each.student == student)
            assert ours == pytest.approx(total_of(book, student))


def test_how_late_somebody_was_counts_from_their_own_extension(tmp_path, graded):
    with gradebook(tmp_path, CLASS) as book:
        book.find_assignment("week06").duedate = datetime(2026, 3, 1, 12)
        for student, days in (("ada", 0), ("bob", 3)):
            submission = book.find_submission("week06", student)
            submission.timestamp = datetime(2026, 3, 3, 12)
            submission.extension = timedelta(days=days)
    assert marks_by_hand(graded, "week06").late == {"ada": timedelta(days=2)}


def test_another_assignment_of_the_gradebook_changes_nothing(tmp_path, graded):
    with gradebook(tmp_path, CLASS) as book:
        grade_of(book, "ada", "update").manual_score = 5.0
    assert marks_by_hand(graded, "week07").exercises == {}


def test_without_a_gradebook_nothing_changes_and_nbgrader_is_not_imported(graded):
    program = (
        "import sys; from pathlib import Path; from autograder.faces.by_hand import *; "
        "from autograder.trusted.results.store import read_results; "
        f"graded = Path({str(graded)!r}); records = read_results(graded / 'results.jsonl'); "
        "assert with_marks_by_hand(graded, records) == records; assert 'nbgrader' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("content", [b"this is no database, but long enough to be told from one" * 20, b""])
def test_a_gradebook_that_is_none_is_one_sentence(tmp_path, graded, content):
    (tmp_path / "gradebook.db").write_bytes(content)
    done = CliRunner().invoke(main, ["export", str(graded), "--format", "canvas"])
    assert done.exit_code == 2
    assert done.output.count("\n") == 1
    assert "gradebook.db" in done.output


def test_a_gradebook_of_an_old_nbgrader_is_one_sentence(tmp_path):
    path = tmp_path / "gradebook.db"
    with sqlite3.connect(path) as database:
        database.execute("create table grade (id, auto_score)")
    with pytest.raises(UsageError, match="another version of nbgrader"):
        read_gradebook(path, "week06")


def test_a_locked_gradebook_is_one_sentence(tmp_path, graded, monkeypatch):
    with gradebook(tmp_path, CLASS):
        pass
    monkeypatch.setattr("autograder.faces.by_hand._PATIENCE", 0.01)
    nbgrader = sqlite3.connect(tmp_path / "gradebook.db", isolation_level=None)
    try:
        nbgrader.execute("begin exclusive")
        with pytest.raises(UsageError, match="is locked: nbgrader is at work"):
            marks_by_hand(graded, "week06")
    finally:
        nbgrader.close()


def test_an_unchanged_gradebook_is_left_byte_for_byte(tmp_path, graded):
    with gradebook(tmp_path, CLASS) as book:
        grade_of(book, "ada", "update").manual_score = 5.0
    before = (tmp_path / "gradebook.db").read_bytes()
    assert CliRunner().invoke(main, ["export", str(graded), "--format", "moodle"]).exit_code == 0
    assert (tmp_path / "gradebook.db").read_bytes() == before
    assert not list(tmp_path.glob("gradebook.db-*"))


@pytest.mark.parametrize(
    ("format_", "more", "said"),
    [
        ("canvas", [], "ada,,,ada,,12\n"),
        ("moodle", [], "update 5 of 7, set by hand."),
        ("gradescope", ["--student", "ada"], '"score": 12.0'),
    ],
)
def test_every_export_has_the_marks_of_the_gradebook(tmp_path, graded, format_, more, said):
    with gradebook(tmp_path, CLASS) as book:
        grade_of(book, "ada", "update").manual_score = 5.0
    done = CliRunner().invoke(main, ["export", str(graded), "--format", format_, *more])
    assert said in done.stdout
    assert "The gradebook's marks" in done.stderr


def test_report_and_feedback_say_what_was_set_by_hand_and_escape_the_comment(tmp_path, graded):
    from autograder.faces.html.feedback import feedback_page
    from autograder.faces.html.report import rewrite_report

    with gradebook(tmp_path, CLASS) as book:
        grade_of(book, "ada", "update").manual_score = 5.0
        book.find_comment("update", "perceptron", "week06", "ada").manual_comment = "<script>alert(1)</script>"
        book.find_submission_notebook("perceptron", "week06", "ada").late_submission_penalty = 2.0
    report = rewrite_report(graded).read_text()
    page = feedback_page("ada", [of(with_marks_by_hand(graded, CLASS), "ada")], {}, {})
    for text in (report, page):
        assert "5 of 7, set by hand" in text
        assert "late: -2" in text
        assert "<script>alert(1)" not in text
    assert "<strong>10</strong> of 14 points" in page


def test_an_export_says_that_nbgrader_has_other_scores_of_an_earlier_grading(tmp_path, graded):
    earlier = [notebook("ada", {"update": RIGHT, "margin": RIGHT}), *CLASS[1:]]
    with gradebook(tmp_path, earlier):
        pass
    done = CliRunner().invoke(main, ["export", str(graded), "--format", "canvas"])
    assert "nbgrader has graded 1 of the class (ada) otherwise" in done.stderr
    assert "ada,,,ada,,10\n" in done.stdout


def test_a_gradebook_is_found_where_the_courses_settings_say_it_is(tmp_path, graded):
    with gradebook(tmp_path, CLASS) as book:
        grade_of(book, "ada", "update").manual_score = 5.0
    (tmp_path / "gradebook.db").rename(tmp_path / "marks.sqlite")
    config = tmp_path / "nbgrader_config.py"
    assert of(with_marks_by_hand(graded, CLASS), "ada").earned == 10.0
    for url in ("sqlite:///marks.sqlite", f"sqlite:///{tmp_path}/marks.sqlite"):
        config.write_text(f"c = get_config()\nc.CourseDirectory.db_url = {url!r}\n")
        assert of(with_marks_by_hand(graded, CLASS), "ada").earned == 12.0
