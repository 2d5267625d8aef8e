"""Find the kit's objects (course, plan, submission) by nbgrader's names of course, student and notebook."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat

from autograder.errors import UsageError
from autograder.trusted.assignment.course import Course
from autograder.trusted.assignment.course_settings import settings_of
from autograder.trusted.submissions.find import find_own
from autograder.trusted.submissions.submission import Submission

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbformat import NotebookNode
    from nbgrader.converters.base import BaseConverter
    from nbgrader.coursedir import CourseDirectory

    from autograder.trusted.assignment.plan import NotebookPlan


class Locations:
    """The notebook that nbgrader is processing; `resources` is nbconvert's, `converter` is nbgrader's."""

    def __init__(self, resources: Any, converter: BaseConverter) -> None:
        named = resources["nbgrader"]
        self.student: str = named["student"]
        self.assignment: str = named["assignment"]
        self.notebook: str = named["notebook"]
        self.root = Path(converter.coursedir.root)
        self._converter = converter

    @property
    def has_checks(self) -> bool:
        """Whether the kit has hidden checks for this notebook."""
        source = self.root / settings_of(self.root).source / self.assignment / f"{self.notebook}.ipynb"
        return source.is_file() and self.course.has_checks(self.notebook)

    @property
    def course(self) -> Course:
        """The course, with the checks of this assignment."""
        return course_at(self.root, self.assignment)

    @property
    def plan(self) -> NotebookPlan:
        """The plan of this notebook."""
        return plans(self.root, self.assignment)[self.notebook]

    @property
    def here(self) -> Submission:
        """The submission of this notebook."""
        return self._submission(self.student, self.notebook)

    @property
    def submitted(self) -> Path:
        """The folder with the students' folders: below it, no link is followed."""
        return submitted_root(self._converter.coursedir)

    def ahead(self) -> Iterator[Submission]:
        """Every notebook with checks that this run of nbgrader will grade, in nbgrader's order."""
        for student, notebook in self.run():
            if self.course.has_checks(notebook):
                yield self._submission(student, notebook)

    def run(self) -> Iterator[tuple[str, str]]:
        """The student and the name of every notebook that this run of nbgrader will grade, in nbgrader's order."""
        converter = self._converter
        pattern = converter.coursedir.format_path(
            converter.coursedir.submitted_directory, "(?P<student>.*)", re.escape(self.assignment), escape=True
        )
        for folder in sorted(converter.assignments):
            match = re.match(pattern, folder)
            if match is None or not self._will_be_graded(match["student"]):
                continue
            yield from ((match["student"], Path(path).stem) for path in sorted(converter.assignments[folder]))

    def _submission(self, student: str, notebook: str) -> Submission:
        folder = self._folder(self._converter.coursedir.submitted_directory, student)
        found = submitted_in(folder, student, self.root, self.assignment, self.submitted)
        return found.get(notebook, Submission(student, notebook, folder / f"{notebook}.ipynb", below=self.submitted))

    def _will_be_graded(self, student: str) -> bool:
        """Predict what BaseConverter.init_destination decides; a wrong prediction only costs time."""
        directory: CourseDirectory = self._converter.coursedir
        graded = self._folder(directory.autograded_directory, student)
        if self._converter.force or student == self.student or not graded.is_dir():
            return True
        submitted = self._folder(directory.submitted_directory, student)
        new, old = (directory.get_existing_timestamp(str(folder)) for folder in (submitted, graded))
        return new is not None and old is not None and new > old

    def _folder(self, directory: str, student: str) -> Path:
        return Path(self.root, self._converter.coursedir.format_path(directory, student, self.assignment))


@functools.cache
def course_at(root: Path, assignment: str) -> Course:
    """The course at `root`, read once."""
    return Course(root, assignment)


@functools.cache
def plans(root: Path, assignment: str) -> dict[str, NotebookPlan]:
    """The plan of each notebook that has hidden checks."""
    course = course_at(root, assignment)
    return {name: plan for name, plan in course.notebooks.items() if course.has_checks(name)}


def submitted_root(coursedir: CourseDirectory) -> Path:
    """The folder with all that students hand in."""
    return Path(coursedir.root, coursedir.submitted_directory)


@functools.lru_cache(maxsize=1)
def submitted_in(folder: Path, student: str, root: Path, assignment: str, below: Path) -> dict[str, Submission]:
    """What stands in a student's folder, by notebook; nbgrader comes to one student after another."""
    found = find_own(folder, student, plans(root, assignment), below, course_at(root, assignment).released)
    return {each.notebook: each for each in found if each.path}


def released_notebook(where: Locations) -> NotebookNode:
    """The released notebook; shared, so not to be changed. Raises UsageError where there is none."""
    path = where.course.release / f"{where.notebook}.ipynb"
    if not path.is_file():
        raise UsageError(f"There is no {path}: run `nbgrader generate_assignment {where.assignment}` first.")
    return _read(path, path.stat().st_mtime_ns)


def attachments_of_author(where: Locations) -> dict[str, NotebookNode]:
    """The pictures that the author has put into a cell, by its grade_id; none where the source is gone."""
    path = where.course.source / f"{where.notebook}.ipynb"
    if not path.is_file():
        return {}
    source = _read(path, path.stat().st_mtime_ns)
    return {
        cell.metadata["nbgrader"]["grade_id"]: cell.attachments
        for cell in source.cells
        if cell.get("attachments") and cell.metadata.get("nbgrader", {}).get("grade_id")
    }


@functools.lru_cache(maxsize=64)
def _read(path: Path, changed: int) -> NotebookNode:
    return nbformat.read(path, as_version=4)
