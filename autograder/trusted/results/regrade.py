"""Compare two gradings of one class: whose mark moved, by how much, and which check moved it.

Students and notebooks are matched by name, checks by exercise and name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from autograder.trusted.results.outcomes import PASSED
from autograder.trusted.results.records import kept_sentence, passed_points

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from autograder.trusted.results.records import CheckRecord, ExerciseRecord, NotebookRecord


class CheckMove(Struct, frozen=True):
    """One check of one notebook whose outcome or points changed.

    `before` and `after` are outcomes, "" if the grading did not have the check. `points_before` and `points_after`
    are the points that it earned, and `moved` is their difference. What one slip has kept of an exercise is listed as
    if a check "kept" had earned it.
    """

    exercise: str
    check: str
    title: str
    before: str
    after: str
    points_before: float
    points_after: float
    moved: float


class NotebookMove(Struct, frozen=True):
    """One notebook of one student in both gradings.

    `earned_before` is None if the notebook is new, `earned_after` is None if it is gone; `moved` is the difference.
    """

    student: str
    notebook: str
    status_before: str
    status_after: str
    earned_before: float | None
    earned_after: float | None
    possible_before: float
    possible_after: float
    moved: float
    checks: tuple[CheckMove, ...] = ()


class CheckSummary(Struct, frozen=True):
    """The effect of one check on the class: how many marks it moved up and down, and by how many points in all."""

    notebook: str
    exercise: str
    check: str
    title: str
    up: int
    down: int
    points: float


class Regrade(Struct, frozen=True):
    """The changes of a class between two gradings.

    Attributes:
        moved: notebooks whose mark changed, the largest change first.
        restated: notebooks with the same mark, but with another status or another outcome of a check.
        new: notebooks that only the later grading has.
        gone: notebooks that only the earlier grading has.
        new_students: students that only the later grading has.
        gone_students: students that only the earlier grading has.
        checks: the checks that moved marks; the one that moved the most marks comes first.
        unchanged: how many notebooks have the same result.
    """

    moved: tuple[NotebookMove, ...]
    restated: tuple[NotebookMove, ...]
    new: tuple[NotebookMove, ...]
    gone: tuple[NotebookMove, ...]
    new_students: tuple[str, ...]
    gone_students: tuple[str, ...]
    checks: tuple[CheckSummary, ...]
    unchanged: int

    @property
    def students_moved(self) -> tuple[str, ...]:
        """The students who have a notebook whose mark moved."""
        return tuple(sorted({move.student for move in self.moved}))


def compare_results(old: Iterable[NotebookRecord], new: Iterable[NotebookRecord]) -> Regrade:
    """Compare the records `old` of a class with the records `new`."""
    before = {(record.student, record.notebook): record for record in old}
    after = {(record.student, record.notebook): record for record in new}
    moves = [_move(before.get(key), after.get(key)) for key in sorted({*before, *after})]
    both = [move for move in moves if move.earned_before is not None and move.earned_after is not None]
    moved = [move for move in both if move.moved]
    restated = [move for move in both if not move.moved and _says_something_else(move)]
    students_before, students_after = {student for student, _ in before}, {student for student, _ in after}
    return Regrade(
        moved=tuple(sorted(moved, key=lambda move: (-abs(move.moved), move.student, move.notebook))),
        restated=tuple(restated),
        new=tuple(move for move in moves if move.earned_before is None),
        gone=tuple(move for move in moves if move.earned_after is None),
        new_students=tuple(sorted(students_after - students_before)),
        gone_students=tuple(sorted(students_before - students_after)),
        checks=_summaries(moved),
        unchanged=len(both) - len(moved) - len(restated),
    )


def _move(old: NotebookRecord | None, new: NotebookRecord | None) -> NotebookMove:
    record = new if new is not None else old
    assert record is not None
    return NotebookMove(
        student=record.student,
        notebook=record.notebook,
        status_before=old.status if old is not None else "",
        status_after=new.status if new is not None else "",
        earned_before=old.earned if old is not None else None,
        earned_after=new.earned if new is not None else None,
        possible_before=old.possible if old is not None else 0.0,
        possible_after=new.possible if new is not None else 0.0,
        moved=_points((new.earned if new is not None else 0.0) - (old.earned if old is not None else 0.0)),
        checks=_check_moves(old, new) if old is not None and new is not None else (),
    )


def _says_something_else(move: NotebookMove) -> bool:
    states = (move.status_before, move.possible_before), (move.status_after, move.possible_after)
    return bool(move.checks) or states[0] != states[1]


def _check_moves(old: NotebookRecord, new: NotebookRecord) -> tuple[CheckMove, ...]:
    before, after = _checks(old), _checks(new)
    moves = (
        CheckMove(
            exercise,
            name,
            (after if is_now is not None else before)[exercise, name].title,
            was.outcome if was is not None else "",
            is_now.outcome if is_now is not None else "",
            _earned(was),
            _earned(is_now),
            _points(_earned(is_now) - _earned(was)),
        )
        for exercise, name in {**after, **before}
        for was, is_now in [(before.get((exercise, name)), after.get((exercise, name)))]
    )
    kept = (
        CheckMove(
            name,
            "kept",
            kept_sentence(is_now) or kept_sentence(was),
            _kept(was),
            _kept(is_now),
            _kept_points(was),
            _kept_points(is_now),
            _points(_kept_points(is_now) - _kept_points(was)),
        )
        for name, is_now in new.exercises.items()
        if (was := old.exercises.get(name)) is not None
    )
    return tuple(move for move in (*moves, *kept) if move.before != move.after or move.moved)


def _kept(exercise: ExerciseRecord) -> str:
    return "" if exercise.kept is None else "kept"


def _kept_points(exercise: ExerciseRecord) -> float:
    """What one slip has left of an exercise beyond the points of its passed checks."""
    return 0.0 if exercise.kept is None else exercise.earned - passed_points(exercise)


def _checks(record: NotebookRecord) -> dict[tuple[str, str], CheckRecord]:
    return {(name, check.name): check for name, exercise in record.exercises.items() for check in exercise.checks}


def _earned(check: CheckRecord | None) -> float:
    return check.points if check is not None and check.outcome == PASSED else 0.0


def _summaries(moved: Sequence[NotebookMove]) -> tuple[CheckSummary, ...]:
    by_check: dict[tuple[str, str, str, str], list[float]] = {}
    for move in moved:
        for check in move.checks:
            if check.moved:
                key = move.notebook, check.exercise, check.check, check.title
                by_check.setdefault(key, []).append(check.moved)
    summaries = (
        CheckSummary(
            *key, up=sum(each > 0 for each in moves), down=sum(each < 0 for each in moves), points=_points(sum(moves))
        )
        for key, moves in by_check.items()
    )
    return tuple(sorted(summaries, key=lambda each: (-(each.up + each.down), each.notebook, each.exercise, each.check)))


def _points(value: float) -> float:
    """Points, rounded to six decimals, because 0.1 + 0.2 is not 0.3 in binary fractions."""
    return round(value, 6) + 0.0
