"""What a definition says: loops and short cuts are found, in it and in what it calls."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.reading.definitions import Definitions

HELPERS = """
def helper(X):
    return sum(x for x in X)

alias = helper

class Helpers:
    def loop(X):
        for x in X: pass
"""


@pytest.mark.parametrize(
    "body",
    [
        "    for row in X: pass",
        "    while True: pass",
        "    return [row @ w for row in X]",
        "    return torch.stack(list(map(lambda r: r @ w, X)))",
        "    return helper(X)",
        "    return Helpers.loop(X)",
        "    return alias(X)",
        "    return {k: v for k, v in X}",
        "    def inner():\n        while True: pass\n    return inner()",
        "    return np.vectorize(f)(X)",
    ],
)
def test_a_loop_is_found_in_whichever_form(body):
    definitions = Definitions([f"def affine(X, w, b):\n{body}", HELPERS])
    assert definitions.has_loop("affine")


def test_a_loop_elsewhere_in_the_notebook_does_not_count():
    definitions = Definitions(
        ["def affine(X, w, b):\n    return X @ w + b", "for x in range(3): print(x)", "def g():\n    while 1: pass"]
    )
    assert not definitions.has_loop("affine")


def test_the_last_definition_of_a_name_counts():
    definitions = Definitions(["def f():\n    for x in y: pass", "def f():\n    return 1"])
    assert not definitions.has_loop("f")


def test_names_attributes_and_imports_are_identifiers():
    source = "def f(x):\n    from torch.nn import functional\n    return functional.relu(torch.special.expit(x, out=1))"
    assert Definitions([source]).names_used("f") == {"torch", "special", "expit", "nn", "functional", "relu"}


@pytest.mark.parametrize(
    "source",
    [
        "def f(z):\n    return expit(z)\ndef expit(z):\n    return z",
        "class M:\n    def expit(self, z):\n        return z\ndef f(z):\n    return M().expit(z)",
        "def f(z):\n    def expit(z):\n        return z\n    return expit(z)",
        "def f(z):\n    from scipy.special import expit\n    return z",
        "import torch.expit\ndef f(z):\n    return torch.exp(z)",
    ],
)
def test_what_the_notebook_defines_and_what_is_not_used_is_nobody_elses(source):
    assert "expit" not in Definitions([source]).names_used("f")
    assert not Definitions([source]).words_used("f", ".expit")


def test_a_method_of_the_notebooks_hides_no_function_of_a_module():
    cells = ["import torch\nclass M:\n    def sigmoid(self, z):\n        return z"]
    assert Definitions([*cells, "def f(z):\n    return torch.sigmoid(z)"]).words_used("f", ".sigmoid")
    assert not Definitions([*cells, "def f(z):\n    return M().sigmoid(z)"]).words_used("f", ".sigmoid")


@pytest.mark.parametrize(
    "source",
    [
        "def f(z):\n    cross_entropy = z * 2\n    return cross_entropy.mean()",
        "def f(z, cross_entropy=1.0):\n    return z * cross_entropy",
        "def f(z):\n    def inner(cross_entropy):\n        return cross_entropy + z\n    return inner(1)",
        "def f(z):\n    return (lambda cross_entropy: cross_entropy + 1)(z)",
        "def f(z):\n    return g(z, cross_entropy=True)",
        "def f(z):\n    print('cross_entropy')\n    return z",
    ],
)
def test_a_name_of_its_own_is_nobody_elses(source):
    assert "cross_entropy" not in Definitions([source]).names_used("f")


@pytest.mark.parametrize(
    "source",
    [
        "def f(z):\n    return cross_entropy(z)",
        "def f(z, cross_entropy=cross_entropy):\n    return cross_entropy(z)",
        "def f(z):\n    def inner(z, loss=cross_entropy):\n        return loss(z)\n    return inner(z)",
        "def f(z):\n    return helper(z)\ndef helper(z):\n    return cross_entropy(z)",
        "def f(z):\n    return g(cross_entropy, z)\ndef g(h, z):\n    cross_entropy = 1\n    return h(z)",
        "def f(z):\n    return getattr(F, 'cross_' + 'entropy')(z)",
        "def f(z):\n    return getattr(F, f'cross_{\"entropy\"}')(z)",
        "def f(z):\n    return getattr(F, ''.join(['cross', '_', 'entropy']))(z)",
        "def f(z):\n    return F.__dict__['cross_entropy'](z)",
        "def f(z):\n    return operator.methodcaller('cross_entropy', z)(F)",
        "def f(z):\n    from torch.nn.functional import cross_entropy as mine\n    return mine(z)",
        "f = cross_entropy",
    ],
)
def test_whatever_is_called_counts_however_it_is_spelled(source):
    assert "cross_entropy" in Definitions([source]).names_used("f")


def test_an_attribute_is_told_from_a_name():
    definitions = Definitions(["def f(sigmoid):\n    return sigmoid", "def g(z):\n    return torch.sigmoid(z)"])
    assert not definitions.words_used("f", ".sigmoid")
    assert definitions.words_used("g", "sigmoid", ".sigmoid", "torch", ".torch", "relu") == {
        "sigmoid", ".sigmoid", "torch",
    }  # fmt: skip


def test_a_short_cut_that_another_cell_has_imported_is_found():
    cells = [
        "from torch.func import grad as slope\nimport torch.nn.functional as F",
        "def f(z):\n    return slope(F.relu)(z)",
    ]
    definitions = Definitions(cells)
    assert definitions.words_used("f", ".func")
    assert {"torch", "func", "grad", "nn", "functional"} <= definitions.names_used("f")
    assert not Definitions([*cells, "def g(z):\n    return z"]).words_used("g", ".func")


def test_magics_are_understood_and_broken_cells_passed_over():
    definitions = Definitions(["%matplotlib inline\n!ls", "def f(:", "def g():\n    return h()", "((((" * 500])
    assert definitions.names_used("g") == {"h"}


@pytest.mark.parametrize(
    "opening", ["if torch.cuda.is_available():", "for _ in range(1):", "with torch.no_grad():", "try:", "while True:"]
)
def test_a_definition_within_a_statement_is_a_definition_of_the_notebooks(opening):
    ending = "\nexcept ImportError: pass" if opening == "try:" else ""
    definitions = Definitions([f"{opening}\n    def f(x):\n        return torch.sigmoid(x){ending}"])
    assert definitions.words_used("f", ".sigmoid")
    assert not definitions.has_loop("f")


def test_a_name_of_the_functions_own_is_not_the_notebooks():
    cells = ["rows = [i for i in range(3)]\ndef total(x):\n    while x: pass"]
    for function in (
        "def f(rows):\n    return rows",
        "def f(X):\n    rows = X @ X\n    return rows",
        "def f(X):\n    a, (rows, b) = X\n    return rows",
        "f = lambda rows: rows",
        "def f(X):\n    return X.total()",
    ):
        assert not Definitions([*cells, function]).has_loop("f")
    assert Definitions([*cells, "def f(X):\n    return total(X)"]).has_loop("f")


def test_functions_that_call_each_other_are_read_once():
    definitions = Definitions(["def f(x):\n    return g(x)", "def g(x):\n    return f(x) + torch.e"])
    assert "torch" in definitions.names_used("f")
    assert not definitions.has_loop("f")


def test_nothing_is_known_of_what_is_not_defined():
    definitions = Definitions([])
    assert not definitions.has_loop("f")
    assert definitions.names_used("f") == set()


def test_a_cell_that_warns_is_read_like_any_other():
    definitions = Definitions(["pattern = '\\d'\ndef f(x):\n    for row in x: pass"])
    assert definitions.has_loop("f")


FRAGMENTS = [
    "def f(",
    "):",
    "\n",
    "    ",
    "%",
    "%%bash",
    "!",
    "??",
    "'''",
    "(",
    "[",
    "\\",
    "x",
    "=",
    "$",
    "\0",
    "\ud800",
    "f'{",
]


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=10).map("".join))
def test_no_text_in_a_cell_stops_the_reading_of_the_others(text):
    assert Definitions([text, "def sound():\n    return torch.ones(1)"]).words_used("sound", ".ones")
