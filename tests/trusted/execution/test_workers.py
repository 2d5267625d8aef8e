"""The line between a grader and its template, and who may use it."""

from __future__ import annotations

import multiprocessing

from autograder.trusted.checking.recorded_calls import RecordedCalls
from autograder.trusted.checking.student import Student
from autograder.trusted.execution.executed_notebook import ExecutedNotebook
from autograder.trusted.submissions.cells import NotebookCell


def test_a_forked_process_that_drops_an_inherited_worker_leaves_it_to_its_owner(workers):
    notebook = ExecutedNotebook(
        workers, [NotebookCell("c0", "calls = []\ndef f():\n    calls.append(1)\n    return len(calls)")], 5.0
    )
    student = Student(RecordedCalls(notebook))
    assert student.f() == 1

    child = multiprocessing.get_context("fork").Process(target=notebook.close)
    child.start()
    child.join(60)

    assert child.exitcode == 0
    assert (student.f(), notebook.executions) == (2, 1)
    notebook.close()
