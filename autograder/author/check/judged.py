"""The outcomes of variants of exercises, each judged by the checks of its own exercise, and by nothing else."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from autograder.trusted.execution.workers import opened_workers
from autograder.trusted.grading.grader import Grader
from autograder.trusted.grading.pytest_session import collect_checks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from autograder.trusted.assignment.course import Course
    from autograder.trusted.assignment.variants import Variant
    from autograder.trusted.grading.settings import Settings


Subject = tuple[str, str, str]  # the notebook, the exercise, and the variant's name
Outcomes = dict[Subject, dict[str, str]]  # by check


def judged(
    course: Course,
    variants: Mapping[str, Sequence[Variant]],
    settings: Sequence[Settings],
    isolation: str,
    *,
    backwards: bool = False,
    advance: Callable[[str, str], None] = lambda *_: None,
) -> list[Outcomes]:
    """The outcome of each check of its exercise for each of these variants, with each of the settings in turn.

    Args:
        course: the course.
        variants: by notebook; none of one without hidden checks.
        settings: limits and seed.
        isolation: where the variants run.
        backwards: take checks and variants in the opposite order.
        advance: called with the notebook and the name of each variant that is done.

    Raises KitError where nothing can be judged.
    """
    step = -1 if backwards else 1
    every: list[Outcomes] = []
    with opened_workers(course.secrets, isolation, preload=course.preload) as workers:
        checks = collect_checks(course)[::step]
        for each_settings in settings:
            grader, found = Grader(course, workers, checks, each_settings), Outcomes()
            for notebook, each in list(variants.items())[::step]:
                for _, group in groupby(each[::step], key=lambda variant: variant.exercise):
                    some = list(group)
                    for variant, verdicts in zip(some, grader.check_variants(notebook, some), strict=True):
                        subject = notebook, variant.exercise, variant.name
                        found[subject] = {check.name: verdict.outcome for check, verdict in verdicts.items()}
                        advance(notebook, variant.name)
            every.append(found)
    return every
