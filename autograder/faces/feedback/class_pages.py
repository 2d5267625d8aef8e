"""The feedback pages of a class: a page a student, their index, and a table for a mail merge."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from autograder.faces.by_hand import differs
from autograder.faces.exports.handing_out import Page, write_mail_merge
from autograder.faces.html.feedback import PageFacts, feedback_page
from autograder.faces.html.index import IndexRow, index_page
from autograder.faces.html.names import INDEX, MAIL_MERGE, page_names
from autograder.faces.shown_names import shown_names
from autograder.trusted.results.atomic_files import replaced
from autograder.trusted.results.outcomes import MISSING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from autograder.faces.exports.roster import Roster
    from autograder.faces.html.graded_file import GradedFile
    from autograder.trusted.assignment.course import Course
    from autograder.trusted.grading.figures import Experiment, Figure
    from autograder.trusted.results.records import NotebookRecord


class ClassPages:
    """The pages of a class.

    Args:
        records: all records, by student and notebook, with what a person has said of them.
        figures: by student and notebook.
        experiments: what the figures show, by notebook.
        files: the files that were graded, by student and notebook, as far as they are at hand.
    """

    def __init__(
        self,
        course: Course,
        records: list[NotebookRecord],
        figures: Mapping[tuple[str, str], Figure],
        experiments: Mapping[str, Experiment],
        files: Mapping[tuple[str, str], GradedFile],
    ) -> None:
        self._course = course
        self._figures = figures
        self._experiments = experiments
        self._files = files
        self._made = datetime.now().astimezone()
        self._by_student: dict[str, list[NotebookRecord]] = {}
        for record in records:
            self._by_student.setdefault(record.student, []).append(record)
        self._names = shown_names(self._by_student)

    def write(self, folder: Path, roster: Roster | None) -> list[Page]:
        """Write all pages, the index and the table for a mail merge into a folder. Raises OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        names = page_names(self._by_student)
        pages = []
        for student, records in self._by_student.items():
            path = folder / names[student]
            _replace(path, self._page(student, records))
            pages.append(Page(student, path, tuple(records), self._names_of_files(records)))
        rows = [
            IndexRow(
                self._names[page.student],
                quote(page.path.name),
                page.earned,
                page.possible,
                any(map(differs, page.records)),
            )
            for page in pages
        ]
        _replace(folder / INDEX, index_page(self._course.assignment, self._course.settings.course_id, rows, self._made))
        write_mail_merge(folder / MAIL_MERGE, pages, self._names, roster)
        return pages

    def of_each_notebook(self) -> dict[tuple[str, str], str]:
        """A page for each notebook that was handed in, by student and notebook, of that notebook alone."""
        return {
            (student, record.notebook): self._page(student, [record])
            for student, records in self._by_student.items()
            for record in records
            if record.status != MISSING
        }

    def _page(self, student: str, records: list[NotebookRecord]) -> str:
        keys = [(student, record.notebook) for record in records]
        figures = {key[1]: self._figures[key] for key in keys if key in self._figures}
        files = {key[1]: self._files[key] for key in keys if key in self._files}
        facts = PageFacts(self._course.settings.course_id, self._course.assignment, self._made, files)
        return feedback_page(self._names[student], records, figures, self._experiments, facts)

    def _names_of_files(self, records: list[NotebookRecord]) -> tuple[str, ...]:
        keys = [(record.student, record.notebook) for record in records]
        return tuple(self._files[key].name for key in keys if key in self._files)


def _replace(path: Path, text: str) -> None:
    with replaced(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
