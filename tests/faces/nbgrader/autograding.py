"""A class that `nbgrader autograde` has graded, and what nbgrader has of it afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import nbformat
from nbgrader.api import Gradebook

from autograder.trusted.results.seed import seed_of
from autograder.trusted.results.store import read_results
from tests.faces.nbgrader.desks import GradingClient, hand_in

if TYPE_CHECKING:
    from autograder.trusted.results.records import NotebookRecord

NEVER_MOVES = "def update(w, x, y, eta=1.0):\n    return w"
SIGN = "def activation(s):\n    return torch.sign(s)"


@dataclass(frozen=True)
class Autograded:
    """A class, graded once by `nbgrader autograde`, with feedback."""

    tutor: GradingClient
    records: dict[tuple[str, str], NotebookRecord]


def autograded(tutor: GradingClient, handed_in: dict[str, dict[str, str]]) -> Autograded:
    """Hand in notebooks, {student: {notebook: text}}, and let nbgrader grade them and write the feedback."""
    for student, notebooks in handed_in.items():
        hand_in(tutor.folder / "submitted" / student / "week06", notebooks)
    tutor.nbgrader("autograde", "week06")
    tutor.nbgrader("generate_feedback", "week06")
    records = read_results(tutor.folder / "graded" / "week06" / "results.jsonl")
    return Autograded(tutor, {(record.student, record.notebook): record for record in records})


def grades_of(tutor, student):
    """What nbgrader's gradebook has for a student: {(notebook, test cell): (score, possible, waits)}."""
    with Gradebook(f"sqlite:///{tutor.folder}/gradebook.db", "comp90051") as gradebook:
        submission = gradebook.find_submission("week06", student)
        return {
            (notebook.name, grade.name): (grade.score, grade.max_score, grade.needs_manual_grade)
            for notebook in submission.notebooks
            for grade in notebook.grades
        }


def outputs_of(graded, student, select):
    notebook = nbformat.read(graded.tutor.folder / "autograded" / student / "week06" / "perceptron.ipynb", 4)
    return next(cell.outputs for cell in notebook.cells if cell.cell_type == "code" and select(cell))


def graded_cell(graded, student, exercise):
    """What the test cell of an exercise says to a student, and its points."""
    outputs = outputs_of(
        graded, student, lambda cell: cell.metadata.get("nbgrader", {}).get("grade_id") == f"test_{exercise}"
    )
    text, result = outputs
    return text["text"], float(result["data"]["text/plain"])


def assert_gradebook_equals_records(graded, student):
    """nbgrader's gradebook has our results, to the last point."""
    grades = grades_of(graded.tutor, student)
    ours = {
        (notebook, f"test_{name}"): (exercise.earned, exercise.possible, False)
        for (whose, notebook), record in graded.records.items()
        if whose == student
        for name, exercise in record.exercises.items()
    }
    assert ours
    assert {cell: grades[cell] for cell in ours} == ours


def assert_seed_is_told_nowhere(graded):
    """No page and no notebook of a student's holds the seed."""
    seed = str(seed_of(graded.tutor.folder / "graded" / "week06"))
    assert {str(record.seed) for record in graded.records.values()} == {seed}
    shown = [
        *(graded.tutor.folder / "feedback").rglob("*.html"),
        *(graded.tutor.folder / "autograded").rglob("*.ipynb"),
    ]
    assert shown
    assert [path for path in shown if seed in path.read_text()] == []
