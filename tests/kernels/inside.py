"""What is tried on another kernel, or in a container: doctor, and a small class, some right, some wrong, most hostile.

    tests/kernels/boot KERNEL.deb .venv/bin/python tests/kernels/inside.py

The last line that it prints is what it found, as JSON (`Found`). All time limits are raised, as an emulated machine is
slow. The exit code is 0 if the sandbox holds and the marks are those that each notebook has on the newest kernel.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import platform
import sys
import tempfile
from pathlib import Path

import msgspec

from autograder.errors import KitError
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


class Found(msgspec.Struct):
    """What was found on one machine."""

    kernel: str
    machine: str
    landlock: int
    user: int
    python: str
    torch: str = ""
    refusal: str = ""  # the kit's one sentence, where it refuses to grade here
    layers: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    refused: int = 0
    attempts: int = 0
    breaches: tuple[str, ...] = ()
    graded: int = 0
    marks_hold: bool = False

    @property
    def holds(self) -> bool:
        """Whether all is as it should be."""
        return not self.refusal and not self.breaches and (self.marks_hold or not self.graded)


def ask_doctor(found: Found) -> None:
    """Note what `autograder doctor` says."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        run_doctor(as_json=True)
    facts = json.loads(said.getvalue())
    findings = {each["attempt"]: each["good"] for each in facts["findings"]}
    found.layers, found.missing = tuple(facts["layers"]), tuple(facts["missing"])
    found.attempts = len(escape_test.REFUSED)
    found.refused = sum(findings[attempt] for attempt in escape_test.REFUSED)
    found.breaches = tuple(attempt for attempt, good in findings.items() if not good)


def grade_a_class(folder: Path, found: Found) -> None:
    """Note whether each notebook of a small class has the marks that are its own."""
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
    found.graded, found.marks_hold = len(wanted), earned == wanted and not changes


def main() -> None:
    """Try it all."""
    workers.TEMPLATE_START_SECONDS = escape_test.SECONDS = SECONDS
    found = Found(platform.release(), platform.machine(), landlock.version(), os.geteuid(), platform.python_version())
    print(found, flush=True)
    try:
        ask_doctor(found)
        print(found, flush=True)
        if "--no-class" not in sys.argv:
            with tempfile.TemporaryDirectory() as folder:
                grade_a_class(Path(folder), found)
    except KitError as refusal:
        found.refusal = str(refusal)
    from importlib.metadata import version

    found.torch = version("torch")
    print(msgspec.json.encode(found).decode())
    sys.exit(0 if found.holds else 1)


if __name__ == "__main__":
    main()
