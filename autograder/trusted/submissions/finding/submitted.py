"""The folder with all that a course's students hand in: `submitted`, or what its nbgrader_config.py calls so."""

from __future__ import annotations

import os
from itertools import pairwise
from typing import TYPE_CHECKING

from autograder.errors import UsageError
from autograder.trusted.assignment.course_settings import CONFIG, settings_of
from autograder.trusted.submissions.finding.who import SUBMITTED

if TYPE_CHECKING:
    from pathlib import Path


def submitted_of(root: Path) -> Path:
    """Where a course's students' folders stand; `root` may be a folder that is no course's.

    Raises UsageError: its nbgrader_config.py cannot be read, or says what cannot be.
    """
    return root / (settings_of(root).submitted if _is_course(root) else SUBMITTED)


def is_submitted(folder: Path) -> bool:
    """Whether a folder is the one with all that the students of a course hand in."""
    return folder.name == SUBMITTED or _of_course(_course_above(folder)) == folder


def folder_of_a_student(path: Path) -> Path | None:
    """The folder of the student in whose folder an absolute path is, itself included; None outside of any course's.

    The outermost folder that is called `submitted`, or as the settings above it say, counts: whatever stands further in
    is what a student has handed in.
    """
    root = _course_above(path)
    submitted = _of_course(root)
    # From the course's root to what its settings name, as in `submitted/2026`, a name says nothing.
    between = set(submitted.parents) - set(root.parents) if root and submitted else set()
    above = (*reversed(path.parents), path)
    for folder, inner in pairwise(above):
        if folder == submitted or (folder.name == SUBMITTED and folder not in between):
            return inner
    return None


def _course_above(path: Path) -> Path | None:
    """The outermost course that holds a path. None further in is asked: a student may hand in an nbgrader_config.py."""
    return next((each for each in reversed((path, *path.parents)) if _is_course(each)), None)


def _of_course(root: Path | None) -> Path | None:
    """What a course calls so; None where there is no course, or its settings say nothing."""
    try:
        return None if root is None else submitted_of(root)
    except (OSError, UsageError):  # whoever grades that course is told
        return None


def _is_course(root: Path) -> bool:
    return os.path.isfile(root / CONFIG)  # Path.is_file() raises where a right is missing
