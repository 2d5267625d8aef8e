"""A cell's text as Python's syntax tree, magics allowed, in time that grows with its length only.

IPython's own transformer reads the whole cell anew for every magic in it, and gives up after 500: a cell
of 50 kB can keep it busy for a minute. For a tree it is enough to know where the magics stand.
"""

from __future__ import annotations

import ast
import functools
import re
import warnings

from IPython.core.inputtransformer2 import classic_prompt, ipython_prompt, leading_empty_lines

from autograder.reading.nodes import levels

MAX_PROMPTED = 2_000  # characters of a line in a cell with prompts
MAX_REMEMBERED = 4_096  # sources of which something is remembered: a notebook's cells, and what is made of them
MAX_DEPTH = 200  # of a tree: what asks about it goes down with Python's own stack

_remembered = functools.lru_cache(MAX_REMEMBERED)
_DEFINITION = re.compile(r"^(?:async +def|def|class) +(\w+)\b", re.MULTILINE)
_CELL_MAGICS_OF_PYTHON = {"%%time", "%%timeit", "%%capture", "%%prun"}
_ASSIGNED = re.compile(r"[\w., \[\]]+")  # what stands before the = of `files = !ls`
_ASKED = re.compile(r"[\w.%]+\?{1,2}")
_PROMPT = re.compile(r"^[ \t]*(?:>>>|\.{3}|(?:\[(?:nav|ins)\])? ?In \[)", re.MULTILINE)


def without_prompts(source: str) -> str:
    """A cell without what IPython takes away: `>>> `, `In [1]: `, the indentation of all its lines.

    IPython's own steps take away the prompts, where there are any in lines that a person may have pasted; they look
    at a line anew for every triple quote in it.
    """
    lines = leading_empty_lines(source.splitlines(keepends=True))
    lines = _without_indentation(lines)
    if _PROMPT.search(source) and all(len(line) <= MAX_PROMPTED for line in lines):
        for step in (classic_prompt, ipython_prompt):
            lines = step(lines)
    return "".join(lines)


def _without_indentation(lines: list[str]) -> list[str]:
    """The lines without the spaces and tabs that all of them begin with, as textwrap.dedent takes them away.

    That makes a regular expression of them, which Python keeps: half a megabyte of spaces, too.
    """
    common: str | None = None
    for line in lines:
        text = line.lstrip(" \t")
        if text and text != "\n":
            indentation = line[: len(line) - len(text)]
            common = indentation if common is None else _common_beginning(common, indentation)
            if not common:
                return lines
    if not common:
        return lines
    return [line[len(common) :] if line.strip(" \t\n") else line.lstrip(" \t") for line in lines]


def _common_beginning(one: str, other: str) -> str:
    length = min(len(one), len(other))
    if one[:length] == other[:length]:
        return one[:length]
    return one[: next(index for index in range(length) if one[index] != other[index])]


@_remembered
def tree(source: str) -> ast.Module | None:
    """The syntax tree of a cell, or None where it is no Python. Line numbers are those of `without_prompts`.

    A magic, a shell command and a question stand as `pass`; a cell of another language is no Python, nor is
    one that is nested deeper than MAX_DEPTH. Trees are kept until `forget_sources()`.
    """
    if source[:1].strip() and (found := _parsed(source)) is not None:
        return found  # what is Python as it stands has no prompts, magics or indentation to be taken away
    cleaned = without_prompts(source)
    if cleaned.startswith("%%"):
        first, _, body = cleaned.partition("\n")
        if first.split()[0] not in _CELL_MAGICS_OF_PYTHON:
            return None
        cleaned = f"pass\n{body}"
    texts = dict.fromkeys((cleaned, _without_magics(cleaned, at_the_margin_only=True), _without_magics(cleaned)))
    tried = source if source[:1].strip() else None
    return next((found for text in texts if text != tried and (found := _parsed(text)) is not None), None)


def _without_magics(text: str, *, at_the_margin_only: bool = False) -> str:
    """The text with `pass` in the place of each line that only IPython reads."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        own = line if at_the_margin_only else line.lstrip(" \t")
        if _is_magic(own):
            lines[number] = f"{line[: len(line) - len(own)]}pass"
    return "\n".join(lines)


def _is_magic(line: str) -> bool:
    """Whether a line, from its first character on, is a magic, a shell command, an assignment of one, or a question."""
    if line.startswith(("%", "!", "?")):
        return True
    before, equals, after = line.partition("=")
    if equals and after.lstrip(" \t").startswith(("%", "!")) and _ASSIGNED.fullmatch(before):
        return True
    asked = line.rstrip(" \t")
    return asked.endswith("?") and _ASKED.fullmatch(asked) is not None


def statements(source: str) -> list[ast.stmt]:
    """A cell's own statements; none where it is no Python."""
    found = tree(source)
    return found.body if found is not None else []


@_remembered
def defined(source: str) -> frozenset[str]:
    """The names that a cell's own statements define."""
    names: set[str] = set()
    for statement in statements(source):
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(statement.name)
        elif isinstance(statement, ast.Assign):
            names |= {target.id for target in statement.targets if isinstance(target, ast.Name)}
    return frozenset(names)


@_remembered
def bound(source: str) -> frozenset[str]:
    """All names that a cell binds where it stands, in no function or class."""
    return frozenset(name for statement in statements(source) for name in bound_by(statement))


def bound_by(statement: ast.stmt) -> set[str]:
    """The names that a statement binds where it stands, in no function or class."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    names: set[str] = set()
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
        waiting += ast.iter_child_nodes(node)
    return names


@_remembered
def normalized(source: str) -> str:
    """A source without the spaces and blank lines that editors add and take away."""
    return "\n".join(line.rstrip() for line in source.splitlines() if line.strip())


@_remembered
def at_the_margin(source: str) -> frozenset[str]:
    """The names that lines at the margin define as functions or classes, be the rest Python or not."""
    return frozenset(_DEFINITION.findall(source))


def dumped(statement: ast.stmt) -> str:
    """A statement's tree as text; "" where Python writes out no such number."""
    try:
        return ast.dump(statement)
    except ValueError:  # an integer of thousands of digits
        return ""


def forget_sources() -> None:
    """Let go of all that is known of sources, before another notebook is read."""
    for known in (tree, defined, bound, normalized, at_the_margin):
        known.cache_clear()


def _parsed(text: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the student's "\d" is no concern of the tutor's
            found = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return found if len(text) <= MAX_DEPTH or _is_shallow(found) else None


def _is_shallow(module: ast.Module) -> bool:
    return all(depth < MAX_DEPTH for depth, _ in enumerate(levels(module)))
