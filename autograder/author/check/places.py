"""Where an author finds what a complaint is about: the file and the line of an exercise, a cell, a check, a variant."""

from __future__ import annotations

import ast
import functools
import re
from typing import TYPE_CHECKING

from autograder.author.build import as_script
from autograder.author.check.complaint import Complaint

if TYPE_CHECKING:
    from pathlib import Path

    from autograder.trusted.assignment.course import Course
    from autograder.trusted.assignment.variants import Variant

MISCONCEPTIONS, RIGHT_ANSWERS = "misconceptions", "right_answers"
_IN_A_NOTEBOOK = 0  # the line of whatever stands in a notebook: its cell is named instead


class Places:
    """The places of one assignment's content; all files are told as below the course's root."""

    def __init__(self, course: Course) -> None:
        self.course = course
        self._scripts: dict[str, tuple[str, str]] = {}

    def told(self, path: Path) -> str:
        """What a path is called."""
        inside = path.is_relative_to(self.course.root)
        return (path.relative_to(self.course.root) if inside else path).as_posix()

    def script(self, notebook: str) -> tuple[str, str]:
        """The file that an author edits, and its text as a percent script: the script, or else the notebook."""
        if notebook not in self._scripts:
            self._scripts[notebook] = self._read_script(notebook)
        return self._scripts[notebook]

    def _read_script(self, notebook: str) -> tuple[str, str]:
        script, source = self.course.solutions / f"{notebook}.py", self.course.source / f"{notebook}.ipynb"
        if script.is_file():
            return self.told(script), script.read_text(encoding="utf-8")
        return self.told(source), as_script(source.read_text(encoding="utf-8"))

    def in_script(self, notebook: str, line: int, says: str) -> Complaint:
        """A complaint about a line of a notebook's script."""
        file, _ = self.script(notebook)
        return Complaint(file, line if file.endswith(".py") else _IN_A_NOTEBOOK, says)

    def cell(self, notebook: str, cell: str, says: str) -> Complaint:
        """A complaint about a cell of a notebook, by its grade_id."""
        return self.in_script(notebook, self._line_of_cell(notebook, cell), says)

    def exercise(self, notebook: str, exercise: str, says: str) -> Complaint:
        """A complaint about an exercise's solution."""
        lines = _definitions(self.script(notebook)[1])
        return self.in_script(notebook, lines.get(exercise) or self._line_of_cell(notebook, exercise), says)

    def check(self, notebook: str, check: str, says: str) -> Complaint:
        """A complaint about a check: a function of the hidden checks, or a visible test cell where there are none."""
        if not self.course.has_checks(notebook):
            return self.cell(notebook, check, says)
        path = self.course.checks / f"test_{notebook}.py"
        return Complaint(self.told(path), _definitions(path.read_text(encoding="utf-8")).get(check, 0), says)

    def variant(self, folder: str, notebook: str, variant: Variant, says: str) -> Complaint:
        """A complaint about one of the MISCONCEPTIONS or RIGHT_ANSWERS."""
        return Complaint(self.told(self.course.checks / folder / f"{notebook}.py"), variant.line, says)

    def _line_of_cell(self, notebook: str, cell: str) -> int:
        header = re.compile(rf'# %%.*"grade_id": "{re.escape(cell)}"')
        lines = self.script(notebook)[1].splitlines()
        return next((number for number, line in enumerate(lines, 1) if header.match(line)), 0)


@functools.cache
def _definitions(text: str) -> dict[str, int]:
    """The lines on which a text defines functions and classes, by name; of several, the first one's."""
    found: dict[str, int] = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.setdefault(node.name, node.lineno)
    return found
