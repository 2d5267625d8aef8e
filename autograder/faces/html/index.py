"""The index of a class's feedback pages, for its tutors: students, marks and links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from autograder.faces.html.shell import page, render

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


class IndexRow(Struct, frozen=True):
    """A student's line: the name shown, the page's address beside the index, percent-encoded, and the points."""

    name: str
    address: str
    earned: float
    possible: float
    by_hand: bool = False


def index_page(assignment: str, course: str, rows: Sequence[IndexRow], made: datetime) -> str:
    """The index as HTML; `course` is the course's name, or ""."""
    body = render("index.html", assignment=assignment, course=course, rows=rows, made=made)
    return page(f"{assignment}: feedback pages", body)
