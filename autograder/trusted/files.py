"""Submitted files, read: bytes become cells, whatever they came as, without running or believing any of them."""

from __future__ import annotations

import codecs
import json
import os
import re
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import nbformat

from autograder.errors import NotebookUnreadable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


MAX_NOTEBOOK_BYTES = 50 * 2**20
MAX_SCRIPT_BYTES = 2**20

# What nbformat, which asserts and looks things up, says to JSON that has another shape.
_NOT_A_NOTEBOOK = (
    AssertionError, AttributeError, LookupError, NameError, RecursionError, TypeError, ValueError,
    nbformat.ValidationError,
)  # fmt: skip

# The percent format of scripts: VS Code, Spyder and jupytext write cells like this.
_PERCENT = re.compile(r"^# ?%%(.*)\n?", re.MULTILINE)
_LOOKS_LIKE_PYTHON = re.compile(r"^(?:def|class|import|from) ", re.MULTILINE)


@dataclass(frozen=True)
class RawCell:
    """A cell as it was submitted: "code" or another kind, its source with plain line ends, metadata and id."""

    kind: str
    source: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    id: str = ""


@dataclass(frozen=True)
class SubmittedFile:
    """The cells of a submitted file, in order; `is_script` where it was no notebook but Python."""

    cells: tuple[RawCell, ...]
    is_script: bool = False


def read_bytes(path: Path) -> bytes:
    """The bytes of a submitted file. Raises NotebookUnreadable for anything but a plain file of fair size."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_NOFOLLOW", 0))
    except OSError as error:
        why = "it is a link" if path.is_symlink() else (error.strerror or str(error)).lower()
        raise NotebookUnreadable(f"the file cannot be opened: {why}") from error
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise NotebookUnreadable("it is not a file but a folder, pipe or device")
    with os.fdopen(descriptor, "rb") as file:
        if status.st_size > MAX_NOTEBOOK_BYTES:
            raise NotebookUnreadable(f"it is larger than {MAX_NOTEBOOK_BYTES // 2**20} MiB; clear its outputs")
        return file.read(MAX_NOTEBOOK_BYTES)


def read_cells(content: bytes) -> SubmittedFile:
    """The cells of a notebook in nbformat 1 to 4.5, or of a Python script, plain or in percent format.

    Raises NotebookUnreadable, with the reason, for bytes that are neither.
    """
    try:
        text = content.decode(_encoding(content))
    except UnicodeDecodeError as error:
        raise NotebookUnreadable("it is not text in UTF-8") from error
    if not text.lstrip().startswith(("{", "[")) and _LOOKS_LIKE_PYTHON.search(text):
        if len(content) > MAX_SCRIPT_BYTES:
            raise NotebookUnreadable(f"it is a script of more than {MAX_SCRIPT_BYTES // 2**20} MiB")
        return SubmittedFile(_cells_of_script(_with_plain_ends(text)), is_script=True)
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
        notebook = nbformat.from_dict(raw)
        if notebook.get("nbformat", 4) < 4:
            notebook = nbformat.convert(notebook, 4)
        if not isinstance(notebook["cells"], list):
            raise TypeError("cells is no list")
        return SubmittedFile(tuple(_cell(cell) for cell in notebook["cells"]))
    except _NOT_A_NOTEBOOK as error:
        raise NotebookUnreadable("it is JSON, but not a notebook with cells") from error


def _encoding(content: bytes) -> str:
    """UTF-16 where a byte order mark says so, else UTF-8; editors on Windows save both."""
    return "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"


def _cell(cell: Any) -> RawCell:
    source = cell["source"]
    if isinstance(source, list):
        source = "".join(source)
    source = source.encode("utf-8", "replace").decode() if isinstance(source, str) else ""  # lone surrogates
    metadata = cell.get("metadata")
    identity = cell.get("id")
    return RawCell(
        str(cell["cell_type"]),
        _with_plain_ends(source),
        metadata if isinstance(metadata, dict) else {},
        identity if isinstance(identity, str) else "",
    )


def _cells_of_script(text: str) -> tuple[RawCell, ...]:
    first, *rest = _PERCENT.split(text)
    cells = [RawCell("code", first.rstrip("\n"))] if first.strip() else []
    for header, source in zip(rest[::2], rest[1::2], strict=True):
        kind = "markdown" if "[markdown]" in header or "[md]" in header else "code"
        cells.append(RawCell(kind, source.strip("\n")))
    return tuple(cells)


def _with_plain_ends(source: str) -> str:
    return source.replace("\r\n", "\n").replace("\r", "\n")
