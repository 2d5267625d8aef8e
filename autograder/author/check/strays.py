"""Files that belong to nothing: to no notebook that is there, to no rule by which files are read, or to an editor."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from autograder.author.build import notebook_names
from autograder.author.check.complaint import Complaint
from autograder.author.check.leaks import TAUGHT
from autograder.author.check.mutants import EQUIVALENT
from autograder.author.check.places import MISCONCEPTIONS, RIGHT_ANSWERS
from autograder.author.check.sentences import FOLDER as SENTENCES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from autograder.author.check.places import Places

_LEFT_BY_EDITORS = re.compile(
    r".*~|#.*#|\.#.*|.*\.(bak|orig|rej|tmp|swp|swo)|.*-Copy\d+\.\w+|.* copy( \d+)?\.\w+|\.DS_Store"
    r"|Thumbs\.db|desktop\.ini",
    re.I,
)
_NOT_LOOKED_INTO = {"__pycache__", ".ipynb_checkpoints"}
_CONTENT = ("figures.py", "sample_class.py", TAUGHT, EQUIVALENT)
_OF_A_NOTEBOOK = {MISCONCEPTIONS: ".py", RIGHT_ANSWERS: ".py", SENTENCES: ".toml"}


def strays(places: Places) -> Iterator[Complaint]:
    """The stray files of an assignment: in its three views, and among its checks."""
    course = places.course
    for folder in (course.source, course.solutions, course.release, course.checks):
        for path in _files_in(folder):
            told = places.told(path)
            if _LEFT_BY_EDITORS.fullmatch(path.name):
                yield Complaint(told, 0, "an editor or a file manager has left it behind: delete it.")
            elif path.name.startswith("."):
                continue  # what tools keep for themselves
            elif folder == course.checks:
                yield from (Complaint(told, 0, why) for why in _among_checks(places, path))
            elif why := _in_view(places, folder, path):
                yield Complaint(told, 0, why)


def _in_view(places: Places, folder: Path, path: Path) -> str:
    """Why a file of one of the views is a stray; "" if it is none."""
    course = places.course
    inside = path.relative_to(folder)
    own = {course.source: ".ipynb", course.solutions: ".py", course.release: ".ipynb"}[folder]
    if len(inside.parts) == 1 and path.suffix == own:
        return ""  # one that is no notebook's is out of step, which `build` mends
    if folder == course.release:
        if (course.source / inside).is_file():
            return ""
        return "source/ has no such file, so the release should have none: delete it, or put it into source/ and build."
    if _is_mentioned(course.source if folder == course.source else folder, own, inside):
        return ""
    if folder == course.source:
        return "no notebook names it, and students would get it: delete it, or name it in the notebook that needs it."
    return "no solution names it: delete it."


def _is_mentioned(folder: Path, suffix: str, inside: Path) -> bool:
    """Whether a notebook names a file, or the folder in which it is."""
    texts = [path.read_text(encoding="utf-8") for path in folder.glob(f"*{suffix}")]
    return any(name in text for text in texts for name in (inside.name, f"{inside.parts[0]}/"))


def _among_checks(places: Places, path: Path) -> Iterator[str]:
    """Why a file beside the checks is a stray."""
    course = places.course
    notebooks = notebook_names(course)
    known = ", ".join(notebooks)
    inside = path.relative_to(course.checks)
    match inside.parts:
        case [name] if name in _CONTENT or path.suffix == ".md":
            return
        case [name] if name.startswith("test_") and path.suffix == ".py":
            notebook = path.stem.removeprefix("test_")
        case [folder, _] if _OF_A_NOTEBOOK.get(folder) == path.suffix:
            notebook = path.stem
        case _:
            folders = ", ".join(f"{folder}/NOTEBOOK{suffix}" for folder, suffix in _OF_A_NOTEBOOK.items())
            kept = f"test_NOTEBOOK.py, {folders}, {', '.join(_CONTENT)}"
            yield f"nobody reads it here, where {kept} are read: rename or delete it."
            return
    if notebook not in notebooks:
        yield f"it is of no notebook of {course.assignment} ({known}): rename or delete it."


def _files_in(folder: Path) -> Iterable[Path]:
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not _NOT_LOOKED_INTO & set(path.relative_to(folder).parts)
    )
