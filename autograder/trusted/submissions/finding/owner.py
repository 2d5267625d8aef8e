"""Whose a place is: the student in whose folder it lies, whatever is called what within."""

from __future__ import annotations

import os
from pathlib import Path

from autograder.trusted.submissions.finding.submitted import folder_of_a_student, is_submitted
from autograder.trusted.submissions.finding.who import is_folder_of, sender_of


def owner_of(folder: Path, assignment: str) -> str:
    """The student whose folder this is: `ada`, or in the tree of nbgrader `ada/ASSIGNMENT`."""
    below = owner_below_submitted(folder)
    if below is not None:
        return below
    own = resolved(folder)
    while is_folder_of(assignment, own.name) and own.parent.name:
        own = own.parent
    return _student(own)


def owner_below_submitted(folder: Path) -> str | None:
    """The student whose folder holds this one, where that stands below all that is submitted; else None."""
    for path in (Path(os.path.abspath(folder)), resolved(folder)):
        own = folder_of_a_student(path)
        if own is not None:
            return _student(own)
    return None


def is_all_that_is_submitted(folder: Path) -> bool:
    """Whether a folder is that of all that is submitted, as it was named or where it leads."""
    return is_submitted(Path(os.path.abspath(folder))) or is_submitted(resolved(folder))


def resolved(folder: Path) -> Path:
    """Where a path leads, by no link."""
    try:
        return folder.resolve()
    except (OSError, RuntimeError):  # links in a circle
        return folder.absolute()


def _student(folder: Path) -> str:
    sender = sender_of(folder.name, folder=True)
    return sender.student if sender else folder.name
