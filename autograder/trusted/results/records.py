"""Records: the result of one notebook of one student, as a line of results.jsonl."""

from __future__ import annotations

from msgspec import Struct


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


class ExerciseRecord(Struct, frozen=True):
    """One exercise: points earned and possible, and its checks."""

    earned: float
    possible: float
    checks: tuple[CheckRecord, ...] = ()


class NotebookRecord(Struct, frozen=True):
    """One notebook of one student: a line of results.jsonl.

    `status` is graded, missing, unreadable, timeout, crashed or out-of-memory; all but the first have
    a `reason`. `seconds` is wall-clock time. `seed` is the seed of the random inputs. `repairs` lists what
    was repaired before grading; `needs_review` lists what a person should look at. Both hold sentences.
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
