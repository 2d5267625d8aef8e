"""Records: the result of one notebook of one student, as a line of results.jsonl."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from msgspec import Struct

from autograder.trusted.results.outcomes import PASSED

if TYPE_CHECKING:
    from collections.abc import Iterable


class CheckRecord(Struct, frozen=True):
    """One check: its function's name, its sentence, its outcome, the points it is worth, and the reason as `message`.

    `hint` explains the mistake to the student: if the answers equal those of a named `misconception`, in its words,
    else by what is seen of the answer, if there is something.
    For a check of devices, `devices` has the outcome on each device.
    """

    name: str
    title: str
    outcome: str
    points: float
    message: str = ""
    misconception: str = ""
    hint: str = ""
    devices: dict[str, str] = {}


class Kept(Struct, frozen=True):
    """One slip, a named misconception, explains every failed check; the exercise keeps this `share` of its points."""

    misconception: str
    share: float


class ExerciseRecord(Struct, frozen=True):
    """One exercise: points earned and possible, and its checks.

    `earned` is the sum of the passed checks' points, or more where one slip has `kept` a share of the exercise.
    """

    earned: float
    possible: float
    checks: tuple[CheckRecord, ...] = ()
    kept: Kept | None = None


class FigureRecord(Struct, frozen=True):
    """What a student's functions made for the figure of an exercise: see Figure and Trained in grading/figures.py.

    `made_by` is the fingerprint of the figures.py that asked for it; with another one it is worth nothing.
    """

    exercise: str
    made_by: str
    boundary: tuple[float, float, float] | None = None
    progress: tuple[float, ...] = ()
    why: str = ""


class NotebookRecord(Struct, frozen=True):
    """One notebook of one student: a line of results.jsonl.

    `status` is graded, missing, unreadable, timeout, crashed or out-of-memory; all but the first have
    a `reason`. `seconds` is wall-clock time. `seed` is the seed of the random inputs. `repairs` lists what
    was repaired before grading; `needs_review` lists what a person should look at. Both hold sentences.
    `figure` is what the feedback draws.
    """

    student: str
    assignment: str
    notebook: str
    status: str
    earned: float
    possible: float
    seconds: float
    exercises: dict[str, ExerciseRecord] = {}
    reason: str = ""
    seed: int = 0
    fingerprint: str = ""
    repairs: tuple[str, ...] = ()
    needs_review: tuple[str, ...] = ()
    figure: FigureRecord | None = None


def total(points: Iterable[float]) -> float:
    """The sum of points as a person adds them: 0.7, 0.2 and 0.1 are 1."""
    return round(math.fsum(points), 6)


def passed_points(exercise: ExerciseRecord) -> float:
    """The points of the checks that were passed, without what one slip has kept."""
    return total(check.points for check in exercise.checks if check.outcome == PASSED)


def kept_sentence(exercise: ExerciseRecord) -> str:
    """What the student is told of a share that the exercise has kept; "" if none was."""
    if exercise.kept is None:
        return ""
    points = f"{exercise.earned:g} of {exercise.possible:g} points"
    return f"One slip explains all that failed here, so the exercise keeps {points}."


def hints_to_show(exercise: ExerciseRecord) -> tuple[str, ...]:
    """The hint to show with each check: a hint stands once, with the first check that has it, and "" after that."""
    shown: set[str] = set()
    hints = []
    for check in exercise.checks:
        hints.append("" if check.hint in shown else check.hint)
        shown.add(check.hint)
    return tuple(hints)
