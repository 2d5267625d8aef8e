"""Variants of exercises, judged as a student's would be: each in the solved notebook, in the place of its exercise."""

from __future__ import annotations

import re
import weakref
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autograder.errors import KitError, TemplateLost
from autograder.trusted.assignment.variants import Variant
from autograder.trusted.checking.diagnosis import does_nothing
from autograder.trusted.submissions.cells import solved_cells
from autograder.trusted.submissions.notebook import SubmittedNotebook

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from autograder.trusted.assignment.course import Course
    from autograder.trusted.assignment.plan import NotebookPlan
    from autograder.trusted.checking.check import Check
    from autograder.trusted.checking.check_context import CheckContext, Verdict
    from autograder.trusted.checking.judge import Judge

    Opened = Callable[[NotebookPlan, SubmittedNotebook], CheckContext]

_ASKS_WHAT_THERE_IS = re.compile("accelerator|cuda")
_IDLE = "def {}(*arguments, **keywords):\n    return None"
_KEEPS_FOR_NOTHING = "`{}`: the misconception {} does as good as nothing, so it can keep no share of the points."


@dataclass
class _Open:
    """A notebook of the author's that is kept open, and whose variant stands in it."""

    notebook: str
    context: CheckContext
    solved: Mapping[str, str]  # the source of each cell
    exercise: str = ""  # that a variant stands in the place of

    def put(self, variant: Variant) -> None:
        """Put a variant in the place of its exercise; the others are the solved ones."""
        if self.exercise not in ("", variant.exercise):
            self.context.notebook.redefine(self.exercise, self.solved[self.exercise])
        self.exercise = variant.exercise
        self.context.notebook.redefine(variant.exercise, variant.source)


class JudgedVariants:
    """Judges variants of a course's exercises.

    It keeps a worker of the notebook that it was asked about last, and one more that knows an accelerator: as with a
    student, there is none before all checks that are not about devices are done.

    Args:
        course: the course.
        judge: has the checks.
        context: opens a notebook of the author's, to be examined and then closed.
    """

    def __init__(self, course: Course, judge: Judge, context: Opened) -> None:
        self._course = course
        self._judge = judge
        self._context = context
        self._open: dict[bool, _Open] = {}  # by whether it is for checks of devices
        weakref.finalize(self, _close, self._open).atexit = False  # workers end with their template anyway
        self._idle: dict[tuple[str, str], dict[Check, Verdict]] = {}  # by notebook and exercise

    def check(self, notebook: str, variants: Sequence[Variant]) -> list[dict[Check, Verdict]]:
        """The verdicts of each variant's exercise, in the solved notebook with the variant in its place.

        Raises KitError for a misconception that keeps a share of the points though it does as good as nothing.
        """
        found: list[dict[Check, Verdict]] = [{} for _ in variants]
        self.examine(notebook, variants, found)
        for variant, verdicts in zip(variants, found, strict=True):
            if variant.keeps and not self.does_something(notebook, variant.exercise, verdicts):
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
        for about_devices in (False, True):
            for variant, verdicts in zip(variants, found, strict=True):
                checks = [
                    check
                    for check in self._judge.checks_of(notebook, variant.exercise)
                    if check.about_devices == about_devices and check not in verdicts
                    if among is None or check in among
                ]
                if checks:
                    self._examine(self._opened(notebook, about_devices=about_devices), variant, checks, verdicts)

    def does_something(self, notebook: str, exercise: str, verdicts: Mapping[Check, Verdict]) -> bool:
        """Whether an implementation does more than as good as nothing, as far as its failed checks show."""
        key = notebook, exercise
        if key not in self._idle:
            idle: dict[Check, Verdict] = {}
            self.examine(notebook, [Variant("idle", exercise, "", _IDLE.format(exercise))], [idle])
            self._idle[key] = idle
        return not does_nothing(verdicts, self._idle[key])

    def _examine(
        self, opened: _Open, variant: Variant, checks: Sequence[Check], verdicts: dict[Check, Verdict]
    ) -> None:
        if _ASKS_WHAT_THERE_IS.search(variant.source):
            opened.context.renew()  # an accelerator stays where it was made ready
        opened.put(variant)
        self._judge.exercise(opened.context, variant.exercise, checks, verdicts)
        if opened.context.notebook.losses:
            _close(self._open)  # a variant may cost as much as a student's code

    def _opened(self, notebook: str, *, about_devices: bool) -> _Open:
        if any(opened.notebook != notebook for opened in self._open.values()):
            _close(self._open)
        if about_devices not in self._open:
            plan = self._course.notebooks[notebook]
            solved = solved_cells(plan)
            context = self._context(plan, SubmittedNotebook(solved, frozenset()))
            self._open[about_devices] = _Open(notebook, context, {cell.name: cell.source for cell in solved})
        return self._open[about_devices]


def _close(opened: dict[bool, _Open]) -> None:
    """End the workers that are kept."""
    while opened:
        _, each = opened.popitem()
        with suppress(TemplateLost):
            each.context.close()
