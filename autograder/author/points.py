"""The points that a notebook's text tells its students, compared with those that its cells give."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from autograder.errors import KitError
from autograder.trusted.results.records import total

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_POINTS = re.compile(r"\((\d+(?:\.\d+)?) points?\)")
_ROW = re.compile(r"^\s*\|(.*)\|\s*$", re.M)
_NAME = re.compile(r"`(\w+)`")
_NUMBER = re.compile(r"\*{0,2}(\d+(?:\.\d+)?)\*{0,2}")


def require_points_as_told(path: Path, notebook: Mapping[str, Any]) -> None:
    """Raise KitError where a text tells other points than the cells give.

    Args:
        path: what the notebook is called in the sentence.
        notebook: its JSON.
    """
    for cell, why in points_told_otherwise(notebook):
        raise KitError(f"{path}, cell `{cell}`: {why}")


def points_told_otherwise(notebook: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The cells of a notebook's JSON whose text tells other points than the cells give, each with a sentence.

    Read are a heading's "(4 points)" before an exercise, a table's row that begins with the exercise's name and ends
    with a number, and the table's last row, which has nothing but their sum.
    """
    for cell, said, points, what in _told(notebook):
        if total([said]) != total([points]):
            yield cell, f"its text says {said:g} points, {what} {points:g}: make them agree, then build."


def _told(notebook: Mapping[str, Any]) -> Iterator[tuple[str, float, float, str]]:
    """What is told where: the cell, the points told, the points there are, and of what."""
    points = _points_of(notebook)
    heading: tuple[str, float] | None = None
    for cell in notebook["cells"]:
        grading = cell["metadata"].get("nbgrader", {})
        name, source = grading.get("grade_id", ""), "".join(cell["source"])
        if cell["cell_type"] == "markdown" and not grading.get("solution"):
            found = _POINTS.findall(source)
            heading = (name, float(found[0])) if len(found) == 1 else heading
            for said, worth, what in _in_tables(source, points):
                yield name, said, worth, what
        elif name in points and heading is not None:
            yield *heading, points[name], f"`{name}` is worth"
            heading = None


def _in_tables(source: str, points: Mapping[str, float]) -> Iterator[tuple[float, float, str]]:
    listed: list[float] = []
    for row in _ROW.findall(source):
        first, *_, last = [each.strip() for each in row.split("|")] if "|" in row else ("", "")
        name, number = _NAME.fullmatch(first), _NUMBER.fullmatch(last)
        if name and number and name[1] in points:
            listed.append(points[name[1]])
            yield float(number[1]), points[name[1]], f"`{name[1]}` is worth"
        elif listed and number and not row.replace(last, "").replace("|", "").strip():
            yield float(number[1]), total(listed), "its exercises together are worth"


def _points_of(notebook: Mapping[str, Any]) -> dict[str, float]:
    """The points of each exercise: of the test cell that is named after it, or of its own cell."""
    gradings = [cell["metadata"].get("nbgrader", {}) for cell in notebook["cells"]]
    worth = {each["grade_id"]: float(each.get("points") or 0.0) for each in gradings if each.get("grade")}
    names = [each["grade_id"] for each in gradings if each.get("solution")]
    return {name: worth.get(f"test_{name}") or worth.get(name, 0.0) for name in names}
