"""The same grade, every time: many gradings of the sample class, in random order, with different --jobs.

    .venv/bin/python tests/benchmarks/same_grade.py --gradings 1000

Twelve notebooks of the sample class are graded again and again; every score, outcome, message and
hint must be what it was the first time. Prints how many gradings agreed, and fails at the first that does not.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

import msgspec

from autograder.author.samples import make_sample_course
from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.grading.class_run import ClassRun
from autograder.trusted.grading.settings import Settings
from autograder.trusted.results.records import NotebookRecord
from autograder.trusted.submissions.find import find_submissions
from autograder.trusted.submissions.submission import Submission

# Loops and crashes are here as well: a time limit that is met is met every time.
CHOSEN = (
    "ada/perceptron", "bao/chain_rule", "carla/tensor_ops", "deniz/perceptron", "emil/perceptron", "fatima/chain_rule",
    "hana/logistic_regression", "ivan/perceptron", "kofi/perceptron", "lena/logistic_regression", "milan/tensor_ops",
    "noor/logistic_regression",
)  # fmt: skip


def essence(record: NotebookRecord) -> bytes:
    """A record without its time: all that a student is told."""
    return msgspec.json.encode(msgspec.structs.replace(record, seconds=0.0))


def main() -> None:
    """Grade, compare, and say how many agreed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gradings", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    shuffle = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="autograder-same-") as folder:
        course = make_sample_course(Course(KIT), Path(folder))
        found = find_submissions([course.submitted], course.assignment, course.notebooks)
        twelve = [each for each in found if f"{each.student}/{each.notebook}" in CHOSEN]
        assert len(twelve) == len(CHOSEN)
        first: dict[tuple[str, str], bytes] = {}
        done = 0
        for jobs in (1, 2, 3, 4):
            share = options.gradings // 4
            queue = (twelve * (share // len(twelve) + 1))[: share if jobs < 4 else options.gradings - 3 * share]
            shuffle.shuffle(queue)
            done += compare(ClassRun(course, Settings(), jobs), queue, first)
            print(f"--jobs {jobs}: {len(queue)} gradings, all the same", flush=True)
    print(f"{done} gradings of {len(first)} notebooks: the same scores and messages every time")


def compare(run: ClassRun, queue: list[Submission], first: dict[tuple[str, str], bytes]) -> int:
    """Grade the queue; every record must equal the first of its notebook. Returns how many there were."""
    count = 0

    def look(record: NotebookRecord) -> None:
        nonlocal count
        count += 1
        key = record.student, record.notebook
        if first.setdefault(key, essence(record)) != essence(record):
            sys.exit(f"{key} got another grade:\n{first[key].decode()}\n{essence(record).decode()}")

    run.grade(queue, look)
    if run.faults or count != len(queue):
        sys.exit(f"{len(queue) - count} gradings are missing: {run.faults}")
    return count


if __name__ == "__main__":
    main()
