"""Texts that make finding, reading, repairing or looking through a notebook slow, large or fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.attacks.attack import FULL, UPDATE, Attack, before_all

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.attacks.attack import Notebook

RIGHT_ACTIVATION = "def activation(s):\n    return torch.where(s >= 0, 1.0, -1.0).to(s.dtype)\n"
RIGHT_PREDICT = "def predict(w, X):\n    return activation(X @ w)\n"
BOTH = RIGHT_ACTIVATION + RIGHT_PREDICT


def beside_two(name: str, text: str, **more: float | str) -> Attack:
    """Something in one cell with two exercises, which is taken apart; the work is honest."""
    return Attack(name, **({"earned": FULL, "cells": {"activation": BOTH + text}} | more))  # type: ignore[arg-type]


def texts(name: str, source: str, count: int = 1, kind: str = "markdown") -> Attack:
    """Cells that are not run, in a notebook in which nothing is written, so that the repair looks for it."""

    def change(notebook: Notebook) -> None:
        for cell in notebook["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("solution"):
                cell["source"] = "pass"
        notebook["cells"] += [{"cell_type": kind, "metadata": {}, "source": source}] * count

    return Attack(name, 0, change=change)


def more_cells(count: int, source: str) -> Callable[[Notebook], None]:
    """Cells of code behind all others."""
    cell = {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
    return lambda notebook: notebook["cells"].extend([cell] * count)


ATTACKS = (
    beside_two("writes an integer of five thousand hex digits", "x = 0x1" + "0" * 5_000),
    beside_two("writes long octal and binary integers in a call, a key and a default",
               f"print(0o1{'7' * 20_000} > 0)\nd = {{0b1{'1' * 50_000}: 1}}\ndef f(a=0x{'f' * 50_000}): pass\n"),
    beside_two("decorates by a long integer",
               f"def d(n):\n    return lambda f: f\n@d(0x{'f' * 9_000})\ndef g(): pass\n"),
    Attack("writes a decimal integer of a million digits", FULL - UPDATE,
           cells={"update": f"def update(w, x, y, eta=1.0):\n    return {'9' * 400_000}\n"}),
    beside_two("writes statements and a definition's body on one line",
               "def g(): " + "0;" * 3_000 + "\na=0;a;" + "a;" * 2_000),
    beside_two("writes six thousand statements on one line", "a=0;" + "a;" * 6_000),
    beside_two("writes twenty thousand functions", "".join(f"def f{k}():0\n" for k in range(10_000))),
    beside_two("writes names of a hundred thousand characters", f"def {'n' * 100_000}(): pass\n{'m' * 100_000} = 1\n"),
    beside_two("writes a string of four hundred thousand characters", f"text = '{'ä' * 400_000}'"),
    beside_two("decorates one function a thousand times",
               "def d(f):\n    return f\n" + "@d\n" * 1_000 + "def g(): pass\n"),
    texts("writes empty lines by the ten thousand as text", "\n" * 19_990, 22),
    texts("writes fences by the thousand as text", "```\n" * 4_990 + "def update(w", 22),
    texts("writes definitions by the thousand as text", "def update(w): 0\n" * 1_100, 24),
    texts("writes a raw line of spaces and a magic", "%x\n" + " " * 19_000 + "x\n", 24, kind="raw"),
    Attack("writes half a million spaces in a cell with a magic", FULL - UPDATE,
           cells={"update": "%x\n" + " " * 300_000 + "x =\n"}),
    Attack("writes triple quotes behind a prompt", FULL - UPDATE, cells={"update": ">>> (\n" + '"""' * 100_000 + "\n"}),
    Attack("writes an exercise that is no Python, and definitions by the thousand", FULL - UPDATE,
           cells={"update": "def update(w, x, y, eta=1.0)\n    return w\n" + "def a:\n" * 6_000 + "def margin(:\n"}),
    Attack("writes decorators by the thousand in what is no Python", FULL - UPDATE,
           cells={"update": "def update(w, x, y, eta=1.0)\n    return w\n" + "@a\n" * 10_000 + "def margin(:\n"}),
    Attack("nests brackets and conditions deeper than Python reads", FULL - UPDATE,
           cells={"update": "def update(w, x, y, eta=1.0):\n    return " + "(" * 50_000 + "-" * 50_000}),
    Attack("adds six hundred cells of a magic", FULL, change=more_cells(600, "%who_ls")),
    Attack("adds two thousand cells of half a function", FULL, change=more_cells(1_900, "def f(")),
    Attack("adds more cells than are read", 0, change=more_cells(30_000, ""), status="unreadable"),
    Attack("writes an f-string of a hundred thousand parts, which Python reads in quadratic time", 0,
           extra=("x = 1\nf'''" + "{x}" * 120_000 + "'''\ndef update(:\n",), status="unreadable"),
    before_all("imports a thousand names through a path of five thousand words",
               "try:\n    from " + "a." * 5_000 + "b import " + ",".join(f"c{k}" for k in range(1_000))
               + "\nexcept ImportError:\n    pass\n"),
    Attack("hands in scripts beside it that are long to look into", FULL,
           files={f"helper{k}.py": b"import torch\nx = f'''" + b"\n{x}" * 120_000 + b"'''\n" for k in range(9)}),
)  # fmt: skip
