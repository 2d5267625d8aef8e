"""Submissions, found: nbgrader's submitted/ tree, what a learning management system downloads, or single notebooks.

The way of a path that the tutor names: its owner, where it lies in a student's folder; else its layout, a class or one
student's; then each student's hand-in, and of that the file that counts as each notebook. finding/ has each step.
"""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.errors import UsageError
from autograder.trusted.submissions.finding.candidates import StudentFile, chosen
from autograder.trusted.submissions.finding.hand_ins import HandIn, of_a_class, of_one_student, shared_out
from autograder.trusted.submissions.finding.layout import (
    class_within,
    is_one_students,
    may_be_there,
    wrapped,
)
from autograder.trusted.submissions.finding.owner import is_all_that_is_submitted, owner_by_place, owner_of, resolved
from autograder.trusted.submissions.finding.search import Search
from autograder.trusted.submissions.finding.student_ids import another_id, student_ids
from autograder.trusted.submissions.finding.who import NOTEBOOK, SCRIPT, kind_of, sender_of
from autograder.trusted.submissions.opening import entries
from autograder.trusted.submissions.submission import Submission

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from autograder.trusted.assignment.plan import NotebookPlan
    from autograder.trusted.submissions.finding.candidates import Released


def find_submissions(
    paths: Sequence[Path],
    assignment: str,
    notebooks: Mapping[str, NotebookPlan],
    released: Released | None = None,
) -> list[Submission]:
    """Every submitted notebook under `paths`, and a record without a path for each one missing.

    A path is a notebook or script, or a folder: of one student or of a class, as who.py says. `released` gives a
    notebook as it was released, so that an untouched copy gives way to one with work.

    Whoever is found by a folder is expected to have all the notebooks; a single file is itself only. A student whose
    folder is a link, or cannot be looked into, has notebooks that cannot be read.

    Raises:
        UsageError: a path does not exist, cannot be looked into, holds nothing that is a notebook of this
            assignment, or two of the paths claim to be the same notebook of the same student.
    """
    found: dict[tuple[str, str], Submission] = {}
    expected: set[str] = set()
    students = _students_named(paths, assignment, notebooks)
    for path in paths:
        beside = students.get(_absolute(path).parent, set()) - {_absolute(path)}
        here = _told_apart(_find_among(paths, path, assignment, notebooks, released, among_students=bool(beside)), path)
        if not here:
            raise UsageError(f"{path} holds no notebook called {', '.join(notebooks)} (.ipynb).")
        for submission in here:
            key = submission.student, submission.notebook
            earlier = found.get(key)
            if earlier is None or earlier.path is None:
                found[key] = submission
            elif submission.path is not None and not _is_one_file(earlier.path, submission.path):
                raise UsageError(
                    f"{earlier.path} and {submission.path} both claim to be {submission.notebook} "
                    f"of {submission.student}: remove one, or grade them one by one."
                )
        if _is_folder(path):
            expected |= {submission.student for submission in here}
    missing = (
        Submission(student, name, None) for student in expected for name in notebooks if (student, name) not in found
    )
    return sorted(
        [*(each for each in found.values() if each.notebook), *missing], key=lambda s: (s.student, s.notebook)
    )


def find_own(
    folder: Path,
    student: str,
    notebooks: Mapping[str, NotebookPlan],
    below: Path,
    released: Released | None = None,
) -> list[Submission]:
    """What stands in a student's own folder and in those below it, and what is to be looked at, without a path.

    A group is one student here.

    All the notebooks, to be told why not, where the folder cannot be looked into.
    """
    search = Search(below, "", notebooks, released)
    return _counted({student: of_one_student(folder, search)}, search)


def holds_a_class(path: Path, assignment: str, notebooks: Mapping[str, NotebookPlan]) -> bool:
    """Whether a path of the tutor's is a folder of many students, and not one student's."""
    if not _is_folder(path) or owner_by_place(path) is not None:
        return False
    try:
        return not is_one_students(path, Search(path, assignment, notebooks))
    except OSError:
        return False


def _students_named(
    paths: Sequence[Path], assignment: str, notebooks: Mapping[str, NotebookPlan]
) -> dict[Path, set[Path]]:
    """Of folders that are named side by side, as with `class/*`, those that are one student's, by the folder around."""
    named: dict[Path, set[Path]] = defaultdict(set)
    for path in map(_absolute, paths):
        if _is_folder(path) and owner_by_place(path) is None:
            named[path.parent].add(path)
    return {
        parent: {each for each in folders if _is_one_students(each, assignment, notebooks)}
        for parent, folders in named.items()
        if len(folders) > 1
    }


def _find_among(
    paths: Sequence[Path],
    path: Path,
    assignment: str,
    notebooks: Mapping[str, NotebookPlan],
    released: Released | None,
    *,
    among_students: bool,
) -> list[Submission]:
    """What one of several paths holds. Of several folders, one that cannot be looked into is its student's alone."""
    try:
        return _find(path, assignment, notebooks, released, among_students=among_students)
    except UsageError:
        if len(set(paths)) == 1 or not may_be_there(path) or kind_of(path.name)[1] in {NOTEBOOK, SCRIPT}:
            raise
        try:
            entries(path, path)
        except OSError:
            return _unreadable(owner_of(path, assignment), path, Search(path, assignment, notebooks))
        raise


def _find(
    path: Path,
    assignment: str,
    notebooks: Mapping[str, NotebookPlan],
    released: Released | None,
    *,
    among_students: bool,
) -> list[Submission]:
    """What a path of the tutor's holds; the students are as in the names."""
    if not _is_folder(path):
        return _find_file(path, assignment, notebooks)
    search = Search(path, assignment, notebooks, released)
    try:
        is_own = owner_by_place(path) is not None or (among_students and not is_all_that_is_submitted(path))
        folder = path if is_own else wrapped(path, search)
        search = replace(search, below=folder)
        if is_own or owner_by_place(folder) is not None or is_one_students(folder, search):
            hand_in = of_one_student(folder, search)
            if hand_in.unreadable == folder:
                entries(folder, folder)  # says why
            hand_in.expected = True
            hand_ins = {owner_of(folder, assignment): hand_in}
        else:
            inner = class_within(folder, search)
            hand_ins = of_a_class(inner, owner_of(inner, assignment), search)
        return _counted(shared_out(hand_ins), search)
    except OSError as error:
        raise UsageError(f"{path} cannot be looked into ({error.strerror}): ask for the right to read it.") from error


def _find_file(path: Path, assignment: str, notebooks: Mapping[str, NotebookPlan]) -> list[Submission]:
    """The submission that a single file is; each member's, where a group handed it in."""
    if not may_be_there(path):
        raise UsageError(f"There is no {path}: name a notebook, a folder of notebooks, or a submitted/ tree.")
    search = Search(path.parent, assignment, notebooks)
    sender = sender_of(path.name)
    file = StudentFile(path, sender.file if sender and sender.file else path.name)
    if kind_of(file.name)[1] not in {NOTEBOOK, SCRIPT}:
        raise UsageError(f"There is no notebook in {path}: name a notebook, a folder of them, or a submitted/ tree.")
    candidate = search.contents(own=False).recognise(file, assignment)
    if not candidate.notebook:
        raise UsageError(
            f"{path.name} names none of the notebooks {', '.join(notebooks)}, and does not define their exercises: "
            "rename it."
        )
    owner = owner_of(path.parent, assignment)
    own = owner_by_place(path.parent) is not None or sender_of(resolved(path.parent).name, folder=True) is not None
    student = owner if own else sender.student if sender else candidate.rest or owner
    return _counted(shared_out({student: HandIn([candidate])}), search)


def _counted(hand_ins: Mapping[str, HandIn], search: Search) -> list[Submission]:
    """What counts of all that was handed in, by student."""
    found: list[Submission] = []
    for student, hand_in in hand_ins.items():
        if hand_in.unreadable is not None:
            found += _unreadable(student, hand_in.unreadable, search)
            continue
        choices = chosen(hand_in.candidates, search.contents(own=hand_in.own))
        found += [
            Submission(
                student,
                each.notebook,
                each.path,
                each.notes,
                search.below if each.path else None,
                (*each.needs_review, hand_in.doubt) if hand_in.doubt else each.needs_review,
                each.path.parent if each.path and hand_in.own else None,
            )
            for each in choices
        ]
        if not choices and hand_in.expected:
            found.append(Submission(student, "", None))  # a student who handed in an empty folder
    return found


def _unreadable(student: str, folder: Path, search: Search) -> list[Submission]:
    """All the notebooks of a student whose folder cannot be looked into: whoever reads one is told why."""
    return [Submission(student, name, folder / f"{name}.ipynb", below=search.below) for name in search.notebooks]


def _is_folder(path: Path) -> bool:
    return os.path.isdir(path)  # Path.is_dir() raises where a right is missing


def _is_one_students(folder: Path, assignment: str, notebooks: Mapping[str, NotebookPlan]) -> bool:
    try:
        return is_one_students(folder, Search(folder, assignment, notebooks))
    except OSError:
        return False


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))


def _is_one_file(path: Path, other: Path) -> bool:
    return os.path.abspath(path) == os.path.abspath(other) or resolved(path) == resolved(other)


def _told_apart(found: list[Submission], path: Path) -> list[Submission]:
    """What was found at `path`, each student under an id of their own, as text."""
    ids = student_ids(each.student for each in found)
    apart: dict[tuple[str, str], Submission] = {}
    for each in found:
        student, note = ids[each.student]
        if (student, each.notebook) in apart and each.path is not None:
            student, note = another_id(student, os.path.relpath(each.path, path))
        notes = (*each.notes, note) if note else each.notes
        apart[student, each.notebook] = replace(each, student=student, notes=notes)
    return list(apart.values())
