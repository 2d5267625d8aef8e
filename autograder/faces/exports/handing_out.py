"""Feedback pages on their way to students: an archive for an LMS, a table for a mail merge, and nbgrader's folders.

Moodle (mod/assign/feedback/file/importziplib.php, "Upload multiple feedback files in a zip") takes a file in a folder
FULLNAME_NUMBER_assignsubmission_file_, by the participant's number, under whatever name it has there.

Canvas (generate_comments_from_files in its models of assignments, "Upload submissions") takes a file by the first two
numbers between underscores in its name, the user's and the attachment's, as its own download has written them. It shows
the page under the attachment's own name.

nbgrader (nbgrader/exchange/default/release_feedback.py) takes feedback/STUDENT/ASSIGNMENT/NOTEBOOK.html, and needs
beside it the timestamp and the secret that came with the submission.
"""

from __future__ import annotations

import csv
import os
import re
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autograder.faces.exports.roster import EMAIL_COLUMN, IDENTIFIER, STUDENT, name_of
from autograder.trusted.results.atomic_files import replaced
from autograder.trusted.results.records import total
from autograder.trusted.safe_text import one_line, spreadsheet_cell
from autograder.trusted.submissions.finding.who import name_in, number_in, sender_of
from autograder.trusted.submissions.opening import opened_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from autograder.faces.exports.roster import Roster
    from autograder.trusted.assignment.course import Course
    from autograder.trusted.results.records import NotebookRecord

CANVAS, MOODLE = "canvas", "moodle"
SYSTEMS = (CANVAS, MOODLE)
NBGRADERS_FEEDBACK = "feedback"
MAX_NAMED = 5  # students in one sentence
_WITH_SUBMISSION = ("timestamp.txt", "submission_secret.txt")
_MAX_BYTES = 4096  # of each of these
_CANVAS_NAME = re.compile(r"[^_]+_(?:LATE_)?\d+_\d+_.+", re.DOTALL)


@dataclass(frozen=True)
class Page:
    """A student's page: its file, the records that it was made from, and the names of the files that were graded."""

    student: str
    path: Path
    records: tuple[NotebookRecord, ...]
    files: tuple[str, ...] = ()

    @property
    def earned(self) -> float:
        """The student's points."""
        return total(record.earned for record in self.records)

    @property
    def possible(self) -> float:
        """The points that there were to earn."""
        return total(record.possible for record in self.records)


def write_mail_merge(path: Path, pages: Sequence[Page], names: Mapping[str, str], roster: Roster | None) -> None:
    """Write a line a student: student, name, email, mark, possible, file. Raises OSError."""
    with replaced(path, mode=0o600) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["student", "name", "email", "mark", "possible", "file"])
        for page in pages:
            row = (roster.row(page.student) if roster is not None else None) or {}
            name = name_of(row) or row.get(STUDENT, "") or names[page.student]
            cells = [page.student, name, row.get(EMAIL_COLUMN, "")]
            marks = [f"{page.earned:g}", f"{page.possible:g}"]
            writer.writerow([*map(spreadsheet_cell, cells), *marks, spreadsheet_cell(page.path.name)])


def write_archive(path: Path, system: str, pages: Sequence[Page], roster: Roster | None) -> tuple[str, ...]:
    """Write a zip of the pages as a system takes them; returns notes for the person who uploads it. Raises OSError."""
    place = _place_for_moodle if system == MOODLE else _place_for_canvas
    left_out, taken = [], set[str]()
    with replaced(path, mode=0o600) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
        for page in pages:
            name = place(page, roster)
            if not name or name in taken:
                left_out.append(page.student)
                continue
            taken.add(name)
            archive.write(page.path, name)
    if not left_out:
        return ()
    why = {
        MOODLE: "no participant's number is known of them (--roster takes Moodle's grading worksheet)",
        CANVAS: "no file of theirs has the name that Canvas gave it",
    }
    return (f"Left out of {path.name}, as {why[system]}: {named(left_out)}.",)


def write_released(course: Course, pages: Mapping[tuple[str, str], str]) -> tuple[int, tuple[str, ...]]:
    """Put pages, by student and notebook, where `nbgrader release_feedback` takes them; how many students, and notes.

    A student whose work did not come through nbgrader's exchange has no secret there, and is left out.
    Raises OSError.
    """
    root = course.root / NBGRADERS_FEEDBACK
    beside: dict[str, dict[str, bytes] | None] = {}
    for (student, notebook), text in pages.items():
        if student not in beside:
            beside[student] = _with_submission(course, student)
        files = beside[student]
        if files is None:
            continue
        folder = root / student / course.assignment
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in (*files.items(), (f"{notebook}.html", text.encode())):
            with replaced(folder / name) as temporary:
                temporary.write_bytes(content)
    left_out = [student for student, files in beside.items() if files is None]
    notes = (f"Not released, as their work did not come through nbgrader's exchange: {named(left_out)}.",)
    return len(beside) - len(left_out), notes if left_out else ()


def named(students: Sequence[str]) -> str:
    """Some students, for a sentence."""
    some = ", ".join(one_line(student, 40) for student in sorted(students)[:MAX_NAMED])
    return f"{some} and {len(students) - MAX_NAMED} more" if len(students) > MAX_NAMED else some


def _place_for_moodle(page: Page, roster: Roster | None) -> str:
    number = number_in(page.student)
    row = (roster.row(page.student) if roster is not None else None) or {}
    known = row.get(IDENTIFIER, "").rpartition(" ")[2]
    if known.isdecimal():
        number = known
    if not number:
        return ""
    name = one_line(re.sub(r"[_/\\:]+", " ", name_of(row) or name_in(page.student)), 80) or "Participant"
    return f"{name}_{number}_assignsubmission_file_/feedback.html"


def _place_for_canvas(page: Page, _roster: Roster | None) -> str:
    file = next((each for each in page.files if _CANVAS_NAME.fullmatch(each) and sender_of(each) is not None), "")
    safe = one_line(re.sub(r"[/\\]+", "-", file), 200)
    return f"{safe.rpartition('.')[0] or safe}.html" if safe else ""


def _with_submission(course: Course, student: str) -> dict[str, bytes] | None:
    """What nbgrader's exchange has put beside a submission; None where there is no such submission."""
    folder = course.submitted / student / course.assignment
    if folder.parent.parent != course.submitted or student in {"", ".", ".."}:
        return None  # no folder's name
    try:
        return {name: _start_of(folder / name, course.submitted) for name in _WITH_SUBMISSION}
    except (OSError, ValueError):  # it is not there, or no name of a file
        return None


def _start_of(path: Path, below: Path) -> bytes:
    with opened_file(path, below) as descriptor:
        return os.read(descriptor, _MAX_BYTES)
