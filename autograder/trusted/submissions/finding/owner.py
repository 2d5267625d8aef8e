"""Whose a place is: the student in whose folder it lies, whatever is called what within."""

from __future__ import annotations

import os
from pathlib import Path

from autograder.trusted.submissions.finding.submitted import folder_of_a_student, is_submitted
from autograder.trusted.submissions.finding.who import is_folder_of, is_systems_folder, sender_of


def owner_of(folder: Path, assignment: str) -> str:
    """The student whose folder this is: `ada`, or in the tree of nbgrader `ada/ASSIGNMENT`."""
    owner = owner_by_place(folder)
    if owner is not None:
        return owner
    own = resolved(folder)
    while is_folder_of(assignment, own.name) and own.parent.name:
        own = own.parent
    return _student(own)


def owner_by_place(folder: Path) -> str | None:
    """The student whose folder holds this one, where that is sure whatever it holds; else None.

    That is a folder below all that is submitted, or one that a system has named. Of several, one in the other, the
    outermost counts, as a student may call the inner ones as they like, or make them links.
    """
    path = Path(os.path.abspath(folder))
    as_named = _outermost(path)
    if resolved(path) == path:  # by no link
        return _student(as_named) if as_named else None
    for part in (*reversed(path.parents), path):
        leads = resolved(part)
        own = part if part == as_named else _outermost(leads) if leads != part else None
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


def _outermost(path: Path) -> Path | None:
    """The outermost folder on a path that is sure to be a student's."""
    by_name = next((each for each in reversed((path, *path.parents)) if is_systems_folder(each.name)), None)
    by_place = folder_of_a_student(path)
    return min((each for each in (by_place, by_name) if each), key=lambda each: len(each.parts), default=None)


def _student(folder: Path) -> str:
    sender = sender_of(folder.name, folder=True)
    return sender.student if sender else folder.name
