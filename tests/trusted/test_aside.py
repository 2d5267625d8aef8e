"""Work aside: what comes of it comes back, whatever that is, and nobody waits for a process that is gone."""

from __future__ import annotations

import multiprocessing
import os
import signal

import pytest

from autograder.errors import KitError, UsageError
from autograder.trusted.aside import aside


def _refuse():
    raise UsageError("name a folder with submissions")


def test_work_is_done_in_another_process_meanwhile():
    with aside(os.getpid) as result:
        assert result() != os.getpid()


def test_what_a_command_refuses_is_refused_here():
    with aside(_refuse) as result, pytest.raises(UsageError, match="name a folder with submissions"):
        result()


def test_what_the_system_refuses_is_told_as_it_would_be_here(tmp_path):
    with aside((tmp_path / "gone").read_text) as result, pytest.raises(FileNotFoundError):
        result()


def test_a_process_that_is_killed_is_told_of():
    with aside(lambda: os.kill(os.getpid(), signal.SIGKILL)) as result, pytest.raises(KitError, match="ended before"):
        result()


def test_an_interrupt_from_the_terminal_is_for_the_one_who_waits():
    with aside(lambda: os.kill(os.getpid(), signal.SIGINT) or "done") as result:
        assert result() == "done"


def test_work_that_nobody_waits_for_ends_and_leaves_nothing_half_done(tmp_path):
    def keep_a_file():
        half = tmp_path / "half"
        half.write_text("")
        try:
            ready.set()
            signal.pause()
        finally:
            half.unlink()

    ready = multiprocessing.get_context("fork").Event()
    with aside(keep_a_file):
        ready.wait()
    assert list(tmp_path.iterdir()) == []


def test_a_system_without_fork_does_it_when_it_is_waited_for(monkeypatch):
    done = []
    monkeypatch.delattr(os, "fork")
    with aside(lambda: done.append("work")) as result:
        assert done == []
        result()
    assert done == ["work"]
