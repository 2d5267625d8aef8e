"""Of a demonstration, what it defines can be run; what it draws, trains or shows is left out."""

from __future__ import annotations

import ast

import pytest

from autograder.trusted.assignment.demonstrations import Definitions

START = """
import torch, numpy as np
import matplotlib.pyplot as plt
from matplotlib.colors import ListedColormap
def helper(x): return np.exp(x)
def drawn(x): return plt.plot(x)
def trained(x): return train(x)
"""


def kept(source):
    definitions = Definitions(["train"])
    definitions.of(START)
    return definitions.of(source)


@pytest.mark.parametrize(
    "source",
    [
        "import math",
        "from torch import nn",
        "BLUE, INK = '#0072B2', '#222222'",
        "TINTS = ListedColormap(['#FBE7DA'])",
        "torch.manual_seed(3)\nX = torch.randn(3, 2)",
        "X = torch.ones(3)\nX[0] = 2\ny = helper(X)",
        "rows = [torch.tensor(x) for x in (1.0, 2.0)]",
        "def shown(x):\n    plt.plot(train(x))",
        "class Net(torch.nn.Module):\n    pass",
        "try:\n    import pandas\nexcept ImportError:\n    pandas = None",
    ],
)
def test_what_only_defines_is_kept(source):
    assert ast.dump(ast.parse(kept(source))) == ast.dump(ast.parse(source))


@pytest.mark.parametrize(
    "source",
    [
        "fig, ax = plt.subplots()\nax.plot([1])",
        "plt.rcParams['figure.dpi'] = 110",
        "w, mistakes = train(torch.ones(3))\nlongest = max(mistakes)",
        "print('done')",
        "assert train(1) == 2",
        "for _ in range(3):\n    train(1)",
        "picture = drawn(1)",
        "weights = trained(1)",
        "if train(1):\n    x = 1",
        "%matplotlib inline",
    ],
)
def test_what_draws_trains_or_shows_is_left_out_and_all_that_is_made_of_it(source):
    assert kept(source) == ""


def test_what_a_loop_fills_is_not_known_afterwards():
    assert (
        kept("rows = []\nfor row in range(3):\n    rows.append(train(row))\nstacked = torch.stack(rows)") == "rows = []"
    )


def test_a_loop_that_uses_a_module_changes_nothing_of_it():
    assert kept("for row in range(3):\n    torch.relu(train(row))\nx = torch.ones(2)") == "x = torch.ones(2)"
