"""The feedback page of one student: the points earned, then what to look at, then the figures of their functions."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from autograder.faces.by_hand import comment_on, said_of, said_of_notebook
from autograder.faces.html import plots
from autograder.faces.html.old_pages import page_fingerprint
from autograder.faces.html.shell import asset, page, render
from autograder.trusted.grading.figures import BARS
from autograder.trusted.results import outcomes
from autograder.trusted.results.records import kept_sentence
from autograder.trusted.safe_text import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from autograder.faces.html.graded_file import GradedFile
    from autograder.trusted.grading.figures import Experiment, Figure, Trained
    from autograder.trusted.results.records import CheckRecord, ExerciseRecord, NotebookRecord

OUTCOMES = {
    outcomes.PASSED: "right",
    outcomes.FAILED: "not right yet",
    outcomes.RAISED: "stopped with an error",
    outcomes.NOT_ATTEMPTED: "not written yet",
    outcomes.BLOCKED: "waits for something else",
    outcomes.BY_HAND: "graded by hand",
    outcomes.TIMEOUT: "did not come to an end",
    outcomes.CRASHED: "ended Python itself",
    outcomes.OUT_OF_MEMORY: "needs too much memory",
}
STATUSES = {
    outcomes.MISSING: "You have not handed in this notebook, so there was nothing to grade.",
    outcomes.UNREADABLE: "The file that you handed in could not be read: {reason}. Open it in Jupyter, run it, save "
    "it, and ask your tutor whether you may hand it in again.",
    outcomes.TIMEOUT: "Some of the code did not come to an end and had to be stopped. {reason}.",
    outcomes.CRASHED: "Some of the code ended its Python process. {reason}.",
    outcomes.OUT_OF_MEMORY: "Some of the code needed more memory than there is. {reason}.",
}
UNMATCHED = "None of your files could be taken for this notebook, so nothing was graded yet."
_UNCALLED = {outcomes.NOT_ATTEMPTED, outcomes.BLOCKED, outcomes.BY_HAND}  # nothing of the student's was called
_FOR_THE_TUTOR = "; ask for the file again"
# The place in a student's cells, in the format of `autograder.trusted.checking.check_context.described`.
_PLACE = re.compile(r" \(cell `(?P<cell>[^`]*)`, line (?P<line>\d+)(?:: `(?P<text>.*)`)?\)\.?$", re.DOTALL)


@dataclass(frozen=True)
class Lost:
    """Checks of an exercise that failed with the same outcome, for the same reason.

    Attributes:
        checks: each check's sentence and points.
        message: the reason, as markup; `place` and `code` are the student's own line, or "".
    """

    outcome: str
    words: str
    checks: tuple[tuple[Markup, float], ...]
    message: Markup
    place: str
    code: str
    hint: Markup

    @property
    def points(self) -> float:
        """The points of all of them."""
        return sum(points for _, points in self.checks)


@dataclass(frozen=True)
class PlottedFigure:
    """A figure, ready to be shown.

    Attributes:
        about: what the classifier was trained on.
        pictures: each picture, with a sentence that describes it.
        upper: the label of the blue examples; `lower` is that of the orange ones.
        rings: whether some examples are ringed.
        why: the reason why the student's part is missing; `place` and `code` are their own line, or "".
    """

    exercise: str
    about: str
    pictures: tuple[tuple[Markup, str], ...]
    upper: str
    lower: str
    rings: bool
    why: Markup
    place: str
    code: str


@dataclass(frozen=True)
class PageFacts:
    """What a page is about: the course ("" if it has no name), the assignment, when it was made, and the files graded.

    `files` are by notebook, as far as they are known.
    """

    course: str
    assignment: str
    made: datetime
    files: Mapping[str, GradedFile]


def feedback_page(
    student: str,
    notebooks: Sequence[NotebookRecord],
    figures: Mapping[str, Figure],
    experiments: Mapping[str, Experiment],
    facts: PageFacts | None = None,
) -> str:
    """The page of one student.

    Args:
        student: the student's name, which may be any text.
        notebooks: the student's records.
        figures: the figures that were plotted, by notebook.
        experiments: the experiments that the figures show, by notebook.
        facts: what the page is about.
    """
    earned, possible = sum(each.earned for each in notebooks), sum(each.possible for each in notebooks)
    exercises = [exercise for each in notebooks for exercise in each.exercises.values()]
    body = render(
        "feedback.html",
        student=student,
        notebooks=notebooks,
        earned=earned,
        possible=possible,
        right=sum(_all_right(exercise) for exercise in exercises),
        exercises=len(exercises),
        called=any(check.outcome not in _UNCALLED for exercise in exercises for check in exercise.checks),
        meter=plots.meter,
        share=lambda record: record.earned / record.possible if record.possible else 0.0,
        status=_status,
        spans=spans,
        unwritten=_unwritten,
        to_look_at=_to_look_at,
        passed=_passed,
        kept=kept_sentence,
        by_hand=said_of,
        comment=comment_on,
        said_of_notebook=said_of_notebook,
        facts=facts,
        figures={name: shown(figure, experiments[name]) for name, figure in figures.items()},
    )
    style = asset("plots.css") + asset("feedback.css")
    return page(f"Feedback for {student}", body, style=style, fingerprint=page_fingerprint(notebooks))


@functools.lru_cache(4096)  # the sentences of checks and hints stand on most pages
def spans(text: str) -> Markup:
    """A record's sentence as markup: text between backticks becomes code, and everything else is escaped."""
    parts = visible(text).split("`")
    if len(parts) % 2 == 0:  # a backtick is unpaired
        return Markup("{}").format(visible(text))
    as_code, as_text = Markup("<code>{}</code>"), Markup("{}")
    return Markup("").join((as_code if index % 2 else as_text).format(part) for index, part in enumerate(parts))


@functools.lru_cache(256)  # those who are right have the same figure, to the last digit
def shown(figure: Figure, experiment: Experiment) -> PlottedFigure:
    """The pictures of a figure, with sentences that describe them."""
    message, place, code = _taken_apart(figure.why)
    yours, right = figure.student, figure.reference
    progress = experiment.progress
    told = progress.tell(right.progress, None if yours is None else yours.progress)
    plot = plots.bars if progress.kind == BARS else plots.curves
    side = plot(progress.name, progress.title, told, right.progress, None if yours is None else yours.progress)
    plane, told_of_it, rings = _boundary(figure, experiment)
    return PlottedFigure(
        exercise=figure.exercise,
        about=experiment.about,
        pictures=((plane, told_of_it), (side, told)),
        upper=experiment.upper,
        lower=experiment.lower,
        rings=rings,
        why=spans(message),
        place=place,
        code=code,
    )


def _boundary(figure: Figure, experiment: Experiment) -> tuple[Markup, str, bool]:
    """The plane with both boundaries, a sentence that describes it, and whether some examples are ringed."""
    upper, lower = _examples(experiment)

    def wrong(trained: Trained) -> int:
        return sum(not plots.on_upper_side(trained.boundary, point) for point in upper) + sum(
            plots.on_upper_side(trained.boundary, point) for point in lower
        )

    yours, right = figure.student, figure.reference
    rings = yours is not None and wrong(yours) > 0
    many = f"of {len(upper) + len(lower)} examples on the wrong side"
    if yours is None:
        told = f"The right boundary leaves {wrong(right)} {many}."
    elif yours.boundary[:2] == (0.0, 0.0):
        told = "Your weights of x₁ and x₂ are zero, so there is no boundary: every example gets the same label."
    elif _near(_unit(yours.boundary), _unit(right.boundary)):
        told = f"Your boundary is the right one. It leaves {wrong(yours)} {many}."
    elif wrong(yours) == wrong(right):
        told = f"Your boundary is another one; like the right one, it leaves {wrong(yours)} {many}."
    else:
        told = f"Your boundary leaves {wrong(yours)} {many}; the right one, {wrong(right)}."
    drawn = plots.plane(
        f"{figure.notebook}-boundary",
        "The boundary between the two labels",
        told,
        upper,
        lower,
        right.boundary,
        None if yours is None else yours.boundary,
    )
    return drawn, told, rings


@functools.lru_cache(16)
def _examples(experiment: Experiment) -> tuple[list[plots.Point], list[plots.Point]]:
    """The points with the upper label, and those with the lower one."""
    points, labels = experiment.data()
    labelled = [((x1, x2), label) for (x1, x2), label in zip(points.tolist(), labels.tolist(), strict=True)]
    return [point for point, label in labelled if label == 1], [point for point, label in labelled if label != 1]


def _unit(boundary: tuple[float, float, float]) -> list[float]:
    """The same boundary, with weights scaled to length 1."""
    most = max(map(abs, boundary)) or 1.0
    scaled = [weight / most for weight in boundary]
    length = sum(weight * weight for weight in scaled) ** 0.5 or 1.0
    return [weight / length for weight in scaled]


def _near(some: Sequence[float], others: Sequence[float]) -> bool:
    return len(some) == len(others) and all(
        abs(one - other) <= 1e-3 * max(1.0, abs(other)) for one, other in zip(some, others, strict=True)
    )


def _status(record: NotebookRecord) -> Markup | None:
    """A sentence about a notebook whose status is not graded; None if one of its checks already explains it."""
    said = any(check.outcome == record.status for each in record.exercises.values() for check in each.checks)
    if record.status == outcomes.GRADED or said:
        return None
    if record.status == outcomes.MISSING and record.needs_review:
        return spans(UNMATCHED)
    reason = record.reason.removesuffix(_FOR_THE_TUTOR).rstrip(".")
    reason = reason[:1].upper() + reason[1:] if record.status not in (outcomes.MISSING, outcomes.UNREADABLE) else reason
    return spans(STATUSES.get(record.status, "{reason}.").replace("{reason}", reason))


def _all_right(exercise: ExerciseRecord) -> bool:
    if said_of(exercise):
        return exercise.earned >= exercise.possible
    return all(check.outcome == outcomes.PASSED for check in exercise.checks)


def _is_unwritten(exercise: ExerciseRecord) -> bool:
    return bool(exercise.checks) and all(check.outcome == outcomes.NOT_ATTEMPTED for check in exercise.checks)


def _unwritten(record: NotebookRecord) -> dict[str, ExerciseRecord]:
    """The exercises that the student has not attempted, and of which nobody has said anything."""
    return {
        name: exercise
        for name, exercise in record.exercises.items()
        if _is_unwritten(exercise) and not said_of(exercise) and not comment_on(exercise)
    }


def _to_look_at(record: NotebookRecord) -> dict[str, list[Lost]]:
    """The failed checks of each attempted exercise that has any, or of which a person has said something."""
    return {
        name: _lost(exercise)
        for name, exercise in record.exercises.items()
        if (not _all_right(exercise) and not _is_unwritten(exercise)) or said_of(exercise) or comment_on(exercise)
    }


def _passed(exercise: ExerciseRecord) -> list[CheckRecord]:
    return [check for check in exercise.checks if check.outcome == outcomes.PASSED]


def _lost(exercise: ExerciseRecord) -> list[Lost]:
    alike: dict[tuple[str, str, str], list[CheckRecord]] = {}
    for check in exercise.checks:
        if check.outcome != outcomes.PASSED:
            alike.setdefault((check.outcome, check.message, check.hint), []).append(check)
    lost = []
    shown: set[str] = set()
    for (outcome, message, hint), checks in alike.items():
        sentence, place, code = _taken_apart(message)
        lost.append(
            Lost(
                outcome,
                OUTCOMES.get(outcome, outcome),
                tuple((spans(check.title), check.points) for check in checks),
                spans(sentence),
                place,
                code,
                spans("" if hint in shown else hint),
            )
        )
        shown.add(hint)
    return lost


def _taken_apart(message: str) -> tuple[str, str, str]:
    """Split a message: the text without the student's own line at its end, that line's place, and the line."""
    found = _PLACE.search(message)
    if found is None:
        return message, "", ""
    return f"{message[: found.start()]}.", f"cell {found['cell']}, line {found['line']}", found["text"] or ""
