"""What is tried on another kernel: doctor, and a small class with right, wrong and hostile notebooks in it.

    tests/kernels/boot KERNEL.deb .venv/bin/python tests/kernels/inside.py

All time limits are raised, as an emulated machine is slow. The exit code is 0 if the sandbox holds and the marks are
those that each notebook has on the newest kernel.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
from pathlib import Path

from autograder.faces.commands.doctor import run_doctor
from autograder.faces.commands.main import main as autograder
from autograder.trusted.execution import workers
from autograder.trusted.grading import escape_test
from autograder.worker.sandbox import landlock
from tests.attacks.arsenal import ARSENAL
from tests.attacks.class_under_attack import hand_in_for, make_course
from tests.attacks.world import World

SECONDS = 1_000.0
ATTACKS = ("b07", "b15", "b20", "c01", "c09", "c44", "c76")
MARKS = {"right": 25, "wrong": 24}


def grade_a_class(folder: Path) -> bool:
    """Whether each notebook of a small class has the marks that are its own."""
    course = make_course(folder / "course")
    (folder / "bait").mkdir()
    with World(folder / "bait", course) as world:
        for student, mark in MARKS.items():
            notebook = hand_in_for(course, student, mark)
        for code in ATTACKS:
            (course.submitted / code / course.assignment).mkdir(parents=True)
            ARSENAL[code].hand_in(course.submitted / code / course.assignment, world.facts(notebook), notebook)
        world.look()
        os.chdir(course.root)
        autograder(["grade", "--timeout", "300", "--jobs", "1"], standalone_mode=False)
        changes = world.changes()
    wanted = MARKS | {code: ARSENAL[code].earned for code in ATTACKS}
    records = [json.loads(line) for line in (course.graded / "results.jsonl").read_text().splitlines()]
    earned = {record["student"]: record["earned"] for record in records if record["notebook"] == "perceptron"}
    print(f"a class of {len(wanted)}: {earned}; changed outside: {changes or 'nothing'}")
    return earned == wanted and not changes


def main() -> None:
    """Try it all."""
    workers.TEMPLATE_START_SECONDS = escape_test.SECONDS = SECONDS
    print(
        f"Linux {platform.release()}, {platform.machine()}, Landlock {landlock.version()}, user {os.geteuid()}",
        flush=True,
    )
    holds = run_doctor(as_json=False)
    with tempfile.TemporaryDirectory() as folder:
        graded = "--no-class" in sys.argv or grade_a_class(Path(folder))
    sys.exit(0 if holds and graded else 1)


if __name__ == "__main__":
    main()
