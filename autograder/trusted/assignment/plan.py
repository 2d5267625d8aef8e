"""The plan of one notebook, read from the author's source notebook: its cells, its exercises, and their points.

The kit reads all of this from the source notebook, so that no fact is written down twice.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autograder.trusted.assignment.demonstrations import Definitions
from autograder.trusted.results.records import total

if TYPE_CHECKING:
    from pathlib import Path

DEMONSTRATION = "active-ipynb"


@dataclass(frozen=True)
class SourceCell:
    """A cell of the source: its grade_id as `name` (or ""), kind ("code", "markdown"), source, role, and nbformat's id.

    `locked` cells are the author's; a student's edits to them do not count. A `demonstration` shows
    finished work (a visible test, a figure); it is not run, but for what it defines and a student's code uses.
    """

    name: str
    kind: str
    source: str
    locked: bool
    solution: bool
    points: float
    demonstration: bool
    id: str = ""

    @property
    def by_hand(self) -> bool:
        """Whether a person gives its points: a solution that is graded itself, or a task of nbgrader's."""
        return self.points > 0 and (self.solution or self.kind != "code")


@dataclass(frozen=True)
class Exercise:
    """An exercise: the solution cell `name`, worth `points`; `by_hand` where a person gives them, and no test."""

    name: str
    points: float
    by_hand: bool = False


@dataclass(frozen=True)
class NotebookPlan:
    """The name and the cells of one source notebook."""

    name: str
    cells: tuple[SourceCell, ...]

    @functools.cached_property
    def exercises(self) -> dict[str, Exercise]:
        """The exercises in order, by name; each gets the points of the cell `test_<name>`, or those of its own cell."""
        points = {cell.name: cell.points for cell in self.cells}
        return {
            cell.name: Exercise(cell.name, points.get(f"test_{cell.name}", 0.0) or cell.points, cell.by_hand)
            for cell in self.cells
            if cell.solution and cell.kind == "code"
        }

    @functools.cached_property
    def graded(self) -> dict[str, SourceCell]:
        """The cells with points in order, by the exercise that earns them: test cells, and what is graded by hand.

        A test cell belongs to the exercise after which it is named, or is one of its own.
        """
        return {
            cell.name.removeprefix("test_") if cell.name.removeprefix("test_") in self.exercises else cell.name: cell
            for cell in self.cells
            if cell.points > 0
        }

    @functools.cached_property
    def locked(self) -> dict[str, SourceCell]:
        """The author's cells, by name."""
        return {cell.name: cell for cell in self.cells if cell.locked and cell.name}

    @functools.cached_property
    def stubs(self) -> dict[str, str]:
        """The text of each solution cell, by exercise; in a released notebook, students start from this text."""
        return {cell.name: cell.source for cell in self.cells if cell.solution}

    @functools.cached_property
    def definitions(self) -> dict[str, str]:
        """What each demonstration defines, by the cell's name, as Python; demonstrations that define nothing not."""
        definitions, found = Definitions(self.exercises), {}
        for cell in self.locked.values():
            if cell.kind == "code":
                defined = definitions.of(cell.source)
                if cell.demonstration and defined:
                    found[cell.name] = defined
        return found

    @property
    def possible(self) -> float:
        """The points of the whole notebook."""
        return total(cell.points for cell in self.cells)


def read_plan(path: Path, *, whole: bool = False) -> NotebookPlan:
    """Read the plan of a source notebook, which the author wrote, so the kit trusts that it is well formed.

    One that is run `whole` has no demonstrations: its figures and visible tests run like other cells.
    """
    notebook = json.loads(path.read_bytes())
    if notebook["nbformat"] != 4:
        import nbformat  # the import takes a second, and is seldom needed

        notebook = nbformat.read(path, as_version=4)
    return NotebookPlan(path.stem, tuple(_cell(cell, whole=whole) for cell in notebook["cells"]))


def _cell(cell: dict[str, Any], *, whole: bool) -> SourceCell:
    grading = cell["metadata"].get("nbgrader", {})
    graded = grading.get("grade") or grading.get("task")
    source = cell["source"]
    return SourceCell(
        name=grading.get("grade_id", ""),
        kind=cell["cell_type"],
        source=source if isinstance(source, str) else "".join(source),
        locked=bool(grading.get("locked")),
        solution=bool(grading.get("solution")),
        points=float(grading.get("points") or 0.0) if graded else 0.0,
        demonstration=not whole and DEMONSTRATION in cell["metadata"].get("tags", []),
        id=cell.get("id", ""),
    )
