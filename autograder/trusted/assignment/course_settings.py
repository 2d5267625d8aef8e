"""What a course's nbgrader_config.py says: nbgrader's own folders, and the kit's few settings beside them.

The file is read, never executed: whoever grades in a student's folder may stand beside a file of that name.
"""

from __future__ import annotations

import ast
import functools
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from autograder.errors import UsageError

CONFIG = "nbgrader_config.py"
MAX_BYTES = 2**20
MOST_PATIENCE = 100
_OURS = "Autograder"
_THEIRS = {f"{name}_directory": name for name in ("source", "release", "submitted")}
_PLAIN = "write it as {}, since the kit reads this file without running it"


@dataclass(frozen=True)
class CourseSettings:
    """The settings of a course.

    Attributes:
        course_id: the course's short name; "" where the file names none.
        source: the folder of the authors' notebooks, below the root, as c.CourseDirectory.source_directory.
        release: that of the students' notebooks, as c.CourseDirectory.release_directory.
        submitted: that of what was handed in, as c.CourseDirectory.submitted_directory.
        gradebook: nbgrader's database as c.CourseDirectory.db_url names it; "" where the file does not say it plainly.
        preload: the modules that a worker has before a notebook begins, as c.Autograder.preload; what a notebook
            imports beside these and torch is imported anew for each.
        patience: after so many checks of an exercise that ended their process, or did not come to an end, the rest
            of them is not run, as c.Autograder.patience.
    """

    course_id: str = ""
    source: str = "source"
    release: str = "release"
    submitted: str = "submitted"
    preload: tuple[str, ...] = ()
    patience: int = 2
    gradebook: str = ""


def settings_of(root: Path) -> CourseSettings:
    """The settings of the course in the folder `root`; the usual ones where it has no nbgrader_config.py.

    Raises UsageError: the file cannot be read, or says what cannot be.
    """
    path = root / CONFIG
    return _read(path, path.stat().st_mtime_ns) if path.is_file() else CourseSettings()


def as_config(settings: CourseSettings) -> str:
    """An nbgrader_config.py that says the same of all that grading needs; a gradebook stays where it is."""
    lines = ["c = get_config()", f"c.CourseDirectory.course_id = {settings.course_id!r}"]
    lines += [f"c.CourseDirectory.{name} = {getattr(settings, ours)!r}" for name, ours in _THEIRS.items()]
    lines += [f"c.{_OURS}.preload = {list(settings.preload)!r}", f"c.{_OURS}.patience = {settings.patience}"]
    return "\n".join(lines) + "\n"


@functools.cache
def _read(path: Path, _changed: int) -> CourseSettings:
    try:
        with path.open("rb") as file:
            tree = ast.parse(file.read(MAX_BYTES))
    except SyntaxError as error:
        raise UsageError(f"{path}, line {error.lineno or 1}: this is not Python ({error.msg}).") from error
    except (OSError, ValueError, RecursionError, MemoryError) as error:
        raise UsageError(f"{path} cannot be read ({type(error).__name__}: {error}).") from error
    said: dict[str, Any] = {}
    for node in ast.walk(tree):
        for section, name, value in _assigned(node):
            where = f"{path}, line {node.lineno}: c.{section}.{name}"  # type: ignore[attr-defined]
            if section == "CourseDirectory" and name == "course_id":
                said["course_id"] = _text(value, where)
            elif section == "CourseDirectory" and name == "db_url":
                said["gradebook"] = _text_or_nothing(value)
            elif section == "CourseDirectory" and name in _THEIRS:
                said[_THEIRS[name]] = _folder(value, where)
            elif section == _OURS and name == "preload":
                said["preload"] = _modules(value, where)
            elif section == _OURS and name == "patience":
                said["patience"] = _count(value, where)
            elif section == _OURS:
                raise UsageError(f"{where} is no setting of the kit's: there are preload and patience.")
    return CourseSettings(**said)


def _assigned(node: ast.AST) -> list[tuple[str, str, ast.expr]]:
    """Of `c.Section.name = value` the section, the name and the value."""
    if not isinstance(node, ast.Assign):
        return []
    return [
        (target.value.attr, target.attr, node.value)
        for target in node.targets
        if isinstance(target, ast.Attribute)
        and isinstance(target.value, ast.Attribute)
        and isinstance(target.value.value, ast.Name)
        and target.value.value.id == "c"
    ]


def _text(value: ast.expr, where: str) -> str:
    if not isinstance(value, ast.Constant) or not isinstance(value.value, str):
        raise UsageError(f"{where}: {_PLAIN.format('plain text')}.")
    return value.value


def _text_or_nothing(value: ast.expr) -> str:
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""


def _folder(value: ast.expr, where: str) -> str:
    folder = PurePosixPath(_text(value, where))
    if folder.is_absolute() or ".." in folder.parts or not folder.parts:
        raise UsageError(f"{where} is {str(folder)!r}: name a folder inside the course.")
    return str(folder)


def _count(value: ast.expr, where: str) -> int:
    if not isinstance(value, ast.Constant) or type(value.value) is not int or not 1 <= value.value <= MOST_PATIENCE:
        raise UsageError(f"{where}: {_PLAIN.format(f'a number from 1 to {MOST_PATIENCE}')}.")
    return value.value


def _modules(value: ast.expr, where: str) -> tuple[str, ...]:
    items = value.elts if isinstance(value, ast.List | ast.Tuple) else [value]
    names = tuple(_text(item, where) for item in items)
    wrong = next((name for name in names if not all(part.isidentifier() for part in name.split("."))), None)
    if wrong is not None:
        raise UsageError(f"{where}: {wrong!r} is no module's name.")
    return names
