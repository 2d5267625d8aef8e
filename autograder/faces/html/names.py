"""Safe file names for pages about students, for any student name."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FEEDBACK = "feedback"  # the folder of the pages, beside the results
INDEX, MAIL_MERGE = "index.html", "mail_merge.csv"  # beside the pages, and made from all of them
ARCHIVE = "feedback-{}.zip"  # beside the results

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,99}")
_STRANGE = re.compile(r"[^A-Za-z0-9_]+")
# The index of the pages; and names that Windows keeps for devices, with any ending (Microsoft, "Naming Files, Paths,
# and Namespaces").
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9]|index)(\..*)?", re.IGNORECASE)


def page_names(students: Iterable[str]) -> dict[str, str]:
    """A file name for each student's page: `<student>.html` if that is safe on every system, and unique.

    Any other name (`../x`, `a/b`, 255 bytes, another alphabet, `Ada` beside `ada`) becomes its plain characters and a
    hash of the whole name, `a-b~6a2b....html`. No plain name has a `~`, so no two students share a page.
    """
    everybody = set(students)
    alike = Counter(student.casefold() for student in everybody)
    return {
        student: f"{student if _is_plain(student) and alike[student.casefold()] == 1 else _with_hash(student)}.html"
        for student in everybody
    }


def page_addresses(students: Iterable[str]) -> dict[str, str]:
    """The addresses of the students' feedback pages, relative to the folder of the results, percent-encoded."""
    return {student: _address(name) for student, name in page_names(students).items()}


def pages_at_hand(graded: Path, students: Iterable[str]) -> dict[str, str]:
    """The addresses of the existing feedback pages, relative to the folder of the results."""
    names = page_names(students)
    return {student: _address(name) for student, name in names.items() if (graded / FEEDBACK / name).is_file()}


def forget_pages(graded: Path, students: Iterable[str], gone: Iterable[str]) -> None:
    """Remove the feedback pages of those of all `students` who are `gone`, and all that was made from the pages."""
    names = page_names(students)
    for student in gone:
        with suppress(FileNotFoundError, NotADirectoryError):
            (graded / FEEDBACK / names[student]).unlink()
    forget_what_pages_made(graded)


def forget_what_pages_made(graded: Path) -> None:
    """Remove what was made from all pages: the index, the table for a mail merge, and the archives."""
    for path in (graded / FEEDBACK / INDEX, graded / FEEDBACK / MAIL_MERGE, *graded.glob(ARCHIVE.format("*"))):
        with suppress(FileNotFoundError, NotADirectoryError):
            path.unlink()


def _address(name: str) -> str:
    return f"{FEEDBACK}/{quote(name)}"


def _is_plain(student: str) -> bool:
    return _PLAIN.fullmatch(student) is not None and _RESERVED.fullmatch(student) is None


def _with_hash(student: str) -> str:
    digest = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    readable = _STRANGE.sub("-", student).strip("-").lower()[:40]
    return f"{readable}~{digest}" if readable else f"~{digest}"
