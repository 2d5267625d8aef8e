"""What `autograder report` has found out beside the results, kept for whoever writes the report again.

It takes time to find, and `autograder feedback` writes the report again only for its links. It holds as long as the
results are the same, byte for byte.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from autograder.faces.html.report_data import SimilarRow
from autograder.trusted.results.atomic_files import replaced
from autograder.trusted.results.store import RESULTS

if TYPE_CHECKING:
    from pathlib import Path

KEPT = ".report.json"


class CodeRow(Struct, frozen=True):
    """What a student wrote in an exercise."""

    student: str
    notebook: str
    exercise: str
    code: str


class Beside(Struct, frozen=True):
    """What stands in a report beside the results; see `write_report`."""

    similar: tuple[SimilarRow, ...] | None = None
    groups: dict[str, str] = {}
    code: tuple[CodeRow, ...] = ()

    def code_by_exercise(self) -> dict[tuple[str, str, str], str]:
        """What students wrote, by student, notebook and exercise."""
        return {(row.student, row.notebook, row.exercise): row.code for row in self.code}


class _Kept(Struct, frozen=True):
    results: str
    beside: Beside


def keep_beside(folder: Path, beside: Beside) -> None:
    """Keep it in a graded folder, for its results as they are. Raises OSError."""
    with replaced(folder / KEPT) as temporary:
        temporary.write_bytes(msgspec.json.encode(_Kept(_digest(folder), beside)))


def kept_beside(folder: Path) -> Beside:
    """What was kept for these very results; nothing where they have changed, or the file cannot be read."""
    try:
        kept = msgspec.json.decode((folder / KEPT).read_bytes(), type=_Kept)
    except (OSError, msgspec.DecodeError):
        return Beside()
    return kept.beside if kept.results == _digest(folder) else Beside()


def _digest(folder: Path) -> str:
    return hashlib.sha256((folder / RESULTS).read_bytes()).hexdigest()
