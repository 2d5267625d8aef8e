"""What each kind of damage costs: stock `nbgrader autograde`, and the same with the kit's engine.

    .venv/bin/python tests/damage/against_nbgrader.py

For each kind a student hands in one notebook that is worth 25 points and was damaged so, with no line of
the student's work lost. The engine grades this class in one go. Stock nbgrader, whose batch ends at the
first notebook in two kinds of trouble, is also asked for one student after another. The gradebooks are
printed side by side.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from nbgrader.api import Gradebook

from autograder.trusted.assignment.course import Course
from tests.benchmarks.courses import make_course, without_the_engine
from tests.damage.generator import DAMAGE, damaged_class

POINTS = 25


def nbgrader(course: Course, *words: str, seconds: float | None = None) -> int | None:
    """Run an nbgrader command in a course; its exit code, as a failure is a result here; None if it hangs."""
    try:
        return subprocess.run(
            [sys.executable, "-m", "nbgrader", *words],
            cwd=course.root,
            env=os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=seconds,
        ).returncode
    except subprocess.TimeoutExpired:
        return None


def outcome(course: Course, student: str) -> str:
    """A student's points in the gradebook, and what a tutor has left to do."""
    if not list(course.root.glob(f"autograded/{student}/{course.assignment}/*.ipynb")):
        return "not graded: autograde fails"
    with Gradebook(f"sqlite:///{course.root}/gradebook.db", "comp90051") as gradebook:
        submission = gradebook.find_submission(course.assignment, student)
        grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
        points = sum(grade.score for grade in grades)
        handed_in = {path.stem for path in (course.submitted / student).rglob("*.ipynb")}
        waiting = [grade for grade in grades if grade.needs_manual_grade and grade.notebook.name in handed_in]
    return f"{points:g}" + (f"; cells that wait for a manual grade: {len(waiting)}" if waiting else "")


def points_of(course: Course, student: str) -> float:
    """A student's points in the gradebook."""
    with Gradebook(f"sqlite:///{course.root}/gradebook.db", "comp90051") as gradebook:
        return float(gradebook.find_submission(course.assignment, student).score)


def main() -> None:
    """Grade the class twice, and print a table in Markdown."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    with tempfile.TemporaryDirectory(prefix="autograder-damage-") as folder:
        stock, engine = (make_course(Path(folder, name), 0) for name in ("stock", "engine"))
        without_the_engine(stock)
        for course in (stock, engine):
            damaged_class(course.submitted, course.assignment)
            nbgrader(course, "generate_assignment", course.assignment, "--force")
            nbgrader(course, "autograde", course.assignment)
        together = len(list((stock.root / "autograded").glob("*/*/*.ipynb")))
        for kind in DAMAGE:
            nbgrader(stock, "autograde", stock.assignment, "--student", kind)
        rows = [(kind, outcome(stock, kind), outcome(engine, kind)) for kind in DAMAGE]
    print(f"| kind of damage | stock, of {POINTS} | with the engine |\n| --- | --- | --- |")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    full = [sum(row[column] == str(POINTS) for row in rows) for column in (1, 2)]
    print(f"| full marks | {full[0]} of {len(rows)} | {full[1]} of {len(rows)} |")
    print(f"\nThe whole class at once: stock graded {together} of {len(rows)} notebooks before it stopped.")


if __name__ == "__main__":
    main()
