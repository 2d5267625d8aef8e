"""Prove an assignment: what solutions, release, misconceptions and right answers earn, and all the rest.

Each module beside this one finds one kind of thing that is wrong. What takes time is done side by side: this process
has every case graded (cases.py), one more judges all again (again.py), and one asks whether the views agree.
"""

from __future__ import annotations

import functools
import json
import re
import tempfile
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.author.build import notebook_names, out_of_step
from autograder.author.check.again import OTHER_SEED, differences, judged_again, told_by_both
from autograder.author.check.cases import MISCONCEPTION, REFERENCE, RIGHT_ANSWER, cases_of, complaints_of, placed
from autograder.author.check.complaint import Complaint, complaint_of
from autograder.author.check.leaks import complaints_of_release
from autograder.author.check.mutants import complaints_of_mutants, mutants_of
from autograder.author.check.places import Places
from autograder.author.check.sentences import complaints_of_tables, how_to_begin, without_table
from autograder.author.check.strays import strays
from autograder.author.points import points_told_otherwise
from autograder.author.samples import edited
from autograder.errors import KitError
from autograder.trusted.aside import aside
from autograder.trusted.grading.class_run import ClassRun, Task
from autograder.trusted.grading.pytest_session import collect_checks, require_files
from autograder.trusted.grading.settings import Settings
from autograder.trusted.submissions.submission import Submission

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from autograder.author.check.cases import Case
    from autograder.author.check.judged import Outcomes
    from autograder.trusted.assignment.course import Course
    from autograder.trusted.checking.check import Check
    from autograder.trusted.results.records import NotebookRecord

    Advance = Callable[[str, str], None]  # with the name of what is done, and its notebook

_AT = re.compile(r" at (\S+\.py), line (\d+)")


@dataclass(frozen=True)
class Proof:
    """What came of it: what is wrong, by file and line; what else is to be said; how many notebooks and mutants
    showed it."""

    complaints: tuple[Complaint, ...]
    notes: tuple[str, ...] = ()
    cases: int = 0
    mutants: int = 0


@dataclass(frozen=True)
class How:
    """How an assignment is proved.

    Attributes:
        jobs: how many graders work side by side.
        isolation: where the notebooks are run.
        mutants: whether the checks have to tell mechanical mutants as well.
        seed: the other seed, with which all verdicts have to be the same.
    """

    jobs: int
    isolation: str
    mutants: bool = False
    seed: int = OTHER_SEED


def check_assignment(
    course: Course,
    how: How,
    progress: Callable[[int], AbstractContextManager[Advance]] = lambda _: nullcontext(lambda *_: None),
) -> Proof:
    """Prove an assignment. Where nothing can be graded, what is in the way is among the complaints.

    Args:
        course: the course.
        how: how.
        progress: shows how far it is; called with the number of things to do.
    """
    places = Places(course)
    found = [*strays(places), *_points(places), *complaints_of_release(places)]
    with aside(lambda: _views(course)) as views:
        try:
            require_files(course, ("misconceptions", "right_answers"))
            checks = collect_checks(course)
            proof = _graded(places, checks, how, progress)
        except KitError as error:
            proof = Proof((complaint_of(error, course.root),))
        found += [*views(), *proof.complaints]
    return Proof(tuple(sorted(set(found))), proof.notes, proof.cases, proof.mutants)


def _views(course: Course) -> list[Complaint]:
    """What is not in step, and what stops the views from being built."""
    places = Places(course)
    try:
        return [
            Complaint(places.told(path), 0, f"it is not in step with the other views ({how}): run `autograder build`.")
            for path, how in out_of_step(course).items()
            if not how.endswith(f" {path.name}")  # the edited one itself, of which only the digest is an older one
        ]
    except KitError as error:
        return [complaint_of(error, course.root)]


def _points(places: Places) -> Iterator[Complaint]:
    """Where a text tells other points than the cells give."""
    for name in notebook_names(places.course):
        path = places.course.source / f"{name}.ipynb"
        if path.is_file():
            for cell, why in points_told_otherwise(json.loads(path.read_text(encoding="utf-8"))):
                yield places.cell(name, cell, f"cell `{cell}`: {why}")


def _graded(
    places: Places, checks: Sequence[Check], how: How, progress: Callable[[int], AbstractContextManager[Advance]]
) -> Proof:
    """All that is found by running something."""
    course = places.course
    cases = list(cases_of(course))
    mutants = mutants_of(course) if how.mutants else {}
    count = sum(map(len, mutants.values()))
    judging = functools.partial(judged_again, course, how.isolation, how.seed)
    with aside(judging) as again, progress(len(cases) + count) as advance:
        records, complaints = _records(places, cases, how, advance)
        for number, record in records.items():
            complaints += complaints_of(places, cases[number], record)
        first = _outcomes(course, cases, records)
        backwards, reseeded = again()
        differing = differences(places, first, backwards, reseeded, how.seed)
        complaints += differing.complaints
        told = {
            (subject[0], subject[2]): told_by_both(found, reseeded.get(subject, {})) for subject, found in first.items()
        }
        complaints += complaints_of_tables(places, checks, lambda notebook, name: told.get((notebook, name), {}))
        if mutants:
            complaints += complaints_of_mutants(places, mutants, how.isolation, lambda *done: advance(done[1], done[0]))
    notes = [how_to_begin(places, without_table(course)), _by_luck(differing.by_luck, how.seed)]
    return Proof(tuple(complaints), tuple(filter(None, notes)), len(cases), count)


def _by_luck(verdicts: int, seed: int) -> str:
    if not verdicts:
        return ""
    return (
        f"{verdicts} verdicts of misconceptions, each of them caught, are other ones with seed {seed} than with "
        f"{Settings().seed}: what such a mistake costs depends on the class's seed."
    )


def _records(
    places: Places, cases: Sequence[Case], how: How, advance: Advance
) -> tuple[dict[int, NotebookRecord], list[Complaint]]:
    """The record of each case by its number, and a complaint for each fault over some of them, which have none."""
    records: dict[int, NotebookRecord] = {}
    faults: dict[str, list[Case]] = {}
    with tempfile.TemporaryDirectory(prefix="autograder-check-") as temporary:
        tasks = []
        for number, case in enumerate(cases):
            path = Path(temporary, f"{number}", f"{case.notebook}.ipynb")
            path.parent.mkdir()
            path.write_text(edited(case.start, case.edits), encoding="utf-8")
            tasks.append(Task(Submission(str(number), case.notebook, path)))
        run = ClassRun(places.course, Settings(), how.jobs, how.isolation)
        for done in run.work(tasks):
            number = int(done.task.submission.student)
            if done.record is None or done.fault:
                faults.setdefault(done.fault, []).append(cases[number])
            else:
                records[number] = done.record
            advance(cases[number].name, cases[number].notebook)
    return records, [_fault(places, fault, over) for fault, over in faults.items()]


def _fault(places: Places, fault: str, over: Sequence[Case]) -> Complaint:
    first, *others = over
    more = f" and {len(others)} more" if others else ""
    says = f"{first.name} of {first.notebook}{more} could not be graded: {fault}"
    where = _AT.search(fault)
    return Complaint(where[1], int(where[2]), says) if where else placed(places, first, says)


def _outcomes(course: Course, cases: Sequence[Case], records: dict[int, NotebookRecord]) -> Outcomes:
    """The outcomes of every subject that is judged again (see again.py), by the checks of its own exercise."""
    found: Outcomes = {}
    for number, record in records.items():
        case = cases[number]
        if case.kind in (REFERENCE, MISCONCEPTION, RIGHT_ANSWER) and course.has_checks(case.notebook):
            for name, exercise in record.exercises.items():
                if case.kind == REFERENCE or name == case.exercise:
                    subject = case.notebook, name, case.variant.name if case.variant is not None else ""
                    found[subject] = {check.name: check.outcome for check in exercise.checks}
    return found
