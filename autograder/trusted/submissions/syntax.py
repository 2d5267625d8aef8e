"""A cell's text as Python's syntax tree, magics allowed, in time that grows with its length only.

IPython's own transformer reads the whole cell anew for every magic in it, and gives up after 500: a cell
of 50 kB can keep it busy for a minute. For a tree it is enough to know where the magics stand.
"""

from __future__ import annotations

import ast
import functools
import re
import warnings

from IPython.core.inputtransformer2 import classic_prompt, ipython_prompt, leading_empty_lines, leading_indent

MAX_DEPTH = 200  # of a tree: what asks about it goes down with Python's own stack

_DEFINITION = re.compile(r"^(?:async +def|def|class) +(\w+)\b", re.MULTILINE)
_CELL_MAGICS_OF_PYTHON = {"%%time", "%%timeit", "%%capture", "%%prun"}
_MAGIC = r"(?:[%!?].*|[\w., \[\]]+=[ \t]*[%!].*|[\w.%]+\?{1,2}[ \t]*$)"
_AT_THE_MARGIN = re.compile(rf"^()(?:{_MAGIC})", re.MULTILINE)
_ANYWHERE = re.compile(rf"^([ \t]*)(?:{_MAGIC})", re.MULTILINE)


def without_prompts(source: str) -> str:
    """A cell without what IPython takes away: `>>> `, `In [1]: `, the indentation of all its lines."""
    lines = source.splitlines(keepends=True)
    for step in (leading_empty_lines, leading_indent, classic_prompt, ipython_prompt):
        lines = step(lines)
    return "".join(lines)


@functools.cache
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
    texts = dict.fromkeys((cleaned, _AT_THE_MARGIN.sub(r"\1pass", cleaned), _ANYWHERE.sub(r"\1pass", cleaned)))
    return next((found for text in texts if (found := _parsed(text)) is not None), None)


def statements(source: str) -> list[ast.stmt]:
    """A cell's own statements; none where it is no Python."""
    found = tree(source)
    return found.body if found is not None else []


@functools.cache
def defined(source: str) -> frozenset[str]:
    """The names that a cell's own statements define."""
    names: set[str] = set()
    for statement in statements(source):
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(statement.name)
        elif isinstance(statement, ast.Assign):
            names |= {target.id for target in statement.targets if isinstance(target, ast.Name)}
    return frozenset(names)


@functools.cache
def normalized(source: str) -> str:
    """A source without the spaces and blank lines that editors add and take away."""
    return "\n".join(line.rstrip() for line in source.splitlines() if line.strip())


@functools.cache
def at_the_margin(source: str) -> frozenset[str]:
    """The names that lines at the margin define as functions or classes, be the rest Python or not."""
    return frozenset(_DEFINITION.findall(source))


def forget_sources() -> None:
    """Let go of all that is known of sources, before another notebook is read."""
    for known in (tree, defined, normalized, at_the_margin):
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
    level: list[ast.AST] = [module]
    for _ in range(MAX_DEPTH):
        below: list[ast.AST] = []
        for node in level:  # ast.iter_child_nodes, without its generators
            for value in node.__dict__.values():
                if isinstance(value, ast.AST):
                    below.append(value)
                elif isinstance(value, list):
                    below += [each for each in value if isinstance(each, ast.AST)]
        if not below:
            return True
        level = below
    return False
