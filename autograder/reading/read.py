"""Submitted bytes become cells, whatever they came as, without running or believing any of them."""

from __future__ import annotations

import codecs
import json
import re
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from msgspec import Struct

from autograder.errors import NotebookUnreadable
from autograder.wire.reading import CellsRead, SubmittedCell

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

MAX_ODD_NOTEBOOK = 16 * 2**20  # characters of JSON that is read whole, outputs and all
MAX_SOURCE = 2**19  # characters of all cells: their syntax trees take some hundred times as much memory
MAX_TEXT = 20_000  # characters that are kept of a text cell, which may hold pictures; an exercise is shorter
MAX_CELLS = 2_000
MAX_NAME = 200  # characters of an id

# What nbformat, which asserts and looks things up, says to JSON that has another shape.
_NOT_A_NOTEBOOK = (AssertionError, AttributeError, LookupError, NameError, RecursionError, TypeError, ValueError)
_FORMAT = 4  # of nbformat, whose newer minor versions have the same cells

# The percent format of scripts: VS Code, Spyder and jupytext write cells like this.
_PERCENT = re.compile(r"^# ?%%(.*)\n?", re.MULTILINE)
_LOOKS_LIKE_PYTHON = re.compile(r"^(?:def|class|import|from) ", re.MULTILINE)


class _Grading(Struct):
    grade_id: Any = ""


class _Metadata(Struct):
    nbgrader: _Grading | None = None


class _PlainCell(Struct):
    cell_type: str
    source: str | list[str]
    metadata: _Metadata
    id: Any = ""


class _PlainNotebook(Struct):
    nbformat: int
    cells: list[_PlainCell]
    metadata: Any = None


_PLAIN = msgspec.json.Decoder(_PlainNotebook)


def read_cells(content: bytes) -> CellsRead:
    """The cells of a notebook in nbformat 1 to 4.5, or of a Python script, plain or in percent format.

    Raises NotebookUnreadable, with the reason, for bytes that are neither.
    """
    try:
        text = content.decode(_encoding(content))
    except UnicodeDecodeError as error:
        raise NotebookUnreadable("it is not text in UTF-8") from error
    if not text.lstrip().startswith(("{", "[")) and _LOOKS_LIKE_PYTHON.search(text):
        if len(text) > MAX_SOURCE:
            raise NotebookUnreadable(f"it is a script of more than {MAX_SOURCE // 2**10} KiB")
        return _of_fair_size(CellsRead(_cells_of_script(_with_plain_ends(text)), is_script=True))
    return _of_fair_size(_plain_notebook(text) or _any_notebook(text))


def _of_fair_number(cells: Sequence[T]) -> Sequence[T]:
    if len(cells) > MAX_CELLS:
        raise NotebookUnreadable(f"it has {len(cells):,} cells; at most {MAX_CELLS:,} are read")
    return cells


def _of_fair_size(file: CellsRead) -> CellsRead:
    _of_fair_number(file.cells)
    if sum(len(cell.source) for cell in file.cells) > MAX_SOURCE:
        raise NotebookUnreadable(f"its cells hold more than {MAX_SOURCE // 2**10} KiB of text; put data into a file")
    return file


def _encoding(content: bytes) -> str:
    """UTF-16 where a byte order mark says so, else UTF-8; editors on Windows save both."""
    return "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"


def _plain_notebook(text: str) -> CellsRead | None:
    """The cells of a notebook as Jupyter writes it; None for any other. Its outputs are passed over unread."""
    try:
        notebook = _PLAIN.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return None
    if notebook.nbformat != _FORMAT:
        return None
    cells = tuple(
        _cell(
            cell.cell_type,
            cell.source if isinstance(cell.source, str) else "".join(cell.source),
            cell.metadata.nbgrader.grade_id if cell.metadata.nbgrader else "",
            cell.id,
        )
        for cell in _of_fair_number(notebook.cells)
    )
    return CellsRead(cells, python=_python_of(notebook.metadata))


def _python_of(metadata: Any) -> str:
    """The version of Python that a notebook's metadata gives; "" for none."""
    language = metadata.get("language_info") if isinstance(metadata, dict) else None
    return _name(language.get("version")) if isinstance(language, dict) else ""


def _any_notebook(text: str) -> CellsRead:
    """The cells of a notebook of any format and make, however odd. Raises NotebookUnreadable."""
    if len(text) > MAX_ODD_NOTEBOOK:
        raise NotebookUnreadable(
            f"it is larger than {MAX_ODD_NOTEBOOK // 2**20} MiB and not as Jupyter writes it; clear its outputs"
        )
    try:
        raw = json.loads(text)
    except json.JSONDecodeError as error:
        raise NotebookUnreadable(
            f"it is not a whole notebook: its JSON ends or breaks in line {error.lineno}; ask for the file again"
        ) from error
    except RecursionError as error:
        raise NotebookUnreadable("its JSON is nested too deeply") from error
    except ValueError as error:
        raise NotebookUnreadable("its JSON holds a number of thousands of digits") from error
    try:
        notebook = _converted(raw) if raw.get("nbformat", _FORMAT) < _FORMAT else raw
        if not isinstance(notebook["cells"], list):
            raise TypeError("cells is no list")
        cells = tuple(_odd_cell(cell) for cell in _of_fair_number(notebook["cells"]))
        return CellsRead(cells, python=_python_of(notebook.get("metadata")))
    except NotebookUnreadable:
        raise
    except _NOT_A_NOTEBOOK as error:
        raise NotebookUnreadable("it is JSON, but not a notebook with cells") from error


def _converted(raw: Any) -> Any:
    """A notebook in format 1 to 3 in today's. Raises what nbformat raises, its own complaint as a ValueError."""
    import nbformat  # takes a second, and is seldom needed

    try:
        return nbformat.convert(nbformat.from_dict(_without_outputs(raw)), _FORMAT)
    except nbformat.ValidationError as error:
        raise ValueError(str(error)) from error


def _without_outputs(raw: Any) -> Any:
    """A notebook in format 1 to 3 without what its cells have shown, which can be most of it."""
    for place in [raw, *raw.get("worksheets", [])]:
        for cell in place.get("cells", []):
            if "outputs" in cell:
                cell["outputs"] = []
    return raw


def _odd_cell(cell: Any) -> SubmittedCell:
    source = cell["source"]
    if isinstance(source, list):
        source = "".join(source)
    metadata = cell.get("metadata")
    grading = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return _cell(
        str(cell["cell_type"]),
        source if isinstance(source, str) else "",
        grading.get("grade_id") if isinstance(grading, dict) else "",
        cell.get("id"),
    )


def _cell(kind: str, source: str, grade_id: Any, identity: Any) -> SubmittedCell:
    if not source.isascii():
        source = source.encode("utf-8", "replace").decode()  # lone surrogates
    plain = _with_plain_ends(source)
    return SubmittedCell(
        kind[:MAX_NAME],
        plain if kind == "code" else plain[:MAX_TEXT],
        _name(grade_id),
        _name(identity),
    )


def _name(said: Any) -> str:
    """An id that a cell gives itself; "" for one that no author would give."""
    return said if isinstance(said, str) and len(said) <= MAX_NAME and said.isprintable() else ""


def _cells_of_script(text: str) -> tuple[SubmittedCell, ...]:
    first, *rest = _PERCENT.split(text)
    cells = [SubmittedCell("code", first.rstrip("\n"))] if first.strip() else []
    for header, source in zip(rest[::2], rest[1::2], strict=True):
        kind = "markdown" if "[markdown]" in header or "[md]" in header else "code"
        cells.append(SubmittedCell(kind, source.strip("\n")))
    return tuple(cells)


def _with_plain_ends(source: str) -> str:
    return source.replace("\r\n", "\n").replace("\r", "\n") if "\r" in source else source
