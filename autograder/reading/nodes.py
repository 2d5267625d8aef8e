"""All nodes of a syntax tree, in half the time of `ast.walk`: contexts, operators and plain values are passed over."""

from __future__ import annotations

import ast
import functools
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Fields of Python's abstract grammar that hold no node, or one that says no more than its class.
_PLAIN = {
    "arg", "asname", "attr", "conversion", "ctx", "id", "is_async", "kind", "kwd_attrs", "level", "module", "name",
    "names", "op", "ops", "rest", "simple", "str", "tag", "type_comment",
}  # fmt: skip
_OF_A_VALUE = (ast.Constant, ast.MatchSingleton)  # whose `value` is a value itself


def levels(tree: ast.AST) -> Iterator[list[ast.AST | None]]:
    """The nodes of a tree, level by level, the topmost first; None stands where a list of the tree has it."""
    level: list[Any] = [tree]
    while level:
        yield level
        below: list[Any] = []
        for node in level:
            inner = _inner(node.__class__)
            if inner is None:
                continue
            for value in inner(node):
                if value.__class__ is list:
                    below += value
                elif value is not None:
                    below.append(value)
        level = below


def nodes(tree: ast.AST) -> list[ast.AST]:
    """The nodes of a tree in the order of `ast.walk`, but for contexts and operators."""
    return [node for node in chain.from_iterable(levels(tree)) if node is not None]


@functools.cache  # there are some hundred classes
def _inner(kind: type) -> Callable[[Any], tuple[Any, ...]] | None:
    """What gives the fields of a node of this class that may hold others; None where there are none."""
    if not issubclass(kind, ast.AST) or issubclass(kind, _OF_A_VALUE):
        return None
    fields = [field for field in kind._fields if field not in _PLAIN]
    if kind.__name__ == "TypeAlias":
        fields.append("name")  # a node there alone
    match fields:
        case []:
            return None
        case [one]:
            only = attrgetter(one)
            return lambda node: (only(node),)
    return attrgetter(*fields)
