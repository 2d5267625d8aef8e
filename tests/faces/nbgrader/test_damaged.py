"""Damaged notebooks, scripts and files by other names in `nbgrader autograde`: graded, and no one else held up."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.author.samples import edited
from autograder.trusted.assignment.course import KIT
from autograder.trusted.results.store import read_results
from tests.damage.generator import DAMAGE, as_percent_script, as_plain_script, damaged_class
from tests.faces.nbgrader.desks import solved

pytestmark = pytest.mark.thorough

WHOLE = solved("perceptron").encode()

# One file each, by the student's name: how it is called, what it holds, and what it should earn.
FILES = {
    "script": ("perceptron.py", as_plain_script(solved("perceptron")), 25),
    "percent_script": ("perceptron.py", as_percent_script(solved("perceptron")), 25),
    "script_by_another_name": ("week 6 final.py", as_plain_script(solved("perceptron")), 25),
    "own_name_in_it": ("Perceptron-Lovelace Ada.ipynb", WHOLE, 25),
    "second_download": ("perceptron (1).ipynb", WHOLE, 25),
    "any_name": ("Untitled3.ipynb", WHOLE, 25),
    "cut_short": ("perceptron.ipynb", WHOLE[: len(WHOLE) // 2], 0),
    "empty": ("perceptron.ipynb", b"", 0),
    "an_image": ("perceptron.ipynb", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), 0),
    "a_list": ("perceptron.ipynb", b"[1, 2, 3]", 0),
    "update_is_renamed": (
        "perceptron.ipynb",
        edited(
            KIT / "source" / "week06" / "perceptron.ipynb",
            {"update": "def my_update(w, x, y, eta=1.0):\n    return w"},
            (),
        ).encode(),
        25 - 6,
    ),
}


@pytest.fixture(scope="module")
def graded(tutor_at_a_new_course):
    tutor = tutor_at_a_new_course("damaged")
    submitted = tutor.folder / "submitted"
    damaged_class(submitted, "week06")
    for student, (name, content, _) in FILES.items():
        folder = submitted / student / "week06"
        folder.mkdir(parents=True)
        (folder / name).write_bytes(content)
    before = {path: path.read_bytes() for path in submitted.rglob("*") if path.is_file()}
    tutor.nbgrader("autograde", "week06")
    tutor.nbgrader("generate_feedback", "week06")
    records = read_results(tutor.folder / "graded" / "week06" / "results.jsonl")
    return SimpleNamespace(
        tutor=tutor,
        records={(record.student, record.notebook): record for record in records},
        untouched=all(path.read_bytes() == content for path, content in before.items()),
    )


def marks(graded, student):
    """What nbgrader's gradebook has of a student: the notebook that was handed in, its points, and who waits."""
    with Gradebook(f"sqlite:///{graded.tutor.folder}/gradebook.db", "comp90051") as gradebook:
        submission = gradebook.find_submission("week06", student)
        notebooks = [notebook for notebook in submission.notebooks if (student, notebook.name) in graded.records]
        (handed_in,) = [each for each in notebooks if graded.records[student, each.name].status != "missing"]
        return SimpleNamespace(
            notebook=handed_in.name,
            points=sum(grade.score for grade in handed_in.grades),
            waits=[
                grade.name for notebook in submission.notebooks for grade in notebook.grades if grade.needs_manual_grade
            ],
        )


def feedback(graded, student):
    return (graded.tutor.folder / "feedback" / student / "week06" / "perceptron.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_costs_no_mark_and_leaves_nothing_to_grade_by_hand(graded, kind):
    mark = marks(graded, kind)
    assert (mark.points, mark.waits) == (25, [])
    assert graded.records[kind, mark.notebook].earned == 25


@pytest.mark.parametrize("student", FILES)
def test_a_file_that_is_recognised_is_graded_and_one_that_cannot_be_read_is_zero(graded, student):
    mark = marks(graded, student)
    assert (mark.points, mark.waits) == (FILES[student][2], [])
    assert graded.records[student, "perceptron"].earned == FILES[student][2]


def test_what_was_submitted_is_as_it_was(graded):
    assert graded.untouched


def test_the_feedback_says_how_the_notebook_was_repaired(graded):
    mark = marks(graded, "turn_into_markdown")
    page = graded.tutor.folder / "feedback" / "turn_into_markdown" / "week06" / f"{mark.notebook}.html"
    assert "had become text" in page.read_text(encoding="utf-8")


def test_the_feedback_says_that_a_script_was_handed_in(graded):
    assert "script" in " ".join(graded.records["script", "perceptron"].repairs)
    assert "Repaired: " in feedback(graded, "script")


def test_the_feedback_of_an_unreadable_file_is_the_released_notebook_with_the_reason(graded):
    page = feedback(graded, "cut_short")
    assert "not a whole notebook" in page
    released = nbformat.read(KIT / "release" / "week06" / "perceptron.ipynb", as_version=4)
    assert released.cells[0].source.splitlines()[0].lstrip("# ").partition("  *")[0] in page


def test_what_could_not_be_repaired_says_where_to_look(graded):
    page = feedback(graded, "update_is_renamed")
    assert "To be looked at: `update` is not defined in its own cell" in page.replace("&#96;", "`")


def test_a_second_run_has_nothing_left_to_do(graded):
    said = graded.tutor.nbgrader("autograde", "week06")
    assert "Autograding" not in said and "ERROR" not in said


def test_every_autograded_notebook_is_valid(graded):
    pages = list(Path(graded.tutor.folder, "autograded").rglob("*.ipynb"))
    assert len(pages) == len(DAMAGE) + len(FILES)
    for page in pages:
        nbformat.validate(nbformat.read(page, as_version=4))
