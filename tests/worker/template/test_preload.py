"""What a course preloads is there before a notebook begins, and what is not installed is named."""

from __future__ import annotations

from contextlib import closing

import numpy as np
import pytest
import torch

from autograder.errors import UsageError
from autograder.trusted.assignment.course import KIT
from autograder.trusted.checking.recorded_calls import RecordedCalls
from autograder.trusted.checking.student import Student
from autograder.trusted.comparing.compare import kind_of
from autograder.trusted.execution.executed_notebook import ExecutedNotebook
from autograder.trusted.execution.workers import opened_workers
from autograder.trusted.submissions.cells import NotebookCell
from autograder.wire.frames import encode_message
from autograder.wire.messages import ReferenceResult
from autograder.wire.values import NoObjects, decode, encode

LOADED = "import sys\ndef loaded(name):\n    return name in sys.modules"


def test_a_worker_has_what_the_course_preloads():
    with (
        opened_workers([KIT], preload=["wave"]) as workers,
        closing(ExecutedNotebook(workers, [NotebookCell("c", LOADED)], 5.0)) as notebook,
    ):
        student = Student(RecordedCalls(notebook))
        assert student.loaded("wave") is True
        assert student.loaded("sndhdr") is False


@pytest.fixture
def without_torch():
    """Workers of a course that has no tensors."""
    with opened_workers([KIT]) as workers:
        yield workers


def test_a_worker_of_a_course_without_torch_has_none_of_it(without_torch):
    with closing(ExecutedNotebook(without_torch, [NotebookCell("c", LOADED)], 5.0)) as notebook:
        student = Student(RecordedCalls(notebook))
        assert student.loaded("numpy") is True
        assert [student.loaded(name) for name in ("torch", "autograder.sim")] == [False, False]


class Doubling:
    """A reference that doubles."""

    def prepare(self):
        """It needs nothing."""

    def modules(self, exercises):
        return ()

    def answer(self, question, asked, deadline, watch):
        (x,) = (decode(value, NoObjects()) for value in question.values.values())
        return encode_message(ReferenceResult(encode(2 * x, NoObjects())))


def test_the_reference_stands_in_for_a_function_of_arrays_without_torch(without_torch):
    cells = [
        NotebookCell("c0", "def double(x):\n    return x"),
        NotebookCell("c1", "def f(x):\n    return double(x) + 1"),
    ]
    with closing(ExecutedNotebook(without_torch, cells, 5.0, substitution=Doubling())) as notebook:
        notebook.substitute(["double"])
        assert Student(RecordedCalls(notebook)).f(np.array([1.0, 2.0])).tolist() == [3.0, 5.0]


def test_a_call_without_torch_is_seen_to_go_through_none_of_its_functions(without_torch):
    cell = NotebookCell("c", "def f(x):\n    return x + 1")
    with closing(ExecutedNotebook(without_torch, [cell], 5.0)) as notebook:
        assert not Student(RecordedCalls(notebook)).f.goes_through(np.ones(2), among={"add"})


@pytest.mark.skipif(torch.version.cuda is not None, reason="this torch's libraries take more than a worker may have")
def test_a_student_may_import_torch_where_the_course_does_not(without_torch):
    source = "import torch\ndef f(x):\n    return float(torch.from_numpy(x).sum())\ndef g(x):\n    return torch.ones(2)"
    with closing(ExecutedNotebook(without_torch, [NotebookCell("c", source)], 20.0)) as notebook:
        student = Student(RecordedCalls(notebook))
        assert student.f(np.ones(2)) == 2.0
        assert kind_of(student.g(np.ones(2))) == "a tensor"


def test_what_is_not_installed_is_named_before_anything_starts():
    with (
        pytest.raises(UsageError, match=r"preload names nowhere\.to\.be\.found, .* pip install nowhere\."),
        opened_workers([KIT], preload=["nowhere.to.be.found"]),
    ):
        pass
