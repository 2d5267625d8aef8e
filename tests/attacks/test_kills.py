"""Faults of the machine's: whatever is killed, nothing graded is lost or doubled, and the next run completes."""

from __future__ import annotations

import signal

import pytest

from tests.attacks.kills import Killed, processes
from tests.attacks.processes import adopting

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def attacked(tmp_path_factory):
    return Killed(tmp_path_factory.mktemp("kills"), students=40)


@pytest.fixture
def killed(attacked):
    """The class, with something left to grade, whatever came of the test before."""
    attacked.faults()
    if attacked.complete:
        attacked.begin_anew()
    return attacked


@pytest.mark.parametrize(
    "victims",
    [
        ("inner template",),
        ("template",),
        ("grader",),
        ("grader", "grader"),
        ("dealer",),
        ("worker", "grader"),
        ("reader",),
        ("reader", "reader", "reader"),
        ("reference's worker",),
        ("reference's worker", "reader", "reference's worker"),
    ],
    ids="+".join,
)
def test_what_is_on_disk_after_a_kill_is_right_and_nothing_runs_on(killed, victims):
    with adopting() as orphans, killed.start() as run:
        for number, victim in enumerate(victims, start=1):
            killed.wait_for_records(run, 2 * number)
            if victim == "inner template" and not processes(run.pid)[victim]:
                killed.ended(run, orphans)
                pytest.skip("this kernel gives the template no namespace of its own")
            assert killed.kill_one(run, victim), f"there was no {victim} to kill"
        said = killed.ended(run, orphans)
    assert killed.faults() == []
    if victims == ("dealer",):
        assert (run.returncode, said) == (-signal.SIGKILL, "")
    else:  # what was lost over one submission is tried again, and the class is complete
        assert (run.returncode, said) == (0, "")
        assert killed.complete


def test_after_all_that_the_next_run_completes(killed):
    with adopting() as orphans, killed.start() as run:
        killed.ended(run, orphans)
    assert run.returncode == 0
    assert killed.faults() == []
    assert killed.complete
