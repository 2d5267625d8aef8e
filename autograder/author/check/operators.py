"""Small changes of Python code, one at a time, such as a slip of the pen makes."""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_OPERATORS: dict[type[Any], type[Any]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv, ast.Pow: ast.Mult, ast.MatMult: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
    ast.And: ast.Or, ast.Or: ast.And, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip

_NO_CONTEXT = "__import__('contextlib').nullcontext()"


def changed_sources(source: str) -> Iterator[str]:
    """The source with each possible change in turn; all else stays as it is spelled, comments included."""
    tree = ast.parse(source)
    before = ast.dump(tree)
    unread = {id(inside) for node in ast.walk(tree) for part in _unread(node) for inside in ast.walk(part)}
    for node in ast.walk(tree):
        if id(node) not in unread:
            for part, text in _replacements(node):
                changed = _changed(source, part, text)
                if changed is not None and ast.dump(ast.parse(changed)) != before:
                    yield changed


def is_python(source: str) -> bool:
    """Whether a source is Python, without commands of IPython's."""
    return _tree(source) is not None


def _unread(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a node that nothing is computed of: docstrings, annotations, texts that are shown or raised."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
        yield node.body[0]
    for annotation in (getattr(node, "annotation", None), getattr(node, "returns", None)):
        if annotation is not None:
            yield annotation
    if isinstance(node, ast.JoinedStr | ast.Raise):
        yield node


def _changed(source: str, part: ast.AST, text: str) -> str | None:
    """The source with a text in a part's place, in parentheses if it needs them; None where it is no Python there."""
    meant = _tree(_spliced(source, part, f"({text})")) if isinstance(part, ast.expr) else None
    bare = _spliced(source, part, text)
    if isinstance(part, ast.expr) and _tree(bare) != meant:
        return _spliced(source, part, f"({text})") if meant is not None else None
    return bare if _tree(bare) is not None else None


def _tree(source: str) -> str | None:
    try:
        return ast.dump(ast.parse(source))
    except SyntaxError:
        return None


def _replacements(node: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """What may stand in the place of a node, or of a part of it."""
    if isinstance(node, ast.With):  # such as torch.no_grad()
        for item in node.items:
            yield item.context_expr, _NO_CONTEXT
    for text in _spellings(node):
        yield node, text


def _spellings(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.BinOp(op=op) | ast.BoolOp(op=op) if type(op) in _OPERATORS:
            yield _with(node, op=_OPERATORS[type(op)]())
        case ast.AugAssign(op=op) if type(op) in _OPERATORS:
            yield _with(node, op=_OPERATORS[type(op)]())
            yield ast.unparse(ast.Assign([node.target], node.value, lineno=0))
        case ast.Compare(ops=ops):
            for position, each in enumerate(ops):
                other = [*ops[:position], _OPERATORS[type(each)](), *ops[position + 1 :]]
                yield _with(node, ops=other)
        case ast.UnaryOp(operand=operand):
            yield ast.unparse(operand)
        case ast.Constant(value=bool(value)):
            yield repr(not value)
        case ast.Constant(value=int() | float() as value):
            yield repr(value + 1)
        case ast.Constant(value=str(value)):
            yield repr(f"XX{value}XX")
        case ast.Call():
            yield from _simpler_calls(node)
        case ast.Break() | ast.Continue():
            yield "continue" if isinstance(node, ast.Break) else "break"
        case ast.Expr():
            yield "pass"
        case ast.IfExp():
            yield _with(node, body=node.orelse, orelse=node.body)


def _simpler_calls(node: ast.Call) -> Iterator[str]:
    """A call without one of its named arguments; what a method is called of; the first argument of a function.

    In a.b(c), `a` may be a module: what stands there instead is c, if that is no constant.
    """
    for position in range(len(node.keywords)):
        yield _with(node, keywords=[*node.keywords[:position], *node.keywords[position + 1 :]])
    first = node.args[0] if node.args and not isinstance(node.args[0], ast.Starred | ast.GeneratorExp) else None
    passed_on = first is not None and not isinstance(first, ast.Constant)
    if isinstance(node.func, ast.Attribute) and not (isinstance(node.func.value, ast.Name) and passed_on):
        yield ast.unparse(node.func.value)
    elif first is not None:
        yield ast.unparse(first)


def _with(node: ast.AST, **changes: object) -> str:
    changed = copy.copy(node)
    for name, value in changes.items():
        setattr(changed, name, value)
    return ast.unparse(changed)


def _spliced(source: str, node: ast.AST, text: str) -> str:
    """The source with a text in the place of a node; columns are counted in bytes of UTF-8."""
    lines = source.encode().splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    where = node.__dict__  # only what stands in the text is replaced, and that has a place
    start = starts[where["lineno"] - 1] + where["col_offset"]
    end = starts[where["end_lineno"] - 1] + where["end_col_offset"]
    content = source.encode()
    return (content[:start] + text.encode() + content[end:]).decode()
