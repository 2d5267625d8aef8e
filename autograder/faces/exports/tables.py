"""The marks of a class as tables for a spreadsheet, beside the results: a column a notebook, or an exercise."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from autograder.errors import UsageError
from autograder.trusted.results.atomic_files import replaced
from autograder.trusted.results.outcomes import MISSING
from autograder.trusted.results.store import GRADES, write_grades
from autograder.trusted.safe_text import spreadsheet_cell

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from autograder.trusted.results.records import NotebookRecord

EXERCISES = "exercises.csv"


def write_tables(folder: Path, records: Sequence[NotebookRecord]) -> None:
    """Write grades.csv and exercises.csv into `folder`. Raises UsageError if it cannot be written."""
    try:
        write_grades(folder / GRADES, records)
        _write_exercises(folder / EXERCISES, records)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written ({error.strerror}): make room there.") from error


def _write_exercises(path: Path, records: Sequence[NotebookRecord]) -> None:
    """A line a student, a column an exercise, the points possible below the heading; of a missing notebook, nothing."""
    columns: dict[tuple[str, str], float] = {}
    for record in sorted(records, key=lambda record: record.notebook):
        columns |= {(record.notebook, name): each.possible for name, each in record.exercises.items()}
    points: dict[str, dict[tuple[str, str], str]] = {record.student: {} for record in records}
    for record in records:
        if record.status != MISSING:
            earned = {name: each.earned for name, each in record.exercises.items()}
            theirs = points[record.student]
            for notebook, name in columns:
                if notebook == record.notebook:
                    theirs[notebook, name] = f"{earned.get(name, 0.0):g}"
    with replaced(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["student", *(spreadsheet_cell(f"{notebook} {name}") for notebook, name in columns)])
        writer.writerow(["possible", *(f"{possible:g}" for possible in columns.values())])
        for student in sorted(points):
            writer.writerow([spreadsheet_cell(student), *(points[student].get(column, "") for column in columns)])
