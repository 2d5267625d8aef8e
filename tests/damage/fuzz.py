"""Notebooks mutated at random: their bytes, their JSON, their text; each is read or refused, in bounds.

PYTHONPATH=. python tests/damage/fuzz.py --notebooks 100000
PYTHONPATH=. python tests/damage/fuzz.py --grade 20000

With --grade, so many are graded by the real `autograder grade`, in classes with innocents among them: no run ends
early, no innocent's mark moves, and the longest submission costs its limits and no more.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.errors import NotebookUnreadable
from autograder.reading.definitions import Definitions
from autograder.reading.notebook import read_notebook
from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.execution.executed_notebook import MOST_TIMES
from autograder.trusted.results import outcomes
from autograder.trusted.results.store import read_results
from autograder.trusted.submissions.reader import outline_of
from tests.attacks.class_under_attack import INNOCENT_MARKS, hand_in_for, make_course

if TYPE_CHECKING:
    from collections.abc import Sequence

SECONDS_EACH = 5.0
MEMORY_MIB = 1024
CLASS, BESIDE = 300, 10
SECONDS, SLACK = 2, 60.0  # the limit of a cell while grading; what starting and reading may take on a busy machine

NASTY_TEXTS = (
    "", " ", "\t", "\x00", "\ud800", "\ufeff", "%%bash\n", "%time x\n", "!ls\n", "a?\n", ">>> x\n", "def f(",
    "def update(w, x, y):\n",
    "@", "```\n", "'''", '"""', "\\\n", "(", "[" * 300, "-" * 1000 + "1", "a" + ".b" * 1000, "not " * 500 + "a",
    "if a: pass\n" + "elif a: pass\n" * 500, "x = 1\n" * 2000,
    "class update:\n def update(self): pass\n", "lambda: " * 300 + "0",
    "f'{" * 50, "1 if 1 else " * 500 + "1", "async def train(): await x\n", "from __future__ import braces\n",
    "\r", "\x0c", "é" * 100,
)  # fmt: skip
NASTY_CODE = (
    "while True: pass", "import os; os._exit(0)", "raise SystemExit", "def f(): f()\nf()", "return", "yield 1",
    "x = ' ' * 10**11", "del torch", "torch = None", "import sys; sys.setrecursionlimit(10**9)", "print('x' * 10**7)",
    "raise BaseException", "lambda: (yield)", "global w", "import ctypes; ctypes.string_at(0)", "x = 9" + "9" * 5000,
)  # fmt: skip
OPERATORS = ("+", "-", "*", "/", "@", "==", "<", ">=", "(", ")", ":", "0", "1", "return", "if", "for", "not", ".", ",")
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
            change = self._structure if kind < 0.6 else self._text if kind < 0.8 else self._code
            change(notebook)
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
                thing.insert(rng.choice(places), copy.deepcopy(rng.choice([*thing, *NASTY_THINGS])))
            elif how == 2 and isinstance(thing, dict):
                thing[rng.choice(NAMES)] = inner
            else:
                thing[place] = copy.deepcopy(rng.choice(NASTY_THINGS))
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

    def _code(self, notebook: Any) -> None:
        """Change the program in one code cell: another operator, a line gone, doubled, moved, or one to fear."""
        rng = self._rng
        cell = rng.choice([cell for cell in notebook["cells"] if cell["cell_type"] == "code"])
        lines = "".join(cell["source"]).split("\n")
        at = rng.randrange(len(lines))
        how = rng.random()
        if how < 0.5:
            found = [each for each in OPERATORS if each in lines[at]]
            if found:
                lines[at] = lines[at].replace(rng.choice(found), rng.choice(OPERATORS), 1)
        elif how < 0.65:
            del lines[at]
        elif how < 0.8:
            lines.insert(rng.randrange(len(lines)), lines[at])
        elif how < 0.97:
            lines[at] = " " * rng.randrange(9) + lines[at].lstrip()
        else:
            indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
            lines.insert(at, textwrap.indent(rng.choice(NASTY_CODE), indent))
        cell["source"] = "\n".join(lines)


@dataclass
class Graded:
    """What came of mutated notebooks that were graded: statuses, the longest in seconds, and what was wrong."""

    statuses: Counter[str] = field(default_factory=Counter)
    longest: float = 0.0
    wrong: list[str] = field(default_factory=list)


def grade_mutated(notebooks: int, seed: int, folder: Path) -> Graded:
    """Grade so many mutated notebooks in classes of CLASS, with an innocent behind every BESIDE of them."""
    graded = Graded()
    for first in range(0, notebooks, CLASS):
        mutated = range(first, min(first + CLASS, notebooks))
        _grade_class(make_course(folder / f"class {first}"), seed, mutated, graded)
        shutil.rmtree(folder / f"class {first}")
    return graded


def _grade_class(course: Course, seed: int, mutated: Sequence[int], graded: Graded) -> None:
    plans = list(course.notebooks)
    expected: dict[str, int] = {}
    for number in mutated:
        name = plans[number % len(plans)]
        place = course.submitted / f"{number:06} mutated" / course.assignment
        place.mkdir(parents=True)
        whole = (course.source / f"{name}.ipynb").read_bytes()
        (place / f"{name}.ipynb").write_bytes(Mutator(seed * 10**6 + number, [whole]).notebook())
        if number % BESIDE == 0:
            student = f"{number:06} innocent"
            expected[student] = INNOCENT_MARKS[(number // BESIDE) % len(INNOCENT_MARKS)]
            hand_in_for(course, student, expected[student])
    command = [sys.executable, "-m", "autograder", "grade", "--timeout", str(SECONDS)]
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=False)
    whose = f"notebooks {mutated[0]} to {mutated[-1]} with seed {seed}"
    if done.returncode != 0:
        graded.wrong.append(f"{whose}: the run ended with {done.returncode}: {done.stderr[-1000:]}")
    records = {
        (each.student, each.notebook): each
        for each in read_results(course.graded / "results.jsonl")
        if each.status != outcomes.MISSING
    }
    for student, mark in expected.items():
        record = records.pop((student, "perceptron"), None)
        if record is None or (record.status, record.earned) != (outcomes.GRADED, mark):
            graded.wrong.append(f"{whose}: {student} should have {mark}: {record}")
    students = {student for student, _ in records}
    graded.wrong += [
        f"{whose}: number {number} has no record" for number in mutated if f"{number:06} mutated" not in students
    ]
    for record in records.values():
        graded.statuses[record.status] += 1
        graded.longest = max(graded.longest, record.seconds)
        graded.wrong += [f"{record.student}: {note}" for note in record.needs_review if "failed over" in note]
    if graded.longest > MOST_TIMES * SECONDS + SLACK:
        graded.wrong.append(f"{whose}: one took {graded.longest:.0f} s")


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
    parser.add_argument("--grade", type=int, metavar="N", help="grade N mutated notebooks among innocents")
    options = parser.parse_args(arguments)
    start = time.perf_counter()
    if options.grade is not None:
        with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
            graded = grade_mutated(options.grade, options.seed, Path(folder))
        print(f"{options.grade} graded in {time.perf_counter() - start:.0f} s: {dict(graded.statuses.most_common())}")
        print(f"The longest took {graded.longest:.1f} s. Wrong: {len(graded.wrong)}", *graded.wrong, sep="\n")
        sys.exit(bool(graded.wrong))
    ended, longest, gained = fuzz(options.notebooks, options.seed)
    print(f"{options.notebooks} notebooks in {time.perf_counter() - start:.0f} s: {dict(ended.most_common())}")
    print(f"The longest took {longest:.2f} s; the process has grown by {gained:.0f} MiB.")


if __name__ == "__main__":
    main()
