"""The messages between the trusted side and a reader: a submission's bytes go, bounded plain data comes back.

Nothing here needs torch, as a reader has to start fast.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Literal, Union

from msgspec import Raw, Struct

MAX_REQUEST_BYTES = 64 * 2**20  # a notebook is read up to 50 MiB
MAX_REPLY_BYTES = 16 * 2**20


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
        is_stub: whether it says what an exercise's cell says in the release.
        newer: the version of Python whose syntax it needs, where that is newer than this machine's; else "".
    """

    name: str
    source: str
    position: int = -1
    kind: str = "code"
    is_stub: bool = False
    newer: str = ""

    @property
    def called(self) -> str:
        """How a sentence calls it: by name, or by its place as a person counts."""
        return f"the cell `{self.name}`" if self.name else f"cell {self.position + 1}"


# --- trusted side to reader ---------------------------------------------------------------------


class OutlineCell(Struct, frozen=True, array_like=True):
    """A cell of the source as a reader knows it: without the solution, whose cell has no `source` here.

    A `demonstration` shows finished work, and `defines` what its source does without showing it; a `graded` cell is a
    test that earns points.
    """

    name: str
    kind: str
    source: str
    locked: bool
    solution: bool
    graded: bool
    demonstration: bool
    id: str
    defines: str = ""


class Outline(Struct, frozen=True, dict=True):
    """What the source says of a notebook, without any solution; `stubs` are the released texts, by exercise."""

    cells: tuple[OutlineCell, ...]
    stubs: dict[str, str]

    @functools.cached_property
    def exercises(self) -> tuple[str, ...]:
        """The names of the exercises, in order; a text that students write is none."""
        return tuple(cell.name for cell in self.cells if cell.solution and cell.kind == "code")

    @functools.cached_property
    def locked(self) -> dict[str, OutlineCell]:
        """The author's cells, by name."""
        return {cell.name: cell for cell in self.cells if cell.locked and cell.name}

    @functools.cached_property
    def shown(self) -> tuple[OutlineCell, ...]:
        """The author's demonstrations."""
        return tuple(cell for cell in self.locked.values() if cell.kind == "code" and cell.demonstration)


class ReadNotebook(Struct, tag="read-notebook", frozen=True):
    """Read a submitted file and repair it; `outline` is an Outline, encoded once for a class. NotebookRead answers."""

    content: bytes
    outline: Raw
    demonstrations: bool = False


class ReadCells(Struct, tag="read-cells", frozen=True):
    """Read the cells of a submitted file as they stand there. CellsRead answers."""

    content: bytes


class RepairCells(Struct, tag="repair-cells", frozen=True):
    """Repair cells that were read before. CellsRepaired answers."""

    cells: tuple[SubmittedCell, ...]
    outline: Raw


class FindDefined(Struct, tag="find-defined", frozen=True):
    """Tell which of these names a submitted file defines. NamesFound answers."""

    content: bytes
    names: tuple[str, ...]


class AskText(Struct, tag="ask-text", frozen=True):
    """Ask the text of code cells: a method of `autograder.reading.definitions.Definitions`, and its arguments.

    The cells come with each question: a reader that was lost has forgotten them. Answered answers.
    """

    sources: tuple[str, ...]
    method: Literal["has_loop", "names_used", "words_used"]
    arguments: tuple[str, ...]


class TakeFingerprints(Struct, tag="take-fingerprints", frozen=True):
    """Take the fingerprints of what is attempted in a submitted file. Fingerprinted answers.

    So many `characters` of each exercise's source are told as well.
    """

    content: bytes
    outline: Raw
    characters: int


class TakeFingerprintsOf(Struct, tag="take-fingerprints-of", frozen=True):
    """Take the fingerprints of single answers, each an exercise and its source. Fingerprinted answers."""

    answers: tuple[tuple[str, str], ...]
    exercises: tuple[str, ...]


ReadingRequest = Union[ReadNotebook, ReadCells, RepairCells, FindDefined, AskText, TakeFingerprints, TakeFingerprintsOf]

# --- reader to trusted side ---------------------------------------------------------------------


class ReaderReady(Struct, tag="reader-ready", frozen=True):
    """A reader has imported what it needs, is in its sandbox where there is one, and will read."""


class NotebookRead(Struct, tag="notebook-read", frozen=True):
    """A notebook's cells as they will be run; locked ones have no source here. See SubmittedNotebook for the rest."""

    cells: tuple[NotebookCell, ...]
    untouched: tuple[str, ...]
    repairs: tuple[str, ...]
    needs_review: tuple[str, ...]


class CellsRead(Struct, tag="cells-read", frozen=True):
    """The cells of a submitted file; `is_script` where it was no notebook but Python.

    `python` is the version of Python that a notebook says it was written with.
    """

    cells: tuple[SubmittedCell, ...]
    is_script: bool = False
    python: str = ""


class CellsRepaired(Struct, tag="cells-repaired", frozen=True):
    """Cells after their repair."""

    cells: tuple[NotebookCell, ...]


class NamesFound(Struct, tag="names-found", frozen=True):
    """Those of the names that a file defines."""

    names: frozenset[str]


class Answered(Struct, tag="answered", frozen=True):
    """What the text says."""

    value: bool | frozenset[str]


class Fingerprinted(Struct, tag="fingerprinted", frozen=True):
    """The fingerprints of each exercise that has any, and the beginning of each source, where that was asked for."""

    exercises: dict[str, frozenset[int]]
    sources: dict[str, str] = {}


class Unreadable(Struct, tag="unreadable", frozen=True):
    """The bytes or the text cannot be read, for this reason."""

    reason: str


ReadingReply = Union[
    ReaderReady, NotebookRead, CellsRead, CellsRepaired, NamesFound, Answered, Fingerprinted, Unreadable
]
