"""One class, graded by two checkouts of this repository in turn: what a change costs, and whose mark it moves.

    git worktree add ../before COMMIT
    python3 -m venv ../before/.venv && ../before/.venv/bin/pip install -e ../before
    PYTHONPATH=. python tests/benchmarks/two_checkouts.py ../before --submissions 400 --repeats 3

Each run has an output folder of its own, and the same seed. Prints processor seconds, wall-clock seconds and points of
each run, and at the end the ratio of the medians, this checkout over the other.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path

from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.results.store import read_results
from tests.benchmarks.courses import hand_in_class, make_course
from tests.benchmarks.meter import Cost, measured


def graded_by(checkout: Path, course: Course, output: Path) -> Cost:
    """Grade the class with the code of a checkout, by the Python of its own virtual environment."""
    python = checkout.resolve() / ".venv" / "bin" / "python"
    words = ["-m", "autograder", "grade", "--seed", "90051", "--output", str(output)]
    return measured(["env", "-u", "PYTHONPATH", str(python), *words], course.root)


def main() -> None:
    """Grade the class again and again, by the one and by the other, and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", type=Path, help="a checkout with a virtual environment of its own in .venv")
    parser.add_argument("--submissions", type=int, default=400, help="notebooks (400)")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each (3)")
    options = parser.parse_args()
    costs: dict[Path, list[Cost]] = {options.other: [], KIT: []}
    with tempfile.TemporaryDirectory(prefix="autograder-two-") as folder:
        Path(folder).chmod(0o755)
        course = make_course(Path(folder, "course"))
        hand_in_class(course, options.submissions)
        for number in range(options.repeats):
            for place, (checkout, found) in enumerate(costs.items()):
                output = Path(folder, f"{number}-{place}")
                cost = graded_by(checkout, course, output)
                found.append(cost)
                points = sum(record.earned for record in read_results(output / "results.jsonl"))
                print(f"{checkout}: {cost.cpu:.1f} CPU s, {cost.seconds:.1f} s, {points:g} points", flush=True)
    other, this = (statistics.median(cost.cpu for cost in found) for found in costs.values())
    ratio = f"{this / other:.2f} times as much"
    print(f"{options.submissions} notebooks: {this:.1f} CPU s here, {other:.1f} there, {ratio}")


if __name__ == "__main__":
    main()
