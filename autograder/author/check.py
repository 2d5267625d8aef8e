"""Prove an assignment: what its solutions, its release, its misconceptions and its right answers earn.

Every case is a notebook, graded the whole real way. Each complaint is a sentence with the file and what to do.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.author.build import build
from autograder.author.samples import edited
from autograder.errors import KitError
from autograder.trusted.grading.class_run import ClassRun, Task
from autograder.trusted.grading.pytest_session import require_files
from autograder.trusted.grading.settings import Settings
from autograder.trusted.results import outcomes
from autograder.trusted.submissions.find import Submission

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from autograder.trusted.assignment.course import Course
    from autograder.trusted.assignment.plan import NotebookPlan
    from autograder.trusted.assignment.variants import Variant
    from autograder.trusted.results.records import ExerciseRecord, NotebookRecord

REFERENCE, RELEASE, ALONE, MISCONCEPTION, RIGHT_ANSWER = range(5)


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


def check_assignment(
    course: Course, *, jobs: int, isolation: str, advance: Callable[[NotebookRecord], None] = lambda _: None
) -> list[str]:
    """What is wrong with an assignment, a sentence each; nothing if it is well.

    Raises KitError if nothing can be graded, as where the points of checks and exercises disagree.
    """
    require_files(course, ("misconceptions", "right_answers"))
    complaints = [f"{sentence}: run `autograder build`." for sentence in build(course, dry=True)]
    cases = list(cases_of(course))
    with tempfile.TemporaryDirectory(prefix="autograder-check-") as temporary:
        tasks = []
        for number, case in enumerate(cases):
            path = Path(temporary, f"{number}", f"{case.notebook}.ipynb")
            path.parent.mkdir()
            path.write_text(edited(case.start, case.edits), encoding="utf-8")
            tasks.append(Task(Submission(str(number), case.notebook, path)))
        run = ClassRun(course, Settings(), jobs, isolation)
        found: dict[int, list[str]] = {}
        for done in run.work(tasks):
            number = int(done.task.submission.student)
            if done.record is None or done.fault:
                raise KitError(f"{_called(course, cases[number])} could not be graded: {done.fault}")
            found[number] = list(complaints_of(course, cases[number], done.record))
            advance(done.record)
    return complaints + [sentence for number in sorted(found) for sentence in found[number]]


def cases_of(course: Course) -> Iterator[Case]:
    """Every case of an assignment."""
    for name, plan in course.notebooks.items():
        source, release = (folder / f"{name}.ipynb" for folder in (course.source, course.release))
        yield Case(REFERENCE, name, source)
        yield Case(RELEASE, name, release)
        solutions = plan.stubs  # of the source: they are solved
        for exercise in tested(plan):
            yield Case(ALONE, name, release, {exercise: solutions[exercise]}, exercise)
        for kind, variants in (
            (MISCONCEPTION, course.misconceptions(name)),
            (RIGHT_ANSWER, course.right_answers(name)),
        ):
            for variant in variants:
                yield Case(kind, name, source, {variant.exercise: variant.source}, variant.exercise, variant)


def tested(plan: NotebookPlan) -> list[str]:
    """The exercises that tests judge."""
    return [name for name, exercise in plan.exercises.items() if exercise.points and not exercise.by_hand]


def complaints_of(course: Course, case: Case, record: NotebookRecord) -> Iterator[str]:
    """What a record shows that it should not."""
    judged = {name: each for name, each in record.exercises.items() if not _is_by_hand(each)}
    lost = [name for name, each in judged.items() if each.earned < each.possible]
    called = _called(course, case)
    if record.status != outcomes.GRADED and case.kind != MISCONCEPTION:
        yield f"{called} is {record.status}: {record.reason}."
    elif case.kind in (REFERENCE, RIGHT_ANSWER):
        for name in lost:
            yield f"{called} loses points of `{name}`: {_why(judged[name])} Mend it, or the check."
    elif case.kind == RELEASE:
        for name, each in judged.items():
            came = sorted({check.outcome for check in each.checks} - {outcomes.NOT_ATTEMPTED})
            if came:
                yield f"{called}: `{name}` as it is released is {', '.join(came)}, and not told as not attempted."
    elif case.kind == ALONE:
        earned = [name for name, each in judged.items() if each.earned]
        if case.exercise in lost:
            yield f"{called} loses points where all others are empty: {_why(judged[case.exercise])} Declare BUILDS_ON."
        if others := [name for name in earned if name != case.exercise]:
            yield f"{called} alone earns points of {_listed(others)} as well: their checks accept an empty exercise."
    elif case.variant is not None:
        yield from _of_misconception(called, case, case.variant, judged, lost)


def _of_misconception(
    called: str, case: Case, variant: Variant, judged: Mapping[str, ExerciseRecord], lost: Sequence[str]
) -> Iterator[str]:
    if case.exercise not in lost:
        yield f"{called} loses nothing: no check tells it from a right answer."
    elif variant.hint not in {check.hint for check in judged[case.exercise].checks}:
        yield f"{called} is caught, but its hint is not shown: another one's answers are the same."
    if others := [name for name in lost if name != case.exercise]:
        yield f"{called} costs points of {_listed(others)} as well: declare in BUILDS_ON that they build on it."


def _is_by_hand(exercise: ExerciseRecord) -> bool:
    return any(check.outcome == outcomes.BY_HAND for check in exercise.checks)


def _why(exercise: ExerciseRecord) -> str:
    failed = next(check for check in exercise.checks if check.outcome != outcomes.PASSED)
    return f"{failed.name} says: {failed.outcome}. {failed.message}".strip()


def _called(course: Course, case: Case) -> str:
    if case.variant is not None:
        return f"{_file(course, case.kind, case.notebook)}, line {case.variant.line}: {case.variant.name}"
    where = case.start.relative_to(course.root)
    if case.kind == ALONE:
        return f"{course.source.relative_to(course.root) / f'{case.notebook}.ipynb'}, cell `{case.exercise}`"
    return f"{where}"


def _file(course: Course, kind: int, notebook: str) -> Path:
    folder = "misconceptions" if kind == MISCONCEPTION else "right_answers"
    return course.checks_place / folder / f"{notebook}.py"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
