"""The operators that make mutants: each changes one thing, spells the rest as it was, and makes Python."""

from __future__ import annotations

import pytest

from autograder.author.check.operators import changed_sources, is_python


@pytest.mark.parametrize(
    ("source", "changed"),
    [
        ("y = a - b * c", {"y = a + b * c", "y = a - b / c"}),
        ("y = a < b  # é", {"y = a <= b  # é"}),
        ("y = a is not None", {"y = a is None"}),
        ("y = not a", {"y = a"}),
        ("y = a and b or c", {"y = (a and b) and c", "y = (a or b) or c"}),
        ("y += 1", {"y -= 1", "y = 1", "y += 2"}),
        ("y = f(x, k=z)", {"y = f(x)", "y = x"}),
        ("y = x.detach()", {"y = x"}),
        ("y = x.mean(0).abs()", {"y = x.mean(1).abs()", "y = x.abs()", "y = x.mean(0)"}),
        ("y = np.exp(x)", {"y = x"}),
        ("y = True", {"y = False"}),
        ("y = 'a'", {"y = 'XXaXX'"}),
        ("y = a if b else c", {"y = c if b else a"}),
        ("while a:\n    break", {"while a:\n    continue"}),
        ("f(x)", {"pass", "x"}),
        ("with g():\n    pass", {"with __import__('contextlib').nullcontext():\n    pass"}),
        ("def f(x: int | None) -> 'int':\n    '''1 + 1.'''\n    raise E(f'{1 + 1}')", set()),
    ],
)
def test_what_an_operator_makes(source, changed):
    made = list(changed_sources(source))
    assert {*made} == changed
    assert all(map(is_python, made))
