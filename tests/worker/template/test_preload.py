"""What a course preloads is there before a notebook begins, and what is not installed is named."""

from __future__ import annotations

from contextlib import closing

import pytest

from autograder.errors import UsageError
from autograder.trusted.assignment.course import KIT
from autograder.trusted.checking.recorded_calls import RecordedCalls
from autograder.trusted.checking.student import Student
from autograder.trusted.execution.executed_notebook import ExecutedNotebook
from autograder.trusted.execution.workers import opened_workers
from autograder.trusted.submissions.cells import NotebookCell

LOADED = "import sys\ndef loaded(name):\n    return name in sys.modules"


def test_a_worker_has_what_the_course_preloads():
    with (
        opened_workers([KIT], preload=["wave"]) as workers,
        closing(ExecutedNotebook(workers, [NotebookCell("c", LOADED)], 5.0)) as notebook,
    ):
        student = Student(RecordedCalls(notebook))
        assert student.loaded("wave") is True
        assert student.loaded("sndhdr") is False


def test_what_is_not_installed_is_named_before_anything_starts():
    with (
        pytest.raises(UsageError, match=r"preload names nowhere\.to\.be\.found, .* pip install nowhere\."),
        opened_workers([KIT], preload=["nowhere.to.be.found"]),
    ):
        pass
