"""What the author's demonstrations define: imports, constants, data and helper functions, without what they show.

A student's function may use `plt`, which a figure's cell imports. Such cells are not run whole for it: what draws,
trains or calls an exercise is left out, and so is all that is made of its results.
"""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Modules whose calls draw or show something.
_DRAWING = ("matplotlib.pyplot", "matplotlib.figure", "pylab", "seaborn", "plotly", "IPython", "ipywidgets")
_SHOWING = {"print", "input", "exec", "eval", "exit", "quit", "help", "breakpoint"}
_SEEDS = {"manual_seed", "seed"}


class Definitions:
    """Goes through an author's code cells in order, and tells of each statement whether it only defines.

    Args:
        exercises: the names of the exercises, whose calls may take any time.
    """

    def __init__(self, exercises: Iterable[str]) -> None:
        self._known = set(dir(builtins)) - _SHOWING - set(exercises)
        self._drawing: set[str] = set()
        self._imported: set[str] = set()  # which no use of them changes

    def of(self, source: str) -> str:
        """The source of what a cell defines; "" for nothing. The author's cells are Python, with magics at most."""
        plain = "\n".join("pass" if line.startswith(("%", "!")) else line for line in source.split("\n"))
        kept = [statement for statement in ast.parse(plain).body if self._keeps(statement)]
        return "\n".join(map(ast.unparse, kept))

    def _keeps(self, statement: ast.stmt) -> bool:
        """Whether a statement only defines; what it binds is known from now on, or no longer."""
        only_defines = self._only_defines(statement)
        names = set(bound(statement))
        if isinstance(statement, ast.Import | ast.ImportFrom):
            self._imported |= names
        if only_defines and self._is_quick(statement):
            self._known |= names
        else:
            self._known -= names | ({*_changed(statement)} - self._imported if not only_defines else set())
        return only_defines and not isinstance(statement, ast.Pass)

    def _only_defines(self, statement: ast.stmt) -> bool:
        match statement:
            case ast.Import():
                self._note_drawing((alias.name, alias) for alias in statement.names)
                return True
            case ast.ImportFrom():
                self._note_drawing((f"{statement.module}.{alias.name}", alias) for alias in statement.names)
                return True
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                defaults = [*statement.args.defaults, *(each for each in statement.args.kw_defaults if each)]
                return all(map(self._is_cheap, [*statement.decorator_list, *defaults]))
            case ast.ClassDef():
                return all(map(self._is_cheap, [*statement.decorator_list, *statement.bases]))
            case ast.Assign() | ast.AugAssign() | ast.AnnAssign():
                targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
                return all(map(self._is_own, targets)) and (statement.value is None or self._is_cheap(statement.value))
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr=attribute)) as call):
                return attribute in _SEEDS and self._is_cheap(call)
            case ast.If():
                return self._is_cheap(statement.test) and all(map(self._keeps, [*statement.body, *statement.orelse]))
            case ast.Try():
                handled = [each for handler in statement.handlers for each in handler.body]
                parts = [*statement.body, *handled, *statement.orelse, *statement.finalbody]
                return all([self._keeps(each) or isinstance(each, ast.Pass) for each in parts])
        return isinstance(statement, ast.Pass)

    def _is_quick(self, statement: ast.stmt) -> bool:
        """Whether what a statement binds may be called: a function that draws or calls an exercise may not."""
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = list(ast.walk(statement))
            own = {node.arg for node in inner if isinstance(node, ast.arg)}
            return self._is_cheap(statement, own.union(*map(_named_by, inner)))
        return True

    def _is_own(self, target: ast.expr) -> bool:
        """Whether an assignment's target is a name, or a part of something that is known and does not draw."""
        if isinstance(target, ast.Tuple | ast.List):
            return all(map(self._is_own, target.elts))
        root = _root(target)
        return isinstance(target, ast.Name) or (root in self._known and root not in self._drawing)

    def _is_cheap(self, thing: ast.AST, own: Iterable[str] = ()) -> bool:
        """Whether all that is used in an expression is known, and no call in it draws."""
        own, inner = {*own}, list(ast.walk(thing))
        for node in inner:
            if isinstance(node, ast.comprehension | ast.NamedExpr):
                own |= {each.id for each in ast.walk(node.target) if isinstance(each, ast.Name)}
            elif isinstance(node, ast.Lambda):
                own |= {each.arg for each in ast.walk(node.args) if isinstance(each, ast.arg)}
        for node in inner:
            used = node.id if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) else None
            if used is not None and used not in self._known and used not in own:
                return False
            if isinstance(node, ast.Call) and _root(node.func) in self._drawing - own:
                return False
        return True

    def _note_drawing(self, imported: Iterable[tuple[str, ast.alias]]) -> None:
        for path, alias in imported:
            if any(path == module or path.startswith(f"{module}.") for module in _DRAWING):
                self._drawing.add(alias.asname or alias.name.partition(".")[0])


def bound(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement binds where it stands, in no function or class."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        yield from _named_by(node)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)


def _named_by(node: ast.AST) -> Iterable[str]:
    """The names that a single node binds."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return (node.name,)
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
        return (node.id,)
    return (node.name,) if isinstance(node, ast.ExceptHandler) and node.name else ()


def _changed(statement: ast.stmt) -> Iterator[str]:
    """The names of things that a statement may change in place, by a method or an item."""
    for node in ast.walk(statement):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
        ):
            if isinstance(statement, ast.For | ast.While | ast.With | ast.Expr):
                yield node.func.value.id
        elif isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store):
            yield _root(node)


def _root(expression: ast.expr) -> str:
    """The name that an expression such as `plt.rcParams["size"]` begins with; "" for none."""
    while isinstance(expression, ast.Attribute | ast.Subscript | ast.Call | ast.Starred):
        expression = expression.func if isinstance(expression, ast.Call) else expression.value
    return expression.id if isinstance(expression, ast.Name) else ""
