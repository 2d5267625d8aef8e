"""What the kit is measured against does the same work: every check is called, and says what the kit says."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from autograder.trusted.assignment.course import KIT
from tests.benchmarks.courses import hand_in_class, make_course


@pytest.mark.thorough
def test_the_floor_calls_every_check_and_all_pass_where_all_is_solved(tmp_path):
    course = make_course(tmp_path / "course")
    submissions = hand_in_class(course, 2 * len(course.notebooks), solved=True)
    done = subprocess.run(
        [sys.executable, KIT / "tests" / "benchmarks" / "floor.py", course.root],
        env=os.environ | {"PYTHONPATH": str(KIT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    verdicts = json.loads(done.stdout)["verdicts"]
    assert len(verdicts) == len(submissions)
    assert all(verdicts.values())
    failed = [f"{whose}: {name}" for whose, found in verdicts.items() for name, passed in found.items() if not passed]
    assert failed == []
