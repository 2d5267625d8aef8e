"""`autograder report`: everything that stands beside the results and is made from them, made anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from autograder.faces.by_hand import with_marks_by_hand
from autograder.faces.exports.roster import read_roster
from autograder.faces.exports.tables import write_tables
from autograder.faces.html.kept_beside import Beside, CodeRow
from autograder.faces.html.old_pages import forget_old_pages
from autograder.faces.html.report import rewrite_report
from autograder.trusted.aside import aside
from autograder.trusted.results.store import RESULTS, read_results

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from autograder.faces.html.report_data import SimilarRow
    from autograder.trusted.assignment.course import Course


def report_anew(
    folder: Path,
    similar: Iterable[SimilarRow] | None,
    *,
    roster: Path | None = None,
    code: Mapping[tuple[str, str, str], str] | None = None,
) -> Path:
    """Write the report and the tables of a graded folder, and remove old feedback pages; returns the report's path.

    `roster` is a class list that has the students' groups; `code` is what students wrote, by student, notebook and
    exercise.

    Raises UsageError if nothing was graded, the folder cannot be written, or the gradebook or the roster not be read.
    """
    listed = read_roster(roster) if roster is not None else None
    records = with_marks_by_hand(folder, read_results(folder / RESULTS))
    tell_old_pages(forget_old_pages(folder, records))
    groups = {record.student: listed.group(record.student) for record in records} if listed is not None else {}
    rows = tuple(CodeRow(*exercise, text) for exercise, text in (code or {}).items())
    path = rewrite_report(folder, Beside(None if similar is None else tuple(similar), groups, rows))
    write_tables(folder, records)
    return path


def report_of_course(course: Course, roster: Path | None) -> Path:
    """Write the report of a course's graded folder, with what its submissions show; see `report_anew`.

    Each submission is read once: when it was graded, or now; for what is much alike, and for the code beside the checks
    that failed.
    """
    from autograder.faces.feedback.as_graded import code_that_failed
    from autograder.faces.html.report import similar_rows
    from autograder.trusted.grading.settings import Settings
    from autograder.trusted.results.works import read_works_in
    from autograder.trusted.similarity.files import read_works
    from autograder.trusted.similarity.groups import similar_groups
    from autograder.trusted.submissions.find import find_submissions

    if not course.submitted.is_dir() or not any(course.submitted.iterdir()):
        return report_anew(course.graded, None, roster=roster)
    records = read_results(course.graded / RESULTS)
    submissions = find_submissions([course.submitted], course.assignment, course.notebooks, course.released)
    released = {notebook for notebook in course.notebooks if (course.release / f"{notebook}.ipynb").is_file()}
    comparable = [each for each in submissions if each.notebook in released]
    works = read_works(course, comparable, read_works_in(course.graded))
    with aside(lambda: code_that_failed(course, submissions, Settings(), records, works)) as code:
        similar = similar_rows(similar_groups(course, submissions, works))
        return report_anew(course.graded, similar, roster=roster, code=code())


def tell_old_pages(pages: int) -> None:
    """Say on standard error that feedback pages were removed."""
    if pages:
        are = "page is" if pages == 1 else "pages are"
        said = f"{pages} feedback {are} older than the marks, and {'is' if pages == 1 else 'are'} removed"
        click.echo(f"autograder: {said}: `autograder feedback` writes them anew.", err=True)
