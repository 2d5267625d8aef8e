"""A class graded with the GPU asked as well and without: the same marks, and the time of each.

Eight graders share the one GPU. The sample class's students, several times over, in all four notebooks.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from autograder.author.samples import make_sample_course
from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.results.store import read_results

COPIES, GRADERS, SECONDS = 3, 8, 2


def graded(course: Course, device: str, output: str):
    """Grade the class from nothing; its records by student and notebook, and the seconds that it took."""
    command = [sys.executable, "-m", "autograder", "grade", "--device", device, "--output", output, "--seed", "90051"]
    start = time.monotonic()
    done = subprocess.run(
        [*command, "--jobs", str(GRADERS), "--timeout", str(SECONDS)],
        cwd=course.root,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.monotonic() - start
    if done.returncode:
        sys.exit(done.stderr[-3000:])
    records = {(r.student, r.notebook): r for r in read_results(course.root / output / "results.jsonl")}
    return records, seconds


def main() -> None:
    """Grade twice and compare; the exit code is 1 where a mark differs, or right work is doubted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda", choices=["cuda", "sim"])
    device = parser.parse_args().device
    with tempfile.TemporaryDirectory(prefix="autograder-gpu-") as folder:
        course = make_sample_course(Course(KIT), Path(folder, "course"))
        for student in sorted(course.submitted.iterdir()):
            for copy in range(1, COPIES):
                shutil.copytree(student, student.with_name(f"{student.name}{copy}"))
        without, seconds_without = graded(course, "cpu", "without")
        on_sim, seconds_on_sim = graded(course, "sim", "sim")
        within, seconds_within = graded(course, device, "with")
    moved = [key for key in on_sim if on_sim[key].earned != within[key].earned]
    doubted = [
        key for key in within if within[key].needs_review and within[key].needs_review != on_sim[key].needs_review
    ]
    asked = sum(device in check.devices for r in within.values() for e in r.exercises.values() for check in e.checks)
    print(f"{len(within)} notebooks, {GRADERS} graders. Checks of devices that were run on {device}: {asked}.\n")
    print("| devices | seconds | ms for each notebook |\n|:--|--:|--:|")
    for name, seconds in (("cpu", seconds_without), ("sim", seconds_on_sim), (device, seconds_within)):
        print(f"| {name} | {seconds:.1f} | {1000 * seconds / len(within):.0f} |")
    print(f"\nMarks that differ between sim and {device}: {len(moved)}. Doubts that the GPU adds: {len(doubted)}.")
    for student, notebook in doubted:
        print(f"- {student}, {notebook}: {'; '.join(within[student, notebook].needs_review)}")
    sys.exit(1 if moved or not within or not without else 0)


if __name__ == "__main__":
    main()
