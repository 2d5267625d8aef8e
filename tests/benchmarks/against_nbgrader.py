"""Seconds for each notebook: this kit beside stock `nbgrader autograde`, in one run.

    .venv/bin/python tests/benchmarks/against_nbgrader.py --submissions 200 --stock 5

All grade copies of the solved assignment, on this machine, one after the other: stock nbgrader, which
runs the visible tests that stand in the notebooks, in a kernel for each; `autograder grade` and
`nbgrader autograde` with the kit's engine, which run the hidden checks, in a sealed worker for each.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from autograder.trusted.course import CONFIG, KIT, Course


def make_course(root: Path, students: int) -> Course:
    """A course whose students have all handed in the solved notebooks."""
    for folder in ("source", "release", "solutions"):
        shutil.copytree(KIT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(KIT / CONFIG, root / CONFIG)
    course = Course(root)
    for number in range(students):
        shutil.copytree(course.source, course.submitted / f"s{number:04d}" / course.assignment)
    return course


def without_the_engine(course: Course) -> None:
    """Make nbgrader in this course what it is without the kit."""
    settings = course.root / CONFIG
    settings.write_text(settings.read_text(encoding="utf-8").replace("install(c)", ""), encoding="utf-8")


def timed(command: list[str], folder: Path) -> float:
    """Wall-clock seconds of a command that must succeed."""
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, env=os.environ | {"PATH": programs}, check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    """Make both classes, grade them, print the figures and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--submissions", type=int, default=200, help="notebooks for autograder grade")
    parser.add_argument("--stock", type=int, default=5, help="notebooks for stock nbgrader autograde")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="autograder-benchmark-") as folder:
        ours, plugged, stock = (
            make_course(Path(folder, name), -(-notebooks // 4))
            for name, notebooks in (
                ("ours", options.submissions),
                ("plugged", options.submissions),
                ("stock", options.stock),
            )
        )
        without_the_engine(stock)
        for path in sorted(stock.submitted.rglob("*.ipynb"))[options.stock :]:
            path.unlink()
        nbgrader = [sys.executable, "-m", "nbgrader"]
        for course in (plugged, stock):
            timed([*nbgrader, "generate_assignment", course.assignment, "--force"], course.root)
        autograde = [*nbgrader, "autograde", ours.assignment]
        seconds = {
            name: timed(command, course.root) / len(list(course.submitted.rglob("*.ipynb")))
            for name, command, course in (
                ("autograder grade", [sys.executable, "-m", "autograder", "grade"], ours),
                ("nbgrader autograde with the engine", autograde, plugged),
                ("stock nbgrader autograde", autograde, stock),
            )
        }
    for name, each in seconds.items():
        ratio = seconds["stock nbgrader autograde"] / each
        print(f"{name:36s} {each:8.3f} s a notebook   {ratio:6.1f} times stock's throughput")


if __name__ == "__main__":
    main()
