"""A slow student slows only itself: a class in which every tenth notebook loops until it is stopped.

    PYTHONPATH=. python tests/benchmarks/slow_students.py --submissions 200 --limit 2

The same class is graded three times: without loops; with loops that keep a core busy; with loops that
sleep. Whoever loops in one function makes its grader wait twice (two checks of the exercise are given their time,
then the others are known to be lost). So with all graders busy a class takes no less than

    (time without loops) + (looping notebooks) * 2 * limit / jobs

Prints the times, their ratio to that bound, and how busy the cores were: while a sleeping worker is waited for, its
core has nothing to do, and a run that examined others meanwhile could end sooner than the bound.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from autograder.author.samples import edited
from autograder.trusted.assignment.course import Course
from autograder.trusted.checking.check_context import SHARE_AFTER_A_LOOP
from autograder.trusted.cores import available_cores
from autograder.trusted.results.outcomes import GRADED, MISSING, TIMEOUT
from autograder.trusted.results.records import NotebookRecord
from autograder.trusted.results.store import read_results
from tests.benchmarks.courses import hand_in_class, make_course
from tests.benchmarks.meter import Cost, measured

EVERY = 10
WAITS = 1 + SHARE_AFTER_A_LOOP  # full time once, a share of it the second time, and then no more
SPINNING = "    while True:\n        pass\n"
SLEEPING = "    import time\n    while True:\n        time.sleep(1)\n"


def class_of(root: Path, notebooks: int, body: str) -> tuple[Course, set[tuple[str, str]]]:
    """A solved class in which the last exercise of every tenth notebook has this `body`; and which those are."""
    course = make_course(root)
    looping = set()
    for number, each in enumerate(hand_in_class(course, notebooks, solved=True)):
        if body and number % EVERY == EVERY - 1:
            last = list(course.notebooks[each.notebook].exercises)[-1]
            assert each.path is not None
            text = edited(each.path, {last: f"def {last}(*arguments, **keywords):\n{body}"})
            each.path.unlink()  # it is a link to a version that others have, too
            each.path.write_text(text, encoding="utf-8")
            looping.add((each.student, each.notebook))
    return course, looping


def grade(course: Course, looping: set[tuple[str, str]], limit: float, jobs: int) -> Cost:
    """Grade the class; ends this program where a record is not what it should be."""
    command = [sys.executable, "-m", "autograder", "grade", "--timeout", str(limit), "--jobs", str(jobs)]
    cost = measured(command, course.root)
    for record in read_results(course.graded / "results.jsonl"):
        if record.status != MISSING and not as_it_should_be(record, (record.student, record.notebook) in looping):
            sys.exit(
                f"{record.student}'s {record.notebook}: {record.status}, {record.earned:g} points: {record.reason}"
            )
    return cost


def as_it_should_be(record: NotebookRecord, loops: bool) -> bool:
    """Full marks for whoever does not loop; for the others, all but the exercise that loops."""
    if not loops:
        return record.status == GRADED and record.earned == record.possible
    last = list(record.exercises.values())[-1]
    return record.status == TIMEOUT and record.earned == record.possible - last.possible


def main() -> None:
    """Grade the three classes, and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=200, help="notebooks (200)")
    parser.add_argument("--limit", type=float, default=2.0, help="--timeout, in seconds (2)")
    parser.add_argument("--jobs", type=int, default=available_cores(), help="graders (all cores)")
    options = parser.parse_args()
    cores = available_cores()
    with tempfile.TemporaryDirectory(prefix="autograder-slow-") as folder:
        honest = grade(*class_of(Path(folder, "honest"), options.submissions, ""), options.limit, options.jobs)
        print(
            f"{options.submissions} notebooks, {options.jobs} graders, {cores} cores, a limit of {options.limit:g} s\n"
            f"  without loops        {honest.seconds:7.1f} s   cores busy {honest.cpu / honest.seconds / cores:4.0%}"
        )
        for title, body in (("every tenth spins", SPINNING), ("every tenth sleeps", SLEEPING)):
            course, looping = class_of(Path(folder, title), options.submissions, body)
            cost = grade(course, looping, options.limit, options.jobs)
            bound = honest.seconds + len(looping) * WAITS * options.limit / options.jobs
            print(
                f"  {title:18s}   {cost.seconds:7.1f} s   cores busy {cost.cpu / cost.seconds / cores:4.0%}   "
                f"{cost.seconds / bound:.2f} times the bound of {bound:.1f} s ({len(looping)} notebooks loop)"
            )


if __name__ == "__main__":
    main()
