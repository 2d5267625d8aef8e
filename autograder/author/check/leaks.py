"""Nothing of the solutions or the checks is in the release.

A line that the notebook teaches in so many words stands in taught.txt beside the checks, a line each.
"""

from __future__ import annotations

import ast
import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from autograder.author.check.complaint import Complaint
    from autograder.author.check.places import Places
    from autograder.trusted.assignment.course import Course

TAUGHT = "taught.txt"
TELLING = 12  # a line with no more than so many characters, spaces not counted, is anybody's
_ANYBODYS = re.compile(r"\s*((import|from)\s|###)")
_BEGIN, _END = "### BEGIN SOLUTION", "### END SOLUTION"
_MARKS = ("### BEGIN SOLUTION", "### END SOLUTION", "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS")


def complaints_of_release(places: Places) -> Iterator[Complaint]:
    """Where a released notebook holds a line of a solution or of a check, a check's name, or a mark of nbgrader's."""
    course = places.course
    taught = taught_lines(course)
    secret = {line: "solution" for line in lines_of_solutions(course)}
    secret |= dict.fromkeys(lines_of_checks(course), "hidden check")
    names = _names_of_checks(course)
    for notebook in course.notebooks:
        path = course.release / f"{notebook}.ipynb"
        if not path.is_file():
            continue
        for cell, line in _lines_released(json.loads(path.read_text(encoding="utf-8"))):
            if normalized(line) in secret.keys() - taught:
                mend = (
                    f"take it out, or, if it is taught, put it into {places.told(course.checks / TAUGHT)}; then build."
                )
                told = f"`{line.strip()}` of cell `{cell}` is released, and is a line of a {secret[normalized(line)]}"
                yield _at(places, notebook, cell, line, f"{told}: {mend}")
            for name in names & set(re.findall(r"\w+", line)):
                told = f"cell `{cell}` is released and names the hidden check {name}: take the name out, then build."
                yield _at(places, notebook, cell, line, told)
            if any(mark in line for mark in _MARKS):
                told = (
                    f"cell `{cell}` is released with `{line.strip()}`: let the mark stand alone on a line, and build."
                )
                yield _at(places, notebook, cell, line, told)


def _at(places: Places, notebook: str, cell: str, line: str, says: str) -> Complaint:
    """A complaint about a line of a cell, where the script has it."""
    start = places.cell(notebook, cell, says)
    lines = places.script(notebook)[1].splitlines()
    for number in range(start.line + 1, len(lines) + 1):
        if lines[number - 1].removeprefix("# ").strip() == line.strip():
            return places.in_script(notebook, number, says)
    return start


def taught_lines(course: Course) -> set[str]:
    """The lines of the course's own list, without spaces."""
    path = course.checks / TAUGHT
    return {normalized(line) for line in path.read_text(encoding="utf-8").splitlines()} if path.is_file() else set()


def lines_of_checks(course: Course) -> set[str]:
    """Every telling line of the hidden checks, without spaces."""
    texts = (path.read_text(encoding="utf-8") for path in course.checks.glob("test_*.py"))
    return {line for text in texts for line in _telling(_code_lines(text))}


def lines_of_solutions(course: Course) -> set[str]:
    """Every telling line of the solutions, without spaces: what stands between nbgrader's marks, and whatever of a cell
    is not in the cell that is released."""
    lines: set[str] = set()
    for name, plan in course.notebooks.items():
        stubs = course.released(name).stubs if (course.release / f"{name}.ipynb").is_file() else {}
        for exercise, source in plan.stubs.items():
            stub = set(map(normalized, stubs.get(exercise, source).splitlines()))
            lines |= _telling(_between_marks(source))
            lines |= {line for line in _telling(source.splitlines()) if line not in stub}
    return lines


def released_lines(course: Course) -> set[str]:
    """Every line of the release, outputs included, without spaces."""
    return {
        normalized(line)
        for path in course.release.glob("*.ipynb")
        for _, line in _lines_released(json.loads(path.read_text(encoding="utf-8")))
    }


def normalized(text: str) -> str:
    """A text without spaces."""
    return "".join(text.split())


def sentences_of_checks(course: Course) -> Iterator[str]:
    """What each check says to the student: its docstring."""
    for path in course.checks.glob("test_*.py"):
        for node in _checks_in(path.read_text(encoding="utf-8")):
            yield ast.get_docstring(node) or ""


def _names_of_checks(course: Course) -> set[str]:
    """The names of the hidden checks, but for those that are a visible test cell's name as well."""
    names = {
        node.name for path in course.checks.glob("test_*.py") for node in _checks_in(path.read_text(encoding="utf-8"))
    }
    return names - {cell.name for plan in course.notebooks.values() for cell in plan.cells}


def _checks_in(text: str) -> Iterator[ast.FunctionDef]:
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node


def _lines_released(notebook: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each line of a notebook's JSON with the name of its cell; what a cell has put out is one line."""
    for cell in notebook["cells"]:
        name, source = cell["metadata"].get("nbgrader", {}).get("grade_id", ""), cell["source"]
        for line in (source if isinstance(source, str) else "".join(source)).splitlines():
            yield name, line
        if cell.get("outputs"):
            yield name, str(cell["outputs"])


def _telling(lines: list[str]) -> set[str]:
    """The lines that tell where they come from, without spaces; imports and marks do not."""
    return {normalized(line) for line in lines if len(normalized(line)) > TELLING and not _ANYBODYS.match(line)}


def _code_lines(text: str) -> list[str]:
    """All but docstrings: that of a check is the sentence that the student reads."""
    said: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.Module) and ast.get_docstring(node):
            docstring = node.body[0]
            said |= set(range(docstring.lineno, (docstring.end_lineno or docstring.lineno) + 1))
    return [line for number, line in enumerate(text.splitlines(), start=1) if number not in said]


def _between_marks(text: str) -> list[str]:
    lines, inside = [], False
    for line in text.splitlines():
        if _END in line:
            inside = False
        if inside:
            lines.append(line)
        if _BEGIN in line:
            inside = True
    return lines
