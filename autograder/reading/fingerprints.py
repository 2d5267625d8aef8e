"""Make a set of fingerprints from an exercise's code, which does not depend on its names, layout and order.

The code is parsed, within limits, and never run (see `syntax.py`). Docstrings, comments, annotations, signatures and
`print` are left out. All names that the student chose become one token; all texts become one token. Each sequence of
K tokens is a fingerprint: a k-gram of Schleimer, Wilkerson and Aiken, "Winnowing" (2003). All k-grams are kept, because
an exercise is short. No k-gram spans two functions, so the order of functions does not matter.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from hashlib import blake2b
from itertools import islice
from typing import TYPE_CHECKING

from autograder.reading.definitions import MAX_PATH, all_statements
from autograder.reading.nodes import nodes
from autograder.reading.syntax import tree
from autograder.wire.reading import Fingerprinted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from autograder.wire.reading import NotebookRead, Outline

Fingerprints = frozenset[int]

K = 6  # tokens in a fingerprint: about a short call, or two operations
MAX_HELPERS = 100  # of the student's own that one exercise reaches, and are read
MAX_TOKENS = 4_000  # read of one exercise; the longest right answer has about a hundred
MAX_TOKEN = 40  # characters of one that count; what a student would call of torch's has fewer

_ALL_BITS = 2**64 - 1
_OWN = "V"  # any name that the student chose
_TEXT = "S"


def fingerprints_of_notebook(submitted: NotebookRead, plan: Outline, characters: int) -> Fingerprinted:
    """A submitted notebook's exercises that were attempted, as fingerprints, and `characters` of each one's source."""
    code = ExerciseCode(cell.source for cell in submitted.cells if cell.name not in plan.locked)
    attempted = set(plan.exercises) - set(submitted.untouched)
    found = {exercise: code.fingerprints(exercise, set(plan.exercises)) for exercise in sorted(attempted)}
    sources = {cell.name: cell.source for cell in submitted.cells if cell.name in plan.exercises}
    return Fingerprinted(
        {exercise: fingerprints for exercise, fingerprints in found.items() if fingerprints},
        {exercise: source[:characters] for exercise, source in sources.items()},
    )


def fingerprints_of_answers(answers: Iterable[tuple[str, str]], exercises: Collection[str]) -> dict[str, Fingerprints]:
    """All fingerprints of some answers to each exercise: `answers` are exercises and sources of them."""
    known: dict[str, Fingerprints] = {}
    for exercise, source in answers:
        known[exercise] = known.get(exercise, frozenset()) | ExerciseCode([source]).fingerprints(
            exercise, set(exercises)
        )
    return known


class ExerciseCode:
    """The definitions in a student's own cells, and what they import.

    Args:
        sources: the code cells in order, without the author's; cells that are not Python are ignored. The last
            definition of a name counts.
    """

    def __init__(self, sources: Iterable[str]) -> None:
        self._definitions: dict[str, ast.AST] = {}
        self._imported: dict[str, list[str]] = {}
        for source in sources:
            for statement in all_statements(tree(source) or ast.Module([], [])):
                self._note(statement)

    def _note(self, statement: ast.stmt) -> None:
        _note_import(statement, self._imported)
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            self._definitions[statement.name] = statement
        elif isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    self._definitions[target.id] = statement

    def fingerprints(self, exercise: str, others: Collection[str]) -> Fingerprints:
        """Fingerprints of an exercise and of the student's helpers that it uses, but of no exercise in `others`."""
        found: set[int] = set()
        room = MAX_TOKENS
        own = self._definitions.keys() - others - {exercise}
        for definition, inner in islice(self._reached(exercise, others), MAX_HELPERS):
            tokens = _Tokens(definition, inner, own, self._imported, room).tokens[:room]
            room -= len(tokens)
            found.update(_grams(tokens))
        return frozenset(found)

    def _reached(self, exercise: str, others: Collection[str]) -> Iterator[tuple[ast.AST, list[ast.AST]]]:
        """The definitions of the exercise and of the helpers that it uses, each with all nodes of its tree."""
        seen = {exercise, *others}
        waiting = [exercise]
        while waiting:
            definition = self._definitions.get(waiting.pop())
            if definition is None:
                continue
            inner = nodes(definition)
            yield definition, inner
            for node in inner:
                if node.__class__ is ast.Name and node.id in self._definitions and node.id not in seen:
                    seen.add(node.id)
                    waiting.append(node.id)


def _grams(tokens: list[str]) -> Iterator[int]:
    marks = [_mark(token[:MAX_TOKEN]) for token in tokens]  # what is kept of a student's text is bounded
    if 0 < len(marks) < K:
        yield _hash(marks)
    for start in range(len(marks) - K + 1):
        yield _hash(marks[start : start + K])


def _hash(marks: list[int]) -> int:
    """64 bits, the same in every process, as one reader may take over from another: Python seeds no hash of numbers."""
    return hash(tuple(marks)) & _ALL_BITS


@lru_cache(MAX_TOKENS)
def _mark(token: str) -> int:
    """A number for a token, the same in every process."""
    return int.from_bytes(blake2b(token.encode("utf-8", "replace"), digest_size=8).digest(), "big")


def _note_import(node: ast.AST, imported: dict[str, list[str]]) -> None:
    """Note what a local name stands for: `F` after `import torch.nn.functional as F` is torch, nn and functional."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            path = alias.name.split(".", MAX_PATH)[:MAX_PATH]
            imported[alias.asname or path[0]] = path if alias.asname else path[:1]
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            module = (node.module or "").split(".", MAX_PATH)[:MAX_PATH]
            imported[alias.asname or alias.name] = [*module, alias.name]


class _Tokens:
    """The tokens of one definition, in the order of its tree.

    Args:
        definition: a function, a class, or an assignment.
        inner: all nodes of its tree.
        own: names that the student's other definitions have.
        imported: what imported names stand for.
        room: how many tokens are kept at most.
    """

    def __init__(
        self,
        definition: ast.AST,
        inner: Iterable[ast.AST],
        own: Collection[str],
        imported: dict[str, list[str]],
        room: int,
    ) -> None:
        self.tokens: list[str] = []
        self._room = room
        self._imported = dict(imported)
        self._own = set(own)
        self._attributes: set[str] = set()
        for node in inner:
            self._note(node)
        self._visit_all(_body(definition) if isinstance(definition, _DEFINITIONS) else [definition])

    def _note(self, node: ast.AST) -> None:
        """Note the names that a node gives to something."""
        match node:
            case ast.Name(id=name):
                if node.ctx.__class__ is not ast.Load:
                    self._own.add(name)
            case ast.Attribute(attr=name):
                if node.ctx.__class__ is not ast.Load:
                    self._attributes.add(name)
            case ast.arg(arg=name) | ast.ExceptHandler(name=str(name)):
                self._own.add(name)
            case ast.Import() | ast.ImportFrom():
                _note_import(node, self._imported)

    def _visit_all(self, siblings: Iterable[ast.AST]) -> None:
        for node in siblings:
            self._visit(node)

    def _visit(self, node: ast.AST) -> None:
        if node.__class__ in _LEFT_OUT or len(self.tokens) >= self._room:
            return
        match node:
            case ast.Name(id=name):
                self._name(name)
            case ast.Attribute(value=value, attr=name):
                self._visit(value)
                self.tokens.append("." + (_OWN if name in self._attributes and name not in _TENSORS_OWN else name))
            case ast.Constant(value=str() | bytes()) | ast.JoinedStr():
                self.tokens.append(_TEXT)
            case ast.Constant(value=value):
                self.tokens.append(hex(value) if isinstance(value, int) else repr(value))
            case ast.Expr(value=ast.Constant() | ast.Call(func=ast.Name(id="print"))):
                return
            case ast.keyword(arg=name, value=value):
                self.tokens.append(f"{name}=")
                self._visit(value)
            case ast.AnnAssign(target=target, value=value):
                if value is not None:
                    self._visit(ast.Assign([target], value))
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                self.tokens.append("def")
                self._visit_all(_body(node))
            case _:
                self.tokens.append(node.__class__.__name__)
                self._visit_all(ast.iter_child_nodes(node))

    def _name(self, name: str) -> None:
        if name in self._own:
            self.tokens.append(_OWN)
        elif name in self._imported:
            first, *rest = self._imported[name]
            self.tokens += [first, *(f".{part}" for part in rest)]
        else:
            self.tokens.append(name)


_LEFT_OUT = {ast.Import, ast.ImportFrom, ast.Pass, ast.Load, ast.Store, ast.Del, ast.arguments, ast.arg}
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_TENSORS_OWN = {"grad", "data", "requires_grad"}  # attributes that students assign, but whose names are torch's


def _body(definition: ast.AST) -> list[ast.stmt]:
    assert isinstance(definition, _DEFINITIONS)
    return definition.body
