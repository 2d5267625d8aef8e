"""The sandbox on older kernels and for others than root: the same attacks, the same marks, with layers hidden.

What is hidden here is missing elsewhere: Landlock 1 is Linux 5.13's, 2 5.19's, 3 6.2's, 4 6.7's, 5 6.10's, 6 6.12's.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from autograder.trusted.assignment.course import KIT
from tests.attacks.as_someone import PEOPLE, command_as, missing_for

NO_LANDLOCK = "Landlock 1"
VERSIONS = [f"Landlock {version}" for version in range(2, 8)]  # the first that is hidden

# Who grades, and what is hidden; what differs most from what is tried elsewhere comes first.
COMBINATIONS = [
    ("an ordinary user", "Landlock 2,mount"),
    ("an ordinary user", NO_LANDLOCK),
    *(("root", hidden) for hidden in (NO_LANDLOCK, *VERSIONS)),
    *(("an ordinary user", hidden) for hidden in ("Landlock 2", "Landlock 7", "Landlock 4,user")),
    *(("an ordinary user without new privileges", hidden) for hidden in (NO_LANDLOCK, "Landlock 3")),
    *(("root without capabilities", hidden) for hidden in ("Landlock 2", "Landlock 4", "Landlock 7")),
    *(("root of a rootless container", hidden) for hidden in (NO_LANDLOCK, "Landlock 2", "Landlock 7")),
    *(("root of one number", hidden) for hidden in (NO_LANDLOCK, "Landlock 3")),
    *(("root", hidden) for hidden in ("mount", "PID", "Landlock 1,PID", "Landlock 6,PID", "Landlock 2,mount")),
]


def combined(*first, others):
    """A test of every combination, with marks for each of the first ones, and one for the others."""
    marks = itertools.chain(first, itertools.repeat(others))
    names = [f"{person} - {hidden}" for person, hidden in COMBINATIONS]
    cases = [pytest.param(*each, marks=mark) for each, mark in zip(COMBINATIONS, marks, strict=False)]
    return pytest.mark.parametrize(("person", "hidden"), cases, ids=names)


@pytest.fixture
def run_as():
    """Run this Python as somebody, in folders that everybody may enter."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        temporary = Path(folder, "tmp")
        temporary.mkdir()
        temporary.chmod(0o777)

        def run_as(person, hidden, *arguments):
            if missing_for(person):
                pytest.skip(missing_for(person))
            there = {"TMPDIR": str(temporary), "HOME": str(temporary), "PYTHONPATH": str(KIT), "COLUMNS": "200"}
            return subprocess.run(
                command_as(person, [sys.executable, "-B", *map(str, arguments)], Path(folder, "python")),
                cwd=KIT,
                env=os.environ | there | {"AUTOGRADER_HIDDEN_LAYERS": hidden},
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )

        yield run_as


@combined(pytest.mark.thorough, pytest.mark.thorough, others=pytest.mark.exhaustive)
def test_the_attacks_get_what_they_get_on_the_newest_kernel(run_as, person, hidden):
    done = run_as(person, hidden, "tests/attacks/chapters.py", "b", "c", "e")
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr[-2000:]


@combined(others=pytest.mark.thorough)
def test_doctor_finds_that_the_sandbox_holds(run_as, person, hidden):
    done = run_as(person, hidden, "-m", "autograder", "doctor")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The sandbox holds." in done.stdout


@pytest.mark.thorough
@pytest.mark.parametrize("person", PEOPLE)
def test_with_neither_landlock_nor_namespaces_it_is_refused_in_one_sentence(run_as, person):
    done = run_as(person, "Landlock 1,mount", "-m", "autograder", "doctor")
    assert done.returncode == 1
    assert done.stderr.startswith("autograder: This machine cannot put student code into a sandbox (nothing refuses a ")
    assert done.stderr.count("\n") == 1
