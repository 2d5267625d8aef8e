"""What the tests share: the kit's own course, and a grader that is started once for all of them.

The hidden inputs of the grader follow from a fixed seed; AUTOGRADER_SEED=7 takes another, which may change no verdict.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from autograder.trusted.assignment.course import Course
    from autograder.trusted.execution.workers import Workers
    from autograder.trusted.grading.class_run import Done, Task
    from autograder.trusted.results.records import NotebookRecord

# jsonschema, which nbformat imports, compiles 38 grammars of it: a second, for addresses, of which there are none here.
sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]  # what cannot be imported it goes without

# The kit is imported where it is used: the process of pytest-xdist that starts the others reads this file as well.
SECONDS = 5.0
SECRET = "AUTOGRADER_TESTS_TOKEN"  # in the environment where the workers' template is started


@pytest.fixture(scope="session")
def course() -> Course:
    from autograder.trusted.assignment.course import KIT, Course

    return Course(KIT)


@pytest.fixture(scope="session")
def workers() -> Iterator[Workers]:
    """Sandboxed workers, from a template of the tests' own."""
    from autograder.trusted.assignment.course import KIT
    from autograder.trusted.execution.template_process import TemplateProcess
    from autograder.trusted.execution.workers import Workers

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SECRET, "of the tutor's")
        template = TemplateProcess(1, [KIT], preload=["torch"])
    yield Workers(template.control(0), template.home)
    template.stop()


class Grade:
    """Grades one notebook the whole real way: worker, sandbox, checks, record.

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
        from autograder.author.samples import edited

        original = self._course.root / start / self._course.assignment / f"{notebook}.ipynb"
        content = edited(original, edits or {}, extra)
        path = self._folder / f"{notebook}.ipynb"
        path.write_text(content, encoding="utf-8")
        return self.file(path, notebook)

    def file(self, path: Path, notebook: str) -> NotebookRecord:
        """Grade a file as it is."""
        from autograder.errors import KitError
        from autograder.trusted.grading.class_run import Task
        from autograder.trusted.submissions.submission import Submission

        done = self.task(Task(Submission("s01", notebook, path)))
        if done.fault:
            raise KitError(done.fault)
        return done.record

    def task(self, task: Task) -> Done:
        """Let the grader do a task."""
        self._connection.send(task)
        return self._connection.recv()


@pytest.fixture(scope="session")
def grade(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grade]:
    from autograder.trusted.grading.class_run import ClassRun
    from autograder.trusted.grading.settings import FIXED_SEED, Settings

    settings = Settings(seconds=SECONDS, seed=int(os.environ.get("AUTOGRADER_SEED", FIXED_SEED)))
    run = ClassRun(course, settings, jobs=1)
    with run.graders(1) as (connection,):
        ready = connection.recv()
        if ready is not None:
            raise ready
        yield Grade(course, connection, tmp_path_factory.mktemp("graded"))
        connection.send(None)
