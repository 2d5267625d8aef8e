"""What the tests share: the kit's own course, and a grader that is started once for all of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from autograder.errors import KitError
from autograder.trusted.class_run import ClassRun
from autograder.trusted.course import KIT, Course
from autograder.trusted.grading import CHECKS, Settings
from autograder.trusted.submissions import Submission
from autograder.trusted.workers import TemplateProcess, Workers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from autograder.trusted.records import NotebookRecord

SECONDS = 2.0


@pytest.fixture(scope="session")
def course() -> Course:
    return Course(KIT)


@pytest.fixture(scope="session")
def workers() -> Iterator[Workers]:
    """Sealed workers, from a template of the tests' own."""
    template = TemplateProcess(1, [KIT])
    yield Workers(template.control(0), template.home)
    template.stop()


class Grade:
    """Grades one notebook the whole real way: worker, wall, checks, record.

    `grade("perceptron", {"update": "def update(...): ..."})` takes the solved notebook with the
    named cells replaced; with `start="release"` the released one. Extra cells go before the others.
    """

    def __init__(self, course: Course, connection: Any, folder: Path) -> None:
        self._course = course
        self._connection = connection
        self._folder = folder

    def __call__(
        self, notebook: str, edits: dict[str, str] | None = None, *, start: str = "source", extra: tuple[str, ...] = ()
    ) -> NotebookRecord:
        content = edited(self._course, notebook, edits or {}, start=start, extra=extra)
        path = self._folder / f"{notebook}.ipynb"
        path.write_text(content, encoding="utf-8")
        return self.file(path, notebook)

    def file(self, path: Path, notebook: str) -> NotebookRecord:
        """Grade a file as it is."""
        self._connection.send(Submission("s01", notebook, path))
        said = self._connection.recv()
        if isinstance(said, KitError):
            raise said
        return said


def edited(course: Course, notebook: str, edits: dict[str, str], *, start: str, extra: tuple[str, ...] = ()) -> str:
    """The JSON of a solved ("source") or released notebook with some cells replaced, by grade_id."""
    read = nbformat.read(course.root / start / course.assignment / f"{notebook}.ipynb", as_version=4)
    names = {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in read.cells}
    assert names.issuperset(edits), f"no such cells in {notebook}: {set(edits) - names}"
    for cell in read.cells:
        cell.source = edits.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    read.cells[:0] = [nbformat.v4.new_code_cell(source, id=f"extra-{k}") for k, source in enumerate(extra)]
    return nbformat.writes(read)


@pytest.fixture(scope="session")
def grade(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grade]:
    run = ClassRun(course, KIT / CHECKS, Settings(seconds=SECONDS), jobs=1)
    with run.graders(1) as (connection,):
        ready = connection.recv()
        if ready is not None:
            raise ready
        yield Grade(course, connection, tmp_path_factory.mktemp("graded"))
        connection.send(None)
