"""Feedback pages that no longer say what the records say: each page carries a fingerprint of what it was made from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from autograder.faces.html.names import FEEDBACK, INDEX, forget_what_pages_made, page_names
from autograder.trusted.results.fingerprint import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from autograder.trusted.results.records import NotebookRecord

_HEAD = 1024  # bytes of a page within which its fingerprint stands
_MARK = re.compile(rb'<meta name="fingerprint" content="([0-9a-f]{32})">')


def page_fingerprint(records: Iterable[NotebookRecord]) -> str:
    """What a page carries that was made from these records of one student; how long grading took is not on it."""
    parts = (repr(msgspec.structs.replace(record, seconds=0.0)) for record in records)
    return fingerprint(b"page", *(part.encode("utf-8", "backslashreplace") for part in parts))


def forget_old_pages(graded: Path, records: Sequence[NotebookRecord]) -> int:
    """Remove the feedback pages that were made from other records than these of the class; returns how many.

    With them go the index, the table for a mail merge and the archives: all that was made from the pages.
    """
    folder = graded / FEEDBACK
    if not folder.is_dir():
        return 0
    by_student: dict[str, list[NotebookRecord]] = {}
    for record in sorted(records, key=lambda record: (record.student, record.notebook)):
        by_student.setdefault(record.student, []).append(record)
    students = {name: student for student, name in page_names(by_student).items()}
    old = 0
    for path in folder.glob("*.html"):
        carried = _carried(path)
        student = students.get(path.name)
        if path.name == INDEX or (student is None and not carried):
            continue  # nothing of a student, or of nobody's that is known
        if student is None or carried != page_fingerprint(by_student[student]):
            path.unlink(missing_ok=True)
            old += 1
    if old:
        forget_what_pages_made(graded)
    return old


def _carried(path: Path) -> str:
    """The fingerprint that a page carries; "" for a page that is not this version's."""
    try:
        with path.open("rb") as file:
            found = _MARK.search(file.read(_HEAD))
    except OSError:
        return ""
    return found[1].decode() if found else ""
