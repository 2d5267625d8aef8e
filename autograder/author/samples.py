"""Make submissions from an assignment: notebooks with some cells replaced, and a sample class."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import nbformat

from autograder.errors import UsageError
from autograder.trusted.assignment.course import Course
from autograder.trusted.assignment.course_settings import CONFIG
from autograder.trusted.assignment.sample import NOT_HANDED_IN, RELEASED, TRUNCATED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from autograder.trusted.assignment.sample import Sample


def edited(path: Path, edits: Mapping[str, str], extra: Sequence[str] = ()) -> str:
    """The JSON of the notebook at `path` with new sources for some cells.

    Args:
        path: a notebook of the course.
        edits: new sources by grade_id.
        extra: additional code cells, put before all others.

    Raises UsageError if `edits` names a cell that does not exist.
    """
    notebook = nbformat.read(path, as_version=4)
    names = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in notebook.cells}
    for name, source in edits.items():
        if name not in names:
            raise UsageError(f"{path} has no cell {name}.")
        names[name].source = source
    notebook.cells[:0] = [nbformat.v4.new_code_cell(source, id=f"extra-{k}") for k, source in enumerate(extra)]
    return str(nbformat.writes(notebook))


def sample_class(course: Course) -> Sequence[Sample]:
    """The assignment's sample class. Raises UsageError if it has none."""
    content = course.content("sample_class")
    if content is None:
        raise UsageError(f"{course.assignment} has no sample class: write one into {course.checks}/sample_class.py.")
    samples: Sequence[Sample] = content.CLASS
    return samples


def copy_assignment(original: Course, root: Path) -> Course:
    """Copy a course's settings and one assignment, hidden checks included, to a course under `root`."""
    views = (original.source, original.release, original.solutions)
    places = {folder: root / folder.relative_to(original.root) for folder in views}
    places[original.checks] = root / "checks" / original.assignment
    for folder, place in places.items():
        if folder.is_dir():
            shutil.copytree(folder, place, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(original.root / CONFIG, root / CONFIG)
    return Course(root, original.assignment)


def make_sample_course(original: Course, root: Path) -> Course:
    """Copy a course's assignment to a new course under `root`, with the sample class in submitted/."""
    course = copy_assignment(original, root)
    for sample in sample_class(original):
        hand_in(course, sample)
    return course


def hand_in(course: Course, sample: Sample) -> None:
    """Put one sample student's notebooks into submitted/."""
    folder = course.submitted / sample.name / course.assignment
    folder.mkdir(parents=True, exist_ok=True)
    for name in course.notebooks:
        state = sample.notebooks.get(name, sample.start)
        if state == NOT_HANDED_IN:
            continue
        original = (course.release if state == RELEASED else course.source) / f"{name}.ipynb"
        mine = {path.partition("/")[2]: text for path, text in sample.edits.items() if path.startswith(f"{name}/")}
        text = edited(original, mine)
        (folder / f"{name}.ipynb").write_text(text[: len(text) // 2] if state == TRUNCATED else text, encoding="utf-8")
