"""The folder with all that a course's students hand in: `submitted`, or what its nbgrader_config.py calls so."""

from __future__ import annotations

import os
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
    return folder.name == SUBMITTED or _submitted_above(folder) == folder


def folder_of_a_student(path: Path) -> Path | None:
    """The folder of the student in whose folder an absolute path is, itself included; None outside of any course's.

    Where the settings of no course say so, it is the folder in the innermost one that is called `submitted`.
    """
    submitted = _submitted_above(path)
    if submitted is not None and submitted in path.parents:
        return submitted / path.relative_to(submitted).parts[0]
    return next((each for each in (path, *path.parents) if each.parent.name == SUBMITTED), None)


def _submitted_above(path: Path) -> Path | None:
    """What the outermost course that holds a path calls so; None where there is no course, or its settings say nothing.

    No settings further in are read: a student may hand in an nbgrader_config.py.
    """
    root = next((each for each in reversed((path, *path.parents)) if _is_course(each)), None)
    try:
        return None if root is None else submitted_of(root)
    except (OSError, UsageError):  # whoever grades that course is told
        return None


def _is_course(root: Path) -> bool:
    return os.path.isfile(root / CONFIG)  # Path.is_file() raises where a right is missing
