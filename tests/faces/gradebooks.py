"""nbgrader's own gradebook in a course, as formgrader fills it."""

from __future__ import annotations

import functools
import os
import sys
import tempfile
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

from nbgrader.api import Gradebook

from autograder.trusted.results.store import RESULTS, Results

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from autograder.trusted.results.records import NotebookRecord


def course_with(root: Path, records: Sequence[NotebookRecord]) -> Path:
    """A course folder with these results of week06; returns the folder of the results."""
    (root / "nbgrader_config.py").write_text("c = get_config()\n")
    graded = root / "graded" / "week06"
    with Results(graded).opened() as results:
        for record in records:
            results.add(record)
    assert (graded / RESULTS).is_file()
    return graded


@functools.cache
def _empty_gradebook() -> bytes:
    """A new gradebook, which nbgrader takes a second to make, as it calls alembic."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, PATH=path):
        Gradebook(f"sqlite:///{folder}/gradebook.db").close()
        return Path(folder, "gradebook.db").read_bytes()


@contextmanager
def gradebook(root: Path, records: Sequence[NotebookRecord]) -> Iterator[Gradebook]:
    """The gradebook of a course, newly made, with the marks of these records as nbgrader autograde writes them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nbgrader's own use of SQLAlchemy
        yield from _filled(root, records)


def _filled(root: Path, records: Sequence[NotebookRecord]) -> Iterator[Gradebook]:
    (root / "gradebook.db").write_bytes(_empty_gradebook())
    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        book.add_assignment("week06")
        notebooks = {record.notebook: record for record in sorted(records, key=lambda each: len(each.exercises))}
        for name, record in notebooks.items():
            book.add_notebook(name, "week06")
            for exercise, marked in record.exercises.items():
                book.add_grade_cell(f"test_{exercise}", name, "week06", max_score=marked.possible, cell_type="code")
                book.add_solution_cell(exercise, name, "week06")
        for student in {record.student for record in records}:
            book.add_student(student)
            book.add_submission("week06", student)
        for record in records:
            for exercise, marked in record.exercises.items():
                book.find_grade(
                    f"test_{exercise}", record.notebook, "week06", record.student
                ).auto_score = marked.earned
        book.db.commit()
        yield book
        book.db.commit()


def grade_of(book: Gradebook, student: str, exercise: str, notebook: str = "perceptron"):
    """nbgrader's grade of a student's test cell."""
    return book.find_grade(f"test_{exercise}", notebook, "week06", student)


def total_of(book: Gradebook, student: str) -> float:
    """What `nbgrader export` writes for a student."""
    submission = book.find_submission("week06", student)
    return max(0.0, submission.score - submission.late_submission_penalty)
