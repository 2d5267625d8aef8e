"""`nbgrader autograde` over a class with everything in it, and again: outputs, leaks, loops, a tutor's scores."""

from __future__ import annotations

import json

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.grading.class_run import ClassRun
from autograder.trusted.grading.settings import Settings
from autograder.trusted.results.seed import seed_of
from autograder.trusted.results.store import read_results
from autograder.trusted.submissions.submission import Submission
from tests.content.leaks import FIRSTS, hidden_lines, leaks, shown_text, spilling, watched
from tests.faces.nbgrader.autograding import (
    NEVER_MOVES,
    SIGN,
    assert_gradebook_equals_records,
    assert_seed_is_told_nowhere,
    autograded,
    graded_cell,
    grades_of,
    outputs_of,
)
from tests.faces.nbgrader.desks import hand_in, solved

pytestmark = pytest.mark.thorough

NAMES = ("chain_rule", "logistic_regression", "perceptron", "tensor_ops")
PRINTS = 'print("hello from ada")\n6 * 7'
DRAWS = "import matplotlib.pyplot as plt\nplt.plot([1, 2, 3])"
FAILS = "def helper():\n    raise KeyError('mine')\nhelper()"
SHOWS_MARKUP = (
    "from IPython.display import HTML\nHTML('<b>bold</b><script>alert(1)</script><img src=x onerror=alert(2)>')"
)


LIVE = "<img src=x onerror=alert(3)> [click](javascript:alert(4)) ![seen](http://203.0.113.1/x.png)"


def with_live_text(text: str) -> str:
    notebook = nbformat.reads(text, as_version=4)
    notebook.cells += [nbformat.v4.new_markdown_cell(f"my notes\n\n{LIVE}"), nbformat.v4.new_raw_cell(LIVE)]
    return nbformat.writes(notebook)


def perceptron_without(*grade_ids: str) -> str:
    notebook = nbformat.reads(solved("perceptron"), as_version=4)
    notebook.cells = [
        cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") not in grade_ids
    ]
    return nbformat.writes(notebook)


def perceptron_with_a_copy_of(grade_id: str) -> str:
    notebook = nbformat.reads(solved("perceptron"), as_version=4)
    place = next(k for k, cell in enumerate(notebook.cells) if cell.metadata["nbgrader"]["grade_id"] == grade_id)
    copied = nbformat.from_dict(json.loads(json.dumps(notebook.cells[place])))
    copied.id = "a-copy"
    notebook.cells.insert(place, copied)
    return nbformat.writes(notebook)


def perceptron_with_other_tests() -> str:
    notebook = nbformat.reads(solved("perceptron", {"test_update": "6.0"}), as_version=4)
    for cell in notebook.cells:
        if cell.metadata["nbgrader"]["grade_id"] == "test_update":
            cell.metadata["nbgrader"] |= {"points": 60, "locked": False, "solution": "perhaps"}
    return nbformat.writes(notebook)


CLASS = {
    "ada": {
        "perceptron": with_live_text(solved("perceptron", extra=(PRINTS, DRAWS, FAILS, SHOWS_MARKUP))),
        **{name: solved(name) for name in NAMES if name != "perceptron"},
    },
    "carl": {"perceptron": solved("perceptron", {"update": "def update(w, x, y, eta=1.0):\n    while True: pass"})},
    "dora": {"perceptron": perceptron_without("test_update", "update", "imports", "test_margin")},
    "emil": {"perceptron": perceptron_with_a_copy_of("update")},
    "fred": {"perceptron": perceptron_with_other_tests()},
    **{f"mallory{first}": {"perceptron": spilling(Course(KIT), "perceptron", first)} for first in FIRSTS},
}
BOB = {"perceptron": solved("perceptron", {"update": NEVER_MOVES, "activation": SIGN})}


@pytest.fixture(scope="module")
def graded(tutor_at_a_new_course):
    return autograded(tutor_at_a_new_course("autograde"), CLASS)


@pytest.mark.parametrize("student", CLASS)
def test_nbgraders_gradebook_equals_our_results_to_the_last_point(graded, student):
    assert_gradebook_equals_records(graded, student)


def test_no_page_or_notebook_of_a_student_holds_the_seed(graded):
    assert_seed_is_told_nowhere(graded)


def test_what_a_students_own_cell_prints_and_returns_is_there(graded):
    stream, result = outputs_of(graded, "ada", lambda cell: cell.source == PRINTS)
    assert (stream["name"], stream["text"]) == ("stdout", "hello from ada\n")
    assert result["data"]["text/plain"] == "42"


def test_a_students_figure_is_there_as_a_picture(graded):
    outputs = outputs_of(graded, "ada", lambda cell: cell.source == DRAWS)
    assert any(output.get("data", {}).get("image/png", "").startswith("iVBOR") for output in outputs)


def test_a_students_error_is_there_with_its_traceback(graded):
    (error,) = outputs_of(graded, "ada", lambda cell: cell.source == FAILS)
    assert (error["ename"], error["evalue"]) == ("KeyError", "'mine'")
    assert any("helper" in line for line in error["traceback"])


def test_markup_that_a_student_shows_is_harmless(graded):
    (result,) = outputs_of(graded, "ada", lambda cell: cell.source == SHOWS_MARKUP)
    assert "<b>bold</b>" in result["data"]["text/html"]
    assert "<script" not in result["data"]["text/html"]
    assert "onerror" not in result["data"]["text/html"]


def test_neither_feedback_nor_graded_notebook_holds_a_hidden_number_or_line(graded, tmp_path):
    """Two students' functions hand on what they are given, in every way that there is."""
    places = [graded.tutor.folder / "submitted" / f"mallory{first}" / "week06" / "perceptron.ipynb" for first in FIRSTS]
    run = ClassRun(Course(KIT), Settings(seed=seed_of(graded.tutor.folder / "graded" / "week06")), jobs=1)
    with watched(tmp_path / "noted.jsonl") as spy:
        run.grade([Submission("mallory", "perceptron", place) for place in places], lambda record: None)
    hidden, lines = spy.hidden(), hidden_lines(Course(KIT))
    assert hidden.values
    for first in FIRSTS:
        page = graded.tutor.folder / "feedback" / f"mallory{first}" / "week06" / "perceptron.html"
        notebook = graded.tutor.folder / "autograded" / f"mallory{first}" / "week06" / "perceptron.ipynb"
        assert "Your code raised" in page.read_text()
        assert leaks(shown_text(page.read_text()), hidden, lines) == []
        assert leaks(notebook.read_text(), hidden, lines) == []


def test_markup_in_a_students_text_is_harmless_in_the_feedback(graded):
    page = (graded.tutor.folder / "feedback" / "ada" / "week06" / "perceptron.html").read_text()
    assert "my notes" in page
    assert "&lt;img src=x onerror=alert(3)&gt;" in page
    for live in ("<img src=x", 'href="javascript', "203.0.113.1"):
        assert live not in page


def test_an_endless_loop_costs_its_own_points_and_says_so(graded):
    text, points = graded_cell(graded, "carl", "update")
    assert points == 0
    assert "did not come to an end" in text
    assert graded_cell(graded, "carl", "margin")[1] == 4


def test_deleted_test_cells_are_put_back_and_the_rest_is_graded(graded):
    assert graded_cell(graded, "dora", "margin")[1] == 4
    assert graded_cell(graded, "dora", "update")[1] == 0
    assert not any(waits for _, _, waits in grades_of(graded.tutor, "dora").values())


def test_a_duplicated_cell_stops_nothing(graded):
    assert graded_cell(graded, "emil", "update")[1] == 6


def test_a_test_cell_that_a_student_has_rewritten_earns_nothing_by_it(graded):
    assert graded_cell(graded, "fred", "update")[1] == 6
    assert grades_of(graded.tutor, "fred")["perceptron", "test_update"][:2] == (6, 6)


def new_course_with_bob(tutor_at_a_new_course, name):
    tutor = tutor_at_a_new_course(name)
    hand_in(tutor.folder / "submitted" / "bob" / "week06", BOB)
    return tutor, tutor.folder / "graded" / "week06" / "results.jsonl"


def test_what_autograder_grade_has_graded_is_taken_and_what_changed_since_is_graded_again(tutor_at_a_new_course):
    tutor, results = new_course_with_bob(tutor_at_a_new_course, "order")
    tutor.autograder("grade", "--json")
    (before,) = (record for record in read_results(results) if record.notebook == "perceptron")

    tutor.nbgrader("autograde", "week06")
    (taken,) = (record for record in read_results(results) if record.notebook == "perceptron")
    assert taken == before  # its seconds, too: it was not graded again
    assert sum(score for score, _, _ in grades_of(tutor, "bob").values()) == before.earned

    hand_in(tutor.folder / "submitted" / "bob" / "week06", {"perceptron": solved("perceptron")})
    tutor.nbgrader("autograde", "week06", "--force")
    (again,) = (record for record in read_results(results) if record.notebook == "perceptron")
    assert again.earned == 25
    assert sum(score for score, _, _ in grades_of(tutor, "bob").values()) == 25


def test_a_tutors_own_score_and_comment_survive_a_regrade_and_are_flagged(tutor_at_a_new_course):
    tutor, _ = new_course_with_bob(tutor_at_a_new_course, "manual")
    tutor.nbgrader("autograde", "week06")
    with Gradebook(f"sqlite:///{tutor.folder}/gradebook.db", "comp90051") as gradebook:
        gradebook.find_grade("test_update", "perceptron", "week06", "bob").manual_score = 5.5
        gradebook.find_comment("update", "perceptron", "week06", "bob").manual_comment = "nearly"
        gradebook.db.commit()

    tutor.nbgrader("autograde", "week06", "--force")
    assert grades_of(tutor, "bob")["perceptron", "test_update"] == (5.5, 6, True)
    with Gradebook(f"sqlite:///{tutor.folder}/gradebook.db", "comp90051") as gradebook:
        assert gradebook.find_comment("update", "perceptron", "week06", "bob").comment == "nearly"
