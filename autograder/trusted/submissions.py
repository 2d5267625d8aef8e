"""Submissions, found: nbgrader's submitted/ tree, a folder of notebooks, or single notebooks."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from autograder.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

_COPY_MARK = re.compile(r"[ _-]*\(\d+\)$|[ _-]+copy$|-checkpoint$", re.IGNORECASE)


@dataclass(frozen=True, order=True)
class Submission:
    """One notebook of one student; `path` is None where the student has not handed it in."""

    student: str
    notebook: str
    path: Path | None


def find_submissions(paths: Sequence[Path], assignment: str, notebooks: Iterable[str]) -> list[Submission]:
    """Every submitted notebook under `paths`, and a record without a path for each one missing.

    A path is one of
    - a notebook: `perceptron.ipynb`, `s01_perceptron.ipynb`, `perceptron (1).ipynb`;
    - a folder of notebooks, all of one student, or named `<student>_<notebook>.ipynb`;
    - a tree `<student>/<assignment>/*.ipynb`, as nbgrader has it, or `<student>/*.ipynb`.

    Whoever is found by a folder is expected to have all the notebooks; a single file is itself only.

    Raises:
        UsageError: a path does not exist, holds nothing that is a notebook of this assignment, or
            two files claim to be the same notebook of the same student.
    """
    names = tuple(notebooks)
    found: dict[tuple[str, str], Submission] = {}
    expected: set[str] = set()
    for path in paths:
        here = list(_find(path, assignment, names))
        if not here:
            raise UsageError(f"{path} holds no notebook called {', '.join(names)} (.ipynb).")
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
        Submission(student, name, None) for student in expected for name in names if (student, name) not in found
    )
    return sorted(
        [*(each for each in found.values() if each.notebook), *missing], key=lambda s: (s.student, s.notebook)
    )


def _find(path: Path, assignment: str, names: tuple[str, ...]) -> Iterable[Submission]:
    if path.suffix == ".ipynb":
        if not (path.exists() or path.is_symlink()):
            raise UsageError(f"There is no {path}.")
        submission = _recognise(path, names, default_student=_owner(path.parent, assignment))
        if submission is None:
            raise UsageError(f"{path.name} names none of the notebooks {', '.join(names)}: rename it.")
        yield submission
    elif not path.is_dir():
        raise UsageError(f"There is no {path}: name a notebook, a folder of notebooks, or a submitted/ tree.")
    else:
        yield from _find_in_folder(path, assignment, names)


def _find_in_folder(folder: Path, assignment: str, names: tuple[str, ...]) -> Iterable[Submission]:
    students = [entry for entry in sorted(folder.iterdir()) if entry.is_dir() and not entry.name.startswith(".")]
    trees = [(entry.name, entry / assignment) for entry in students if (entry / assignment).is_dir()]
    if not trees:
        yield from _recognise_all(folder, _owner(folder, assignment), names)
        trees = [(entry.name, entry) for entry in students]
    for student, place in trees:
        # In a tree the folder says whose a notebook is; a file's name could claim another student's id.
        notebooks = [replace(each, student=_text(student)) for each in _recognise_all(place, student, names)]
        yield from notebooks
        if not notebooks and place.name == assignment:
            yield Submission(_text(student), "", None)  # a student who handed in an empty folder


def _owner(folder: Path, assignment: str) -> str:
    """The student whose folder this is: `ada`, or in nbgrader's tree `ada/week06`."""
    own = folder.resolve()
    return own.parent.name if own.name == assignment else own.name


def _recognise_all(folder: Path, student: str, names: tuple[str, ...]) -> Iterable[Submission]:
    for path in sorted(folder.glob("*.ipynb")):
        submission = _recognise(path, names, student)
        if submission is not None:
            yield submission


def _recognise(path: Path, names: tuple[str, ...], default_student: str) -> Submission | None:
    stem = _COPY_MARK.sub("", path.stem)
    for name in names:
        if stem == name:
            return Submission(_text(default_student), name, path)
        if stem.endswith((f"_{name}", f"-{name}", f" {name}")):
            return Submission(_text(stem[: -len(name) - 1].strip() or default_student), name, path)
    return None


def _text(name: str) -> str:
    """A file's name as text that can be written; bytes that are no UTF-8 are shown by their numbers."""
    return name.encode("utf-8", "backslashreplace").decode()
