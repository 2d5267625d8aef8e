"""What a person has said of marks in nbgrader's formgrader: scores, extra credit, comments and penalties for lateness.

gradebook.db of the course is read once, and never written; where there is none, the marks are those of the checks.

    records = with_marks_by_hand(folder, records)     # the same records, as the gradebook would add them up
    said_of(exercise), comment_on(exercise), said_of_notebook(record)

The points are nbgrader's own sum (nbgrader.api.Grade.score, nbgrader.plugins.CsvExportPlugin): a score by hand, else
that of the checks, and the extra credit; of a student's total the penalties are taken, but it is never below 0.
"""

from __future__ import annotations

import math
import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.request import pathname2url

import msgspec
from msgspec import Struct

from autograder.errors import UsageError
from autograder.trusted.assignment.course_settings import CONFIG, settings_of
from autograder.trusted.results.outcomes import BY_HAND
from autograder.trusted.results.records import ExerciseRecord, NotebookRecord, total

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

GRADEBOOK = "gradebook.db"
_SQLITE = "sqlite:///"  # before a path, in SQLAlchemy's names of databases
MAX_COMMENT = 5_000  # characters
_TOLERANCE = 1e-6  # points; records are rounded to six decimals
_PATIENCE = 5.0  # seconds that nbgrader may keep its database locked
_EPOCH = datetime(1970, 1, 1)  # nbgrader's times are UTC without saying so, and its extensions begin here

# What belongs to a submitted notebook, in nbgrader's schema (nbgrader.api).
_OF_A_SUBMISSION = """
    join submitted_assignment student on student.id = handed_in.assignment_id
    join assignment on assignment.id = student.assignment_id
"""
_OF_A_CELL = (
    """
    join submitted_notebook handed_in on handed_in.id = said.notebook_id
    join notebook on notebook.id = handed_in.notebook_id
    join base_cell cell on cell.id = said.cell_id
"""
    + _OF_A_SUBMISSION
)
_JOINS = {"of_a_cell": _OF_A_CELL, "of_a_submission": _OF_A_SUBMISSION}
_GRADES = """
    select student.student_id, notebook.name, cell.name, said.manual_score, said.extra_credit,
           coalesce(tested.max_score, task.max_score)
    from grade said {of_a_cell}
    left join grade_cells tested on tested.id = cell.id
    left join task_cells task on task.id = cell.id
    where assignment.name = ? and (said.manual_score is not null or said.extra_credit is not null)
"""
_SCORES = """
    select student.student_id, notebook.name, cell.name, said.auto_score from grade said {of_a_cell}
    where assignment.name = ? and said.auto_score is not null and said.manual_score is null
"""
_COMMENTS = """
    select student.student_id, notebook.name, cell.name, said.manual_comment from comment said {of_a_cell}
    where assignment.name = ? and said.manual_comment is not null
"""
_PENALTIES = """
    select student.student_id, handed_in.late_submission_penalty from submitted_notebook handed_in {of_a_submission}
    where assignment.name = ? and handed_in.late_submission_penalty is not null
"""
_TIMES = """
    select student.student_id, student.timestamp, assignment.duedate, student.extension
    from submitted_assignment student
    join assignment on assignment.id = student.assignment_id
    where assignment.name = ? and student.timestamp is not null and assignment.duedate is not null
"""


class ExerciseByHand(Struct, frozen=True):
    """What the gradebook has of an exercise: a score (None: the checks'), extra credit, its points, a comment."""

    score: float | None = None
    extra_credit: float = 0.0
    possible: float = 0.0
    comment: str = ""


class MarksByHand(Struct, frozen=True):
    """All that the gradebook has of an assignment.

    Attributes:
        exercises: by student, notebook and exercise.
        penalties: by student, the points that they lose for being late.
        late: by student, how late they were, beyond any extension.
        scores: by student, notebook and cell, what the checks gave when nbgrader last graded, and counts there.
    """

    exercises: Mapping[tuple[str, str], Mapping[str, ExerciseByHand]] = {}
    penalties: Mapping[str, float] = {}
    late: Mapping[str, timedelta] = {}
    scores: Mapping[tuple[str, str, str], float] = {}


class MarkedExercise(ExerciseRecord, frozen=True):
    """An exercise of which a person has said something: the points, in words, or a comment."""

    by_hand: str = ""
    comment: str = ""


class MarkedNotebook(NotebookRecord, frozen=True):
    """A notebook as the gradebook has it; `by_hand` is what a person has said of all of it, a sentence each."""

    by_hand: tuple[str, ...] = ()


def said_of(exercise: ExerciseRecord) -> str:
    """How a person has changed the points of an exercise ("5 of 7, set by hand"); "" if nobody has."""
    return exercise.by_hand if isinstance(exercise, MarkedExercise) else ""


def comment_on(exercise: ExerciseRecord) -> str:
    """A person's comment on an exercise, which is any text; "" if there is none."""
    return exercise.comment if isinstance(exercise, MarkedExercise) else ""


def said_of_notebook(record: NotebookRecord) -> tuple[str, ...]:
    """What a person has said of a whole notebook, such as "late: -2"."""
    return record.by_hand if isinstance(record, MarkedNotebook) else ()


def differs(record: NotebookRecord) -> bool:
    """Whether a notebook has another mark than the checks gave it."""
    return bool(said_of_notebook(record)) or any(map(said_of, record.exercises.values()))


def gradebook_of(folder: Path) -> Path | None:
    """The gradebook of the course that holds the results in `folder`; None where there is none."""
    here = folder.resolve()
    root = next((each for each in (here, *here.parents) if (each / CONFIG).is_file()), None)
    if root is None:
        return None
    url = settings_of(root).gradebook
    path = root / (url.removeprefix(_SQLITE) if url.startswith(_SQLITE) else GRADEBOOK)
    return path if path.is_file() else None


def with_marks_by_hand(folder: Path, records: Sequence[NotebookRecord]) -> list[NotebookRecord]:
    """The records of one assignment in `folder`, as the course's gradebook has them.

    Raises UsageError if the gradebook cannot be read.
    """
    return marked(records, marks_by_hand(folder, records[0].assignment)) if records else []


def marks_by_hand(folder: Path, assignment: str) -> MarksByHand:
    """What the gradebook of the course that holds `folder` has of an assignment; nothing where there is none.

    Raises UsageError if it cannot be read.
    """
    path = gradebook_of(folder)
    return MarksByHand() if path is None else read_gradebook(path, assignment)


def marked(records: Iterable[NotebookRecord], by_hand: MarksByHand) -> list[NotebookRecord]:
    """The records with what a person has said of them; those of which nobody said anything stay as they are."""
    found = []
    owed = dict(by_hand.penalties)
    for record in records:
        exercises = by_hand.exercises.get((record.student, record.notebook), {})
        new = _with_exercises(record, exercises) if exercises else record
        penalty = min(owed.get(record.student, 0.0), max(0.0, new.earned))
        if penalty > 0:
            owed[record.student] = total((owed[record.student], -penalty))
            new = _with_penalty(new, penalty)
        found.append(new)
    return found


def graded_otherwise(records: Iterable[NotebookRecord], by_hand: MarksByHand) -> list[str]:
    """The students for whom the gradebook has other scores of the checks than these records, of another grading."""
    others = {
        record.student
        for record in records
        for name, exercise in record.exercises.items()
        for score in (by_hand.scores.get((record.student, record.notebook, f"test_{name}")),)
        if score is not None and abs(score - exercise.earned) > _TOLERANCE
    }
    return sorted(others)


def read_gradebook(path: Path, assignment: str) -> MarksByHand:
    """What nbgrader's gradebook has of an assignment. Raises UsageError if it is locked, damaged or of another kind."""
    try:
        with closing(
            sqlite3.connect(f"file:{pathname2url(str(path))}?mode=ro", uri=True, timeout=_PATIENCE)
        ) as database:
            grades, comments, penalties, times, scores = (
                database.execute(query.format(**_JOINS), (assignment,)).fetchall()
                for query in (_GRADES, _COMMENTS, _PENALTIES, _TIMES, _SCORES)
            )
        by_cell = {(student, notebook, cell): _points(score) for student, notebook, cell, score in scores}
        return MarksByHand(_exercises(grades, comments), _sums(penalties), _late(times), by_cell)
    except (sqlite3.Error, ValueError, TypeError) as error:
        raise UsageError(_why_unreadable(path, error)) from error


def _why_unreadable(path: Path, error: Exception) -> str:
    said = str(error)
    if "locked" in said or "busy" in said:
        return f"{path} is locked: nbgrader is at work with it; wait for it, and try again."
    if "no such" in said:
        return f"{path} is of another version of nbgrader ({said}): run `nbgrader db upgrade`, or move it away."
    return f"{path} cannot be read ({said}), and with it no mark given by hand: restore it, or move it away."


def _exercises(
    grades: Sequence[tuple[Any, ...]], comments: Sequence[tuple[Any, ...]]
) -> dict[tuple[str, str], dict[str, ExerciseByHand]]:
    found: dict[tuple[str, str], dict[str, ExerciseByHand]] = defaultdict(dict)
    for student, notebook, cell, score, extra_credit, possible in grades:
        found[student, notebook][cell] = ExerciseByHand(
            None if score is None else _points(score), _points(extra_credit or 0.0), _points(possible or 0.0)
        )
    for student, notebook, cell, comment in comments:
        if comment.strip():
            theirs = found[student, notebook]
            test = next((each for each in (f"test_{cell}", cell) if each in theirs), cell)
            theirs[test] = msgspec.structs.replace(theirs.get(test, ExerciseByHand()), comment=comment[:MAX_COMMENT])
    return found


def _sums(penalties: Sequence[tuple[str, Any]]) -> dict[str, float]:
    owed: dict[str, list[float]] = defaultdict(list)
    for student, penalty in penalties:
        owed[student].append(_points(penalty))
    return {student: total(each) for student, each in owed.items() if total(each) > 0}


def _late(times: Sequence[tuple[str, str, str, str | None]]) -> dict[str, timedelta]:
    late = {}
    for student, handed_in, due, extension in times:
        more = datetime.fromisoformat(extension) - _EPOCH if extension else timedelta()
        by = datetime.fromisoformat(handed_in) - (datetime.fromisoformat(due) + more)
        if by > timedelta():
            late[student] = by
    return late


def _points(value: Any) -> float:
    points = float(value)
    if not math.isfinite(points):
        raise ValueError(f"a score is {points}")
    return points


def _with_exercises(record: NotebookRecord, by_hand: Mapping[str, ExerciseByHand]) -> NotebookRecord:
    exercises = dict(record.exercises)
    for cell, said in by_hand.items():
        name = next((each for each in (cell, cell.removeprefix("test_")) if each in exercises), None)
        if name is None:  # of a notebook that could not be graded, all that is known of it is what a person says
            if said.score is None:
                continue
            name = cell.removeprefix("test_")
            exercises[name] = ExerciseRecord(0.0, said.possible)
        exercises[name] = _with_score(exercises[name], said)
    moved = total(each.earned for each in exercises.values()) - total(each.earned for each in record.exercises.values())
    return _as_marked(
        record,
        exercises=exercises,
        earned=total((record.earned, moved)),
        possible=record.possible or total(each.possible for each in exercises.values()),
    )


def _with_score(exercise: ExerciseRecord, said: ExerciseByHand) -> MarkedExercise:
    score = exercise.earned if said.score is None else said.score
    earned, moved = total((score, said.extra_credit)), abs(score - exercise.earned) > _TOLERANCE
    given = said.score is not None and any(check.outcome == BY_HAND for check in exercise.checks)
    how = ["given by hand"] if given else ["set by hand"] if moved else []
    how += [f"with {said.extra_credit:g} extra credit"] if said.extra_credit else []
    return MarkedExercise(
        earned,
        exercise.possible,
        () if given else exercise.checks,
        None if moved else exercise.kept,
        by_hand=f"{earned:g} of {exercise.possible:g}, {' '.join(how)}" if how else "",
        comment=said.comment,
    )


def _with_penalty(record: NotebookRecord, penalty: float) -> NotebookRecord:
    return _as_marked(
        record,
        earned=total((record.earned, -penalty)),
        by_hand=(*said_of_notebook(record), f"late: -{penalty:g}"),
    )


def _as_marked(record: NotebookRecord, **changes: Any) -> MarkedNotebook:
    fields = {name: getattr(record, name) for name in record.__struct_fields__}
    return MarkedNotebook(**(fields | changes))
