"""A search: what is looked for, and below which folder of the tutor's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autograder.trusted.submissions.finding.candidates import MAX_LOOKS, Contents
from autograder.trusted.submissions.finding.who import is_nobodys
from autograder.trusted.submissions.opening import entries

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from autograder.trusted.assignment.plan import NotebookPlan
    from autograder.trusted.submissions.finding.candidates import Released
    from autograder.trusted.submissions.opening import Entry


@dataclass(frozen=True)
class Search:
    """What is looked for below one folder.

    Attributes:
        below: the folder that the tutor named, from which on no link is followed.
        assignment: its name; "" in a folder that is the assignment's already.
        notebooks: what the source says of each.
        released: gives a notebook as it was released, so that an untouched copy gives way to one with work.
    """

    below: Path
    assignment: str
    notebooks: Mapping[str, NotebookPlan]
    released: Released | None = None

    def entries(self, folder: Path) -> list[Entry]:
        """What stands in a folder, by name, but for what is nobody's. Raises OSError."""
        return [each for each in entries(folder, self.below) if not is_nobodys(each.name)]

    def names(self, folder: Path) -> tuple[list[str], list[str]]:
        """The names of the folders and of the plain files in a folder, but for what is nobody's. Raises OSError."""
        here = self.entries(folder)
        return [each.name for each in here if each.is_folder], [each.name for each in here if each.is_file]

    def contents(self, *, own: bool) -> Contents:
        """Asks what files hold: a number of them, where all are one student's `own`."""
        return Contents(self.notebooks, self.below, self.released, MAX_LOOKS if own else None)
