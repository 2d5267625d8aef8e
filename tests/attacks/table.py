"""Every attack: what stock nbgrader does with it, and what the kit does.

    PYTHONPATH=. python tests/attacks/table.py                    # about twenty minutes
    PYTHONPATH=. python tests/attacks/table.py --without-stock    # two

Stock `nbgrader autograde` is run for real, one attacker after another, with the release's own tests as
the graded cells. Attacks that would harm or hold the machine are not given to it.
"""

from __future__ import annotations

import argparse
import os
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat

from tests.attacks.arsenal import ARSENAL
from tests.attacks.class_under_attack import as_recorded, attacker, graded_under_attack
from tests.attacks.processes import adopting
from tests.attacks.world import World
from tests.benchmarks.courses import make_course, without_the_engine
from tests.damage.against_nbgrader import nbgrader, points_of

TO_HANG = 120  # seconds; nbgrader gives a cell 30

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograder.trusted.assignment.course import Course
    from tests.attacks.attack import Attack
    from tests.attacks.class_under_attack import Aftermath


def with_the_kit(aftermath: Aftermath, code: str, attack: Attack) -> str:
    """What came of an attack in the class that `autograder grade` graded."""
    record = aftermath.records[as_recorded(attacker(code, attack))]
    if record.earned > attack.earned:
        return f"SUCCEEDS: {record.earned:g} points for work worth {attack.earned:g}"
    what = "refused; " if attack.attempt else "" if record.status == "graded" else f"{record.status}; "
    return f"{what}{record.earned:g} points"


def with_stock(course: Course, world: World, code: str, attack: Attack) -> str:
    """What comes of an attack in stock nbgrader, run for real."""
    student = f"attacker-{code}"
    folder = course.submitted / student / course.assignment
    folder.mkdir(parents=True)
    innocent = course.submitted / "innocent" / course.assignment / "perceptron.ipynb"
    attack.hand_in(folder, world.facts(innocent), innocent)
    world.look()
    with adopting() as orphans:
        code = nbgrader(course, "autograde", course.assignment, "--student", student, seconds=TO_HANG)
        left = ended(orphans.now())
    if code is None:
        return f"SUCCEEDS: autograde hangs for more than {TO_HANG} s"
    harm = [f"{left} process(es) outlive the grade"] if left else []
    harm += [sentence for sentence in world.changes() if student not in sentence and "gradebook.db " not in sentence][
        :1
    ]
    world.clean()
    graded = course.root / "autograded" / student / course.assignment / "perceptron.ipynb"
    if not graded.exists():
        harm.insert(0, "not graded, autograde fails")
        return f"{'SUCCEEDS: ' if harm[1:] else ''}{'; '.join(harm)}"
    points = points_of(course, student)
    if points > attack.earned:
        harm.append(f"{points:g} points for work worth {attack.earned:g}")
    if attack.attempt and "RuntimeError: DONE" in text_of(graded):
        harm.append("done")
    return f"SUCCEEDS: {'; '.join(harm)}" if harm else f"{points:g} points"


def text_of(path: Path) -> str:
    """All that a graded notebook shows of errors."""
    outputs = [output for cell in nbformat.read(path, 4).cells for output in cell.get("outputs", [])]
    return "\n".join(f"{output.ename}: {output.evalue}" for output in outputs if output.output_type == "error")


def ended(orphans: set[int]) -> int:
    """End what a grade has left running; how many processes that were."""
    for pid in orphans:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return len(orphans)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--without-stock", action="store_true")
    parser.add_argument("codes", nargs="*", help="a13, c04: only these")
    options = parser.parse_args(arguments)
    arsenal = {code: attack for code, attack in ARSENAL.items() if not options.codes or code in options.codes}
    with tempfile.TemporaryDirectory(prefix="attacks-") as folder:
        aftermath = graded_under_attack(Path(folder, "kit"), arsenal)
        Path(folder, "bait").mkdir()
        stock = make_course(Path(folder, "stock"), 0)
        without_the_engine(stock)
        nbgrader(stock, "generate_assignment", stock.assignment, "--force")
        innocent = stock.submitted / "innocent" / stock.assignment
        innocent.mkdir(parents=True)
        (innocent / "perceptron.ipynb").write_bytes((stock.source / "perceptron.ipynb").read_bytes())
        successes = tried = 0
        print("| | a student who ... | stock nbgrader | the kit |\n| --- | --- | --- | --- |")
        with World(Path(folder, "bait"), stock) as world:
            for code, attack in arsenal.items():
                tried += (run := attack.stock and not options.without_stock)
                there = with_stock(stock, world, code, attack) if run else "not tried"
                successes += there.startswith("SUCCEEDS")
                print(f"| {code} | {attack.name} | {there} | {with_the_kit(aftermath, code, attack)} |", flush=True)
    print(f"\nStock nbgrader: {successes} of {tried} succeed. The kit: ", end="")
    here = [with_the_kit(aftermath, code, attack).startswith("SUCCEEDS") for code, attack in arsenal.items()]
    outside = aftermath.changes + aftermath.left_over
    print(
        f"{sum(here)} of {len(here)} succeed; outside, {'; '.join(outside) or 'nothing has changed or is left over'}."
    )


if __name__ == "__main__":
    main()
