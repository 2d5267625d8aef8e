"""Make a notebook in an assignment, and exercises in a notebook, in the views that an author edits."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autograder.author.build import as_notebook, as_script, notebook_names, notebooks_there, script_of
from autograder.author.scaffold.files import functions_in, text_of, with_imports, write
from autograder.author.scaffold.names import require_exercise_name, require_points, require_safe_name, signature_of
from autograder.author.scaffold.texts import filled_in, titled
from autograder.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from autograder.trusted.assignment.course import Course

_CHECKING = "autograder.checking"


@dataclass(frozen=True)
class NewExercise:
    """An exercise to be made: the name of its function, its points, its arguments as Python writes them.

    One that is graded `by_hand` is a text, which has no arguments and no tests.
    """

    name: str
    points: float = 1.0
    arguments: str = "x, y"
    by_hand: bool = False


def new_notebook(course: Course, name: str, *, hidden: bool) -> list[str]:
    """Make a notebook in both of the author's views, and what its hidden checks need, if it is to have some.

    Returns a sentence for each file. Raises UsageError for a name that cannot be or that is taken.
    """
    require_safe_name("notebook", name, notebooks_there(course))
    notebook = as_notebook(filled_in("notebook/script.py", title=titled(name), hidden=hidden))
    files = {course.solutions / f"{name}.py": as_script(notebook), course.source / f"{name}.ipynb": notebook}
    if hidden:
        checks = _own_checks(course)
        files[checks / f"test_{name}.py"] = filled_in("notebook/checks.py", notebook=name)
        files[checks / "sentences" / f"{name}.toml"] = filled_in("notebook/sentences.toml", notebook=name)
    return write(files)


def new_exercise(course: Course, notebook: str, exercise: NewExercise) -> list[str]:
    """Add an exercise at the end of a notebook: its cells, a check, a misconception and a right answer.

    A notebook without hidden checks gets neither a check nor a misconception. Returns a sentence for each file.

    Raises UsageError for what cannot be or is there already, and where both views of the notebook were edited.
    """
    require_exercise_name(exercise.name)
    values = _values(exercise)
    new: dict[Path, str] = {}
    changed: dict[Path, str] = {}
    views = _views(course, notebook, exercise.name, "by_hand" if exercise.by_hand else "cells", values)
    checks = _checks(course, notebook, values) if not exercise.by_hand else {}
    for path, text in (views | checks).items():
        (changed if path.is_file() else new)[path] = text
    return write(new, changed)


def only_notebook(course: Course, named: str | None) -> str:
    """The notebook that is named, or the only one. Raises UsageError if it is not there, or is one of several."""
    names = notebook_names(course)
    if named in names:
        return named
    *others, last = names
    known = f"{', '.join(others)} or {last}" if others else last
    if named is not None:
        raise UsageError(f"{course.assignment} has no notebook {named}: name one with --notebook, here {known}.")
    if others:
        raise UsageError(f"{course.assignment} has several notebooks: name one with --notebook, here {known}.")
    return last


def _values(exercise: NewExercise) -> dict[str, object]:
    """What the templates of an exercise show."""
    signature, names = signature_of(exercise.arguments)
    points = require_points(exercise.points)
    *others, last = names
    count = len(names)
    return {
        "name": exercise.name,
        "title": titled(exercise.name),
        "points": int(points) if points.is_integer() else points,
        "told": f"{points:g} {'point' if points == 1 else 'points'}",
        "arguments": signature,
        "names": names,
        "what": f"sum of the squares of {', '.join(others)} and {last}" if others else f"square of {last}",
        "passed": ", ".join(names),
        "squares": " + ".join(f"{each}**2" for each in names),
        "products": " + ".join(f"{each} * {each}" for each in names),
        "threes": ", ".join(["3.0"] * count),
        "sum_of_threes": 9.0 * count,
        "negatives": ", ".join(["-4.0"] * count),
        "sum_of_negatives": 16.0 * count,
    }


def _views(course: Course, notebook: str, exercise: str, template: str, values: dict[str, object]) -> dict[Path, str]:
    """Both views of the notebook, with the cells of the exercise behind all others."""
    script = script_of(course, notebook)
    cells = {
        cell["metadata"].get("nbgrader", {}).get("grade_id", "") for cell in json.loads(as_notebook(script))["cells"]
    }
    for taken in (exercise, f"test_{exercise}", f"about_{exercise}"):
        if taken in cells:
            raise UsageError(f"{notebook} has a cell {taken} already: choose another name than {exercise}.")
    made = as_notebook(f"{script}\n{filled_in(f'exercise/{template}.py', **values)}")
    return {course.solutions / f"{notebook}.py": as_script(made), course.source / f"{notebook}.ipynb": made}


def _checks(course: Course, notebook: str, values: dict[str, object]) -> dict[Path, str]:
    """What stands outside the notebook for an exercise that tests judge: files below the folder of checks."""
    folder = _own_checks(course)
    table = folder / "sentences" / f"{notebook}.toml"
    texts = {folder / "right_answers" / f"{notebook}.py": "right_answers.py"}
    if course.has_checks(notebook):
        texts[folder / f"test_{notebook}.py"] = "checks.py"
        texts[folder / "misconceptions" / f"{notebook}.py"] = "misconceptions.py"
        if table.is_file():  # one begun here would lack the rows of all earlier exercises
            texts[table] = "sentences.toml"
    return {path: _with(path, notebook, template, values) for path, template in texts.items()}


def _with(path: Path, notebook: str, template: str, values: dict[str, object]) -> str:
    """A file's text with an exercise's part behind all else; a new file's begins as the template of its kind does."""
    text = text_of(path)
    start = text if text.strip() else filled_in(f"notebook/{template}", notebook=notebook)
    part = filled_in(f"exercise/{template}", **values)
    if path.suffix != ".py":
        return f"{start.rstrip()}\n\n{part}"
    for name in sorted(set(functions_in(path, start)) & set(functions_in(path, part))):
        raise UsageError(f"{path} has a {name} already: choose another name for the exercise, or rename that.")
    if template == "checks.py":
        start = with_imports(path, start, _CHECKING, {"check", "close"})
    return f"{start.rstrip()}\n\n\n{part}"


def _own_checks(course: Course) -> Path:
    if not course.checks.is_relative_to(course.root):
        raise UsageError(f"The checks of {course.assignment} are in {course.checks}: copy them into this course first.")
    return course.checks
