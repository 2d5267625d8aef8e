"""Submitted notebooks, as they will be run: a reader has read and repaired them, and what it says is checked here."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from autograder.trusted.safe_text import one_line
from autograder.trusted.submissions.reader import outline, the_reader
from autograder.wire.reading import (
    CellsRead,
    CellsRepaired,
    NotebookRead,
    ReadCells,
    ReadNotebook,
    RepairCells,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograder.trusted.assignment.plan import NotebookPlan
    from autograder.wire.reading import NotebookCell, SubmittedCell

MAX_CELLS = 4_000  # that are run
MAX_SOURCE = 2**21  # characters of all of them
MAX_SENTENCES = 100


@dataclass(frozen=True)
class SubmittedNotebook:
    """A student's notebook as it will be run.

    `cells` are in order, with the author's locked cells as in the source; `untouched` are the
    exercises whose stub stands as it was released, and that no other cell may define; `repairs` says
    what had to be mended, and `needs_review` what a person should look at, a sentence each.
    """

    cells: tuple[NotebookCell, ...]
    untouched: frozenset[str]
    repairs: tuple[str, ...] = ()
    needs_review: tuple[str, ...] = ()


def read_notebook(
    content: bytes, plan: NotebookPlan, stubs: dict[str, str], *, demonstrations: bool = False
) -> SubmittedNotebook:
    """The cells of a submitted notebook as they will be run.

    Args:
        content: the file's bytes.
        plan: what the source says of this notebook; its locked cells replace the student's copies.
        stubs: the released text of each solution cell, by exercise.
        demonstrations: whether the author's demonstrations run as well; the test cells never do. Those that do not run
            are run as far as they define what the student's code uses.

    Raises:
        NotebookUnreadable: the bytes are no notebook; ReaderLost where reading ran into a limit.
    """
    read = the_reader().ask(ReadNotebook(content, outline(plan, stubs), demonstrations), NotebookRead)
    if not _is_plausible(read, plan):
        raise the_reader().distrusted()
    return SubmittedNotebook(
        tuple(
            replace(cell, source=_authors(plan, cell.name, demonstrations)) if cell.name in plan.locked else cell
            for cell in read.cells
        ),
        frozenset(read.untouched),
        tuple(map(one_line, read.repairs)),
        tuple(map(one_line, read.needs_review)),
    )


def _authors(plan: NotebookPlan, name: str, demonstrations: bool) -> str:
    """What is run of the author's cell `name`; of a demonstration that is not to be run, what it defines."""
    cell = plan.locked[name]
    if cell.demonstration and (cell.points or not demonstrations):
        return plan.definitions.get(name, "")
    return cell.source


def read_cells(content: bytes) -> tuple[SubmittedCell, ...]:
    """The cells of a submitted notebook or script as they stand in it. Raises NotebookUnreadable."""
    return the_reader().ask(ReadCells(content), CellsRead).cells


def repair_cells(cells: Sequence[SubmittedCell], plan: NotebookPlan, stubs: dict[str, str]) -> tuple[NotebookCell, ...]:
    """Submitted cells after their repair, each with its place among them. Raises NotebookUnreadable."""
    repaired = the_reader().ask(RepairCells(tuple(cells), outline(plan, stubs)), CellsRepaired).cells
    known = {"", *(cell.name for cell in plan.cells)}
    if any(cell.name not in known or not 0 <= cell.position < len(cells) for cell in repaired):
        raise the_reader().distrusted()
    return repaired


def _is_plausible(read: NotebookRead, plan: NotebookPlan) -> bool:
    """Whether a reader says what it may say: cells by known names, of fair size, and exercises of the plan."""
    known = {cell.name for cell in plan.cells if cell.name}
    return (
        len(read.cells) <= MAX_CELLS
        and sum(len(cell.source) for cell in read.cells) <= MAX_SOURCE
        and all(cell.name in known or cell.name == f"cell {cell.position + 1}" for cell in read.cells)
        and all(re.fullmatch(r"(\d+\.\d+)?", cell.newer) for cell in read.cells)
        and plan.exercises.keys() >= set(read.untouched)
        and max(len(read.repairs), len(read.needs_review)) <= MAX_SENTENCES
    )
