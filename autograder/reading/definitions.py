"""What a notebook's definitions say, read from their syntax trees; nothing is run.

A few exercises forbid a short cut ("no Python loop", "not by torch.sigmoid"). Values cannot show it,
the text can. A definition is read together with the notebook's own functions that it calls. What counts is what is
called, not what is written: an import that is not used is nothing, nor is a name that the notebook itself defines.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from autograder.errors import NotebookUnreadable
from autograder.reading.nodes import nodes
from autograder.reading.syntax import tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LOOPS = (ast.For, ast.AsyncFor, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_SCOPES = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda,
    ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
)  # fmt: skip
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
MAX_NAMES = 5_000  # that one exercise uses; the longest right answer uses some forty
MAX_NAMES_TEXT = 2**18  # characters of all of them
MAX_PATH = 16  # words of what is imported: torch.nn.functional.relu has four

MAX_SPELLED = 100  # characters of a part of a name
_LOOK_UP = {"getattr", "attrgetter", "methodcaller", "__getattribute__", "__getattr__", "import_module", "__import__"}
_NOTHING: frozenset[str] = frozenset()
_LOOPING_CALLS = {"map", "vectorize", "apply_along_axis", "fromiter", "frompyfunc"}


class Definitions:
    """The functions and classes that a notebook's cells define; the last definition of a name counts.

    What a name is assigned after that counts as well: the worker alone knows which of them is called.

    Args:
        sources: the code cells in order; one that is not Python is passed over.
    """

    def __init__(self, sources: Iterable[str]) -> None:
        self._trees: dict[str, list[ast.AST]] = {}
        self._read: dict[str, list[ast.AST]] = {}
        self._imported: dict[str, frozenset[str]] = {}  # a local name -> the words of what it was imported from
        self._methods: set[str] = set()  # of the notebook's classes
        for source in sources:
            module = tree(source) or ast.Module([], [])
            self._methods |= _methods(module)
            for node in all_statements(module):
                self._note_import(node)
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                    self._trees[node.name] = [node]
                elif isinstance(node, ast.Assign):
                    for target in node.targets:
                        if isinstance(target, ast.Name):
                            self._trees.setdefault(target.id, []).append(node.value)

    def has_loop(self, name: str) -> bool:
        """Whether `name`, or a function of the notebook that it calls, loops in Python."""
        return any(isinstance(node, _LOOPS) or bool(self._words(node) & _LOOPING_CALLS) for node in self._reached(name))

    def names_used(self, name: str) -> set[str]:
        """Every identifier that `name`, and what it calls, uses of others: `torch.special.expit` gives all three.

        A name that was imported stands for what it was imported from, too, and a name that is spelled out for getattr
        for itself. A variable or a parameter of its own is nobody else's, whatever it is called, and so is a
        function, class or method of the notebook's.

        Raises NotebookUnreadable: they are more than MAX_NAMES, or longer than MAX_NAMES_TEXT together.
        """
        words = {word for node in self._reached(name) for word in self._words(node)}
        if len(words) > MAX_NAMES or sum(map(len, words)) > MAX_NAMES_TEXT:
            raise NotebookUnreadable(f"`{name}` uses more names than can be looked through")
        return words

    def words_used(self, name: str, *words: str) -> set[str]:
        """Those of the words that `names_used` has; `.word` only where it is used like this, or imported as `word`."""
        wanted, attributes = frozenset(words), {word[1:] for word in words if word.startswith(".")}
        found: set[str] = set()
        for node in self._reached(name):
            used = self._words(node)
            found |= used & wanted
            after_a_dot = self._imported.get(node.id, _NOTHING) if isinstance(node, ast.Name) else used
            found.update(f".{word}" for word in attributes & after_a_dot)
        return found

    def _words(self, node: ast.AST) -> frozenset[str] | set[str]:
        """The names of others that a node uses."""
        if isinstance(node, ast.Name):
            imported = self._imported.get(node.id)
            if imported is not None:
                return imported | {node.id}
            return set() if node.id in self._trees else {node.id}
        if isinstance(node, ast.Attribute):
            own = node.attr in self._methods and _root(node) not in self._imported
            return set() if own else {node.attr}
        return _spelled(node)

    def _note_import(self, node: ast.stmt) -> None:
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = _path(node.module or "") if isinstance(node, ast.ImportFrom) else frozenset()
            for alias in node.names:
                first = alias.name.partition(".")[0]
                words = _path(alias.name if alias.asname or module else first)  # `import a.b` binds a alone
                self._imported[alias.asname or first] = module | words

    def _reached(self, name: str) -> list[ast.AST]:
        """All that is written in `name` and in what it calls, but for names of their own."""
        if name not in self._read:
            self._read[name] = list(self._reach(name))
        return self._read[name]

    def _reach(self, name: str) -> Iterator[ast.AST]:
        seen: set[str] = set()
        waiting = [name]
        while waiting:
            current = waiting.pop()
            if current in seen or current not in self._trees:
                continue
            seen.add(current)
            for definition in self._trees[current]:
                for node in _used(definition):
                    if isinstance(node, ast.Import | ast.ImportFrom):
                        self._note_import(node)
                    yield node
                    if isinstance(node, ast.Name):
                        waiting.append(node.id)


def _path(name: str) -> frozenset[str]:
    """The words of a dotted name."""
    return frozenset(name.split(".", MAX_PATH)[:MAX_PATH]) - {""}


def _root(node: ast.AST) -> str:
    """The name with which a dotted name begins; "" where it begins with anything else."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _methods(module: ast.AST) -> set[str]:
    """The names of all methods of classes, wherever these are defined."""
    return {
        each.name
        for node in nodes(module)
        if isinstance(node, ast.ClassDef)
        for each in node.body
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def _spelled(node: ast.AST) -> set[str]:
    """The words of a name that is composed of text, where something is looked up by it."""
    if isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        return set().union(*(_text(each).split(".") for each in node.args)) if called in _LOOK_UP else set()
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == "__dict__":
        return {_text(node.slice)}
    return set()


def _text(node: ast.AST) -> str:
    """The text that constants, their sums and joins come to; "" for anything else."""
    match node:
        case ast.Constant(value=str(text)):
            return text[:MAX_SPELLED]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _text(left) + _text(right)
        case (
            ast.JoinedStr(values=parts)
            | ast.Call(
                func=ast.Attribute(value=ast.Constant(value=""), attr="join"),
                args=[ast.List(elts=parts) | ast.Tuple(elts=parts)],
            )
        ):
            return "".join(map(_text, parts))
        case ast.FormattedValue(value=value):
            return _text(value)
    return ""


def _used(tree: ast.AST) -> Iterator[ast.AST]:
    """All that is written in a definition, but for the names that it, or a function inside it, binds for itself."""
    waiting: list[tuple[ast.AST, frozenset[str]]] = [(tree, frozenset())]
    while waiting:
        node, bound = waiting.pop()
        if not (isinstance(node, ast.Name) and node.id in bound):
            yield node
        body = getattr(node, "body", None) if isinstance(node, _FUNCTIONS) else None
        inside = bound | _own_names(node) if body is not None else bound
        own = {id(each) for each in (body if isinstance(body, list) else [body])}
        for child in ast.iter_child_nodes(node):  # defaults and decorators stand outside
            waiting.append((child, inside if id(child) in own else bound))


def _own_names(tree: ast.AST) -> set[str]:
    """What a function binds itself, its parameters, what it assigns and defines: elsewhere these are other things."""
    if not isinstance(tree, _FUNCTIONS):
        return set()
    names = {node.arg for node in nodes(tree.args) if isinstance(node, ast.arg)}
    waiting: list[ast.AST] = list(tree.body) if isinstance(tree.body, list) else []
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        if not isinstance(node, _SCOPES):
            waiting += ast.iter_child_nodes(node)
    return names


def all_statements(node: ast.AST) -> Iterator[ast.stmt]:
    """A module's statements, and those within its `if`, `try`, `with` and loops, but in no function or class."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.expr):
            yield from all_statements(child)
