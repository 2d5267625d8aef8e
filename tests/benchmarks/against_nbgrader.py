"""Seconds for each notebook: `autograder grade` beside stock `nbgrader autograde`, in one run.

    .venv/bin/python tests/benchmarks/against_nbgrader.py --submissions 200 --stock 5

Both grade copies of the solved assignment, on this machine, one after the other. Stock nbgrader runs
the visible tests that stand in the notebooks, in a kernel for each; ours runs the hidden checks, in a
sealed worker for each.
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
        ours = make_course(Path(folder, "ours"), -(-options.submissions // 4))
        stock = make_course(Path(folder, "stock"), -(-options.stock // 4))
        extra = sorted(stock.submitted.rglob("*.ipynb"))[options.stock :]
        for path in extra:
            path.unlink()
        nbgrader = [sys.executable, "-m", "nbgrader"]
        timed([*nbgrader, "generate_assignment", ours.assignment, "--force"], stock.root)
        seconds = {
            "autograder grade": timed([sys.executable, "-m", "autograder", "grade"], ours.root)
            / len(list(ours.submitted.rglob("*.ipynb"))),
            "nbgrader autograde": timed([*nbgrader, "autograde", ours.assignment], stock.root) / options.stock,
        }
    for name, each in seconds.items():
        print(f"{name:20s} {each:8.3f} s a notebook")
    print(f"ratio                {seconds['nbgrader autograde'] / seconds['autograder grade']:8.1f}")


if __name__ == "__main__":
    main()
