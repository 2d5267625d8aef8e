"""What follows a graded class: its feedback pages, its report, who wrote alike; seconds beside those of the grading.

    PYTHONPATH=. python tests/benchmarks/after_grading.py --submissions 4000 --repeats 3

A thousand students hand in four notebooks each. They are graded once with `--feedback`, which keeps the figures and
what is compared, and the three commands then run in turn, so that a load on the machine meets each of them alike. The
last lines are of two of them again where nothing was kept, so that each file is read by them.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from autograder.trusted.cores import available_cores
from autograder.trusted.results.works import WORKS
from tests.benchmarks.courses import hand_in_class, make_course
from tests.benchmarks.meter import Cost, measured

AFTERWARDS = ("feedback", "report", "similar")
READING = ("report", "similar")
AUTOGRADER = (sys.executable, "-m", "autograder")


def median(costs: list[Cost]) -> tuple[float, float]:
    """The medians of seconds and of processor seconds."""
    return statistics.median(each.seconds for each in costs), statistics.median(each.cpu for each in costs)


def main() -> None:
    """Grade the class, run what follows, and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=4_000, help="notebooks (4000)")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each command (3)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="autograder-after-") as folder:
        course = make_course(Path(folder, "course"))
        hand_in_class(course, options.submissions)
        graded = measured([*AUTOGRADER, "grade", "--feedback"], course.root)
        costs: dict[str, list[Cost]] = {command: [] for command in AFTERWARDS}
        for _ in range(options.repeats):
            for command in AFTERWARDS:
                costs[command].append(measured([*AUTOGRADER, command], course.root))
        (course.graded / WORKS).unlink()
        anew = {command: measured([*AUTOGRADER, command], course.root) for command in READING}
        pages = sum(1 for _ in (course.graded / "feedback").glob("s*.html"))
    print(
        f"{options.submissions:,} notebooks, {pages:,} pages, {available_cores()} cores; medians of {options.repeats}"
    )
    print(f"  {'grade --feedback':18s}{graded.seconds:8.1f} s {graded.cpu:8.1f} CPU s")
    for command in AFTERWARDS:
        seconds, cpu = median(costs[command])
        print(f"  {command:18s}{seconds:8.1f} s {cpu:8.1f} CPU s {seconds / graded.seconds:8.1%} of the grading")
    together = sum(median(costs[command])[0] for command in ("feedback", "report"))
    print(f"  feedback and report together {together:.1f} s")
    for command, cost in anew.items():
        print(f"  {command + ', all anew':18s}{cost.seconds:8.1f} s {cost.cpu:8.1f} CPU s")


if __name__ == "__main__":
    main()
