"""Which of the author's demonstrations a student's code needs: those that define a name that it uses, not its own.

Most notebooks use none, so that none is run for them.
"""

from __future__ import annotations

import ast
import functools
import re
from types import CodeType
from typing import TYPE_CHECKING

from autograder.reading.syntax import bound, tree

if TYPE_CHECKING:
    from collections.abc import Iterable

    from autograder.wire.reading import Outline, OutlineCell

_NOT_COMPILED = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)


def needed_demonstrations(sources: Iterable[str], plan: Outline) -> frozenset[str]:
    """The names of the demonstrations that define what code cells use, and what those use in turn."""
    offered = _offered(plan.shown)
    if not offered:
        return frozenset()
    used: set[str] = set()
    own: set[str] = set(plan.exercises)
    mentions = _any_of(frozenset(offered))
    for source in sources:
        if source.isascii() and mentions.search(source) is None:
            continue  # a cell that does not even mention one needs no compiler; other alphabets can spell it otherwise
        uses, binds = _names(source)
        used |= uses
        own |= binds
    needed: set[str] = set()
    waiting = (used - own) & offered.keys()
    while waiting:
        for cell in offered[waiting.pop()] - needed:
            needed.add(cell)
            waiting |= _used_by(plan.locked[cell].defines) & offered.keys()
    return frozenset(needed)


@functools.lru_cache(64)
def _offered(shown: tuple[OutlineCell, ...]) -> dict[str, frozenset[str]]:
    """The demonstrations that define each name."""
    offered: dict[str, frozenset[str]] = {}
    for cell in shown:
        for name in _names(cell.defines)[1]:
            offered[name] = offered.get(name, frozenset()) | {cell.name}
    return offered


@functools.lru_cache(64)
def _any_of(names: frozenset[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(names)))})\b")


@functools.lru_cache(256)  # an author's
def _used_by(source: str) -> frozenset[str]:
    uses, binds = _names(source)
    return uses - binds


def _names(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """The names that a cell uses beyond its functions' own, attributes among them, and those that it binds itself."""
    module = tree(source)
    if module is None:
        return frozenset(), frozenset()
    try:
        code = compile(module, "", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except _NOT_COMPILED:
        return frozenset(), frozenset()
    uses: set[str] = set()
    waiting = [code]
    while waiting:
        each = waiting.pop()
        uses.update(each.co_names)
        waiting += [constant for constant in each.co_consts if isinstance(constant, CodeType)]
    return frozenset(uses), bound(source)
