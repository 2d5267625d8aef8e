"""Export results in the formats of other systems: gradebooks' CSV, Gradescope's JSON, JUnit's XML.

In all of them, a student's text is plain text, on one line, without control characters.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from autograder.errors import UsageError
from autograder.faces.by_hand import MarksByHand, differs, graded_otherwise, marked, marks_by_hand
from autograder.faces.exports.gradebooks import CANVAS, MOODLE, USERNAME, canvas_csv, moodle_csv
from autograder.faces.exports.handing_out import named
from autograder.faces.exports.junit import junit_xml
from autograder.faces.exports.roster import read_roster
from autograder.faces.gradescope.results import VISIBLE, gradescope_json
from autograder.trusted.results.store import read_results_at
from autograder.trusted.safe_text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograder.trusted.results.records import NotebookRecord

GRADESCOPE, JUNIT = "gradescope", "junit"
FORMATS = (CANVAS, MOODLE, GRADESCOPE, JUNIT)

# The command-line options that only some formats accept, with these formats.
_OF_FORMAT = {
    "--roster": (CANVAS, MOODLE),
    "--column": (CANVAS, MOODLE),
    "--each-notebook": (CANVAS, MOODLE),
    "--identify-by": (MOODLE,),
    "--visibility": (GRADESCOPE,),
}


class ExportOptions(Struct, frozen=True):
    """The options of an export; None and False stand for options that were not given.

    Attributes:
        student: export this student only.
        roster: a CSV that the gradebook has exported, which has the students' ids.
        column: the gradebook's name of the assignment.
        each_notebook: whether to add a column for each notebook.
        identify_by: the column by which Moodle identifies a student.
        visibility: when students see the checks in Gradescope.
    """

    student: str | None = None
    roster: Path | None = None
    column: str | None = None
    each_notebook: bool = False
    identify_by: str | None = None
    visibility: str | None = None


class Exported(Struct, frozen=True):
    """An exported text, and notes about it for the person who exports, a sentence each."""

    text: str
    notes: tuple[str, ...] = ()


def export(records: Sequence[NotebookRecord], assignment: str | None, format_: str, options: ExportOptions) -> Exported:
    """The records in one of FORMATS; without an `assignment`, it is called what the records call it.

    Raises:
        UsageError: there is nothing to export, the format does not have an option, the format is for one student
            and there are several, or the roster cannot be used.
    """
    _refuse_others(format_, options)
    chosen = [record for record in records if options.student in (None, record.student)]
    if not chosen:
        whose = f" of {one_line(options.student)}" if options.student is not None else ""
        raise UsageError(f"There is no result{whose} to export: grade first, or name other results.")
    assignment = assignment or _assignment_of(chosen)
    if format_ == JUNIT:
        return Exported(junit_xml(chosen, assignment))
    if format_ == GRADESCOPE:
        students = sorted({record.student for record in chosen})
        if len(students) > 1:
            raise UsageError(f"Gradescope's results are of one student, here are {len(students)}: add --student NAME.")
        return Exported(gradescope_json(chosen, options.visibility or VISIBLE))
    roster = read_roster(options.roster) if options.roster is not None else None
    column = options.column or assignment
    if format_ == CANVAS:
        return Exported(*canvas_csv(chosen, column, each_notebook=options.each_notebook, roster=roster))
    identify_by = options.identify_by or USERNAME
    return Exported(*moodle_csv(chosen, column, identify_by, each_notebook=options.each_notebook, roster=roster))


def write_export(
    place: Path, assignment: str | None, format_: str, options: ExportOptions, output: Path | None
) -> tuple[str, ...]:
    """Export the results at `place` to a file, or to standard output; returns the notes of the export.

    Marks that a person gave, or took, in the gradebook of the course that holds the place go before those of the
    checks; a note says whose they are.

    Raises UsageError as `export` does, or if there are no results, the gradebook cannot be read, or the file cannot
    be written.
    """
    folder, by_checks = place if place.is_dir() else place.parent, read_results_at(place)
    by_hand = marks_by_hand(folder, by_checks[0].assignment) if by_checks else MarksByHand()
    records = marked(by_checks, by_hand)
    exported = export(records, assignment, format_, options)
    notes = (*exported.notes, *_of_marks_by_hand(records), *_of_another_grading(graded_otherwise(by_checks, by_hand)))
    content = exported.text.encode("utf-8")
    if output is None:
        sys.stdout.buffer.write(content)
        return notes
    try:
        output.write_bytes(content)
    except OSError as error:
        raise UsageError(f"{output} cannot be written ({error.strerror}): name another --output.") from error
    return notes


def _of_marks_by_hand(records: Sequence[NotebookRecord]) -> tuple[str, ...]:
    students = sorted({record.student for record in records if differs(record)})
    who = f"{len(students)} of the class: {named(students)}"
    return (f"The gradebook's marks, not those of the checks alone, count for {who}.",) if students else ()


def _of_another_grading(students: Sequence[str]) -> tuple[str, ...]:
    who = f"{len(students)} of the class ({named(students)})"
    return (f"nbgrader has graded {who} otherwise: `nbgrader autograde` brings its gradebook up to date.",) * bool(
        students
    )


def _assignment_of(records: Sequence[NotebookRecord]) -> str:
    names = sorted({one_line(record.assignment) for record in records})
    if len(names) > 1:
        raise UsageError(f"These are results of several assignments, {', '.join(names)}: name one with --assignment.")
    return names[0]


def _refuse_others(format_: str, options: ExportOptions) -> None:
    for name, formats in _OF_FORMAT.items():
        if format_ not in formats and getattr(options, name.removeprefix("--").replace("-", "_")):
            raise UsageError(f"{name} is an option of --format {' and '.join(formats)}, not of {format_}.")
