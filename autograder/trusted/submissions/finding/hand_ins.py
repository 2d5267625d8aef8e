"""What each student has handed in: every file that could be a notebook of theirs, or a folder that cannot be read."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from autograder.trusted.submissions.finding.candidates import StudentFile
from autograder.trusted.submissions.finding.folders import assignments_folder, places_in
from autograder.trusted.submissions.finding.layout import are_students, tutorials_in
from autograder.trusted.submissions.finding.who import (
    ARCHIVE,
    NOTEBOOK,
    SCRIPT,
    is_folder_of,
    kind_of,
    members,
    sender_of,
    senders_of,
    without_marks,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from autograder.trusted.submissions.finding.candidates import Candidate
    from autograder.trusted.submissions.finding.search import Search
    from autograder.trusted.submissions.opening import Entry

_LIKE_A_TUTORIAL = (
    "{} holds folders of students, and was taken for one student's, since a student's own folder stands beside it: "
    "if it is a tutorial, name it by itself."
)


@dataclass
class HandIn:
    """What one student has handed in: the files, or a folder that cannot be looked into.

    Attributes:
        candidates: the files.
        unreadable: the folder that cannot be looked into; None where all can.
        expected: whether this is a student, even without any file.
        own: whether the files stand in the student's own folder.
        doubt: why a person should look whether this is one student at all.
    """

    candidates: list[Candidate] = field(default_factory=list)
    unreadable: Path | None = None
    expected: bool = False
    own: bool = False
    doubt: str = ""


def of_one_student(folder: Path, search: Search, *, attempt: tuple[int, ...] = ()) -> HandIn:
    """What stands in a student's own folder; in it everything is theirs, whatever a file's name claims."""
    contents = search.contents(own=True)
    try:
        places = places_in(folder, search)
    except OSError:
        return HandIn(unreadable=folder, own=True)
    if not isinstance(places, list):
        return HandIn(unreadable=places, own=True)
    hand_in = HandIn(own=True, expected=any(not place.outside for place in places) and places[0].is_assignments)
    for place in places:
        for entry in place.files:
            sender = sender_of(entry.name)
            file = StudentFile(
                place.folder / entry.name,
                sender.file if sender and sender.file else entry.name,
                entry.changed,
                sender.attempt if sender and sender.attempt else attempt,
                place.depth,
                place.outside,
            )
            candidate = contents.recognise(file)
            if candidate.notebook or place.folder == folder or not place.outside:
                hand_in.candidates.append(candidate)
    return hand_in


def of_a_class(folder: Path, owner: str, search: Search) -> dict[str, HandIn]:
    """What stands in a folder of a class, by student; files whose names say no student are the `owner`'s.

    Raises OSError where the folder cannot be looked into.
    """
    here = search.entries(folder)
    folders = [each for each in here if _may_be_a_student(folder, each)]
    senders = senders_of((each.name for each in folders), folder=True)
    handed_in = {each.name for each in folders if assignments_folder(folder / each.name, search)}
    hand_ins = _of_files(folder, here, owner, search)
    notebooks_here = any(each.notebook for hand_in in hand_ins.values() for each in hand_in.candidates)
    is_tree = bool(handed_in)
    unnamed = [each.name for each in folders if each.is_folder and each.name not in senders]
    tutorials = tutorials_in(folder, [name for name in unnamed if name not in handed_in], search)
    among_students = bool(tutorials) and (
        bool(handed_in.intersection(unnamed))
        or are_students(folder, (name for name in unnamed if name not in tutorials), search)
    )
    for entry in folders:
        place, sender = folder / entry.name, senders.get(entry.name)
        if not entry.is_folder and notebooks_here and not is_tree:
            continue  # a link beside notebooks is nobody's
        if entry.name in tutorials and not among_students:
            for name, hand_in in of_a_class(place, entry.name, search).items():
                _add(hand_ins, name, hand_in)
            continue
        more = of_one_student(place, search, attempt=sender.attempt if sender else ())
        more.expected |= sender is not None
        if entry.name in tutorials:
            more.doubt = _LIKE_A_TUTORIAL.format(entry.name)
        if more.unreadable is None and not more.expected and not _is_work(more.candidates, is_tree=is_tree):
            continue
        _add(hand_ins, sender.student if sender else entry.name, more)
    return hand_ins


def shared_out(hand_ins: Mapping[str, HandIn]) -> dict[str, HandIn]:
    """What each student has handed in, groups among them taken apart."""
    shared: dict[str, HandIn] = {}
    for name, hand_in in sorted(hand_ins.items(), key=lambda each: len(members(each[0]))):
        group = members(name)
        for student in group:
            candidates = hand_in.candidates
            if len(group) > 1:
                candidates = [replace(each, file=replace(each.file, group=name)) for each in candidates]
            _add(shared, student, replace(hand_in, candidates=list(candidates)))
    return shared


def _add(hand_ins: dict[str, HandIn], student: str, more: HandIn) -> None:
    """Add to what a student has handed in; a folder that cannot be looked into counts where nothing else is there."""
    earlier = hand_ins.get(student)
    if earlier is None:
        hand_ins[student] = more
        return
    earlier.candidates += more.candidates
    earlier.expected |= more.expected
    earlier.doubt = earlier.doubt or more.doubt
    if earlier.unreadable is not None and more.unreadable is None:
        earlier.unreadable = None


def _may_be_a_student(folder: Path, entry: Entry) -> bool:
    """Whether an entry of the tutor's folder is a student's folder, or stands where one should."""
    if entry.is_folder:
        return True
    is_file = entry.is_file or kind_of(entry.name)[1] in {NOTEBOOK, SCRIPT}
    return not is_file and not os.path.isfile(folder / entry.name)  # which asks for no right


def _is_work(candidates: Iterable[Candidate], *, is_tree: bool) -> bool:
    """Whether files could be what a student hands in: a folder of pictures or data is no student's.

    Where others have a folder for the assignment, folders of somebody who has none may be other assignments'.
    """
    return any(
        each.notebook or (each.kind in {NOTEBOOK, ARCHIVE} and not (is_tree and each.file.depth)) for each in candidates
    )


def _of_files(folder: Path, here: Iterable[Entry], owner: str, search: Search) -> dict[str, HandIn]:
    """The files that stand in a folder of a class, by student."""
    contents = search.contents(own=False)
    files = [each for each in here if not each.is_folder]
    senders = senders_of(each.name for each in files)
    hand_ins: dict[str, HandIn] = {}
    left: list[Candidate] = []
    for entry in files:
        sender = senders.get(entry.name)
        name = sender.file if sender and sender.file else entry.name
        kind = kind_of(name)[1]
        says_a_notebook = any(notebook in name for notebook in search.notebooks)
        if sender is None and kind not in {NOTEBOOK, SCRIPT, ARCHIVE} and not says_a_notebook:
            continue  # a roster, a page, a figure
        file = StudentFile(folder / entry.name, name, entry.changed, sender.attempt if sender else ())
        candidate = contents.recognise(file, search.assignment)
        if sender is not None:
            _add(hand_ins, sender.student, HandIn([candidate], expected=True))
        elif candidate.notebook:
            _add(hand_ins, candidate.rest or owner, HandIn([candidate]))
        elif kind in {NOTEBOOK, ARCHIVE} and entry.is_file:
            left.append(candidate)
    for candidate in left:
        _add(hand_ins, _whose(candidate, hand_ins, owner, search), HandIn([candidate]))
    return hand_ins


def _whose(candidate: Candidate, students: Iterable[str], owner: str, search: Search) -> str:
    """Whose a file is that is no notebook: whom its name begins with, else whom it names by itself."""
    stem = without_marks(kind_of(candidate.file.name)[0])
    named = [each for each in students if each != owner and stem.casefold().startswith(each.casefold())]
    if named:
        return max(named, key=len)
    return owner if is_folder_of(search.assignment, stem) else stem.strip() or owner
