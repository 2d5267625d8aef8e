"""Submissions, found: nbgrader's submitted/ tree, a folder of notebooks, or single notebooks.

A file is recognised by its name, else by the exercises that it defines; a script is as good as a
notebook where there is no notebook.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from autograder.errors import NotebookUnreadable, ReaderLost, UsageError
from autograder.trusted.submissions.read import read_bytes
from autograder.trusted.submissions.reader import the_reader
from autograder.wire.reading import FindDefined, NamesFound

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

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

    `notes` says how the file was recognised, where its name alone does not say it, a sentence each.
    """

    student: str
    notebook: str
    path: Path | None
    notes: tuple[str, ...] = ()


def find_submissions(paths: Sequence[Path], assignment: str, notebooks: Mapping[str, NotebookPlan]) -> list[Submission]:
    """Every submitted notebook under `paths`, and a record without a path for each one missing.

    A path is one of
    - a notebook or script: `perceptron.ipynb`, `s01_perceptron.ipynb`, `perceptron (1).ipynb`, `perceptron.py`, or
      any other name, where the content tells which it is;
    - a folder of notebooks, all of one student, or named `<student>_<notebook>.ipynb`;
    - a tree `<student>/<assignment>/*.ipynb`, as nbgrader has it, or `<student>/*.ipynb`.

    Whoever is found by a folder is expected to have all the notebooks; a single file is itself only. Of
    several files in one folder that could be the same notebook of the same student, the one with the
    plainest name counts, else the newest; the others are named.

    Raises:
        UsageError: a path does not exist, holds nothing that is a notebook of this assignment, or
            two of the paths claim to be the same notebook of the same student.
    """
    found: dict[tuple[str, str], Submission] = {}
    expected: set[str] = set()
    for path in paths:
        here = list(_find(path, assignment, notebooks))
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
        if path.is_dir():
            expected |= {submission.student for submission in here}
    missing = (
        Submission(student, name, None) for student in expected for name in notebooks if (student, name) not in found
    )
    return sorted(
        [*(each for each in found.values() if each.notebook), *missing], key=lambda s: (s.student, s.notebook)
    )


def find_in_folder(
    folder: Path, student: str, notebooks: Mapping[str, NotebookPlan], *, own: bool = False
) -> list[Submission]:
    """What stands in one folder; files whose names say no student are `student`'s.

    In the student's `own` folder everything is, as a file's name could claim another student's id.
    """
    claims: dict[tuple[str, str], list[_Candidate]] = {}
    contents = _Contents(notebooks, MAX_LOOKS if own else None)
    for path in sorted(folder.iterdir()):
        candidate = _recognise(path, contents, student)
        if candidate is not None:
            whose = _text(student) if own else candidate.submission.student
            mine = replace(candidate, submission=replace(candidate.submission, student=whose))
            claims.setdefault((whose, candidate.submission.notebook), []).append(mine)
    return [_best(rivals) for rivals in claims.values()]


def _find(path: Path, assignment: str, notebooks: Mapping[str, NotebookPlan]) -> Iterable[Submission]:
    if path.suffix in SUFFIXES and not path.is_dir():
        if not (path.exists() or path.is_symlink()):
            raise UsageError(f"There is no {path}.")
        candidate = _recognise(path, _Contents(notebooks), _owner(path.parent, assignment))
        if candidate is None:
            raise UsageError(
                f"{path.name} names none of the notebooks {', '.join(notebooks)}, and does not define their exercises: "
                "rename it."
            )
        yield candidate.submission
    elif not path.is_dir():
        raise UsageError(f"There is no {path}: name a notebook, a folder of notebooks, or a submitted/ tree.")
    else:
        yield from _find_in_tree(path, assignment, notebooks)


def _find_in_tree(folder: Path, assignment: str, notebooks: Mapping[str, NotebookPlan]) -> Iterable[Submission]:
    students = [entry for entry in sorted(folder.iterdir()) if entry.is_dir() and not entry.name.startswith(".")]
    trees = [(entry.name, entry / assignment) for entry in students if (entry / assignment).is_dir()]
    if not trees:
        yield from find_in_folder(folder, _owner(folder, assignment), notebooks)
        trees = [(entry.name, entry) for entry in students]
    for student, place in trees:
        submissions = find_in_folder(place, student, notebooks, own=True)
        yield from submissions
        if not submissions and place.name == assignment:
            yield Submission(_text(student), "", None)  # a student who handed in an empty folder


def _owner(folder: Path, assignment: str) -> str:
    """The student whose folder this is: `ada`, or in the tree of nbgrader `ada/ASSIGNMENT`."""
    own = folder.resolve()
    return own.parent.name if own.name == assignment else own.name


@dataclass(frozen=True)
class _Candidate:
    """A file that could be a submission; of several, the one of the lowest rank is taken."""

    submission: Submission
    rank: int
    changed: float  # seconds since the epoch


def _recognise(path: Path, contents: _Contents, default_student: str) -> _Candidate | None:
    """What a file is, by its name, else by its content; None where it is nothing of this assignment."""
    if path.suffix not in SUFFIXES or path.name.startswith("."):
        return None
    stem = _COPY_MARK.sub("", path.stem)
    later = 0 if path.suffix == SUFFIXES[0] else _SCRIPT
    changed = path.lstat().st_mtime
    for name in contents.notebooks:
        if stem == name:
            plain = path.stem == name and not later
            return _Candidate(Submission(_text(default_student), name, path), later + (not plain), changed)
        if stem.endswith((f"_{name}", f"-{name}", f" {name}")):
            if later and not contents.shares(path)[name]:
                continue  # a program about the notebook, such as its tests
            student = stem[: -len(name) - 1].strip() or default_student
            return _Candidate(Submission(_text(student), name, path), later + 1, changed)
    known = contents.recognise(path)
    if known is None:
        return None
    student = " ".join(re.sub(known, " ", stem, flags=re.IGNORECASE).strip(" _-").split()) or default_student
    note = f"{_text(path.name)} was taken for {known}, as it defines its exercises."
    return _Candidate(Submission(_text(student), known, path, (note,)), later + 2, changed)


class _Contents:
    """What the files of one folder define, asked of the reader.

    Args:
        notebooks: what the source says of each.
        looks: how many files are looked into, as MAX_LOOKS counts them; None without end, where each may be another
            student's.
    """

    def __init__(self, notebooks: Mapping[str, NotebookPlan], looks: int | None = None) -> None:
        self.notebooks = notebooks
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
            return the_reader().ask(FindDefined(read_bytes(path), self._names), NamesFound).names
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
    passed_over = ", ".join(_text(each.submission.path.name) for each in others if each.submission.path)
    note = f"{_text(chosen.submission.path.name)} was graded; {passed_over} could be the same notebook, and was not."
    return replace(chosen.submission, notes=(*chosen.submission.notes, note))


def _text(name: str) -> str:
    """A file's name as text that can be written; bytes that are no UTF-8 are shown by their numbers."""
    return name.encode("utf-8", "backslashreplace").decode()
