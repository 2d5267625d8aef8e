"""What a definition says: loops and short cuts are found, in it and in what it calls."""

from __future__ import annotations

import pytest

from autograder.trusted.source_code import Definitions


@pytest.mark.parametrize(
    "body",
    [
        "    for row in X: pass",
        "    while True: pass",
        "    return [row @ w for row in X]",
        "    return torch.stack(list(map(lambda r: r @ w, X)))",
        "    return helper(X)",
    ],
)
def test_a_loop_is_found_in_whichever_form(body):
    definitions = Definitions([f"def affine(X, w, b):\n{body}", "def helper(X):\n    return sum(x for x in X)"])
    assert definitions.has_loop("affine")


def test_a_loop_elsewhere_in_the_notebook_does_not_count():
    definitions = Definitions(
        ["def affine(X, w, b):\n    return X @ w + b", "for x in range(3): print(x)", "def g():\n    while 1: pass"]
    )
    assert not definitions.has_loop("affine")


def test_the_last_definition_of_a_name_counts():
    definitions = Definitions(["def f():\n    for x in y: pass", "def f():\n    return 1"])
    assert not definitions.has_loop("f")


def test_names_attributes_keywords_and_imports_are_identifiers():
    source = "def f(x):\n    from torch.nn import functional\n    return torch.special.expit(x, out=None)"
    assert {"torch", "special", "expit", "out", "functional", "x"} <= Definitions([source]).names_used("f")


def test_an_attribute_is_told_from_a_name():
    definitions = Definitions(["def f(sigmoid):\n    return sigmoid", "def g(z):\n    return torch.sigmoid(z)"])
    assert not definitions.uses_attribute("f", "sigmoid")
    assert definitions.uses_attribute("g", "sigmoid")


def test_a_short_cut_that_another_cell_has_imported_is_found():
    cells = [
        "from torch.func import grad as slope\nimport torch.nn.functional as F",
        "def f(z):\n    return slope(F.relu)(z)",
    ]
    definitions = Definitions(cells)
    assert definitions.uses_attribute("f", "func")
    assert {"torch", "func", "grad", "nn", "functional"} <= definitions.names_used("f")
    assert not Definitions([*cells, "def g(z):\n    return z"]).uses_attribute("g", "func")


def test_magics_are_understood_and_broken_cells_passed_over():
    definitions = Definitions(["%matplotlib inline\n!ls", "def f(:", "def g():\n    return h()", "((((" * 500])
    assert definitions.names_used("g") == {"h"}
