"""Looking for leaks: what is hidden, collected while it is used, and looked for in all that students are shown.

`Spy.watch` notes, in a grader, every number that a check sends to a student's code, and every number that a check
expects. `Hidden` finds them in a text, however they are spelled in decimals. Code is found by `hidden_lines`, as
`autograder check` finds it in the release.
"""

from __future__ import annotations

import bisect
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from autograder import checking
from autograder.author.check.leaks import (
    lines_of_checks,
    lines_of_solutions,
    normalized,
    released_lines,
    sentences_of_checks,
)
from autograder.author.samples import edited
from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.checking.student import Student
from autograder.trusted.comparing import compare

MOST = 5_000  # numbers of one tensor
TELLING_DECIMALS = 4  # with fewer, a number says nothing about where it comes from
TELLING_RUN = 4  # so many whole numbers in a row are an input's
# Whole numbers in a row that the kit says on purpose, besides the examples in the release: the mistakes that the
# reference makes on the notebook's own eight examples, which every page with a perceptron's figure names.
SAID_ON_PURPOSE = {(2, 3, 1, 0)}

_DECIMAL = re.compile(rf"(?<![\w.])(\d*\.(\d{{{TELLING_DECIMALS},}}))(?:e([-+]?\d+))?", re.IGNORECASE)
_ROW = re.compile(rf"(?<![\w.])-?\d+(?:\.0*)?(?:[\s,;()\[\]]+-?\d+(?:\.0*)?(?![\w.]*\w)){{{TELLING_RUN - 1},}}")
_WHOLE = re.compile(r"-?\d+")


@contextmanager
def watched(path: Path) -> Iterator[Spy]:
    """A spy that watches every grader started meanwhile, and notes what it sees in a file."""
    spy = Spy(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Course, "misconceptions", lambda *_: ())  # their hints are the kit's own words, and cost time
        spy.watch(patch)
        yield spy


class Spy:
    """Notes what checks send and expect into a file, from whichever process they run in."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._noted: set[str] = set()

    def watch(self, patch: pytest.MonkeyPatch) -> None:
        """From now on, here and in every process that is forked from here."""
        call, set_parameters = Student.call, Student.set_parameters
        spy = self

        def noted_call(student: Student, name: str, arguments: Any, keywords: Any = None, **more: Any) -> Any:
            spy.note("sent", [arguments, keywords])
            return call(student, name, arguments, keywords, **more)

        def noted_parameters(student: Student, target: int, values: Any) -> None:
            spy.note("sent", values)
            set_parameters(student, target, values)

        patch.setattr(Student, "call", noted_call)
        patch.setattr(Student, "set_parameters", noted_parameters)
        for name in ("close", "exactly", "same", "array"):
            noting = self._noting(getattr(compare, name))
            for module in (compare, checking):  # where a check of the course, and where the kit, takes it from
                patch.setattr(module, name, noting)

    def _noting(self, comparison: Any) -> Any:
        def compared(received: Any, expected: Any, *arguments: Any, **more: Any) -> None:
            self.note("expected", expected)
            comparison(received, expected, *arguments, **more)

        return compared

    def note(self, what: str, things: Any) -> None:
        new = {json.dumps([what, numbers]) for numbers in _numbers(things)} - self._noted
        if new:
            self._noted |= new
            with self.path.open("a") as file:
                file.writelines(f"{line}\n" for line in new)

    def hidden(self) -> Hidden:
        """All that has been noted."""
        found = Hidden()
        for line in set(self.path.read_text().splitlines()):
            what, numbers = json.loads(line)
            found.add(what, numbers)
        found.values.sort()
        found.runs -= SAID_ON_PURPOSE | rows_in("\n".join(released_lines(Course(KIT))))
        return found


def _numbers(things: Any) -> Iterable[list[float]]:
    if isinstance(things, torch.Tensor):
        if 0 < things.numel() <= MOST and not things.is_complex():
            yield things.detach().double().flatten().tolist()
    elif isinstance(things, np.ndarray):
        yield from _numbers(torch.as_tensor(things))
    elif isinstance(things, dict):
        yield from _numbers(list(things.values()))
    elif isinstance(things, list | tuple):
        plain = [float(each) for each in things if type(each) in (int, float)]
        if plain:
            yield plain
        for each in things:
            yield from _numbers(each)
    elif isinstance(things, float):
        yield [things]


@dataclass
class Hidden:
    """What is hidden: numbers with decimals, sorted, without their signs; and rows of whole numbers."""

    values: list[float] = field(default_factory=list)
    runs: set[tuple[int, ...]] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, what: str, numbers: list[float]) -> None:
        self.counts[what] = self.counts.get(what, 0) + len(numbers)
        finite = [number for number in numbers if abs(number) < 1e15]  # no NaN either
        if len(finite) >= TELLING_RUN and all(number == int(number) for number in finite):
            whole = [int(number) for number in finite]
            for start in range(len(whole) - TELLING_RUN + 1):
                run = tuple(whole[start : start + TELLING_RUN])
                if len(set(run)) > 2:  # a row of labels, or of zeros and ones, is anybody's
                    self.runs.add(run)
        scale = 10 ** (TELLING_DECIMALS - 1)
        self.values += [abs(number) for number in finite if abs(number * scale - round(number * scale)) > 1e-6]

    def found_in(self, text: str) -> list[str]:
        """What of it stands in a text, in any decimal spelling of at least TELLING_DECIMALS places."""
        found = []
        for match in _DECIMAL.finditer(text):
            scale = 10.0 ** int(match[3] or 0)
            value, half = float(match[1]) * scale, 0.51 * 10.0 ** -len(match[2]) * scale
            at = bisect.bisect_left(self.values, value - half)
            if at < len(self.values) and self.values[at] <= value + half:
                found.append(match[0])
        found += [str(run) for run in sorted(rows_in(text) & self.runs)]
        return found


def rows_in(text: str) -> set[tuple[int, ...]]:
    """Every TELLING_RUN whole numbers that stand in a row."""
    rows = set()
    for match in _ROW.finditer(text):
        row = tuple(int(number) for number in _WHOLE.findall(re.sub(r"\.0*", "", match[0])))
        rows |= {row[start : start + TELLING_RUN] for start in range(len(row) - TELLING_RUN + 1)}
    return rows


# --- code -----------------------------------------------------------------------------------------


def hidden_lines(course: Course) -> set[str]:
    """The lines of checks and solutions that neither the release nor a check's sentence holds anyway."""
    known = "\n".join([*released_lines(course), *map(normalized, sentences_of_checks(course))])
    return {line for line in lines_of_checks(course) | lines_of_solutions(course) if line not in known}


def leaks(text: str, hidden: Hidden, lines: set[str]) -> list[str]:
    """Whatever is hidden and stands in a text all the same."""
    dense = normalized(text)
    return hidden.found_in(text) + sorted(line for line in lines if line in dense)


def shown_text(page: str, *, attributes: bool = True) -> str:
    """The text of an HTML page: all but its styles and scripts; the values of attributes as well."""
    reader = _Reader(attributes)
    reader.feed(page)
    return "".join(reader.text)


class _Reader(HTMLParser):
    def __init__(self, attributes: bool) -> None:
        super().__init__()
        self.text: list[str] = []
        self._attributes = attributes
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in ("style", "script")
        if self._attributes:
            self.text += [f" {value} " for _, value in attrs if value and not value.startswith("data:")]

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in ("style", "script")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.text.append(data)


# --- a class that says whatever it is given -------------------------------------------------------

MARK = "spilt"  # begins whatever is spelled in a way that `Hidden` cannot read; no cell's text holds it

WAYS = (
    "raises",
    "raises a tensor",
    "raises whole numbers",
    "exponents",
    "names an exception",
    "returns a named type",
    "returns a type named by whole numbers",
    "forges a line",
    "forges a syntax error",
    "forges a reply",
    "forges a message",
)
FIRSTS = (0, len(WAYS) // 2)  # the ways of two submissions of one notebook begin there

SPILL = """
import linecache, gc, sys, warnings
import torch
import numpy as np
import pytest

def numbers(things):
    for thing in things:
        if isinstance(thing, torch.Tensor):
            thing = thing.detach().tolist()
        if isinstance(thing, (list, tuple)):
            yield from numbers(thing)
        elif isinstance(thing, (int, float)):
            yield thing

def spill(way, *things):
    given = list(numbers(things))
    text = ", ".join(repr(each) for each in given)
    whole = ", ".join(str(int(each)) for each in given)
    short = " ".join(f"{each:.5f}" for each in given)
    digits = "0123456789.-"
    scripts = ("⁰¹²³⁴⁵⁶⁷⁸⁹·⁻", "٠١٢٣٤٥٦٧٨٩٫-", "".join(map(chr, range(0xFF10, 0xFF1A))) + ".-", "zyxwvutsrqpm")
    mark = "sp" + "ilt"
    spelled = [f"{mark}_" + short[:60].translate(str.maketrans(digits, script)) for script in scripts]
    spelled += [mark + " ".join(short[:60]), mark + short[:60].encode().hex()]
    text = " ".join([text[:200], *spelled])
    print("printed", text, whole, things)
    print("printed", text, file=sys.stderr)
    warnings.warn(text)
    if way == "raises":
        raise ValueError(text)
    if way == "raises a tensor":
        raise ValueError(*things)
    if way == "raises whole numbers":
        raise LookupError(whole)
    if way == "exponents":
        raise ValueError(" ".join(f"{each:e}" for each in given))
    if way == "names an exception":
        raise type(spelled[int(abs(given[0])) % len(spelled)] + short, (Exception,), {})("x")
    if way == "returns a named type":
        return type(spelled[3] + short, (), {})()
    if way == "returns a type named by whole numbers":
        return type(whole, (), {})()
    if way == "forges a line":
        file = "<cell 2>"
        linecache.cache[file] = (1, None, [f"raise ValueError  # {short}"] * 10, file)
        number = 1000 + int(abs(given[0]) * 1000) % 10_000
        exec(compile("\\n" * number + "raise ValueError('forged')", file, "exec"), {})
    if way == "forges a syntax error":
        raise SyntaxError(" ".join(spelled), (short, int(abs(given[0]) * 1000), 1, short))
    if way in ("forges a reply", "forges a message"):
        from autograder.wire.messages import Returned
        from autograder.wire.values import TensorData
        service = next(each for each in gc.get_objects() if type(each).__name__ == "Service")
        value = TensorData(short[:35], (1,), "cpu", b"") if way == "forges a reply" else (short,)
        service._reply(Returned(value, (None,) * len(things)))
    return torch.as_tensor(given, dtype=torch.float32).sum()
"""

FUNCTION = """
def {name}(*things, **more):
    return spill({way!r}, *things, *more.values())
"""

MODEL = """
class LogisticRegression(torch.nn.Module):
    def __init__(self, num_features):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(num_features))
        self.bias = torch.nn.Parameter(torch.ones(1))

    def forward(self, X):
        return spill({way!r}, X, self.weight, self.bias)
"""

TRAIN_MODEL = """
def train(model, X, y, lr, epochs):
    return spill({way!r}, X, y, lr, epochs)
"""


def spilling(course: Course, notebook: str, first: int) -> str:
    """The released notebook, each of whose functions hands on what it is given, in another way each."""
    shapes = {"LogisticRegression": MODEL, "train": TRAIN_MODEL} if notebook == "logistic_regression" else {}
    edits = {
        name: shapes.get(name, FUNCTION).format(name=name, way=WAYS[(first + number) % len(WAYS)])
        for number, name in enumerate(course.notebooks[notebook].exercises)
    }
    return edited(course.release / f"{notebook}.ipynb", edits, (SPILL,))
