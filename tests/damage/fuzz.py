"""Notebooks mutated at random: their bytes, their JSON, their text; each is read or refused, in bounds.

PYTHONPATH=. python tests/damage/fuzz.py --notebooks 100000
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from autograder.errors import NotebookUnreadable
from autograder.reading.definitions import Definitions
from autograder.reading.notebook import read_notebook
from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.submissions.reader import outline_of

if TYPE_CHECKING:
    from collections.abc import Sequence

SECONDS_EACH = 5.0
MEMORY_MIB = 1024

NASTY_TEXTS = (
    "", " ", "\t", "\x00", "\ud800", "\ufeff", "%%bash\n", "%time x\n", "!ls\n", "a?\n", ">>> x\n", "def f(",
    "def update(w, x, y):\n",
    "@", "```\n", "'''", '"""', "\\\n", "(", "[" * 300, "-" * 1000 + "1", "a" + ".b" * 1000, "not " * 500 + "a",
    "if a: pass\n" + "elif a: pass\n" * 500, "x = 1\n" * 2000,
    "class update:\n def update(self): pass\n", "lambda: " * 300 + "0",
    "f'{" * 50, "1 if 1 else " * 500 + "1", "async def train(): await x\n", "from __future__ import braces\n",
    "\r", "\x0c", "é" * 100,
)  # fmt: skip
NAMES = ("cells", "source", "metadata", "id", "cell_type", "worksheets", "nbformat", "input")
NASTY_THINGS = (
    None,
    True,
    0,
    -1,
    10**400,
    1.5,
    float("nan"),
    "",
    [],
    {},
    [[]],
    {"a": {}},
    "code",
    ["x", 1],
    {"nbgrader": 1},
)


class Mutator:
    """Makes notebooks that somebody might hand in, from whole ones."""

    def __init__(self, seed: int, notebooks: Sequence[bytes]) -> None:
        self._rng = random.Random(seed)
        self._whole = notebooks

    def notebook(self) -> bytes:
        """One notebook's bytes, or what passes for them."""
        rng = self._rng
        content = rng.choice(self._whole)
        kind = rng.random()
        if kind < 0.35:
            return self._bytes(content)
        notebook = json.loads(content)
        for _ in range(rng.choice((1, 1, 2, 4, 8))):
            self._structure(notebook) if kind < 0.65 else self._text(notebook)
        text = json.dumps(notebook).encode("utf-8", "surrogatepass")
        return self._bytes(text) if kind > 0.95 else text

    def _bytes(self, content: bytes) -> bytes:
        rng, mutable = self._rng, bytearray(content)
        for _ in range(rng.choice((1, 1, 2, 8, 64))):
            at = rng.randrange(len(mutable) + 1)
            how = rng.randrange(4)
            if how == 0:
                mutable[at : at + 1] = rng.randbytes(1)
            elif how == 1:
                del mutable[at : at + rng.randrange(100)]
            elif how == 2:
                mutable[at:at] = rng.choice(
                    (b"{", b"[", b'"', b"\\", b"\\ud800", b"1e999", b"NaN", b"\xff", b"9" * 5000)
                )
            else:
                start = rng.randrange(len(mutable) + 1)
                mutable[at:at] = mutable[start : start + rng.randrange(500)]
        return bytes(mutable[: rng.randrange(len(mutable) + 1)] if rng.random() < 0.1 else mutable)

    def _structure(self, thing: Any) -> None:
        """Change one place in the JSON, wherever it is."""
        rng = self._rng
        while True:
            places = list(thing) if isinstance(thing, dict) else list(range(len(thing)))
            if not places:
                return
            place = rng.choice(places)
            inner = thing[place]
            if isinstance(inner, dict | list) and inner and rng.random() < 0.8:
                thing = inner
                continue
            how = rng.randrange(4)
            if how == 0:
                del thing[place]
            elif how == 1 and isinstance(thing, list):
                thing.insert(rng.choice(places), rng.choice([*thing, *NASTY_THINGS]))
            elif how == 2 and isinstance(thing, dict):
                thing[rng.choice(NAMES)] = inner
            else:
                thing[place] = rng.choice(NASTY_THINGS)
            return

    def _text(self, notebook: Any) -> None:
        """Change the text of one cell, or which cells there are."""
        rng = self._rng
        cells = notebook["cells"]
        cell = rng.choice(cells)
        source = "".join(cell["source"])
        at = rng.randrange(len(source) + 1)
        how = rng.randrange(8)
        if how < 4:
            cell["source"] = source[:at] + rng.choice(NASTY_TEXTS) + source[at:]
        elif how == 4:
            cell["source"] = source[:at] + source[at + rng.randrange(50) :]
        elif how == 5:
            cell["cell_type"] = rng.choice(("code", "markdown", "raw", "spell"))
        elif how == 6:
            cells.insert(rng.randrange(len(cells)), json.loads(json.dumps(rng.choice(cells))))
        else:
            rng.shuffle(cells)


def fuzz(notebooks: int, seed: int) -> tuple[Counter[str], float, float]:
    """Read so many mutated notebooks: how they ended, the longest time in seconds, and memory gained in MiB."""
    course = Course(KIT)
    plans = list(course.notebooks.values())
    stubs = {plan.name: course.released(plan.name).stubs for plan in plans}
    mutators = {plan.name: Mutator(seed, [(course.source / f"{plan.name}.ipynb").read_bytes()]) for plan in plans}
    ended, longest = Counter[str](), 0.0
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(notebooks):
        plan = plans[number % len(plans)]
        content = mutators[plan.name].notebook()
        start = time.perf_counter()
        try:
            read = read_notebook(content, outline_of(plan, stubs[plan.name]))
            definitions = Definitions(cell.source for cell in read.cells)
            for exercise in plan.exercises:
                definitions.has_loop(exercise)
                definitions.names_used(exercise)
            ended["repaired" if read.repairs else "in doubt" if read.needs_review else "read"] += 1
        except NotebookUnreadable:
            ended["unreadable"] += 1
        except Exception:
            sys.stderr.write(f"notebook {number} with seed {seed}: {content!r}\n")
            raise
        longest = max(longest, time.perf_counter() - start)
    return ended, longest, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--notebooks", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    start = time.perf_counter()
    ended, longest, gained = fuzz(options.notebooks, options.seed)
    print(f"{options.notebooks} notebooks in {time.perf_counter() - start:.0f} s: {dict(ended.most_common())}")
    print(f"The longest took {longest:.2f} s; the process has grown by {gained:.0f} MiB.")


if __name__ == "__main__":
    main()
