"""A class of attackers with innocent students among them."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.author.samples import copy_assignment
from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.results.records import NotebookRecord
from autograder.trusted.results.store import read_results
from tests.attacks.world import World

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.attacks.attack import Attack

SECONDS = 2

# Among every few attackers sits an innocent, right or wrong in one known way: a mark given away would show as well.
ATTACKERS_BESIDE = 6
INNOCENT_MARKS = (25, 24)


@dataclass(frozen=True)
class Aftermath:
    """What a graded class under attack looks like."""

    records: Mapping[str, NotebookRecord]
    shown: str
    csv: str
    changes: list[str]
    left_over: list[str]


def make_course(root: Path) -> Course:
    """A course of its own, without students."""
    return copy_assignment(Course(KIT), root)


def attacker(code: str, attack: Attack) -> str:
    """The name of the attacker's folder."""
    return attack.student or f"{code} attacker"


def as_recorded(student: str) -> str:
    """A folder's name as a record has it."""
    return student.encode("utf-8", "backslashreplace").decode()


def innocents(arsenal: Mapping[str, Attack]) -> dict[str, int]:
    """The innocent students and what each must get; graded in the order of names, they sit among the attackers."""
    return {
        f"{code} innocent": INNOCENT_MARKS[number % 2] for number, code in enumerate(list(arsenal)[::ATTACKERS_BESIDE])
    }


def hand_in(course: Course, world: World, arsenal: Mapping[str, Attack]) -> None:
    """Every attacker's notebook and every innocent's."""
    for student, mark in innocents(arsenal).items():
        notebook = hand_in_for(course, student, mark)
    for code, attack in arsenal.items():
        attack.hand_in(_folder(course, attacker(code, attack)), world.facts(notebook), notebook)


def hand_in_for(course: Course, student: str, mark: int) -> Path:
    """Hand in an honest notebook that is worth one of the INNOCENT_MARKS."""
    notebook = _folder(course, student) / "perceptron.ipynb"
    right = (KIT / "source" / "week06" / "perceptron.ipynb").read_bytes()
    partly = right.replace(b"torch.where(s >= 0, 1.0, -1.0)", b"torch.sign(s)")
    notebook.write_bytes(right if mark == max(INNOCENT_MARKS) else partly)
    return notebook


def _folder(course: Course, student: str) -> Path:
    folder = course.submitted / student / course.assignment
    folder.mkdir(parents=True)
    return folder


def graded_under_attack(folder: Path, arsenal: Mapping[str, Attack]) -> Aftermath:
    """Run the real `autograder grade` over the class; it must end well, and nothing may stay behind."""
    course = make_course(folder / "course")
    temporary = folder / "tmp"
    temporary.mkdir(mode=0o755)
    folder.chmod(0o755)
    (folder / "bait").mkdir()
    with World(folder / "bait", course) as world:
        hand_in(course, world, arsenal)
        world.look()
        done = subprocess.run(
            [sys.executable, "-m", "autograder", "grade", "--timeout", str(SECONDS)],
            cwd=course.root,
            env=os.environ
            | {"TMPDIR": str(temporary), "GRADER_TOKEN": "s3cr3t", "COLUMNS": "200", "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return Aftermath(
            {
                record.student: record
                for record in read_results(course.graded / "results.jsonl")
                if record.notebook == "perceptron"
            },
            done.stdout + done.stderr,
            (course.graded / "grades.csv").read_text(encoding="utf-8"),
            world.changes(),
            [str(path) for path in temporary.iterdir()],
        )
