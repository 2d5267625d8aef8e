"""Attacks: what a submission may try, each with what honest work in it is worth."""

from __future__ import annotations

import json
import re
import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from autograder.author.samples import edited
from autograder.trusted.assignment.course import KIT
from tests.call_numbers import number_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

Notebook = dict[str, Any]

FULL, UPDATE, MARGIN = 25, 6, 4  # points of the perceptron notebook, and of two of its exercises

# Before the attempt of every attack: what an attacker would know of the machine, or guess.
TOOLS = """
import ctypes, gc, os, signal, socket, subprocess, sys, threading, time
_libc = ctypes.CDLL(None, use_errno=True)

def system_call(number, *arguments):
    result = _libc.syscall(number, *arguments)
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
"""

TRY = """
def attempt():
{code}

try:
    attempt()
    outcome = "DONE"
except BaseException as error:
    outcome = f"refused: {{type(error).__name__}}: {{error}}"
"""

# What an exception says is not quoted, but the student's own line is.
TELL = """
def margin(w, X, y):
    if {reason!r} in outcome:
        raise RuntimeError({reason!r})
    raise RuntimeError(outcome)
"""

_CALLED = re.compile(r"system_call\('(\w+)'")


@dataclass(frozen=True)
class Attack:
    """One attack, in the perceptron notebook of one student.

    Attributes:
        name: what it does, as a sentence goes on after "a student who".
        earned: the points that are honest; the attacker gets just these.
        attempt: statements that must raise; whether they did is told by the exercise `margin`, at its cost. A system
            call's name stands for its number, which each architecture has of its own.
        cells: new sources of solution cells, by exercise.
        extra: cells before all others.
        files: further files in the student's folder, by name.
        change: what else is done to the notebook's JSON; or the file's bytes in its place.
        put: makes something that is no file in the notebook's place; it is given the place and another's notebook.
        reason: words that the attacker's record must hold.
        unsaid: a pattern that nothing shown of the attacker may match.
        student: the student's folder, if its name is the attack.
        status: what the record's status must be, if it is not "graded".
        stock: whether stock nbgrader can be given this without harm to the machine.
    """

    name: str
    earned: float
    attempt: str = ""
    cells: Mapping[str, str] = field(default_factory=dict)
    extra: tuple[str, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    change: Callable[[Notebook], Notebook | bytes | None] | None = None
    put: Callable[[Path, Path], object] | None = None
    reason: str = ""
    unsaid: str = ""
    student: str = ""
    status: str = "graded"
    stock: bool = True

    def hand_in(self, folder: Path, facts: str, sibling: Path) -> None:
        """Write all that the attacker hands in into an empty folder; see `notebook` for the facts."""
        for name, content in self.files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(content)
        place = folder / "perceptron.ipynb"
        if self.put is None:
            place.write_bytes(self.notebook(facts))
        else:
            self.put(place, sibling)

    def notebook(self, facts: str) -> bytes:
        """The notebook that the attacker hands in; `facts` is the first of its cells."""
        cells, extra = dict(self.cells), [facts, *self.extra]
        if self.attempt:
            attempt = _CALLED.sub(lambda name: f"system_call({number_of(name[1])}", self.attempt)
            extra += [TOOLS, TRY.format(code=textwrap.indent(textwrap.dedent(attempt).strip("\n"), "    "))]
            cells.setdefault("margin", TELL.format(reason=self.reason))
        text = edited(KIT / "source" / "week06" / "perceptron.ipynb", cells, extra)
        if self.change is None:
            return text.encode()
        notebook = json.loads(text)
        changed = self.change(notebook)
        return changed if isinstance(changed, bytes) else json.dumps(changed or notebook).encode()


def attempted(name: str, code: str, *, stock: bool = True, reason: str = "refused", **more: Any) -> Attack:
    """An attack that must be refused; all the student's work but `margin`, which tells of it, is honest."""
    return Attack(name, FULL - MARGIN, attempt=code, stock=stock, reason=reason, **more)


def instead_of_update(name: str, source: str, *, earned: float = FULL - UPDATE, **more: Any) -> Attack:
    """An attack in the place of one exercise, which is worth nothing then; all else is honest."""
    return Attack(name, earned, cells={"update": textwrap.dedent(source).lstrip("\n")}, **more)


def before_all(name: str, source: str, *, earned: float = FULL, **more: Any) -> Attack:
    """An attack in a cell before all others, whose work is honest."""
    return Attack(name, earned, extra=(textwrap.dedent(source).lstrip("\n"),), **more)
