"""`autograder report`: the class on one HTML page, made from the records."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from autograder.errors import UsageError
from autograder.faces.by_hand import comment_on, marked, marks_by_hand, said_of, said_of_notebook
from autograder.faces.html.kept_beside import KEPT, Beside, keep_beside, kept_beside
from autograder.faces.html.names import pages_at_hand
from autograder.faces.html.report_data import MovedMark, SimilarRow, class_report
from autograder.faces.html.shell import asset, data_block, page, render
from autograder.faces.shown_names import shown_names
from autograder.trusted.results.atomic_files import replaced
from autograder.trusted.results.records import hints_to_show, kept_sentence
from autograder.trusted.results.regrade import compare_results
from autograder.trusted.results.store import RESULTS, read_earlier_results, read_results

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from autograder.faces.by_hand import MarksByHand
    from autograder.faces.html.report_data import ClassReport
    from autograder.trusted.results.records import ExerciseRecord, NotebookRecord
    from autograder.trusted.results.regrade import NotebookMove
    from autograder.trusted.similarity.groups import SimilarGroup

REPORT = "report.html"


def rewrite_report(folder: Path, beside: Beside | None = None, *, pages: Mapping[str, str] | None = None) -> Path:
    """Write the report of a folder that was graded before; returns the report's path.

    Without `beside`, what an earlier `autograder report` found out about the same results stands in it again. For
    `pages` see `write_report`.

    Raises UsageError if nothing was graded, or the folder cannot be written.
    """
    graded = read_results(folder / RESULTS)
    if not graded:
        raise UsageError(f"{folder / RESULTS} is not there or empty: run `autograder grade` first, or name its folder.")
    if beside is None:
        beside = kept_beside(folder)
    code = beside.code_by_exercise()
    path = write_report(folder, graded, similar=beside.similar, groups=beside.groups, code=code, pages=pages)
    try:
        keep_beside(folder, beside)
    except OSError as error:
        raise UsageError(f"{folder / KEPT} cannot be written ({error.strerror}): make room there.") from error
    return path


def similar_rows(groups: Iterable[SimilarGroup]) -> list[SimilarRow]:
    """The exercises that groups of students have alike, as the report lists them."""
    return [
        SimilarRow(exercise.students, group.notebook, exercise.exercise, exercise.alike)
        for group in groups
        for exercise in group.exercises
    ]


def moved_marks(folder: Path, graded: Iterable[NotebookRecord]) -> list[MovedMark] | None:
    """The marks that changed since the previous results; None if there are no previous results."""
    earlier = read_earlier_results(folder)
    if not earlier:
        return None
    return [
        MovedMark(move.student, move.notebook, move.earned_before or 0.0, move.earned_after or 0.0, _moves(move))
        for move in compare_results(earlier, graded).moved
    ]


def _moves(move: NotebookMove) -> tuple[str, ...]:
    return tuple(
        f"{check.exercise}: {check.title or check.check} ({check.before or 'not there'}, now {check.after or 'gone'})"
        for check in move.checks
        if check.moved
    )


def write_report(
    folder: Path,
    graded: Sequence[NotebookRecord],
    *,
    similar: Iterable[SimilarRow] | None = None,
    moved: Iterable[MovedMark] | None = None,
    pages: Mapping[str, str] | None = None,
    by_hand: MarksByHand | None = None,
    groups: Mapping[str, str] | None = None,
    code: Mapping[tuple[str, str, str], str] | None = None,
) -> Path:
    """Write report.html into `folder`, and return its path.

    Args:
        graded: the records of one assignment, one at least.
        similar: the groups of similar submissions; without it, the report has no such section.
        moved: the marks that changed; without it, those that differ from the previous results, if there are any.
        pages: for each student who has a page, its address relative to `folder`, percent-encoded; without it, the
            existing feedback pages.
        by_hand: what a person has said of marks; without it, what the course's gradebook has.
        groups: the group (tutorial, section) of students, by which the reader can choose.
        code: what students wrote in exercises, by student, notebook and exercise.

    Raises UsageError if the folder cannot be written, or there is a gradebook that cannot be read.
    """
    if pages is None:
        pages = pages_at_hand(folder, {record.student for record in graded})
    if moved is None:
        moved = moved_marks(folder, graded)
    if by_hand is None:
        by_hand = marks_by_hand(folder, graded[0].assignment)
    report = class_report(marked(graded, by_hand), similar=similar, moved=moved, late=by_hand.late, groups=groups)
    html = report_page(report, pages, datetime.now().astimezone(), code or {})
    path = folder / REPORT
    try:
        with replaced(path) as temporary:
            temporary.write_text(html, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error.strerror}): make room there.") from error
    return path


def report_page(
    report: ClassReport, pages: Mapping[str, str], made: datetime, code: Mapping[tuple[str, str, str], str]
) -> str:
    """The report as HTML."""
    title = f"{report.assignment}: class report"
    names = shown_names(student.name for student in report.students)
    body = render(
        "report.html",
        report=report,
        made=made,
        names=names,
        groups=sorted({student.group for student in report.students} - {""}),
        numbers=_numbers(report),
        details=_details(report, pages, names, code),
    )
    navigation = render("report_navigation.html", report=report)
    return page(title, body, style=asset("report.css"), script=asset("report.js"), navigation=navigation)


def _numbers(report: ClassReport) -> dict[str, int]:
    """The index of each student in the page's data, which the page's links use."""
    return {student.name: number for number, student in enumerate(report.students)}


def _details(
    report: ClassReport,
    pages: Mapping[str, str],
    names: Mapping[str, str],
    code: Mapping[tuple[str, str, str], str],
) -> Any:
    """Each student's checks as a data block for report.js, in which equal texts and equal exercises stand only once.

    {"texts": [text, ...],
     "results": [[earned, possible, [[title, outcome, points, message, hint, devices], ...], [note, ...]], ...],
     "students": [{"name": ..., "page": ..., "notebooks": [
         {"name": ..., "status": ..., "reason": ..., "earned": ..., "possible": ..., "notes": [...],
          "exercises": [[name, result, code], ...]}, ...]}, ...]}

    where title, code, outcome, message, hint, note and an exercise's name are indices of texts; result is one of
    results.
    """
    texts: dict[str, int] = {}
    results: dict[Any, int] = {}

    def number(text: str) -> int:
        return texts.setdefault(text, len(texts))

    def result(exercise: ExerciseRecord) -> int:
        checks = tuple(
            (
                number(check.title),
                number(check.outcome),
                check.points,
                number(check.message),
                number(hint),
                tuple(check.devices.items()),
            )
            for check, hint in zip(exercise.checks, hints_to_show(exercise), strict=True)
        )
        comment = comment_on(exercise)
        notes = (kept_sentence(exercise), said_of(exercise), f"Comment: {comment}" if comment else "")
        said = tuple(number(note) for note in notes if note)
        return results.setdefault((exercise.earned, exercise.possible, checks, said), len(results))

    students: list[dict[str, Any]] = [
        {"name": names[student.name], "page": pages.get(student.name, ""), "notebooks": []}
        for student in report.students
    ]
    numbers = _numbers(report)
    for record in report.records:
        students[numbers[record.student]]["notebooks"].append(
            {
                "name": record.notebook,
                "status": record.status,
                "reason": record.reason,
                "earned": record.earned,
                "possible": record.possible,
                "notes": [*said_of_notebook(record), *record.needs_review, *record.repairs],
                "exercises": [
                    [number(name), result(exercise), number(code.get((record.student, record.notebook, name), ""))]
                    for name, exercise in record.exercises.items()
                ],
            }
        )
    return data_block("details", {"texts": list(texts), "results": list(results), "students": students})
