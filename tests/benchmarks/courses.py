"""Courses to be measured: a class as one meets it, and what stock nbgrader needs to check as much."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat

from autograder.author.samples import copy_assignment, edited
from autograder.trusted.assignment.course import CONFIG, KIT, Course
from autograder.trusted.assignment.variants import Variant
from autograder.trusted.submissions.submission import Submission

if TYPE_CHECKING:
    from collections.abc import Sequence

VERSIONS = 48  # different submissions of each notebook; a class is drawn from them
RIGHT, OWN_STYLE, ONE_MISTAKE, MORE_MISTAKES, UNFINISHED, EMPTY, DOES_NOT_RUN = range(7)
SHARES = {
    RIGHT: 0.3, OWN_STYLE: 0.15, ONE_MISTAKE: 0.25, MORE_MISTAKES: 0.1, UNFINISHED: 0.1, EMPTY: 0.05,
    DOES_NOT_RUN: 0.05,
}  # fmt: skip


def make_course(root: Path, students: int = 0) -> Course:
    """A course whose students have all handed in the solved notebooks."""
    course = copy_assignment(Course(KIT), root)
    for number in range(students):
        shutil.copytree(course.source, course.submitted / f"s{number:04d}" / course.assignment)
    return course


def without_the_engine(course: Course) -> None:
    """Make nbgrader in this course what it is without the kit."""
    settings = course.root / CONFIG
    settings.write_text(settings.read_text(encoding="utf-8").replace("install(c)", ""), encoding="utf-8")


def with_hidden_asserts(course: Course) -> None:
    """Put the kit's checks into the source's test cells, as hidden tests of nbgrader's own."""
    for path in sorted(course.source.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            if cell.metadata.get("nbgrader", {}).get("grade") and name.startswith("test_"):
                exercise = name.removeprefix("test_")
                cell.source += (
                    "\n### BEGIN HIDDEN TESTS\n"
                    "from tests.benchmarks.in_process import hidden_asserts\n"
                    f"hidden_asserts({path.stem!r}, {exercise!r}, globals(), In)\n"
                    "### END HIDDEN TESTS"
                )
        nbformat.write(notebook, path)


def hand_in_class(course: Course, notebooks: int, *, solved: bool = False, stubs: bool = False) -> list[Submission]:
    """Fill submitted/ with so many notebooks, the same every time; returns them in order.

    A third of them are right, and others in another style; some hold a misconception or more, some are
    unfinished, empty, or have a cell that does not run; none loops or crashes. With `solved` all are right,
    with `stubs` all are as they were released.
    """
    mixed = [kind for kind, share in SHARES.items() for _ in range(round(share * VERSIONS))]
    kinds = [RIGHT] if solved else [EMPTY] if stubs else mixed
    pools = {name: _versions(course, name, kinds) for name in course.notebooks}
    chance = random.Random(90051)
    submissions = []
    for number in range(notebooks):
        student, name = f"s{number // len(pools):05d}", list(pools)[number % len(pools)]
        folder = course.submitted / student / course.assignment
        folder.mkdir(parents=True, exist_ok=True)
        os.link(chance.choice(pools[name]), folder / f"{name}.ipynb")
        submissions.append(Submission(student, name, folder / f"{name}.ipynb"))
    return submissions


def _versions(course: Course, name: str, kinds: Sequence[int]) -> list[Path]:
    folder = course.root / "versions" / name
    folder.mkdir(parents=True)
    paths = []
    for number, kind in enumerate(kinds):
        path = folder / f"{number}.ipynb"
        path.write_text(_version(course, name, kind, random.Random(f"{name} {number}")), encoding="utf-8")
        paths.append(path)
    return paths


def _version(course: Course, name: str, kind: int, chance: random.Random) -> str:
    source, release = course.source / f"{name}.ipynb", course.release / f"{name}.ipynb"
    exercises = list(course.notebooks[name].exercises)
    right = course.right_answers(name)
    match kind:
        case 0:
            return edited(source, {})
        case 1:
            return edited(source, _chosen(right, chance.sample(exercises, 3), chance))
        case 2:
            return edited(source, _chosen(course.misconceptions(name), chance.sample(exercises, 1), chance))
        case 3:
            return edited(source, _chosen(course.misconceptions(name), chance.sample(exercises, 3), chance))
        case 4:
            solutions = {cell.name: cell.source for cell in course.notebooks[name].cells if cell.solution}
            done = exercises[: chance.randrange(1, len(exercises))]
            return edited(release, {exercise: solutions[exercise] for exercise in done})
        case 5:
            return edited(release, {})
    broken = chance.choice(exercises)
    return edited(source, {broken: f"def {broken}(x)\n    return x\n"})


def _chosen(variants: tuple[Variant, ...], exercises: list[str], chance: random.Random) -> dict[str, str]:
    return {
        exercise: chance.choice(mine).source
        for exercise in exercises
        if (mine := [variant for variant in variants if variant.exercise == exercise])
    }
