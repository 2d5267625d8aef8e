"""A submitted cell on its way: as it stands in the file, then by the name that it goes by in the assignment."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SubmittedCell:
    """A cell as it was submitted: "code" or another kind, source with plain line ends, nbgrader's id and its own."""

    kind: str
    source: str
    grade_id: str = ""
    id: str = ""


@dataclass(frozen=True)
class NotebookCell:
    """A cell of a submitted notebook, to be repaired and run.

    Attributes:
        name: a grade_id of the release; of the student's own cells "" while they are repaired, "cell 7" when they run.
        source: its text.
        position: its place among the submitted cells, from 0; -1 for a cell that was put back.
        kind: "code", or another kind.
    """

    name: str
    source: str
    position: int = -1
    kind: str = "code"

    @property
    def called(self) -> str:
        """How a sentence calls it: by name, or by its place as a person counts."""
        return f"the cell `{self.name}`" if self.name else f"cell {self.position + 1}"
