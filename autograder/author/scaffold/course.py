"""Make a course, and assignments in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from autograder.author.scaffold.files import write
from autograder.author.scaffold.names import require_safe_name
from autograder.author.scaffold.texts import filled_in, titled
from autograder.errors import UsageError
from autograder.trusted.assignment.course import assignments_of, checks_folder
from autograder.trusted.assignment.course_settings import CONFIG, settings_of

if TYPE_CHECKING:
    from pathlib import Path


def new_course(folder: Path) -> list[str]:
    """Make a course in a folder that is not there yet, or is empty; returns a sentence for each file.

    Raises UsageError if something is there, or cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file: name a new folder for the course.")
    if folder.is_dir() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty: name a new folder for the course.")
    name = folder.resolve().name
    return write(
        {
            folder / CONFIG: filled_in("course/nbgrader_config.py", course_id=json.dumps(name, ensure_ascii=False)),
            folder / "README.md": filled_in("course/README.md", title=titled(name)),
            folder / ".gitignore": filled_in("course/gitignore"),
        }
    )


def new_assignment(root: Path, name: str) -> list[str]:
    """Make the folders of an assignment in the course under `root`; returns a sentence for each.

    Raises UsageError for a name that cannot be or that is taken.
    """
    require_safe_name("assignment", name, assignments_of(root))
    return write(
        {}, folders=[root / "solutions" / name, root / settings_of(root).source / name, checks_folder(root) / name]
    )
