"""The nodes of a tree, against Python's own walk."""

import ast
import inspect
import textwrap

import pytest

from autograder.reading.nodes import levels, nodes

_PASSED_OVER = (
    ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.alias,
)  # fmt: skip
_EVERY_KIND = '''
import torch.nn.functional as F
from math import pi
@decorated
async def f(a, /, b: int = 1, *c, d=2, e, **g) -> None:
    """Text."""
    global x
    async with open(a) as h: await h
    async for i in a: yield i
    return {**g, "k": [*c], **{j: -j for j in c if j}}
class A(B, metaclass=C):
    x: int = 1
    def m(self): nonlocal_ = lambda q: (q := q + 1); return not self.x[1:2, ...] and f"{self!r:>{pi}}"
try:
    assert x < 1 <= 2 is not 3, "no"
except (A, B) as error:
    raise error from None
else:
    del x
finally:
    while True:
        if x: break
        elif y: continue
        else: pass
match x:
    case {"a": [1, *rest], **more} | A(b, c=2) | None as whole: x += 1
    case True | None: ...
    case _: (yield_, *others) = {1, 2}, (z for z in x), [z for z in x], {z for z in x}
'''


@pytest.mark.parametrize(
    "source", [_EVERY_KIND, inspect.getsource(ast), inspect.getsource(textwrap)], ids=["every kind", "ast", "textwrap"]
)
def test_the_nodes_are_those_of_pythons_walk_in_its_order(source):
    tree = ast.parse(source)
    assert nodes(tree) == [node for node in ast.walk(tree) if not isinstance(node, _PASSED_OVER)]


def test_a_level_is_as_deep_as_its_nodes_are_nested():
    (statement,) = ast.parse("f(g(h))").body
    assert [len([*filter(None, level)]) for level in levels(statement)] == [1, 1, 2, 2]
