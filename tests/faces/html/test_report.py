"""What the report takes from elsewhere: marks that moved since the results before, and submissions that are alike."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from autograder.author.samples import edited
from autograder.faces.commands.main import main
from autograder.faces.commands.report import report_of_course
from autograder.faces.html.kept_beside import KEPT, Beside, CodeRow
from autograder.faces.html.report import moved_marks, rewrite_report, similar_rows
from autograder.faces.html.report_data import SimilarRow
from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.results import outcomes
from autograder.trusted.results.store import Results
from autograder.trusted.similarity.files import read_works
from autograder.trusted.similarity.groups import similar_groups
from autograder.trusted.submissions.find import find_submissions
from tests.benchmarks.courses import make_course
from tests.faces.classes import check, exercise, notebook

RIGHT = notebook("ada", {"update": exercise(check("a", points=2.0))})
WRONG = notebook("ada", {"update": exercise(check("a", outcomes.FAILED, 2.0))})


def graded(folder, *results):
    with Results(folder).opened() as file:
        for record in results:
            file.add(record)
    return folder


def test_a_first_grading_has_moved_no_mark_and_says_nothing_of_it(tmp_path):
    graded(tmp_path, WRONG)
    assert moved_marks(tmp_path, [WRONG]) is None


def test_a_mark_that_moved_is_named_with_the_check_that_moved_it(tmp_path):
    graded(tmp_path, WRONG)
    graded(tmp_path, RIGHT)
    (moved,) = moved_marks(tmp_path, [RIGHT])
    assert (moved.student, moved.notebook, moved.before, moved.after) == ("ada", "perceptron", 0.0, 2.0)
    assert moved.checks == ("update: What a asks. (failed, now passed)",)
    written = CliRunner().invoke(main, ["report", str(tmp_path)])
    assert "(failed, now passed)" in (tmp_path / "report.html").read_text(encoding="utf-8"), written.output


def test_submissions_that_are_alike_are_named_exercise_by_exercise(tmp_path):
    course = make_course(tmp_path)
    variants = Course(KIT).right_answers("perceptron")
    train = next(variant.source for variant in variants if variant.exercise == "train")
    for student, source in (("ada", train), ("bao", train.replace("mistakes", "errors"))):
        folder = course.submitted / student / course.assignment
        folder.mkdir(parents=True)
        (folder / "perceptron.ipynb").write_text(edited(course.release / "perceptron.ipynb", {"train": source}))
    handed_in = find_submissions([course.submitted], course.assignment, course.notebooks, course.released)
    (group,) = similar_rows(similar_groups(course, handed_in, read_works(course, handed_in)))
    assert (group.students, group.notebook, group.exercise) == (("ada", "bao"), "perceptron", "train")
    assert group.similarity == 1.0


def test_a_course_without_submissions_has_a_report_without_those_that_are_alike(tmp_path):
    course = make_course(tmp_path)
    graded(course.graded, RIGHT)
    assert 'id="similar"' not in report_of_course(course, None).read_text(encoding="utf-8")


def beside() -> Beside:
    return Beside(
        (SimilarRow(("ada", "bao"), "perceptron", "update", 0.9),),
        {"ada": "Tuesday"},
        (CodeRow("ada", "perceptron", "update", "def update(): here_is_what_ada_wrote"),),
    )


def test_a_report_that_is_written_again_says_what_the_one_before_found_out(tmp_path):
    first = rewrite_report(graded(tmp_path, WRONG), beside()).read_text(encoding="utf-8")
    again = rewrite_report(tmp_path).read_text(encoding="utf-8")
    assert [words for words in ("here_is_what_ada_wrote", "Tuesday", "bao") if words not in first] == []
    assert [words for words in ("here_is_what_ada_wrote", "Tuesday", "bao") if words not in again] == []


def test_what_was_found_out_of_other_results_is_not_said(tmp_path):
    rewrite_report(graded(tmp_path, WRONG), beside())
    graded(tmp_path, RIGHT)
    assert "here_is_what_ada_wrote" not in rewrite_report(tmp_path).read_text(encoding="utf-8")


@pytest.mark.parametrize("content", ["", "{", '{"results": 1}'])
def test_what_was_kept_and_cannot_be_read_is_left_out(tmp_path, content):
    rewrite_report(graded(tmp_path, WRONG), beside())
    (tmp_path / KEPT).write_text(content)
    assert "here_is_what_ada_wrote" not in rewrite_report(tmp_path).read_text(encoding="utf-8")
