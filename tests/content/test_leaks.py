"""Nothing that students are shown holds a hidden input, an expected value, a line of a check or of a solution."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from msgspec import structs

from autograder.author.check.leaks import released_lines
from autograder.author.samples import edited
from autograder.faces.html.feedback import feedback_page
from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.grading.class_run import ClassRun, Task
from autograder.trusted.grading.figures import experiments_of
from autograder.trusted.grading.settings import Settings
from autograder.trusted.results.records import CheckRecord, ExerciseRecord, NotebookRecord
from autograder.trusted.submissions.submission import Submission
from tests.content.leaks import (
    FIRSTS,
    MARK,
    Hidden,
    hidden_lines,
    leaks,
    shown_text,
    spilling,
    watched,
)

pytestmark = pytest.mark.thorough

COURSE = Course(KIT)
EXPERIMENTS = experiments_of(COURSE)
SECONDS = 1.0
# The ways in which each notebook is handed in: all of them in one, half of them in each of the others, for time's sake.
SPILLING = {"chain_rule": FIRSTS[:1], "logistic_regression": FIRSTS[1:], "perceptron": FIRSTS, "tensor_ops": FIRSTS[1:]}
# Numbers that the notebooks state, and that a check comes near: log 2, the loss at even odds; and sigmoid(-2).
STATED = {"0.6931", "0.1192"}


@dataclass
class Graded:
    """A class that was graded under a spy's eyes: each student's page, and what was hidden from them."""

    records: list[NotebookRecord]
    pages: dict[str, str]
    hidden: Hidden


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("leaks")
    tasks = []
    for name in COURSE.notebooks:
        handed_in = {f"spilling {first}": spilling(COURSE, name, first) for first in SPILLING[name]}
        handed_in["solved"] = (COURSE.source / f"{name}.ipynb").read_text(encoding="utf-8")  # meets every input
        if name in EXPERIMENTS:
            handed_in["mistaken"] = mistaken(name)
        for student, text in handed_in.items():
            path = folder / student / f"{name}.ipynb"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            tasks.append(Task(Submission(student, name, path), plot=student == "mistaken"))
    run = ClassRun(COURSE, Settings(SECONDS), jobs=1)
    with watched(folder / "noted.jsonl") as spy:
        done = list(run.work(tasks))
    assert run.faults == []
    students = {each.task.submission.student for each in done}
    pages = {}
    for student in students:
        theirs = [each for each in done if each.task.submission.student == student]
        drawn = {each.figure.notebook: each.figure for each in theirs if each.figure is not None}
        pages[student] = feedback_page(student, [each.record for each in theirs if each.record], drawn, EXPERIMENTS)
    return Graded([each.record for each in done if each.record], pages, spy.hidden())


def mistaken(name: str) -> str:
    """The released notebook with a misconception in the place of each exercise."""
    first = {each.exercise: each.source for each in reversed(COURSE.misconceptions(name))}
    return edited(COURSE.release / f"{name}.ipynb", first)


@pytest.fixture(scope="module")
def lines():
    return hidden_lines(COURSE)


def test_something_is_hidden_and_every_way_to_tell_it_was_tried(graded, lines):
    assert graded.hidden.counts["sent"] > 1000
    assert graded.hidden.counts["expected"] > 1000
    assert len(lines) > 200
    said = [check.message for record in graded.records for each in record.exercises.values() for check in each.checks]
    tried = (
        r"raised ValueError \(cell `[^`]*`, line", r"raised LookupError \(cell", r"raised Exception \(cell",
        r"not an object of a class of its own\.", r"line \d+: `exec\(compile",
        r"raised SyntaxError", r"it sent something that is not an answer", r"its answer is not a value",
    )  # fmt: skip
    assert [way for way in tried if not any(re.search(way, message) for message in said)] == []


def test_no_feedback_page_holds_anything_hidden(graded, lines):
    assert {student: leaks(shown_text(page), graded.hidden, lines) for student, page in graded.pages.items()} == {
        student: [] for student in graded.pages
    }


def test_no_record_holds_anything_hidden(graded, lines):
    text = "\n".join(
        text
        for record in graded.records
        for text in (
            record.reason,
            *record.repairs,
            *record.needs_review,
            *(
                said
                for exercise in record.exercises.values()
                for check in exercise.checks
                for said in (check.title, check.message, check.hint)
            ),
        )
    )
    assert leaks(text, graded.hidden, lines) == []


def test_nothing_that_a_students_code_has_spelled_is_said_in_any_alphabet(graded):
    pages = {student: shown_text(page) for student, page in graded.pages.items()}
    assert [student for student, page in pages.items() if MARK in page] == []
    assert [student for student, page in pages.items() if re.search(r"\bline \d{3}", page)] == []


def test_no_hint_and_no_sentence_of_a_check_holds_anything_hidden(graded, lines):
    hints = [each.hint for name in COURSE.notebooks for each in COURSE.misconceptions(name)]
    assert leaks("\n".join(hints), graded.hidden, lines) == []


def test_the_release_holds_no_hidden_number(graded):
    assert set(graded.hidden.found_in("\n".join(released_lines(COURSE)))) <= STATED


# --- controls: a leak is found ----------------------------------------------------------------------


def planted(**changes) -> str:
    """The text of a page on which one message or sentence is something else."""
    check = structs.replace(CheckRecord("test_x", "A sentence.", "failed", 1.0, "A message."), **changes)
    record = NotebookRecord(
        "ada", "week06", "perceptron", "graded", 0.0, 1.0, 0.1, {"update": ExerciseRecord(0.0, 1.0, (check,))}
    )
    return shown_text(feedback_page("ada", [record], {}, {}))


@pytest.mark.parametrize("spelled", ["{:.4f}", "{:.6f}", "{!r}", "{:e}", "-{:.5f}", "x={:.4f};", "tensor([{:.4f}])"])
def test_a_planted_number_is_found_however_it_is_spelled(graded, lines, spelled):
    number = next(value for value in graded.hidden.values if value > 0.1)
    assert leaks(planted(message=spelled.format(number)), graded.hidden, lines) != []


@pytest.mark.parametrize("spelled", ["{}", "[{}]", "tensor([{}])"])
def test_a_planted_row_of_whole_numbers_is_found(graded, lines, spelled):
    row = ", ".join(map(str, sorted(graded.hidden.runs)[0]))
    assert leaks(planted(hint=spelled.format(row)), graded.hidden, lines) != []


@pytest.mark.parametrize(
    "line",
    [
        "w = X.new_zeros(X.shape[1]) if w is None else w.clone()",
        "    X, y = separable(random, 12)",
        "EXTREMES = (-1000.0, -100.0, 100.0, 1000.0)",
    ],
)
def test_a_planted_line_of_code_is_found(graded, lines, line):
    assert leaks(planted(title=line), graded.hidden, lines) != []


def test_a_page_with_nothing_planted_is_clean(graded, lines):
    assert leaks(planted(), graded.hidden, lines) == []
