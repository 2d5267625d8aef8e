"""A submitted cell on its way: as it stands in the file, then by the name that it goes by in the assignment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograder.wire.reading import NotebookCell, SubmittedCell

if TYPE_CHECKING:
    from autograder.trusted.assignment.plan import NotebookPlan

__all__ = ["NotebookCell", "SubmittedCell", "solved_cells"]


def solved_cells(plan: NotebookPlan) -> tuple[NotebookCell, ...]:
    """The author's own code cells, as whoever hands in the solved notebook has them; no demonstrations."""
    return tuple(
        NotebookCell(cell.name, cell.source) for cell in plan.cells if cell.kind == "code" and not cell.demonstration
    )
