"""`autograder report`: the class on one HTML page, made from the records."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from autograder.errors import UsageError
from autograder.faces.html import asset, data_block, page, render
from autograder.faces.report_data import class_report
from autograder.trusted.records import RESULTS, read_results, replaced

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from autograder.faces.report_data import ClassReport, MovedMark, SimilarGroup
    from autograder.trusted.records import ExerciseRecord, NotebookRecord

REPORT = "report.html"


def rewrite_report(folder: Path) -> Path:
    """Write the report of a folder that was graded before; returns where it stands.

    Raises UsageError where nothing was graded, or the folder cannot be written.
    """
    graded = read_results(folder / RESULTS)
    if not graded:
        raise UsageError(f"{folder / RESULTS} is not there or empty: run `autograder grade` first, or name its folder.")
    return write_report(folder, graded)


def write_report(
    folder: Path,
    graded: Sequence[NotebookRecord],
    *,
    similar: Iterable[SimilarGroup] | None = None,
    moved: Iterable[MovedMark] | None = None,
    pages: Mapping[str, str] | None = None,
) -> Path:
    """Write report.html into `folder`, and return its path.

    Args:
        graded: the records of one assignment, one at least.
        similar: groups of submissions that are much alike; without it, the report has no such section.
        moved: what has changed since an earlier result; without it, the report has no such section.
        pages: for each student who has a page, its address relative to `folder`, percent-encoded.

    Raises UsageError where the folder cannot be written.
    """
    html = report_page(class_report(graded, similar=similar, moved=moved), pages or {}, datetime.now().astimezone())
    path = folder / REPORT
    try:
        with replaced(path) as temporary:
            temporary.write_text(html, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error.strerror}): make room there.") from error
    return path


def report_page(report: ClassReport, pages: Mapping[str, str], made: datetime) -> str:
    """The report as HTML."""
    title = f"{report.assignment}: class report"
    body = render("report.html", report=report, made=made, numbers=_numbers(report), details=_details(report, pages))
    navigation = render("report_navigation.html", report=report)
    return page(title, body, style=asset("report.css"), script=asset("report.js"), navigation=navigation)


def _numbers(report: ClassReport) -> dict[str, int]:
    """The place of each student in the page's data, by which the page's links name them."""
    return {student.name: number for number, student in enumerate(report.students)}


def _details(report: ClassReport, pages: Mapping[str, str]) -> Any:
    """Each student's checks as a data block for report.js: what several share (texts, whole exercises) stands once.

    {"texts": [text, ...],
     "results": [[earned, possible, [[title, outcome, points, message, hint, devices], ...]], ...],
     "students": [{"name": ..., "page": ..., "notebooks": [
         {"name": ..., "status": ..., "reason": ..., "earned": ..., "possible": ..., "notes": [...],
          "exercises": [[name, result], ...]}, ...]}, ...]}

    where title, outcome, message, hint and an exercise's name are numbers of texts, and result is one of results.
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
                number(check.hint),
                tuple(check.devices.items()),
            )
            for check in exercise.checks
        )
        return results.setdefault((exercise.earned, exercise.possible, checks), len(results))

    students: list[dict[str, Any]] = [
        {"name": student.name, "page": pages.get(student.name, ""), "notebooks": []} for student in report.students
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
                "notes": [*record.doubts, *record.repairs],
                "exercises": [[number(name), result(exercise)] for name, exercise in record.exercises.items()],
            }
        )
    return data_block("details", {"texts": list(texts), "results": list(results), "students": students})
