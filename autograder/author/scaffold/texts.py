"""Fill in the templates of this room: texts in the folder templates/, with nbgrader's metadata for their cells."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_FOLDER = Path(__file__).parent / "templates"


def filled_in(template: str, **values: Any) -> str:
    """The text of a template such as "exercise/cells.py", which ends with a line's end."""
    return _environment().get_template(f"{template}.jinja").render(values)


def titled(name: str) -> str:
    """A heading for what has this name: mean_of_rows is "Mean of rows"."""
    words = name.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


def _locked(name: str) -> str:
    """The metadata of a cell of the author's, as a percent script writes them."""
    return _grading(name)


def _solution(name: str) -> str:
    return _grading(name, locked=False, solution=True)


def _test(name: str, points: float) -> str:
    return _grading(name, grade=True, points=points)


def _by_hand(name: str, points: float) -> str:
    return _grading(name, locked=False, solution=True, grade=True, points=points)


def _grading(name: str, **said: Any) -> str:
    rules = {"grade": False, "grade_id": name, "locked": True, "schema_version": 3, "solution": False, "task": False}
    return "nbgrader=" + json.dumps(dict(sorted((rules | said).items())))


@functools.cache
def _environment() -> Environment:
    environment = Environment(  # noqa: S701  # makes Python, Markdown and TOML, which know no HTML
        loader=FileSystemLoader(_FOLDER), undefined=StrictUndefined, keep_trailing_newline=True
    )
    environment.globals.update(locked=_locked, solution=_solution, test=_test, by_hand=_by_hand)
    return environment
