"""The course: where its folders are, and what the source says of each notebook and exercise.

The source notebooks are the author's; everything else (points, locked cells, the order of the
exercises) is read from them, so that nothing is said twice.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from autograder.errors import UsageError

KIT = Path(__file__).resolve().parents[2]
CONFIG = "nbgrader_config.py"
DEMONSTRATION = "active-ipynb"


@dataclass(frozen=True)
class Cell:
    """A cell of the source: its grade_id (or ""), kind ("code", "markdown"), source, role, and nbformat's id.

    `locked` cells are the author's; a student's edits to them do not count. A `demonstration` shows
    finished work (a visible test, a figure) and defines nothing that a later cell needs.
    """

    name: str
    kind: str
    source: str
    locked: bool
    solution: bool
    points: float
    demonstration: bool
    id: str = ""


@dataclass(frozen=True)
class Exercise:
    """An exercise: the solution cell of that name, worth `points`."""

    name: str
    points: float


@dataclass(frozen=True)
class NotebookPlan:
    """What the source says of one notebook."""

    name: str
    cells: tuple[Cell, ...]

    @functools.cached_property
    def exercises(self) -> dict[str, Exercise]:
        """The exercises in order, by name; their points stand on the cells `test_<name>`."""
        points = {cell.name: cell.points for cell in self.cells}
        return {
            cell.name: Exercise(cell.name, points.get(f"test_{cell.name}", 0.0)) for cell in self.cells if cell.solution
        }

    @functools.cached_property
    def locked(self) -> dict[str, Cell]:
        """The author's cells, by name."""
        return {cell.name: cell for cell in self.cells if cell.locked and cell.name}

    @property
    def possible(self) -> float:
        """The points of the whole notebook."""
        return sum(exercise.points for exercise in self.exercises.values())


class Course:
    """A course folder, laid out as nbgrader has it: source/, release/, submitted/.

    Args:
        root: the folder with nbgrader_config.py.
        assignment: the assignment's name.

    Raises:
        UsageError: the folder or the assignment is not there.
    """

    def __init__(self, root: Path, assignment: str = "week06") -> None:
        self.root = root
        self.assignment = assignment
        self.source = root / "source" / assignment
        self.release = root / "release" / assignment
        self.solutions = root / "solutions" / assignment
        self.secrets = (root, KIT / "autograder")  # what no worker may read
        self.submitted = root / "submitted"
        self.graded = root / "graded" / assignment
        if not self.source.is_dir():
            raise UsageError(f"There is no {self.source}: name an assignment of this course with --assignment.")

    @functools.cached_property
    def notebooks(self) -> dict[str, NotebookPlan]:
        """The assignment's notebooks by name, in alphabetical order."""
        paths = sorted(self.source.glob("*.ipynb"))
        if not paths:
            raise UsageError(f"{self.source} holds no notebooks: run `autograder build` to make them.")
        return {path.stem: read_plan(path) for path in paths}

    def reference(self, notebook: str) -> ModuleType:
        """The reference solution of a notebook, as a module; in a course without solutions/, the source itself."""
        script = self.solutions / f"{notebook}.py"
        return _load_module(script if self.solutions.is_dir() else self.source / f"{notebook}.ipynb")


def find_course(start: Path, assignment: str = "week06") -> Course:
    """The course that `start` lies in; outside of any course, the one that the kit came with."""
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / CONFIG).is_file():
            return Course(folder, assignment)
    return Course(KIT, assignment)


def read_plan(path: Path) -> NotebookPlan:
    """What a source notebook says; it is the author's, so it is trusted to be well formed."""
    notebook = json.loads(path.read_bytes())
    if notebook["nbformat"] != 4:
        import nbformat  # takes a second, and is seldom needed

        notebook = nbformat.read(path, as_version=4)
    return NotebookPlan(path.stem, tuple(_cell(cell) for cell in notebook["cells"]))


def _cell(cell: dict[str, Any]) -> Cell:
    grading = cell["metadata"].get("nbgrader", {})
    source = cell["source"]
    return Cell(
        name=grading.get("grade_id", ""),
        kind=cell["cell_type"],
        source=source if isinstance(source, str) else "".join(source),
        locked=bool(grading.get("locked")),
        solution=bool(grading.get("solution")),
        points=float(grading.get("points", 0.0)),
        demonstration=DEMONSTRATION in cell["metadata"].get("tags", []),
        id=cell.get("id", ""),
    )


@functools.cache
def _load_module(path: Path) -> ModuleType:
    if not path.is_file():
        raise UsageError(f"There is no reference solution {path}: run `autograder build` to make it.")
    module = ModuleType(f"solutions_{path.stem}")
    exec(compile(_script(path), str(path), "exec"), module.__dict__)  # noqa: S102  # the author's own code
    return module


def _script(path: Path) -> str:
    """The Python of a percent script, or of a notebook, in which demonstrations are comments."""
    if path.suffix == ".py":
        return path.read_text(encoding="utf-8")
    import jupytext
    import nbformat

    return jupytext.writes(nbformat.read(path, as_version=4), fmt="py:percent")
