"""Verdicts are the same in another order, and with another seed: what was graded is judged again, and compared."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from autograder.author.check.judged import judged
from autograder.trusted.assignment.variants import Variant
from autograder.trusted.grading.settings import Settings
from autograder.trusted.results.outcomes import PASSED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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


def judged_again(course: Course, isolation: str, seed: int) -> list[Outcomes]:
    """The outcomes of all subjects in the opposite order: with the seed of Settings, and with another one."""
    settings = [Settings(), replace(Settings(), seed=seed)]
    return judged(course, subjects_of(course), settings, isolation, backwards=True)


@dataclass
class Differences:
    """What differs between several judgements of the same subjects.

    Attributes:
        complaints: the checks whose verdict differs where it must not, each once.
        by_luck: how many verdicts of misconceptions differ that are caught with both seeds, as by an input that happens
            to tell; such a misconception costs more in one class than in another.
    """

    complaints: list[Complaint] = field(default_factory=list)
    by_luck: int = 0


def differences(places: Places, first: Outcomes, backwards: Outcomes, reseeded: Outcomes, seed: int) -> Differences:
    """Compare what was judged in the checks' order, `backwards`, and backwards with another seed as well.

    Where the order makes a difference, or the seed does to a right answer, it is a complaint; so is a misconception
    that only one of the seeds catches.
    """
    found = Differences()
    misconceptions = {
        (notebook, each.exercise, each.name)
        for notebook in places.course.notebooks
        for each in places.course.misconceptions(notebook)
    }
    told: dict[tuple[str, str, bool], list[Subject]] = {}
    for subject, outcomes in backwards.items():
        caught = [set(each[subject].values()) != {PASSED} for each in (backwards, reseeded)]
        for check, outcome in outcomes.items():
            if first.get(subject, outcomes)[check] != outcome:
                told.setdefault((subject[0], check, True), []).append(subject)
            elif reseeded[subject][check] != outcome:
                if subject in misconceptions and all(caught):
                    found.by_luck += 1
                else:
                    told.setdefault((subject[0], check, False), []).append(subject)
    for (notebook, check, by_order), subjects in told.items():
        if by_order:
            said = _said(check, subjects, first, backwards)
            mend = "where the checks run in the opposite order: let it keep nothing between its runs."
        else:
            said = _said(check, subjects, backwards, reseeded)
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
