"""The content of the class report, counted from the records; report.html defines its appearance.

records  ->  class_report(records)  ->  ClassReport  ->  write_report (autograder.faces.html.report)
"""

from __future__ import annotations

import statistics
from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct

from autograder.faces.by_hand import said_of
from autograder.trusted.results import outcomes
from autograder.trusted.results.records import NotebookRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import timedelta

    from autograder.trusted.results.records import CheckRecord, ExerciseRecord

FULL, PART, NONE, UNTRIED = "full", "part", "none", "untried"
DOUBT, UNJUDGED = "doubt", "unjudged"

_KINDS = (
    outcomes.UNREADABLE,
    outcomes.CRASHED,
    outcomes.TIMEOUT,
    outcomes.OUT_OF_MEMORY,
    UNJUDGED,
    DOUBT,
)  # worst first
_NOT_MISSED = (outcomes.PASSED, outcomes.NOT_ATTEMPTED, outcomes.BLOCKED, outcomes.BY_HAND)
_ROUNDING = 1e-9  # tolerance for sums of points


class SimilarRow(Struct, frozen=True):
    """Students with similar work on an exercise; `similarity` is from 0 to 1. A hint, never a verdict."""

    students: tuple[str, ...]
    notebook: str
    exercise: str
    similarity: float


class MovedMark(Struct, frozen=True):
    """A notebook whose mark changed; `checks` are the checks that moved it, a sentence each."""

    student: str
    notebook: str
    before: float
    after: float
    checks: tuple[str, ...] = ()


class Bar(Struct, frozen=True):
    """A bar of the distribution: how many students have from `low` to `high` per cent of the points, both included."""

    low: int
    high: int
    students: int


class ExerciseSummary(Struct, frozen=True):
    """How many students earned all, a part or none of an exercise's points; `untried` are included in none."""

    notebook: str
    name: str
    possible: float
    mean: float
    full: int
    part: int
    none: int
    untried: int


class MisconceptionCount(Struct, frozen=True):
    """A misconception, its hint, and the students who have it."""

    notebook: str
    exercise: str
    name: str
    hint: str
    students: tuple[str, ...]


class Missed(Struct, frozen=True):
    """A check that several students tried and failed: its sentence, their most common message, and their names."""

    notebook: str
    exercise: str
    title: str
    message: str
    students: tuple[str, ...]


class NeedsReview(Struct, frozen=True):
    """Something that a person should review: its kind, and the reason in a sentence."""

    student: str
    notebook: str
    kind: str
    why: str


class Square(Struct, frozen=True):
    """A square of the heat map: the points earned of an exercise (None if nothing was graded), and its description.

    `lost` is true if the code ran out of time or memory, or ended its process; `by_hand` says what a person changed.
    """

    earned: float | None
    state: str
    lost: bool = False
    by_hand: str = ""


class NotebookSquares(Struct, frozen=True):
    """A notebook of a student in the heat map."""

    notebook: str
    status: str
    earned: float
    cells: tuple[Square, ...]


class StudentRow(Struct, frozen=True):
    """A row of the heat map; `look` is true if a person should review something of this student.

    `late` says in words how late they handed in ("2 days"); "" if they did not, or nothing is known. `group` is their
    tutorial or section, if it is known.
    """

    name: str
    earned: float
    notebooks: tuple[NotebookSquares, ...]
    look: bool
    late: str = ""
    group: str = ""

    @property
    def nothing_handed_in(self) -> bool:
        """Whether every notebook is missing: then the points are none, rather than 0."""
        return all(notebook.status == outcomes.MISSING for notebook in self.notebooks)


class NotebookColumns(Struct, frozen=True):
    """A notebook as columns of the heat map: its exercises in order."""

    name: str
    possible: float
    exercises: tuple[str, ...]


class ClassReport(Struct, frozen=True):
    """All that the report shows of a class, except for the details of each student, which are in `records`.

    `mean` counts who handed in nothing as 0, `mean_handed_in` leaves them out. `similar` and `moved` are None if they
    were not determined.
    """

    assignment: str
    possible: float
    mean: float
    mean_handed_in: float
    median: float
    perfect: int
    graded: int
    missing: int
    bars: tuple[Bar, ...]
    columns: tuple[NotebookColumns, ...]
    exercises: tuple[ExerciseSummary, ...]
    misconceptions: tuple[MisconceptionCount, ...]
    missed: tuple[Missed, ...]
    needs_review: tuple[NeedsReview, ...]
    repairs: tuple[NeedsReview, ...]
    students: tuple[StudentRow, ...]
    records: tuple[NotebookRecord, ...]
    similar: tuple[SimilarRow, ...] | None = None
    moved: tuple[MovedMark, ...] | None = None


def class_report(
    graded: Sequence[NotebookRecord],
    *,
    similar: Iterable[SimilarRow] | None = None,
    moved: Iterable[MovedMark] | None = None,
    late: Mapping[str, timedelta] | None = None,
    groups: Mapping[str, str] | None = None,
) -> ClassReport:
    """Summarise the records of one assignment; there must be at least one.

    `late` is how late students were who were late; `groups` are the groups of students, as far as they are known.
    """
    graded = sorted(graded, key=lambda record: (record.student, record.notebook))
    columns = _columns(graded)
    needs_review = tuple(
        sorted(_needs_review(graded), key=lambda look: (_KINDS.index(look.kind), look.student, look.notebook))
    )
    similar = None if similar is None else tuple(sorted(similar, key=lambda group: -group.similarity))
    in_question = {look.student for look in needs_review} | {name for group in similar or () for name in group.students}
    students = _students(graded, columns, in_question, late or {}, groups or {})
    possible = sum(column.possible for column in columns)
    totals = [student.earned for student in students]
    return ClassReport(
        assignment=graded[0].assignment,
        possible=possible,
        mean=statistics.fmean(totals),
        mean_handed_in=statistics.fmean([each.earned for each in students if not each.nothing_handed_in] or [0.0]),
        median=statistics.median(totals),
        perfect=sum(total > possible - _ROUNDING for total in totals),
        graded=sum(record.status not in (outcomes.MISSING, outcomes.UNREADABLE) for record in graded),
        missing=sum(record.status == outcomes.MISSING for record in graded),
        bars=_bars(totals, possible),
        columns=columns,
        exercises=_exercises(graded, columns, students),
        misconceptions=_misconceptions(graded),
        missed=_missed(graded),
        needs_review=needs_review,
        repairs=tuple(
            NeedsReview(record.student, record.notebook, "repaired", repair)
            for record in graded
            for repair in record.repairs
        ),
        students=students,
        records=tuple(graded),
        similar=similar,
        moved=None if moved is None else tuple(sorted(moved, key=lambda mark: mark.after - mark.before)),
    )


def _columns(graded: Sequence[NotebookRecord]) -> tuple[NotebookColumns, ...]:
    """The notebooks in order of name, each with every exercise that one of its records has."""
    exercises: dict[str, dict[str, None]] = {}
    possible: dict[str, float] = {}
    for record in graded:
        exercises.setdefault(record.notebook, {}).update(dict.fromkeys(record.exercises))
        possible[record.notebook] = max(record.possible, possible.get(record.notebook, 0.0))
    return tuple(NotebookColumns(name, possible[name], tuple(exercises[name])) for name in sorted(exercises))


def _students(
    graded: Sequence[NotebookRecord],
    columns: Sequence[NotebookColumns],
    in_question: set[str],
    late: Mapping[str, timedelta],
    groups: Mapping[str, str],
) -> tuple[StudentRow, ...]:
    by_student: dict[str, dict[str, NotebookRecord]] = {}
    for record in graded:
        by_student.setdefault(record.student, {})[record.notebook] = record
    return tuple(
        StudentRow(
            name,
            sum(record.earned for record in theirs.values()),
            tuple(_cells(column, theirs.get(column.name)) for column in columns),
            name in in_question,
            how_late(late[name]) if name in late else "",
            groups.get(name, ""),
        )
        for name, theirs in by_student.items()
    )


def _cells(column: NotebookColumns, record: NotebookRecord | None) -> NotebookSquares:
    if record is None:
        return NotebookSquares(
            column.name, outcomes.MISSING, 0.0, tuple(Square(None, UNTRIED) for _ in column.exercises)
        )
    return NotebookSquares(
        column.name, record.status, record.earned, tuple(_cell(record.exercises.get(name)) for name in column.exercises)
    )


def _cell(exercise: ExerciseRecord | None) -> Square:
    if exercise is None:
        return Square(None, UNTRIED)
    found = {check.outcome for check in exercise.checks}
    if exercise.earned > exercise.possible - _ROUNDING:
        state = FULL
    elif exercise.earned > 0:
        state = PART
    else:
        untried = found <= {outcomes.NOT_ATTEMPTED, outcomes.BY_HAND} and not said_of(exercise)
        state = UNTRIED if untried else NONE
    return Square(exercise.earned, state, not found.isdisjoint(outcomes.LOST), said_of(exercise))


def how_late(by: timedelta) -> str:
    """How late somebody was, in the largest unit that fits: 3 days, 1 hour, 5 minutes."""
    seconds = by.total_seconds()
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            number = round(seconds / length)
            return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
    return "less than a minute"


def _bars(totals: Sequence[float], possible: float) -> tuple[Bar, ...]:
    """Ten bars of ten per cent each, and one bar for full points."""
    tenths = Counter(int(10 * total / possible + _ROUNDING) if possible else 10 for total in totals)
    return *(Bar(10 * n, 10 * n + 9, tenths[n]) for n in range(10)), Bar(100, 100, tenths[10])


def _exercises(
    graded: Sequence[NotebookRecord], columns: Sequence[NotebookColumns], students: Sequence[StudentRow]
) -> tuple[ExerciseSummary, ...]:
    possible = {
        (record.notebook, name): exercise.possible for record in graded for name, exercise in record.exercises.items()
    }
    summaries = []
    for number, column in enumerate(columns):
        for place, name in enumerate(column.exercises):
            cells = [student.notebooks[number].cells[place] for student in students]
            states = Counter(cell.state for cell in cells)
            summaries.append(
                ExerciseSummary(
                    column.name,
                    name,
                    possible[column.name, name],
                    statistics.fmean(cell.earned or 0.0 for cell in cells),
                    states[FULL],
                    states[PART],
                    states[NONE] + states[UNTRIED],
                    states[UNTRIED],
                )
            )
    return tuple(summaries)


def _misconceptions(graded: Sequence[NotebookRecord]) -> tuple[MisconceptionCount, ...]:
    """The misconceptions that were recognised, most common first."""
    who: dict[tuple[str, str, str], dict[str, None]] = {}
    hints: dict[tuple[str, str, str], str] = {}
    for record, exercise, check in _checks(graded):
        if check.misconception:
            key = record.notebook, exercise, check.misconception
            who.setdefault(key, {})[record.student] = None
            hints[key] = check.hint
    found = [MisconceptionCount(*key, hints[key], tuple(students)) for key, students in who.items()]
    return tuple(sorted(found, key=lambda each: (-len(each.students), each.notebook, each.exercise, each.name)))


def _missed(graded: Sequence[NotebookRecord]) -> tuple[Missed, ...]:
    """For each exercise, the check that most students tried and failed without a named misconception.

    The most failed comes first; a check that only one student failed is left out.
    """
    given: dict[tuple[str, str, str], dict[str, str]] = {}
    for record, exercise, check in _checks(graded):
        if check.outcome not in _NOT_MISSED and not check.misconception:
            given.setdefault((record.notebook, exercise, check.title), {})[record.student] = check.message
    most: dict[tuple[str, str], Missed] = {}
    for (notebook, exercise, title), messages in given.items():
        message = Counter(messages.values()).most_common(1)[0][0]
        rival = most.get((notebook, exercise))
        if len(messages) > max(1, len(rival.students) if rival else 0):
            most[notebook, exercise] = Missed(notebook, exercise, title, message, tuple(messages))
    return tuple(sorted(most.values(), key=lambda each: (-len(each.students), each.notebook, each.exercise)))


def _needs_review(graded: Sequence[NotebookRecord]) -> Iterable[NeedsReview]:
    """Everything for review: notebooks and exercises that did not end normally, and the records' `needs_review`."""
    for record in graded:
        if record.status in (*outcomes.LOST, outcomes.UNREADABLE):
            yield NeedsReview(record.student, record.notebook, record.status, record.reason)
        for doubt in record.needs_review:
            yield NeedsReview(record.student, record.notebook, DOUBT, doubt)
        for name, exercise in record.exercises.items() if record.status == outcomes.GRADED else ():
            lost = next((check for check in exercise.checks if check.outcome in outcomes.LOST), None)
            if lost is not None:  # no worker was lost, so the check itself crashed
                kind = UNJUDGED if lost.outcome == outcomes.CRASHED else lost.outcome
                yield NeedsReview(record.student, record.notebook, kind, f"`{name}`: {lost.message}")


def _checks(graded: Sequence[NotebookRecord]) -> Iterable[tuple[NotebookRecord, str, CheckRecord]]:
    for record in graded:
        for name, exercise in record.exercises.items():
            for check in exercise.checks:
                yield record, name, check
