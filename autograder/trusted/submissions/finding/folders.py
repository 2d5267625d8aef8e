"""Where in a student's folder files may stand: in the assignment's folder, in those below it, and beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from autograder.trusted.submissions.finding.owner import resolved
from autograder.trusted.submissions.finding.who import NOTEBOOK, is_another_assignments, is_folder_of, kind_of
from autograder.trusted.submissions.opening import entries, is_there

if TYPE_CHECKING:
    from pathlib import Path

    from autograder.trusted.submissions.finding.search import Search
    from autograder.trusted.submissions.opening import Entry

MAX_FOLDERS = 100  # of one student, that are searched
MAX_DEPTH = 8  # folders within folders


@dataclass(frozen=True)
class Place:
    """A folder of a student's with its files; `outside` is one beside the assignment's folder."""

    folder: Path
    files: tuple[Entry, ...]
    depth: int
    outside: bool = False
    is_assignments: bool = False


def places_in(folder: Path, search: Search) -> list[Place] | Path:
    """The folders of a student in which files may stand, the assignment's first.

    The assignment's folder itself where that cannot be looked into. Raises OSError where `folder` cannot.
    """
    is_assignments = search.assignment and is_folder_of(search.assignment, resolved(folder).name)
    own = "" if is_assignments else assignments_folder(folder, search)
    if not own:
        return _but_another_assignments(walk(folder, search, first=True), folder, search)
    place = folder / own
    try:
        inside = walk(place, search, first=True)
    except OSError:
        return place
    inside[0] = replace(inside[0], is_assignments=True)
    try:
        beside = walk(folder, search, first=True, but=own)
    except OSError:
        beside = []  # who may pass through a folder may still not read it
    return inside + [replace(each, outside=True) for each in _but_another_assignments(beside, folder, search)]


def walk(folder: Path, search: Search, *, first: bool = False, but: str = "") -> list[Place]:
    """A folder and those below it, upper ones first; links are no folders. Raises OSError for the `first` alone."""
    found: list[Place] = []
    waiting = [(folder, 0)]
    while waiting and len(found) < MAX_FOLDERS:
        place, depth = waiting.pop(0)
        try:
            here = search.entries(place)
        except OSError:
            if first and not found:
                raise
            continue
        # A folder that is called as a notebook is in its place, too, and told to be none.
        files = tuple(each for each in here if not each.is_folder or kind_of(each.name)[1] == NOTEBOOK)
        found.append(Place(place, files, depth))
        if depth < MAX_DEPTH:
            waiting += [
                (place / each.name, depth + 1)
                for each in here
                if each.is_folder and not (place == folder and each.name == but)
            ]
    return found


def assignments_folder(folder: Path, search: Search) -> str:
    """What the assignment's folder, or something in its place, is called in a student's; "" if there is none."""
    if not search.assignment:
        return ""
    try:
        if is_there(folder / search.assignment, search.below):
            return search.assignment
        names = [each.name for each in entries(folder, search.below) if each.is_folder]
    except OSError:
        return ""
    return next((name for name in names if is_folder_of(search.assignment, name)), "")


def _but_another_assignments(places: list[Place], folder: Path, search: Search) -> list[Place]:
    """All but the folders of another assignment in the row, and those below them."""
    return [
        each
        for each in places
        if each.folder == folder
        or not is_another_assignments(search.assignment, each.folder.relative_to(folder).parts[0])
    ]
