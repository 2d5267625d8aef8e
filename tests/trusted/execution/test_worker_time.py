"""The time that a worker is charged for: its own, whatever else the machine does."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import closing, contextmanager

import pytest

from autograder.errors import WorkerTimeout
from autograder.trusted.checking.recorded_calls import RecordedCalls
from autograder.trusted.checking.student import Student
from autograder.trusted.execution import worker_time
from autograder.trusted.execution.executed_notebook import ExecutedNotebook
from autograder.trusted.execution.worker_time import Allowance, times_of
from autograder.trusted.submissions.cells import NotebookCell

COMPUTES = """
import time
def f(seconds):
    begin = time.process_time()
    while time.process_time() - begin < seconds: pass
    return True
def sleeps():
    time.sleep(60)
"""
LOAD = 4


@contextmanager
def busy(processes: int):
    """So many processes that compute, on the one processor that this one and its children may use meanwhile."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    command = [sys.executable, "-c", "while True: pass"]  # each in a session: Linux shares a processor among sessions
    beside = [subprocess.Popen(command, start_new_session=True) for _ in range(processes)]
    try:
        yield
    finally:
        for each in beside:
            each.kill()
            each.wait()
        os.sched_setaffinity(0, before)


@pytest.fixture
def busy_machine():
    """A template, and so its workers, on a processor that others want as well."""
    from autograder.trusted.assignment.course import KIT
    from autograder.trusted.execution.template_process import TemplateProcess
    from autograder.trusted.execution.workers import Workers

    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        template = TemplateProcess(1, [KIT], preload=["torch"])
        workers = Workers(template.control(0), template.home)
    finally:
        os.sched_setaffinity(0, before)
    with busy(LOAD):
        yield workers
    template.stop()


@pytest.mark.thorough
def test_what_is_computed_in_time_is_in_time_on_a_busy_machine(busy_machine):
    with closing(ExecutedNotebook(busy_machine, [NotebookCell("f", COMPUTES)], 1.0)) as notebook:
        begin = time.monotonic()
        assert Student(RecordedCalls(notebook)).f(0.6) is True
        assert time.monotonic() - begin > 1.2  # by the clock on the wall it would have been late
        assert notebook.charged < 1.0


@pytest.mark.thorough
@pytest.mark.parametrize(("call", "arguments"), [("f", (60.0,)), ("sleeps", ())])
def test_what_never_ends_is_ended_on_a_busy_machine_too(busy_machine, call, arguments):
    with (
        closing(ExecutedNotebook(busy_machine, [NotebookCell("f", COMPUTES)], 0.5)) as notebook,
        pytest.raises(WorkerTimeout),
    ):
        getattr(Student(RecordedCalls(notebook)), call)(*arguments)


def test_the_times_of_a_process_are_those_that_the_kernel_keeps():
    before = times_of(os.getpid())
    begin = time.process_time()
    while time.process_time() - begin < 0.1:
        pass
    after = times_of(os.getpid())
    assert 0.05 < after.computed - before.computed < 1.0
    assert after.queued >= before.queued
    assert times_of(2**22 + 1) is None


def test_an_allowance_ends_in_time_where_the_system_tells_nothing():
    allowance = Allowance(0.05, 0)
    time.sleep(0.06)
    with pytest.raises(TimeoutError):
        allowance.remaining()


def test_a_process_that_only_queues_is_ended_in_the_end(monkeypatch):
    ticks = iter(range(10**6))
    monkeypatch.setattr(worker_time, "times_of", lambda pid: worker_time.Times(0.0, float(next(ticks))))
    monkeypatch.setattr(worker_time, "MOST_STRETCHED", 3)
    allowance = Allowance(0.1, 1)
    begin = time.monotonic()

    def wait() -> None:
        while True:
            allowance.remaining()
            time.sleep(0.01)

    with pytest.raises(TimeoutError):
        wait()
    assert 0.3 <= time.monotonic() - begin < 1.0
