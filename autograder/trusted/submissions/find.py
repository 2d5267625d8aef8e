"""Submissions, found: nbgrader's submitted/ tree, a folder of notebooks, or single notebooks.

A file is recognised by its name, else by the exercises that it defines; a script is as good as a
notebook where there is no notebook.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.errors import NotebookUnreadable, ReaderLost, UsageError
from autograder.trusted.submissions.beside import FilesBeside, files_beside
from autograder.trusted.submissions.opening import Entry, entries, is_there
from autograder.trusted.submissions.read import read_bytes
from autograder.trusted.submissions.reader import the_reader
from autograder.trusted.submissions.student_ids import another_id, student_ids, text_of
from autograder.wire.reading import FindDefined, NamesFound

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from autograder.trusted.assignment.plan import NotebookPlan

SUFFIXES = (".ipynb", ".py")
KNOWN_BY_CONTENT = 0.5  # the share of a notebook's exercises that a file must define
MAX_LOOKS = 40  # files of one student's folder that are looked into; the others are known by their names only
LOSS = 10  # looks that one counts for, over which a reader is lost

_SCRIPT = 10  # added to the rank of a script: any notebook comes before it
_COPY_MARK = re.compile(r"[ _-]*\(\d+\)$|[ _-]+copy$|-checkpoint$", re.IGNORECASE)


@dataclass(frozen=True, order=True)
class Submission:
    """One notebook of one student; `path` is None where the student has not handed it in.

    `notes` says how the file was recognised, where its name alone does not say it, a sentence each. `below` is
    the folder that the tutor named: from there to the file, no link is followed. None stands for the file's own folder.
    `own_folder` is the student's, whose other files the notebook finds; None where it may be others' as well.
    """

    student: str
    notebook: str
    path: Path | None
    notes: tuple[str, ...] = ()
    below: Path | None = None
    own_folder: Path | None = None

    def beside(self) -> FilesBeside:
        """The files beside the notebook that are the student's own."""
        if self.own_folder is None:
            return FilesBeside()
        return files_beside(self.own_folder, self.below or self.own_folder)

    def content(self) -> bytes:
        """The bytes of the file. Raises NotebookUnreadable, with the reason."""
        if self.path is None:
            raise NotebookUnreadable("it was not handed in")
        return read_bytes(self.path, self.below or self.path.parent)


def find_submissions(paths: Sequence[Path], assignment: str, notebooks: Mapping[str, NotebookPlan]) -> list[Submission]:
    """Every submitted notebook under `paths`, and a record without a path for each one missing.

    A path is one of
    - a notebook or script: `perceptron.ipynb`, `s01_perceptron.ipynb`, `perceptron (1).ipynb`, `perceptron.py`, or
      any other name, where the content tells which it is;
    - a folder of notebooks, all of one student, or named `<student>_<notebook>.ipynb`;
    - a tree `<student>/<assignment>/*.ipynb`, as nbgrader has it, or `<student>/*.ipynb`.

    Whoever is found by a folder is expected to have all the notebooks; a single file is itself only. Of
    several files in one folder that could be the same notebook of the same student, the one with the
    plainest name counts, else the newest; the others are named. A student whose folder is a link, or cannot be
    looked into, has notebooks that cannot be read.

    Raises:
        UsageError: a path does not exist, cannot be looked into, holds nothing that is a notebook of this
            assignment, or two of the paths claim to be the same notebook of the same student.
    """
    found: dict[tuple[str, str], Submission] = {}
    expected: set[str] = set()
    for path in paths:
        here = _told_apart(_find_among(paths, path, assignment, notebooks), path)
        if not here:
            raise UsageError(f"{path} holds no notebook called {', '.join(notebooks)} (.ipynb).")
        for submission in here:
            key = submission.student, submission.notebook
            if key in found and found[key].path != submission.path and submission.path is not None:
                raise UsageError(
                    f"{found[key].path} and {submission.path} both claim to be {submission.notebook} "
                    f"of {submission.student}: remove one, or grade them one by one."
                )
            found.setdefault(key, submission)
        if path.suffix not in SUFFIXES or _is_folder(path):
            expected |= {submission.student for submission in here}
    missing = (
        Submission(student, name, None) for student in expected for name in notebooks if (student, name) not in found
    )
    return sorted(
        [*(each for each in found.values() if each.notebook), *missing], key=lambda s: (s.student, s.notebook)
    )


def find_in_folder(
    folder: Path, student: str, notebooks: Mapping[str, NotebookPlan], *, below: Path, own: bool = False
) -> list[Submission]:
    """What stands in one folder; files whose names say no student are `student`'s.

    In the student's `own` folder everything is, as a file's name could claim another student's id. `below` is the
    folder that the tutor named. The students are as in the files' names, and no text yet (see student_ids.py).

    Raises OSError where the folder cannot be looked into.
    """
    claims: dict[tuple[str, str], list[_Candidate]] = {}
    contents = _Contents(notebooks, below, MAX_LOOKS if own else None)
    for entry in entries(folder, below):
        candidate = _recognise(folder / entry.name, contents, student, entry.changed)
        if candidate is not None:
            whose, own_folder = (student, folder) if own else (candidate.submission.student, None)
            mine = replace(candidate, submission=replace(candidate.submission, student=whose, own_folder=own_folder))
            claims.setdefault((whose, candidate.submission.notebook), []).append(mine)
    return [_best(rivals) for rivals in claims.values()]


def find_own(folder: Path, student: str, notebooks: Mapping[str, NotebookPlan], below: Path) -> list[Submission]:
    """What stands in a student's own folder; all the notebooks, to be told why not, where it cannot be looked into."""
    try:
        return find_in_folder(folder, student, notebooks, below=below, own=True)
    except OSError:
        return [Submission(student, name, folder / f"{name}.ipynb", below=below) for name in notebooks]


def _find_among(
    paths: Sequence[Path], path: Path, assignment: str, notebooks: Mapping[str, NotebookPlan]
) -> list[Submission]:
    """What one of several paths holds. Of several folders, one that cannot be looked into is its student's alone."""
    try:
        return _find(path, assignment, notebooks)
    except UsageError:
        if len(set(paths)) == 1 or not _is_there(path) or path.suffix in SUFFIXES:
            raise
        try:
            entries(path, path)
        except OSError:
            return _unreadable(path, assignment, notebooks)
        raise


def _find(path: Path, assignment: str, notebooks: Mapping[str, NotebookPlan]) -> list[Submission]:
    """What a path of the tutor's holds; the students are as in the files' names."""
    if path.suffix in SUFFIXES and not _is_folder(path):
        if not _is_there(path):
            raise UsageError(f"There is no {path}.")
        contents = _Contents(notebooks, path.parent)
        candidate = _recognise(path, contents, _owner(path.parent, assignment), _changed(path))
        if candidate is None:
            raise UsageError(
                f"{path.name} names none of the notebooks {', '.join(notebooks)}, and does not define their exercises: "
                "rename it."
            )
        return [candidate.submission]
    if not _is_folder(path):
        raise UsageError(f"There is no {path}: name a notebook, a folder of notebooks, or a submitted/ tree.")
    try:
        return _find_in_tree(path, assignment, notebooks)
    except OSError as error:
        raise UsageError(f"{path} cannot be looked into ({error.strerror}): ask for the right to read it.") from error


def _find_in_tree(folder: Path, assignment: str, notebooks: Mapping[str, NotebookPlan]) -> list[Submission]:
    """What stands in a folder of the tutor's. Raises OSError where that itself cannot be looked into."""
    students = [entry.name for entry in entries(folder, folder) if _may_be_a_student(folder, entry)]
    handed_in = {name: _has(folder / name, assignment, folder) for name in students}
    trees = [
        folder / name / assignment if has else folder / name for name, has in handed_in.items() if has is not False
    ]
    found: list[Submission] = []
    if not any(handed_in.values()):
        found = find_in_folder(folder, _owner(folder, assignment), notebooks, below=folder)
        # What cannot be looked into is a student's, but not where notebooks stand beside it.
        trees = [folder / name for name, has in handed_in.items() if not found or has is not None]
    for place in trees:
        student = place.relative_to(folder).parts[0]
        submissions = find_own(place, student, notebooks, folder)
        found += submissions
        if not submissions and place.name == assignment:
            found.append(Submission(student, "", None))  # a student who handed in an empty folder
    return found


def _may_be_a_student(folder: Path, entry: Entry) -> bool:
    """Whether an entry of the tutor's folder is a student's folder, or stands where one should."""
    if entry.is_folder:
        return not entry.name.startswith(".")
    hidden_or_file = entry.is_file or entry.name.startswith(".") or Path(entry.name).suffix in SUFFIXES
    return not hidden_or_file and not os.path.isfile(folder / entry.name)  # which asks for no right


def _has(folder: Path, assignment: str, below: Path) -> bool | None:
    """Whether a student's folder holds one of the assignment, or something in its place; None if nobody can tell."""
    try:
        return is_there(folder / assignment, below)
    except OSError:
        return None


def _unreadable(folder: Path, assignment: str, notebooks: Mapping[str, NotebookPlan]) -> list[Submission]:
    """All the notebooks of a student whose folder, named among others, cannot be looked into."""
    student = _owner(folder, assignment)
    return [Submission(student, name, folder / f"{name}.ipynb", below=folder) for name in notebooks]


def _owner(folder: Path, assignment: str) -> str:
    """The student whose folder this is: `ada`, or in the tree of nbgrader `ada/ASSIGNMENT`."""
    try:
        own = folder.resolve()
    except (OSError, RuntimeError):  # links in a circle
        own = folder.absolute()
    return own.parent.name if own.name == assignment else own.name


def _is_folder(path: Path) -> bool:
    return os.path.isdir(path)  # Path.is_dir() raises where a right is missing


def _is_there(path: Path) -> bool:
    """Whether there is anything at `path`, or nobody may tell."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def _changed(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except OSError:
        return 0.0


def _told_apart(found: list[Submission], path: Path) -> list[Submission]:
    """What was found at `path`, each student under an id of their own, as text."""
    ids = student_ids(each.student for each in found)
    apart: dict[tuple[str, str], Submission] = {}
    for each in found:
        student, note = ids[each.student]
        if (student, each.notebook) in apart and each.path is not None:
            student, note = another_id(student, str(each.path.relative_to(path)))
        notes = (*each.notes, note) if note else each.notes
        apart[student, each.notebook] = replace(each, student=student, notes=notes)
    return list(apart.values())


@dataclass(frozen=True)
class _Candidate:
    """A file that could be a submission; of several, the one of the lowest rank is taken."""

    submission: Submission
    rank: int
    changed: float  # seconds since the epoch


def _recognise(path: Path, contents: _Contents, default_student: str, changed: float) -> _Candidate | None:
    """What a file is, by its name, else by its content; None where it is nothing of this assignment."""
    if path.suffix not in SUFFIXES or path.name.startswith("."):
        return None
    stem = _COPY_MARK.sub("", path.stem)
    later = 0 if path.suffix == SUFFIXES[0] else _SCRIPT
    below = contents.below
    for name in contents.notebooks:
        if stem == name:
            plain = path.stem == name and not later
            return _Candidate(Submission(default_student, name, path, below=below), later + (not plain), changed)
        if stem.endswith((f"_{name}", f"-{name}", f" {name}")):
            if later and not contents.shares(path)[name]:
                continue  # a program about the notebook, such as its tests
            student = stem[: -len(name) - 1].strip() or default_student
            return _Candidate(Submission(student, name, path, below=below), later + 1, changed)
    known = contents.recognise(path)
    if known is None:
        return None
    student = " ".join(re.sub(known, " ", stem, flags=re.IGNORECASE).strip(" _-").split()) or default_student
    note = f"{text_of(path.name)} was taken for {known}, as it defines its exercises."
    return _Candidate(Submission(student, known, path, (note,), below), later + 2, changed)


class _Contents:
    """What the files of one folder define, asked of the reader.

    Args:
        notebooks: what the source says of each.
        below: the folder that the tutor named.
        looks: how many files are looked into, as MAX_LOOKS counts them; None without end, where each may be another
            student's.
    """

    def __init__(self, notebooks: Mapping[str, NotebookPlan], below: Path, looks: int | None = None) -> None:
        self.notebooks = notebooks
        self.below = below
        self._names = tuple(sorted({name for plan in notebooks.values() for name in plan.exercises}))
        self._left = looks

    def recognise(self, path: Path) -> str | None:
        """The one notebook at least half of whose exercises a file defines, and more than of any other; or None."""
        shares = self.shares(path)
        most = max(shares.values(), default=0.0)
        best = [name for name, share in shares.items() if share == most]
        return best[0] if len(best) == 1 and most >= KNOWN_BY_CONTENT else None

    def shares(self, path: Path) -> dict[str, float]:
        """For each notebook, the share of its exercises that a file defines; 0 of a file that cannot be read."""
        defined = self._defined(path)
        return {
            name: len(defined & plan.exercises.keys()) / max(1, len(plan.exercises))
            for name, plan in self.notebooks.items()
        }

    def _defined(self, path: Path) -> frozenset[str]:
        if self._left is not None and self._left <= 0:
            return frozenset()
        cost = 1
        try:
            return the_reader().ask(FindDefined(read_bytes(path, self.below), self._names), NamesFound).names
        except ReaderLost:
            cost = LOSS
            return frozenset()
        except NotebookUnreadable:
            return frozenset()
        finally:
            self._left = None if self._left is None else self._left - cost


def _best(rivals: list[_Candidate]) -> Submission:
    """The file that counts: a notebook before a script, a plain name before others, else the newest."""
    chosen, *others = sorted(rivals, key=lambda each: (each.rank, -each.changed))
    others = [each for each in others if each.rank < _SCRIPT or chosen.rank >= _SCRIPT]
    if not others or chosen.submission.path is None:
        return chosen.submission
    passed_over = ", ".join(text_of(each.submission.path.name) for each in others if each.submission.path)
    note = f"{text_of(chosen.submission.path.name)} was graded; {passed_over} could be the same notebook, and was not."
    return replace(chosen.submission, notes=(*chosen.submission.notes, note))
