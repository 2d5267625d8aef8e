"""Verdicts are the same in another order, and with another seed: what was graded is judged again, and compared."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from autograder.author.check.judged import judged
from autograder.trusted.assignment.variants import Variant
from autograder.trusted.grading.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from autograder.author.check.complaint import Complaint
    from autograder.author.check.judged import Outcomes, Subject
    from autograder.author.check.places import Places
    from autograder.trusted.assignment.course import Course

OTHER_SEED = 7


def subjects_of(course: Course) -> dict[str, list[Variant]]:
    """By notebook with hidden checks: the solution of each exercise, as a variant without a name, and all variants."""
    return {
        name: [
            *(Variant("", exercise, "", plan.stubs[exercise]) for exercise in plan.exercises),
            *course.misconceptions(name),
            *course.right_answers(name),
        ]
        for name, plan in course.notebooks.items()
        if course.has_checks(name)
    }


def judged_again(course: Course, isolation: str, seed: int) -> Outcomes:
    """The outcomes of all subjects in the opposite order, with a seed."""
    return judged(course, subjects_of(course), replace(Settings(), seed=seed), isolation, backwards=True)


def complaints_of_differences(
    places: Places, first: Outcomes, again: Outcomes, isolation: str, seed: int
) -> Iterator[Complaint]:
    """The checks whose verdict differs, each once, with whether the order or the seed makes the difference.

    Args:
        places: those of the assignment.
        first: the outcomes in the checks' order, with the seed of Settings.
        again: the outcomes in the opposite order, with another seed.
        isolation: where the variants run.
        seed: the seed of `again`.
    """
    differing = {
        subject: [check for check, outcome in found.items() if first[subject].get(check, outcome) != outcome]
        for subject, found in again.items()
        if subject in first
    }
    differing = {subject: checks for subject, checks in differing.items() if checks}
    if not differing:
        return
    backwards = judged_again(places.course, isolation, Settings().seed)
    by_check: dict[tuple[str, str], list[Subject]] = {}
    for subject, checks in differing.items():
        for check in checks:
            by_check.setdefault((subject[0], check), []).append(subject)
    for (notebook, check), subjects in by_check.items():
        by_order = [subject for subject in subjects if _of(backwards, subject, check) != _of(first, subject, check)]
        if by_order:
            said = _said(check, by_order, first, backwards)
            mend = "where the checks run in the opposite order: let it keep nothing between its runs."
        else:
            said = _said(check, subjects, first, again)
            mend = f"with seed {seed}, and not {Settings().seed}: choose inputs that tell, whatever the seed is."
        yield places.check(notebook, check, f"{said} {mend}")


def _said(check: str, subjects: Sequence[Subject], first: Outcomes, again: Outcomes) -> str:
    subject, *others = subjects
    _, exercise, name = subject
    whose = f"{name} (`{exercise}`)" if name else f"the solution of `{exercise}`"
    more = f", and that of {len(others)} others," if others else ""
    return f"{check}'s verdict of {whose}{more} is {_of(again, subject, check)} instead of {_of(first, subject, check)}"


def _of(outcomes: Mapping[Subject, Mapping[str, str]], subject: Subject, check: str) -> str:
    return outcomes.get(subject, {}).get(check, "")
