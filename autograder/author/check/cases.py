"""The cases: notebooks that are graded the whole real way, and what each record is to show."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from autograder.author.check.places import MISCONCEPTIONS, RIGHT_ANSWERS
from autograder.trusted.results import outcomes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from autograder.author.check.complaint import Complaint
    from autograder.author.check.places import Places
    from autograder.trusted.assignment.course import Course
    from autograder.trusted.assignment.plan import NotebookPlan
    from autograder.trusted.assignment.variants import Variant
    from autograder.trusted.results.records import CheckRecord, ExerciseRecord, NotebookRecord

REFERENCE, RELEASE, ALONE, MISCONCEPTION, RIGHT_ANSWER = range(5)
_FOLDERS = {MISCONCEPTION: MISCONCEPTIONS, RIGHT_ANSWER: RIGHT_ANSWERS}


@dataclass(frozen=True)
class Case:
    """A notebook to be graded, and what it is to show.

    `kind` is one of those above; `start` is the notebook that is edited; `exercise` is the one in question, and
    `variant` what stands in its place.
    """

    kind: int
    notebook: str
    start: Path
    edits: Mapping[str, str] = field(default_factory=dict)
    exercise: str = ""
    variant: Variant | None = None

    @property
    def name(self) -> str:
        """What it is called while it is graded."""
        if self.variant is not None:
            return self.variant.name
        return {REFERENCE: "solutions", RELEASE: "release"}.get(self.kind, f"{self.exercise} alone")


def cases_of(course: Course) -> Iterator[Case]:
    """Every case of an assignment."""
    for name, plan in course.notebooks.items():
        source, release = (folder / f"{name}.ipynb" for folder in (course.source, course.release))
        yield Case(REFERENCE, name, source)
        yield Case(RELEASE, name, release)
        solutions = plan.stubs  # of the source: they are solved
        for exercise in _tested(plan):
            yield Case(ALONE, name, release, {exercise: solutions[exercise]}, exercise)
        yield from with_variants(MISCONCEPTION, course, name, course.misconceptions(name))
        yield from with_variants(RIGHT_ANSWER, course, name, course.right_answers(name))


def with_variants(kind: int, course: Course, notebook: str, variants: Iterable[Variant]) -> Iterator[Case]:
    """A case for each of a notebook's variants, which stands in the solved notebook."""
    source = course.source / f"{notebook}.ipynb"
    for variant in variants:
        yield Case(kind, notebook, source, {variant.exercise: variant.source}, variant.exercise, variant)


def _tested(plan: NotebookPlan) -> list[str]:
    """The exercises that tests judge."""
    return [name for name, exercise in plan.exercises.items() if exercise.points and not exercise.by_hand]


def complaints_of(places: Places, case: Case, record: NotebookRecord) -> Iterator[Complaint]:
    """What a record shows that it should not."""
    judged = {name: each for name, each in record.exercises.items() if not _is_by_hand(each)}
    lost = {name: each for name, each in judged.items() if each.earned < each.possible}
    if record.status != outcomes.GRADED and case.kind != MISCONCEPTION:
        yield placed(places, case, f"{_called(case)} is {record.status}: {record.reason}. Mend it, or the checks.")
    elif case.kind in (REFERENCE, RIGHT_ANSWER):
        for name, each in lost.items():
            why = f"{_called(case)} loses points of `{name}`: {_why(places, case, each)}"
            yield placed(places, case, f"{why} Mend it, or the check.", name)
    elif case.kind == RELEASE:
        for name, each in judged.items():
            came = sorted({check.outcome for check in each.checks} - {outcomes.NOT_ATTEMPTED})
            if came:
                says = f"`{name}` as it is released is {', '.join(came)}, and not told as not attempted: "
                mend = "put what students are to write between ### BEGIN SOLUTION and ### END SOLUTION, and build."
                yield placed(places, case, says + mend, name)
    elif case.kind == ALONE:
        yield from _of_one_alone(places, case, judged, lost)
    elif case.variant is not None:
        yield from _of_misconception(places, case, case.variant, judged, lost)


def placed(places: Places, case: Case, says: str, exercise: str = "") -> Complaint:
    """A complaint about a case, where its author finds it: the variant, or an exercise's solution."""
    if case.variant is not None and case.kind in _FOLDERS:
        return places.variant(_FOLDERS[case.kind], case.notebook, case.variant, says)
    named = exercise or case.exercise or next(iter(places.course.notebooks[case.notebook].exercises), "")
    return places.exercise(case.notebook, named, says)


def _of_one_alone(
    places: Places, case: Case, judged: Mapping[str, ExerciseRecord], lost: Mapping[str, ExerciseRecord]
) -> Iterator[Complaint]:
    if case.exercise in lost:
        says = f"`{case.exercise}` loses points where all others are empty: {_why(places, case, lost[case.exercise])} "
        if places.course.has_checks(case.notebook):
            mend = f"Name those that it builds on in BUILDS_ON of test_{case.notebook}.py."
        else:
            mend = "Let its test need no other exercise, or write hidden checks, which can lend the reference."
        yield placed(places, case, says + mend)
    for name, each in judged.items():
        for check in each.checks:
            if name != case.exercise and check.outcome == outcomes.PASSED:
                says = f"{check.name} accepts an empty `{name}`, where only `{case.exercise}` is solved: let it ask for"
                yield places.check(case.notebook, check.name, f"{says} something that nothing earns.")


def _of_misconception(
    places: Places,
    case: Case,
    variant: Variant,
    judged: Mapping[str, ExerciseRecord],
    lost: Mapping[str, ExerciseRecord],
) -> Iterator[Complaint]:
    called = _called(case)
    if case.exercise not in lost:
        mend = f"sharpen a check of `{case.exercise}`, or take the misconception out."
        yield placed(places, case, f"{called} loses nothing, as no check tells it from a right answer: {mend}")
    elif variant.hint not in {check.hint for check in judged[case.exercise].checks}:
        others = sorted({check.misconception for check in judged[case.exercise].checks} - {"", variant.name})
        why = f"the hint of {', '.join(others)} is, whose answers are the same" if others else "no hint is"
        mend = "sharpen a check that tells them apart, or keep one of them." if others else "see what else fails."
        yield placed(places, case, f"{called} is caught, but its hint is not shown: {why}: {mend}")
    if others := [name for name in lost if name != case.exercise]:
        mend = f"name `{case.exercise}` in BUILDS_ON of test_{case.notebook}.py as what they build on."
        yield placed(places, case, f"{called} costs points of {_listed(others)} as well: {mend}")


def _is_by_hand(exercise: ExerciseRecord) -> bool:
    return any(check.outcome == outcomes.BY_HAND for check in exercise.checks)


def _why(places: Places, case: Case, exercise: ExerciseRecord) -> str:
    failed: CheckRecord = next(check for check in exercise.checks if check.outcome != outcomes.PASSED)
    where = places.check(case.notebook, failed.name, "")
    line = f", line {where.line}" if where.line else ""
    return f"{failed.name} ({where.file}{line}) says: {failed.outcome}. {failed.message}".strip()


def _called(case: Case) -> str:
    if case.variant is not None:
        return case.variant.name
    return {REFERENCE: "the solution", RELEASE: "the release"}.get(case.kind, f"`{case.exercise}` alone")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
