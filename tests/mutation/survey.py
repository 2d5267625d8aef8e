"""Mechanical mutants of every reference solution, and whether the hidden checks catch them.

    .venv/bin/python tests/mutation/survey.py            the table
    .venv/bin/python tests/mutation/survey.py train      the mutants of one exercise, one by one

mutmut's operators change one thing at a time in each exercise's cell. A mutant that still earns all of
its exercise's points has survived: `equivalent.py` says why it may, or the checks are too weak.
"""

from __future__ import annotations

import difflib
import re
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from equivalent import EQUIVALENT
from mutmut.mutation.file_mutation import create_mutations, deep_replace

from autograder.author.samples import edited
from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.execution.template_process import available_cores
from autograder.trusted.grading.class_run import ClassRun
from autograder.trusted.grading.settings import Settings
from autograder.trusted.submissions.find import Submission

if TYPE_CHECKING:
    from collections.abc import Iterator

    from autograder.trusted.results.records import NotebookRecord

SECONDS = 1.5


@dataclass(frozen=True)
class Mutant:
    """One changed cell: where it stands, its source, and the change as `- old + new`."""

    notebook: str
    exercise: str
    source: str
    change: str

    @property
    def reason(self) -> str:
        """Why the mutant is no wrong answer; empty where no reason is known."""
        return EQUIVALENT.get((self.notebook, self.exercise, self.change), "")


def mutants(course: Course) -> Iterator[Mutant]:
    """Every mutant of every exercise's cell, each change once."""
    for notebook, plan in course.notebooks.items():
        for cell in plan.cells:
            if not cell.solution:
                continue
            module, mutations, _, _ = create_mutations(f"{cell.name}.py", cell.source)
            seen = {cell.source}
            for mutation in mutations:
                changed = deep_replace(module, mutation.original_node, mutation.mutated_node).code
                if changed not in seen and compiles(changed):
                    seen.add(changed)
                    yield Mutant(notebook, cell.name, changed, difference(cell.source, changed))


def compiles(source: str) -> bool:
    """Whether the source is Python at all."""
    try:
        compile(source, "<mutant>", "exec")
    except SyntaxError:
        return False
    return True


def difference(before: str, after: str) -> str:
    """The changed lines, as `- old + new`."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return " ".join(f"{line[0]} {line[1:].strip()}" for line in lines if not re.match(r"---|\+\+\+|@@", line))


def survivors(course: Course, found: list[Mutant]) -> list[Mutant]:
    """The mutants that still earn every point of their exercise."""
    earned: dict[str, NotebookRecord] = {}
    with tempfile.TemporaryDirectory() as folder:
        submissions = []
        for number, mutant in enumerate(found):
            path = Path(folder, f"{number}.ipynb")
            path.write_text(edited(course.source / f"{mutant.notebook}.ipynb", {mutant.exercise: mutant.source}))
            submissions.append(Submission(str(number), mutant.notebook, path))
        run = ClassRun(course, Settings(SECONDS), available_cores())
        run.grade(submissions, lambda record: earned.__setitem__(record.student, record))
    if run.faults:
        raise RuntimeError(run.faults[0])
    results = ((mutant, earned[str(number)].exercises[mutant.exercise]) for number, mutant in enumerate(found))
    return [mutant for mutant, result in results if result.earned == result.possible]


def main() -> None:
    """Print the table, every survivor with its reason, and every reason that is out of date."""
    course = Course(KIT)
    only = sys.argv[1] if len(sys.argv) > 1 else ""
    found = [mutant for mutant in mutants(course) if only in ("", mutant.exercise)]
    alive = survivors(course, found)
    made = Counter((mutant.notebook, mutant.exercise) for mutant in found)
    survived = Counter((mutant.notebook, mutant.exercise) for mutant in alive)
    explained = Counter((mutant.notebook, mutant.exercise) for mutant in alive if mutant.reason)
    print(f"{'exercise':45s} {'mutants':>8s} {'caught':>8s} {'explained':>11s} {'MISSED':>8s}")
    for key in made:
        rows = made[key], made[key] - survived[key], explained[key], survived[key] - explained[key]
        print(f"{'/'.join(key):45s} {rows[0]:8d} {rows[1]:8d} {rows[2]:11d} {rows[3]:8d}")
    total, lived, known = made.total(), survived.total(), explained.total()
    print(f"{'all':45s} {total:8d} {total - lived:8d} {known:11d} {lived - known:8d}\n")
    for mutant in alive:
        print(f"{mutant.notebook}/{mutant.exercise}: {mutant.change}\n    {mutant.reason or 'MISSED'}")
    if lived > known:
        sys.exit(1)


if __name__ == "__main__":
    main()
