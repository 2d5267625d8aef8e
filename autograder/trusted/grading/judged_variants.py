"""Variants of exercises, judged as a student's would be: each in the solved notebook, in the place of its exercise."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from autograder.errors import KitError
from autograder.trusted.assignment.variants import Variant
from autograder.trusted.checking.diagnosis import does_nothing
from autograder.trusted.submissions.cells import NotebookCell
from autograder.trusted.submissions.notebook import SubmittedNotebook

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from contextlib import AbstractContextManager

    from autograder.trusted.assignment.course import Course
    from autograder.trusted.assignment.plan import NotebookPlan
    from autograder.trusted.checking.check import Check
    from autograder.trusted.checking.check_context import CheckContext, Verdict
    from autograder.trusted.checking.judge import Judge

    Opened = Callable[[NotebookPlan, SubmittedNotebook], AbstractContextManager[CheckContext]]

_ASKS_WHAT_THERE_IS = re.compile("accelerator|cuda")
_IDLE = "def {}(*arguments, **keywords):\n    return None"
_KEEPS_FOR_NOTHING = "`{}`: the misconception {} does as good as nothing, so it can keep no share of the points."


class JudgedVariants:
    """Judges variants of a course's exercises.

    Args:
        course: the course.
        judge: has the checks.
        context: opens a notebook of the author's, to be examined.
    """

    def __init__(self, course: Course, judge: Judge, context: Opened) -> None:
        self._course = course
        self._judge = judge
        self._context = context
        self._idle: dict[tuple[str, str], dict[Check, Verdict]] = {}  # by notebook and exercise

    def check(self, notebook: str, variants: Sequence[Variant]) -> list[dict[Check, Verdict]]:
        """The verdicts of each variant's exercise, in the solved notebook with the variant in its place.

        Raises KitError for a misconception that keeps a share of the points though it does as good as nothing.
        """
        found: list[dict[Check, Verdict]] = [{} for _ in variants]
        self.examine(notebook, variants, found)
        for variant, verdicts in zip(variants, found, strict=True):
            if variant.keeps and does_nothing(verdicts, self._idle_verdicts(notebook, variant.exercise)):
                raise KitError(_KEEPS_FOR_NOTHING.format(variant.exercise, variant.name))
        return found

    def examine(
        self,
        notebook: str,
        variants: Sequence[Variant],
        found: Sequence[dict[Check, Verdict]],
        among: Collection[Check] | None = None,
    ) -> None:
        """Add the verdicts that are not `found` yet of each variant's exercise: of all checks, or of those `among`."""
        plan = self._course.notebooks[notebook]
        solved = tuple(
            NotebookCell(cell.name, cell.source)
            for cell in plan.cells
            if cell.kind == "code" and not cell.demonstration
        )
        sources = {cell.name: cell.source for cell in solved}
        with self._context(plan, SubmittedNotebook(solved, frozenset())) as context:
            # As with a student, there is no accelerator before all other checks are done.
            for about_devices in (False, True):
                for variant, verdicts in zip(variants, found, strict=True):
                    checks = [
                        check
                        for check in self._judge.checks_of(notebook, variant.exercise)
                        if check.about_devices == about_devices and check not in verdicts
                        if among is None or check in among
                    ]
                    if not checks:
                        continue
                    if _ASKS_WHAT_THERE_IS.search(variant.source):
                        context.renew()  # an accelerator stays where it was made ready
                    context.notebook.redefine(variant.exercise, variant.source)
                    self._judge.exercise(context, variant.exercise, checks, verdicts)
                    context.notebook.redefine(variant.exercise, sources[variant.exercise])

    def _idle_verdicts(self, notebook: str, exercise: str) -> dict[Check, Verdict]:
        """The verdicts of an exercise that does nothing."""
        key = notebook, exercise
        if key not in self._idle:
            verdicts: dict[Check, Verdict] = {}
            self.examine(notebook, [Variant("idle", exercise, "", _IDLE.format(exercise))], [verdicts])
            self._idle[key] = verdicts
        return self._idle[key]

    def does_something(self, notebook: str, exercise: str, verdicts: Mapping[Check, Verdict]) -> bool:
        """Whether an implementation does more than as good as nothing, as far as its failed checks show."""
        return not does_nothing(verdicts, self._idle_verdicts(notebook, exercise))
