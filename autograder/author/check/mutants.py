"""Mechanical mutants of the solutions: one small change each, and whether the hidden checks tell.

A mutant that keeps all points of its exercise is no wrong answer, or the checks are too weak. Which ones are none, and
why, stands in equivalent_mutants.toml beside the checks:

    [[equivalent]]
    notebook = "perceptron"
    exercise = "train"
    changes = ["- for x, y in zip(X, Y, strict=True): + for x, y in zip(X, Y, strict=False):"]
    because = "X and Y have the same length by the contract"
"""

from __future__ import annotations

import difflib
import re
import tomllib
from typing import TYPE_CHECKING

from autograder.author.check.complaint import Complaint
from autograder.author.check.judged import judged
from autograder.author.check.operators import changed_sources, is_python
from autograder.trusted.assignment.variants import Variant
from autograder.trusted.grading.settings import Settings
from autograder.trusted.results import outcomes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from autograder.author.check.places import Places
    from autograder.trusted.assignment.course import Course

EQUIVALENT = "equivalent_mutants.toml"
SECONDS = 1.5  # that a check of a mutant may last, which loops for ever more often than a student
_HUNK = re.compile(r"@@ -(\d+)")


def mutants_of(course: Course) -> dict[str, list[Variant]]:
    """By notebook with hidden checks, the mutants of its solutions: each has its change for a name, as `- old + new`.

    `line` is that of the change within the cell.
    """
    return {
        name: [mutant for exercise in plan.exercises for mutant in _mutants(exercise, plan.stubs[exercise])]
        for name, plan in course.notebooks.items()
        if course.has_checks(name)
    }


def _mutants(exercise: str, source: str) -> Iterator[Variant]:
    seen: set[str] = set()
    for changed in changed_sources(source) if is_python(source) else ():
        lines = [*difflib.unified_diff(source.splitlines(), changed.splitlines(), lineterm="", n=0)]
        hunk = next(found for line in lines if (found := _HUNK.match(line)))
        change = " ".join(f"{line[0]} {line[1:].strip()}" for line in lines if not re.match(r"---|\+\+\+|@@", line))
        if change not in seen:
            seen.add(change)
            yield Variant(change, exercise, "", changed, line=int(hunk[1]))


def complaints_of_mutants(
    places: Places,
    mutants: Mapping[str, Sequence[Variant]],
    isolation: str,
    advance: Callable[[str, str], None] = lambda *_: None,
) -> Iterator[Complaint]:
    """The mutants that keep all points though nobody says why they may, and reasons that are out of date."""
    course = places.course
    path = course.checks / EQUIVALENT
    file = places.told(path)
    try:
        reasons = _reasons(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        yield Complaint(
            file, 0, f"it cannot be read ({error}): each [[equivalent]] has notebook, exercise, changes, because."
        )
        return
    (found,) = judged(course, mutants, [Settings(SECONDS)], isolation, advance=advance)
    alive = {subject for subject, by_check in found.items() if {*by_check.values()} == {outcomes.PASSED}}
    for notebook, each in mutants.items():
        for mutant in each:
            subject = notebook, mutant.exercise, mutant.name
            if subject in alive - reasons.keys():
                cell = places.cell(notebook, mutant.exercise, "")
                says = f"a mutant of `{mutant.exercise}` keeps all points: `{mutant.name}`: sharpen a check, or say in"
                line = cell.line + mutant.line if cell.line else 0
                yield Complaint(cell.file, line, f"{says} {file} why it is right.")
    for subject, line in reasons.items():
        if subject not in alive:
            why = "loses points by now" if subject in found else "is none of its mutants"
            yield Complaint(file, line, f"`{subject[2]}` of `{subject[1]}` {why}: take it out.")


def _reasons(text: str) -> dict[tuple[str, str, str], int]:
    """The mutants that are said to be right, each with the line on which its change stands, or 0."""
    lines = text.splitlines()
    found = {}
    for entry in tomllib.loads(text).get("equivalent", []):
        if not entry["because"]:
            raise KeyError("because")
        for change in entry["changes"]:
            spelled = change.replace("\\", "\\\\").replace('"', '\\"')
            line = next((number for number, each in enumerate(lines, 1) if spelled in each or change in each), 0)
            found[entry["notebook"], entry["exercise"], change] = line
    return found
