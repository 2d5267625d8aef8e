"""Submissions that are at hand just as they were graded, and the code of exercises in them."""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING

from autograder.errors import NotebookUnreadable
from autograder.trusted.checking.student import CPU, CUDA, SIM
from autograder.trusted.grading.settings import settings_fingerprint
from autograder.trusted.results.fingerprint import fingerprint
from autograder.trusted.results.outcomes import BY_HAND, NOT_ATTEMPTED, PASSED
from autograder.trusted.results.works import MAX_CODE
from autograder.trusted.submissions.find import find_submissions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from autograder.trusted.assignment.course import Course
    from autograder.trusted.grading.settings import Settings
    from autograder.trusted.results.records import ExerciseRecord, NotebookRecord
    from autograder.trusted.results.works import Work
    from autograder.trusted.submissions.submission import Submission

MAX_CLASS_CODE = 8 * 2**20  # characters of a class


def as_graded(
    course: Course, paths: Sequence[Path], settings: Settings, wanted: Mapping[tuple[str, str], NotebookRecord]
) -> list[Submission]:
    """The submissions among those under `paths` that are just what the `wanted` records are of.

    Raises UsageError if a path is there and holds no submissions.
    """
    places = [path for path in paths if os.path.exists(path)]  # Path.exists may raise
    submissions = find_submissions(places, course.assignment, course.notebooks, course.released) if places else []
    return _just_as_graded(course, submissions, settings, wanted)


def _just_as_graded(
    course: Course,
    submissions: Iterable[Submission],
    settings: Settings,
    wanted: Mapping[tuple[str, str], NotebookRecord],
) -> list[Submission]:
    fingerprints = {
        seed: [settings_fingerprint(course, each) for each in _settings_of_any_device(settings, seed)]
        for seed in {record.seed for record in wanted.values()}
    }
    same = []
    for submission in submissions:
        record = wanted.get((submission.student, submission.notebook))
        if record is None or submission.path is None:
            continue
        try:
            content = submission.content()
        except NotebookUnreadable:
            continue
        beside = submission.beside().parts
        if any(fingerprint(content, each, *beside) == record.fingerprint for each in fingerprints[record.seed]):
            same.append(submission)
    return same


def code_that_failed(
    course: Course,
    submissions: Iterable[Submission],
    settings: Settings,
    records: Iterable[NotebookRecord],
    works: Mapping[Path, Work],
) -> dict[tuple[str, str, str], str]:
    """What students wrote in the exercises that lost points, by student, notebook and exercise.

    Only of files that are just as they were graded, and never more than MAX_CODE characters of an exercise. `works` are
    what `read_works` has read of the submissions.
    """
    wanted = {(record.student, record.notebook): record for record in records if any(_failed(record))}
    code: dict[tuple[str, str, str], str] = {}
    room = MAX_CLASS_CODE
    for submission in _just_as_graded(course, submissions, settings, wanted):
        assert submission.path is not None
        key = submission.student, submission.notebook
        written = works[submission.path].sources if submission.path in works else {}
        for name in _failed(wanted[key]):
            source = written.get(name, "")
            if source.strip() and room > 0:
                code[*key, name] = source if len(source) <= MAX_CODE else f"{source[:MAX_CODE]}\n…"
                room -= len(code[*key, name])
    return code


def _failed(record: NotebookRecord) -> list[str]:
    return [name for name, exercise in record.exercises.items() if _lost_points(exercise)]


def _lost_points(exercise: ExerciseRecord) -> bool:
    return any(check.outcome not in (PASSED, NOT_ATTEMPTED, BY_HAND) for check in exercise.checks)


def _settings_of_any_device(settings: Settings, seed: int) -> list[Settings]:
    """The settings for every value of `--device`: the figures do not depend on it."""
    return [
        dataclasses.replace(settings, seed=seed, devices=devices, gpu=gpu)
        for devices in ((CPU, SIM), (CPU,))
        for gpu in ("", CUDA)
    ]
