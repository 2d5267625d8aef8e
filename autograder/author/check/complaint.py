"""A complaint: the file and the line where something is wrong, and a sentence that says what, and how to mend it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_PLACED = re.compile(r"(?P<file>[^\s:,]+\.\w+)(?:, line (?P<line>\d+))?(?:, (?P<cell>cell `\w+`))?: (?P<says>.*)", re.S)


@dataclass(frozen=True, order=True)
class Complaint:
    """Something that is wrong with an assignment.

    `file` is below the course's root, "" if it is none in particular; `line` is 0 where there is none.
    """

    file: str
    line: int
    says: str

    def __str__(self) -> str:
        where = f"{self.file}, line {self.line}" if self.line else self.file
        return f"{where}: {self.says}" if where else self.says


def complaint_of(error: Exception, root: Path) -> Complaint:
    """The complaint that an error of the kit is, whose sentence may begin with a file below `root` and a line."""
    said = str(error).replace(f"{root}/", "")
    placed = _PLACED.fullmatch(said)
    if placed is None:
        return Complaint("", 0, said)
    cell = f"{placed['cell']}: " if placed["cell"] else ""
    return Complaint(placed["file"], int(placed["line"] or 0), f"{cell}{placed['says']}")
