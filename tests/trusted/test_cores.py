"""A grader and its workers keep to a core of their own."""

from __future__ import annotations

import os

import pytest

from autograder.trusted import cores
from autograder.trusted.execution.executed_notebook import ExecutedNotebook
from autograder.trusted.submissions.cells import NotebookCell

pytestmark = pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system lets nobody choose a core")


@pytest.fixture
def kept_to(monkeypatch, tmp_path):
    """The cores that this process was to keep to; there are three, of which nobody else knows."""
    chosen = []
    monkeypatch.setattr(cores, "_CLAIM", f"\0{tmp_path}-{{}}")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {7, 3, 5})
    monkeypatch.setattr(os, "sched_setaffinity", lambda _, places: chosen.append(places))
    return chosen


def test_each_grader_has_a_core_of_its_own_and_one_too_many_has_none(kept_to):
    claims = [cores.claimed_core() for _ in range(4)]
    assert [claim and claim.number for claim in claims] == [3, 5, 7, None]
    assert kept_to == [{3}, {5}, {7}]
    for claim in claims[:3]:
        claim.claim.close()


def test_the_core_of_a_grader_that_has_ended_is_taken_by_the_next(kept_to):
    cores.claimed_core().claim.close()
    later = cores.claimed_core()
    assert later.number == 3
    later.claim.close()


def test_a_core_that_may_not_be_chosen_is_left(kept_to, monkeypatch):
    def refuse(_, places):
        if places == {3}:
            raise PermissionError

    monkeypatch.setattr(os, "sched_setaffinity", refuse)
    claim = cores.claimed_core()
    assert claim.number == 5
    claim.claim.close()


def test_a_worker_keeps_to_the_core_of_its_grader(workers):
    core = max(os.sched_getaffinity(0))
    cell = NotebookCell("where", "import os\nplaces = os.sched_getaffinity(0)\nprint(places)")
    before, workers.core = workers.core, core
    try:
        notebook = ExecutedNotebook(workers, [cell], 5, keep_outputs=True)
        notebook.worker()
        notebook.close()
    finally:
        workers.core = before
    assert notebook.outputs[0][0]["text"] == f"{{{core}}}\n"
