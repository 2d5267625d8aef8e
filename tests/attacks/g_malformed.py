"""Malformed notebooks."""

from __future__ import annotations

import codecs
import json
import os
from typing import TYPE_CHECKING

from tests.attacks.attack import FULL, UPDATE, Attack, before_all

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.attacks.attack import Notebook


def bytes_instead(name: str, content: Callable[[bytes], bytes], earned: float = 0, **more: str) -> Attack:
    """Something else in the place of the notebook."""
    status = "graded" if earned else "unreadable"
    return Attack(name, earned, change=lambda notebook: content(json.dumps(notebook).encode()), status=status, **more)


def _each_cell(key: str, value: object) -> Callable[[Notebook], None]:
    def change(notebook: Notebook) -> None:
        for cell in notebook["cells"]:
            cell[key] = value

    return change


def _as_lists(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"]).splitlines(keepends=True)


def _with_output(notebook: Notebook) -> None:
    output = {"output_type": "stream", "name": "stdout", "text": "x" * 40_000_000}
    next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")["outputs"] = [output]


def in_place(name: str, put: Callable[[Path, Path], object], status: str = "unreadable") -> Attack:
    """Something in the notebook's place that is no file."""
    return Attack(name, 0, put=put, status=status)


ATTACKS = (
    in_place("hands in a link to another's notebook", lambda place, sibling: place.symlink_to(sibling)),
    in_place("hands in a link to a secret", lambda place, _: place.symlink_to("/etc/shadow")),
    in_place("hands in a link to an endless device", lambda place, _: place.symlink_to("/dev/zero")),
    in_place("hands in a link to nothing", lambda place, _: place.symlink_to("nowhere")),
    in_place("hands in a link to itself", lambda place, _: place.symlink_to(place.name)),
    in_place("hands in a folder", lambda place, _: place.mkdir()),
    in_place("hands in a pipe", lambda place, _: os.mkfifo(place)),
    bytes_instead("hands in a notebook that is cut short", lambda text: text[: len(text) // 2]),
    bytes_instead("hands in an empty file", lambda _: b""),
    bytes_instead("hands in a picture", lambda _: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10),
    bytes_instead("hands in a list", lambda _: b"[]"),
    bytes_instead("hands in a number", lambda _: b"25"),
    bytes_instead("hands in null", lambda _: b"null"),
    bytes_instead(
        "hands in JSON that is nested a hundred thousand deep", lambda _: b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    ),
    bytes_instead("hands in lists nested a million deep", lambda _: b"[" * 1_000_000),
    bytes_instead(
        "hands in a number of a million digits", lambda _: b'{"cells": [], "nbformat": ' + b"9" * 1_000_000 + b"}"
    ),
    Attack(
        "hands in NaN for a format",
        0,
        change=lambda _: b'{"cells": [], "metadata": {}, "nbformat": NaN, "nbformat_minor": 5}',
    ),
    bytes_instead("hands in cells that are a string", lambda _: b'{"cells": "all", "metadata": {}, "nbformat": 4}'),
    bytes_instead("hands in cells that are numbers", lambda _: b'{"cells": [1, 2], "metadata": {}, "nbformat": 4}'),
    bytes_instead("hands in sixty megabytes", lambda text: text + b" " * 60_000_000),
    bytes_instead("hands in NUL bytes", lambda _: bytes(10_000)),
    bytes_instead("hands in a zip file", lambda _: b"PK\x03\x04" + bytes(1000)),
    bytes_instead("hands in a byte order mark", lambda text: codecs.BOM_UTF8 + text, FULL),
    bytes_instead("hands in UTF-16", lambda text: text.decode().encode("utf-16"), FULL),
    bytes_instead(
        "hands in a notebook with duplicate keys", lambda text: b'{"cells": [], "cells": 5, ' + text[1:], FULL
    ),
    Attack("has no cells", 0, change=lambda notebook: notebook.update(cells=[])),
    Attack("has no cell list", 0, change=lambda notebook: notebook.pop("cells") and None, status="unreadable"),
    Attack("has forty megabytes of output", FULL, change=_with_output),
    Attack("has sources that are null", 0, change=_each_cell("source", None)),
    Attack("has sources that are numbers", 0, change=_each_cell("source", 5)),
    Attack("has sources that are lists", FULL, change=_as_lists),
    Attack("has cells of an unknown kind", FULL, change=_each_cell("cell_type", "spell")),
    Attack("has metadata that is a list", FULL, change=_each_cell("metadata", [1])),
    Attack("has ids that are numbers", FULL, change=_each_cell("id", 7)),
    Attack("has one id for all cells", FULL, change=_each_cell("id", "same")),
    Attack(
        "has the metadata of one test in all cells",
        FULL,
        change=_each_cell("metadata", {"nbgrader": {"grade_id": "test_update", "points": 99, "grade": True}}),
    ),
    Attack("has NaN in its metadata", FULL, change=lambda notebook: notebook["metadata"].update(x=float("nan"))),
    Attack(
        "wants an unknown kernel",
        FULL,
        change=lambda notebook: notebook["metadata"].update(
            kernelspec={"name": "../../bin/sh", "display_name": "x", "language": "bash"}
        ),
    ),
    Attack(
        "has a syntax error in one cell only",
        FULL - UPDATE,
        cells={"update": "def update(w, x, y, eta=1.0)\n    return w"},
    ),
    before_all("deletes by !rm", "!rm -rf {token}\n!touch /tmp/{token}"),
    before_all("runs a shell cell", "%%bash\ntouch /tmp/mine"),
    before_all("runs a script by %run", "%run ../../../perceptron.py"),
    before_all("asks for input", "name = input('who? ')"),
    before_all("shows a plot", "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show(block=True)"),
    before_all("loads an extension", "%load_ext autoreload\n%autoreload 2"),
    before_all("changes its folder", "%cd /\n%pwd"),
    before_all("installs a package", "%pip install torch\n!pip install torch"),
    before_all("starts a debugger", "import pdb\npdb.set_trace()\nbreakpoint()"),
    before_all("writes a file by %%writefile", "%%writefile note.txt\nx"),
    before_all("resets its own names", "%reset -f"),
    before_all("runs asyncio", "import asyncio\nasync def f(): await asyncio.sleep(0)\nawait f()"),
)
