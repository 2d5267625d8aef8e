"""What a folder of the tutor's is: a course's root, a download, a class, or one student's. who.py has the rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograder.errors import UsageError
from autograder.trusted.assignment.course_settings import CONFIG
from autograder.trusted.submissions.finding.folders import MAX_DEPTH, assignments_folder, walk
from autograder.trusted.submissions.finding.owner import is_all_that_is_submitted
from autograder.trusted.submissions.finding.submitted import submitted_of
from autograder.trusted.submissions.finding.who import (
    NOTEBOOK,
    SCRIPT,
    SUBMITTED,
    is_folder_of,
    kind_of,
    sender_of,
    senders_of,
    without_marks,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from autograder.trusted.submissions.finding.search import Search


def wrapped(folder: Path, search: Search) -> Path:
    """The folder that holds the class where `folder` only wraps it: a course's root, or an unpacked download.

    Raises UsageError for a course's root without submissions, and OSError.
    """
    submitted = submitted_of(folder)
    for _ in range(MAX_DEPTH):
        folders, files = search.names(folder)
        is_root = CONFIG in files or "source" in folders
        if may_be_there(submitted) and (is_root or len(folders) == 1):
            return submitted
        if CONFIG in files:
            raise UsageError(f"There is no {submitted}: name the folder with the submissions.")
        if (
            len(folders) != 1
            or is_all_that_is_submitted(folder)
            or _known_by_name(files, search)
            or not _is_download(folder / folders[0], search)
        ):
            break
        folder = folder / folders[0]
        submitted = folder / SUBMITTED  # settings that a download holds are a student's
    return folder


def is_one_students(folder: Path, search: Search) -> bool:
    """Whether a folder that the tutor names is one student's: see who.py. Raises OSError."""
    folders, files = search.names(folder)
    if senders_of(files) or senders_of(folders, folder=True):
        return False
    assignments = [name for name in folders if is_folder_of(search.assignment, name)]
    inner = [name for name in folders if name not in assignments]
    if any(assignments_folder(folder / name, search) for name in inner):
        return False
    if assignments:
        return not _is_class_within(folder / assignments[0], search)
    if any(_is_notebooks(folder / name, search) for name in inner):
        return True
    flat = _known_by_name(files, search)
    if not flat or any(student for student, _ in flat):
        return False
    seen = [notebook for _, notebook in flat]
    for name in inner:
        within = _known_below(folder / name, search)
        if set(within) & set(seen):
            return False
        seen += within
    return True


def class_within(folder: Path, search: Search) -> Path:
    """The assignment's folder, where students stand in that, and not beside it. Raises OSError."""
    folders, _ = search.names(folder)
    own = [name for name in folders if is_folder_of(search.assignment, name)]
    if len(own) != 1 or any(assignments_folder(folder / name, search) for name in folders):
        return folder
    return folder / own[0] if _is_class_within(folder / own[0], search) else folder


def tutorials_in(folder: Path, names: Sequence[str], search: Search) -> set[str]:
    """Which folders of a class hold students' folders, as a tutorial does; none of `names` holds the assignment's."""
    return {name for name in names if _holds_students(folder / name, search)}


def are_students(folder: Path, names: Iterable[str], search: Search) -> bool:
    """Whether one of these folders of a class is a student's own: notebooks of the assignment stand in it."""
    return any(_holds_notebooks(folder / name, search) for name in names)


def _holds_students(folder: Path, search: Search) -> bool:
    """Whether a folder within a class, and not within submitted/, holds folders of students."""
    if is_all_that_is_submitted(search.below) or len(folder.relative_to(search.below).parts) > MAX_DEPTH:
        return False
    try:
        inner, _ = search.names(folder)
    except OSError:
        return False
    return bool(senders_of(inner, folder=True)) or any(assignments_folder(folder / name, search) for name in inner)


def may_be_there(path: Path) -> bool:
    """Whether there is anything at `path`, or nobody may tell."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def _holds_notebooks(folder: Path, search: Search) -> bool:
    """Whether notebooks of the assignment, by their names, stand in a folder."""
    try:
        return bool(_known_by_name(search.names(folder)[1], search))
    except OSError:
        return False


def _is_download(folder: Path, search: Search) -> bool:
    """Whether a folder that stands alone is what a system's download was unpacked into, and no student's."""
    if sender_of(folder.name, folder=True) or is_folder_of(search.assignment, folder.name):
        return False
    try:
        folders, files = search.names(folder)
    except OSError:
        return False
    named = {student for student, _ in _known_by_name(files, search)}
    if len(named) > 1 and "" not in named:
        return True
    return bool(senders_of(folders, folder=True) or senders_of(files))


def _is_class_within(folder: Path, search: Search) -> bool:
    """Whether the assignment's folder holds students, by files or folders, and not one student's work."""
    folders, files = search.names(folder)
    if senders_of(files) or senders_of(folders, folder=True):
        return True
    known = _known_by_name(files, search)
    if known:
        return len({student for student, _ in known}) > 1 and all(student for student, _ in known)
    seen = [notebook for name in folders for notebook in _known_below(folder / name, search)]
    return len(seen) > len(set(seen))


def _is_notebooks(folder: Path, search: Search) -> bool:
    """Whether a folder is called as a notebook, and its files name no students."""
    if without_marks(folder.name).casefold() not in {name.casefold() for name in search.notebooks}:
        return False
    files = [each.name for place in walk(folder, search) for each in place.files]
    return not senders_of(files) and not any(student for student, _ in _known_by_name(files, search))


def _known_by_name(names: Iterable[str], search: Search) -> list[tuple[str, str]]:
    """The student and the notebook that each file's name says, of those that say a notebook; "" for no student."""
    known = []
    for name in names:
        stem, kind = kind_of(name)
        plain = without_marks(stem)
        for notebook in search.notebooks:
            if kind in {NOTEBOOK, SCRIPT} and plain == notebook:
                known.append(("", notebook))
            elif kind == NOTEBOOK and plain.endswith((f"_{notebook}", f"-{notebook}", f" {notebook}")):
                known.append((plain[: -len(notebook) - 1], notebook))
    return known


def _known_below(folder: Path, search: Search) -> list[str]:
    """The notebooks that files in a folder, and below it, are by their names; each once for a folder."""
    names = [each.name for place in walk(folder, search) for each in place.files]
    return sorted({notebook for _, notebook in _known_by_name(names, search)})
