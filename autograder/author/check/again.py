"""Verdicts are the same in another order, and with another seed: what was graded is judged again, and compared."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from autograder.author.check.judged import judged
from autograder.trusted.assignment.variants import Variant
from autograder.trusted.grading.settings import Settings
from autograder.trusted.results.outcomes import PASSED

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from autograder.author.check.complaint import Complaint
    from autograder.author.check.judged import Outcomes, Subject
    from autograder.author.check.places import Places
    from autograder.trusted.assignment.course import Course

OTHER_SEED = 7


def subjects_of(course: Course) -> dict[str, list[Variant]]:
    """By notebook with hidden checks: all variants, then the solution of each exercise as a variant without a name.

    Taken in the opposite order, the solutions come first: what a check keeps from an earlier run is not there yet.
    """
    return {
        name: [
            *course.misconceptions(name),
            *course.right_answers(name),
            *(Variant("", exercise, "", plan.stubs[exercise]) for exercise in plan.exercises),
        ]
        for name, plan in course.notebooks.items()
        if course.has_checks(name)
    }


def judged_again(course: Course, isolation: str, seed: int, only: Container[Subject] | None = None) -> Outcomes:
    """The outcomes of all subjects, or of some and all solutions, in the opposite order, with a seed."""
    wanted = {
        notebook: [
            each for each in variants if only is None or not each.name or (notebook, each.exercise, each.name) in only
        ]
        for notebook, variants in subjects_of(course).items()
    }
    return judged(course, wanted, replace(Settings(), seed=seed), isolation, backwards=True)


@dataclass
class Differences:
    """What differs between two judgements of the same subjects.

    Attributes:
        complaints: the checks whose verdict differs where it must not, each once.
        by_luck: how many verdicts of misconceptions differ that are caught with both seeds, as by an input that happens
            to tell; such a misconception costs more in one class than in another.
    """

    complaints: list[Complaint] = field(default_factory=list)
    by_luck: int = 0


def differences(places: Places, first: Outcomes, again: Outcomes, isolation: str, seed: int) -> Differences:
    """Compare what was judged in the checks' order with the seed of Settings, and `again` otherwise (judged_again).

    Where the order makes a difference, or the seed does to a right answer, it is a complaint; so is a misconception
    that only one of the seeds catches.
    """
    differing = {
        (subject, check)
        for subject, found in again.items()
        for check, outcome in found.items()
        if first.get(subject, {}).get(check, outcome) != outcome
    }
    if not differing:
        return Differences()
    backwards = judged_again(places.course, isolation, Settings().seed, {subject for subject, _ in differing})
    misconceptions = {
        (notebook, each.exercise, each.name)
        for notebook in places.course.notebooks
        for each in places.course.misconceptions(notebook)
    }
    found = Differences()
    told: dict[tuple[str, str, bool], list[Subject]] = {}
    for subject, check in sorted(differing):
        by_order = backwards[subject][check] != first[subject][check]
        caught = [set(outcomes[subject].values()) != {PASSED} for outcomes in (first, again)]
        if not by_order and subject in misconceptions and all(caught):
            found.by_luck += 1
        else:
            told.setdefault((subject[0], check, by_order), []).append(subject)
    for (notebook, check, by_order), subjects in told.items():
        said = _said(check, subjects, first, backwards if by_order else again)
        mend = "where the checks run in the opposite order: let it keep nothing between its runs."
        if not by_order:
            mend = f"with seed {seed}, and not {Settings().seed}: choose inputs that tell, whatever the seed is."
        found.complaints.append(places.check(notebook, check, f"{said} {mend}"))
    return found


def told_by_both(first: Mapping[str, str], again: Mapping[str, str]) -> dict[str, str]:
    """The outcomes of a misconception by check, PASSED where either judgement has it."""
    return {check: PASSED if again.get(check) == PASSED else outcome for check, outcome in first.items()}


def _said(check: str, subjects: Sequence[Subject], first: Outcomes, again: Outcomes) -> str:
    subject, *others = subjects
    _, exercise, name = subject
    whose = f"{name} (`{exercise}`)" if name else f"the solution of `{exercise}`"
    more = f", and of {len(others)} more," if others else ""
    return f"{check}'s verdict of {whose}{more} is {again[subject][check]} instead of {first[subject][check]}"
