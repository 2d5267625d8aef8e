"""What a course's nbgrader_config.py says: nbgrader's own folders, and the kit's few settings beside them.

The file is the author's, and it is executed, as nbgrader executes it (traitlets.config.loader.PyFileConfigLoader).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from traitlets.config.loader import Config, PyFileConfigLoader

from autograder.errors import UsageError, place_of

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = "nbgrader_config.py"
_SECTION = "Autograder"


@dataclass(frozen=True)
class CourseSettings:
    """The settings of a course.

    Attributes:
        course_id: the course's short name; "" where the file names none.
        source: the folder of the authors' notebooks, below the root, as c.CourseDirectory.source_directory.
        release: that of the students' notebooks, as c.CourseDirectory.release_directory.
        submitted: that of what was handed in, as c.CourseDirectory.submitted_directory.
        preload: the modules that workers have imported before a notebook begins, as c.Autograder.preload; what a
            notebook imports beside these is imported anew for each.
    """

    course_id: str = ""
    source: str = "source"
    release: str = "release"
    submitted: str = "submitted"
    preload: tuple[str, ...] = ()


def settings_of(root: Path) -> CourseSettings:
    """The settings of the course in the folder `root`; the usual ones where it has no nbgrader_config.py.

    Raises UsageError: the file does not run, or says what cannot be.
    """
    path = root / CONFIG
    return _read(path, path.stat().st_mtime_ns) if path.is_file() else CourseSettings()


@functools.cache
def _read(path: Path, _changed: int) -> CourseSettings:
    try:
        config = PyFileConfigLoader(path.name, path=str(path.parent)).load_config()
    except Exception as error:  # noqa: BLE001  # the author's file may raise anything
        raise UsageError(f"{path} does not run ({place_of(error)}: {error}): mend it first.") from error
    folders, ours = config.get("CourseDirectory", Config()), config.get(_SECTION, Config())
    unknown = sorted(set(ours) - {"preload"})
    if unknown:
        raise UsageError(f"{path} sets c.{_SECTION}.{unknown[0]}, which is no setting: there is preload.")
    said: dict[str, Any] = {
        "course_id": folders.get("course_id"),
        **{name: folders.get(f"{name}_directory") for name in ("source", "release", "submitted")},
    }
    for name, value in said.items():
        if value is not None and not isinstance(value, str):
            raise UsageError(f"{path} sets {name} to {value!r}: it should be text.")
    preload = ours.get("preload", ())
    if isinstance(preload, str) or not all(isinstance(name, str) for name in preload):
        raise UsageError(f"{path} sets c.{_SECTION}.preload to {preload!r}: it should be a list of modules' names.")
    known = {each.name for each in fields(CourseSettings)}
    return CourseSettings(
        **{name: value for name, value in said.items() if value is not None and name in known}, preload=tuple(preload)
    )
