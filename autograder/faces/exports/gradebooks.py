"""Marks as CSV that the gradebooks of Canvas and Moodle import.

Canvas (its guide to importing grades, and its lib/gradebook_importer.rb): the columns Student, ID, SIS User ID,
SIS Login ID and Section come first, in this order, then a column for each assignment; the row "Points Possible"
stands below the header. Canvas finds a student by ID, else SIS User ID, else SIS Login ID, else name. A column with
an unknown name creates a new assignment.

Moodle (its documentation, "Grade import"): any column may identify the student, and the person who imports maps the
columns. Grade and feedback must be imported together, or the grades are lost. Moodle shows feedback as HTML.
"""

from __future__ import annotations

import csv
import html
import io
from typing import TYPE_CHECKING

from autograder.errors import UsageError
from autograder.faces.by_hand import comment_on, said_of, said_of_notebook
from autograder.faces.exports.roster import (
    CANVAS_ID,
    EMAIL_COLUMN,
    ID_NUMBER_COLUMN,
    IDENTIFIER,
    SECTION,
    SIS_LOGIN_ID,
    SIS_USER_ID,
    STUDENT,
    USERNAME_COLUMN,
    Roster,
)
from autograder.trusted.results.outcomes import GRADED, NOT_ATTEMPTED, PASSED
from autograder.trusted.results.records import kept_sentence
from autograder.trusted.safe_text import one_line, spreadsheet_cell
from autograder.trusted.submissions.finding.who import number_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from autograder.trusted.results.records import ExerciseRecord, NotebookRecord

CANVAS, MOODLE = "canvas", "moodle"

CANVAS_COLUMNS = (STUDENT, CANVAS_ID, SIS_USER_ID, SIS_LOGIN_ID, SECTION)
POINTS_POSSIBLE = "Points Possible"

USERNAME, ID_NUMBER, EMAIL = "username", "id-number", "email"
PARTICIPANT = "participant"
MOODLE_COLUMNS = {
    USERNAME: USERNAME_COLUMN, ID_NUMBER: ID_NUMBER_COLUMN, EMAIL: EMAIL_COLUMN, PARTICIPANT: IDENTIFIER,
}  # fmt: skip

_MAX_FEEDBACK = 1_000  # characters of one notebook's feedback; Moodle's own field takes far more

Notes = tuple[str, ...]


def canvas_csv(
    records: Sequence[NotebookRecord], column: str, *, each_notebook: bool = False, roster: Roster | None = None
) -> tuple[str, Notes]:
    """The class as CSV for Canvas's gradebook, and notes about it.

    `column` is the assignment's name in Canvas, with its number ("Week 6 (4711)") as Canvas exports it, or a new
    name. Without a roster, the student's name is used as the SIS Login ID.
    """
    marks = _Marks(records, column, each_notebook=each_notebook)
    rows = [
        [*CANVAS_COLUMNS, *marks.headings],
        [f"    {POINTS_POSSIBLE}", "", "", "", "", *(_number(points) for points in marks.possible)],
    ]
    known, notes = _known(marks.students, roster)
    for student, row in known:
        ids = [student, "", "", student, ""] if row is None else [row.get(name, "") for name in CANVAS_COLUMNS]
        rows.append([*(spreadsheet_cell(each) for each in ids), *marks.of(student)])
    return _csv(rows), notes


def moodle_csv(
    records: Sequence[NotebookRecord],
    column: str,
    identify_by: str = USERNAME,
    *,
    each_notebook: bool = False,
    roster: Roster | None = None,
) -> tuple[str, Notes]:
    """The class as CSV for Moodle's gradebook, with feedback, and notes about it.

    `identify_by` is one of MOODLE_COLUMNS. Without a roster, the student's name is used in that column.
    """
    marks = _Marks(records, column, each_notebook=each_notebook)
    who = MOODLE_COLUMNS[identify_by]
    if roster is not None and not any(row is not None and row.get(who) for _, row in _known(marks.students, roster)[0]):
        raise UsageError(f"{roster.name} has no column {who!r} with ids in it: name another --identify-by.")
    rows = [[who, *(heading for name in marks.headings for heading in (name, f"{name} (feedback)"))]]
    known, notes = _known(marks.students, roster)
    for student, row in known:
        cells = [spreadsheet_cell(_known_as(student, identify_by) if row is None else row.get(who, ""))]
        for points, told in zip(marks.of(student), marks.feedback(student), strict=True):
            cells += [points, told]
        rows.append(cells)
    return _csv(rows), notes


def _known_as(student: str, identify_by: str) -> str:
    """What a student is called in Moodle's column, where there is no roster to say it."""
    number = number_in(student)
    return f"Participant {number}" if identify_by == PARTICIPANT and number else student


class _Marks:
    """The marks of a class in columns: the assignment's, and with `each_notebook` those of its notebooks."""

    def __init__(self, records: Sequence[NotebookRecord], column: str, *, each_notebook: bool) -> None:
        self._records = {(record.student, record.notebook): record for record in records}
        self._notebooks = sorted({record.notebook for record in records})
        worth = {name: max(r.possible for r in records if r.notebook == name) for name in self._notebooks}
        self._columns = [self._notebooks, *([name] for name in self._notebooks if each_notebook)]
        self.students = sorted({record.student for record in records})
        self.headings = [spreadsheet_cell(column)]
        self.headings += [spreadsheet_cell(f"{column} {name}") for (name,) in self._columns[1:]]
        self.possible = [sum(worth[name] for name in names) for names in self._columns]

    def of(self, student: str) -> list[str]:
        """The student's points in each column; "" where there is no result at all."""
        found = [self._found(student, names) for names in self._columns]
        return [_number(sum(record.earned for record in each)) if each else "" for each in found]

    def feedback(self, student: str) -> list[str]:
        """The feedback of each column: HTML on one line, in which only the line breaks are markup."""
        return [
            "<br>".join(html.escape(_told(record), quote=False) for record in self._found(student, names))
            for names in self._columns
        ]

    def _found(self, student: str, names: Sequence[str]) -> list[NotebookRecord]:
        return [self._records[student, name] for name in names if (student, name) in self._records]


def _told(record: NotebookRecord) -> str:
    """The feedback of one notebook: its points, then each failed check with its reason."""
    mark = f"{record.notebook}: {_number(record.earned)} of {_number(record.possible)}"
    if not record.exercises:
        return spreadsheet_cell(f"{mark}; {record.status}: {_sentence(record.reason)}", _MAX_FEEDBACK)
    said = [f"{mark}."] if record.status == GRADED else [f"{mark}.", f"{record.status}."]
    untouched = [name for name, exercise in record.exercises.items() if _outcomes(exercise) == {NOT_ATTEMPTED}]
    if untouched:
        said.append(f"Not attempted: {', '.join(untouched)}.")
    said += map(_sentence, said_of_notebook(record))
    for name, exercise in record.exercises.items():
        failed = [check for check in exercise.checks if check.outcome != PASSED]
        if said_of(exercise):
            said.append(f"{name} {said_of(exercise)}.")
        elif failed and name not in untouched:
            reasons = [kept_sentence(exercise), *(check.hint or check.message or check.title for check in failed)]
            why = " ".join(filter(None, dict.fromkeys(reasons)))
            said.append(f"{name} {_number(exercise.earned)} of {_number(exercise.possible)}: {_sentence(why)}")
        if comment_on(exercise):
            said.append(f"Comment on {name}: {_sentence(comment_on(exercise).strip())}")
    return spreadsheet_cell(" ".join(said), _MAX_FEEDBACK)


def _outcomes(exercise: ExerciseRecord) -> set[str]:
    return {check.outcome for check in exercise.checks}


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _known(
    students: Iterable[str], roster: Roster | None
) -> tuple[list[tuple[str, Mapping[str, str] | None]], tuple[str, ...]]:
    """Each student with the roster's row; students whom the roster lacks are left out, and named in the notes.

    Raises UsageError if two students have the same row in the roster.
    """
    if roster is None:
        return [(student, None) for student in students], ()
    known: list[tuple[str, Mapping[str, str] | None]] = []
    unknown: list[str] = []
    taken: dict[int, str] = {}
    for student in students:
        row = roster.row(student)
        if row is None:
            unknown.append(one_line(student, 40))
            continue
        if id(row) in taken:
            both = f"{one_line(taken[id(row)])} and {one_line(student)}"
            raise UsageError(f"{both} are one student in {roster.name}: export one of them.")
        taken[id(row)] = student
        known.append((student, row))
    notes = []
    if unknown:
        notes.append(f"Left out, since {roster.name} has no or several rows for them: {', '.join(unknown)}.")
    if len(known) < len(roster):
        notes.append(f"{len(roster) - len(known)} of the {len(roster)} in {roster.name} have no result here.")
    return known, tuple(notes)


def _number(value: float) -> str:
    return f"{value:.10g}"


def _csv(rows: Iterable[Sequence[str]]) -> str:
    written = io.StringIO(newline="")
    csv.writer(written).writerows(rows)
    return written.getvalue()
