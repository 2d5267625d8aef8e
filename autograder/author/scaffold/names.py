"""What a course's things may be called, and what an exercise may ask for."""

from __future__ import annotations

import ast
import keyword
import re
from typing import TYPE_CHECKING

from autograder.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,49}")
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,49}")
_MOST_POINTS = 1000

# What `student` has of its own in a check: student.code is no exercise.
OF_THE_STUDENT = frozenset(
    {
        "arguments", "beside", "call", "code", "describe", "device_of", "functions_seen", "held", "hold",
        "leave_to_a_person", "on",
        "placed", "set_parameters",
    }
)  # fmt: skip


def require_safe_name(kind: str, name: str, taken: Iterable[str] = ()) -> None:
    """Raise UsageError unless an assignment or a notebook may have this name: on any disk, in nbgrader and in pytest.

    Args:
        kind: "assignment" or "notebook".
        name: the new name.
        taken: the names that there are; two that differ by case alone are one file on some disks.
    """
    if not _SAFE.fullmatch(name):
        raise UsageError(
            f"{name!r} is no name for {_a(kind)}: it has up to 50 letters of a-z, digits, _ and -, and begins with a "
            "letter or a digit."
        )
    for other in taken:
        if other.casefold() == name.casefold():
            raise UsageError(f"There is {_a(kind)} {other} already: choose another name than {name}.")


def require_exercise_name(name: str) -> None:
    """Raise UsageError unless a function, its cells and its checks may have this name."""
    if not _IDENTIFIER.fullmatch(name) or keyword.iskeyword(name) or name.startswith("test_"):
        raise UsageError(
            f"{name!r} is no name for an exercise: it is one of a Python function, such as mean_of_rows, of up to 50 "
            "letters of a-z, digits and _, and does not begin with test_."
        )
    if name in OF_THE_STUDENT:
        raise UsageError(f"No exercise may be called {name}: in a check, student.{name} is something else.")


def require_points(points: float) -> float:
    """The points as a text tells them, to six digits. Raises UsageError unless they are positive."""
    told = float(f"{points:g}")
    if not 0 < told <= _MOST_POINTS:
        raise UsageError(f"An exercise is worth more than 0 and at most {_MOST_POINTS} points, not {points:g}.")
    return told


def signature_of(arguments: str) -> tuple[str, list[str]]:
    """A function's list of arguments, which may have annotations and defaults, and the names in it.

    Raises UsageError if it is no such list, is empty, or has arguments that are not passed by position.
    """
    try:
        body = ast.parse(f"def f({arguments}): pass").body
    except (SyntaxError, ValueError):
        body = []
    listed = body[0].args if len(body) == 1 and isinstance(body[0], ast.FunctionDef) else None
    names = [each.arg for each in [*listed.posonlyargs, *listed.args]] if listed else []
    if listed is None or not names or listed.vararg or listed.kwarg or listed.kwonlyargs:
        raise UsageError(
            f"{arguments!r} is no list of arguments as of a Python function: name them with commas between, such as "
            '"x, y" or "values: list[float], limit: float".'
        )
    return ast.unparse(listed), names


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
