"""Checks whose verdict would not follow from the student's answers, found in their text before anything is graded.

The verdict cache reuses a verdict where all replies are equal, and a class is graded alike on every machine and day.
Both need checks that read no clock and take no random number but from `random` and `rng`, which follow from the
run's seed.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from autograder.errors import KitError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Packages that a check may import; what of them knows the time, or a random number, is named below.
_PACKAGES = frozenset(
    {
        "__future__", "collections", "dataclasses", "enum", "fractions", "functools", "itertools", "math", "numpy",
        "operator", "pandas", "re", "string", "torch", "typing",
    }
)  # fmt: skip
_OF_THE_KIT = "autograder.checking"
_UNSEEDED = frozenset(
    {
        "bernoulli", "bernoulli_", "cauchy_", "default_rng", "dropout", "exponential_", "geometric_", "initial_seed",
        "kaiming_normal_", "kaiming_uniform_", "log_normal_", "manual_seed", "multinomial", "normal", "normal_",
        "poisson", "rand", "rand_like", "randint", "randint_like", "randn", "randn_like", "random_", "randperm",
        "sample", "seed", "trunc_normal_", "uniform_", "xavier_normal_", "xavier_uniform_",
    }
)  # fmt: skip
_CLOCKS = frozenset({"now", "today", "utcnow"})  # of pandas' times
_SEEDED_BY = frozenset({"generator", "random_state"})
_FIXTURES = ("random", "rng")  # rng.normal(3) follows from the seed


def require_determinism(path: Path) -> None:
    """Raise KitError, naming the line, where a file of checks reads a clock or takes random numbers without a seed."""
    tree = ast.parse(path.read_bytes(), filename=str(path))
    for line, why in sorted(_doubtful(tree)):
        raise KitError(
            f"{path}, line {line}: {why}. A check's verdict must follow from the student's answers: take random inputs "
            f"from `random` or `rng`, and ask no clock."
        )


def _doubtful(tree: ast.AST) -> Iterator[tuple[int, str]]:
    seeded = {
        id(node.func)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and any(keyword.arg in _SEEDED_BY for keyword in node.keywords)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for module in _modules(node):
                if module != _OF_THE_KIT and module.partition(".")[0] not in _PACKAGES:
                    yield node.lineno, f"it imports {module}"
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if alias.name in _UNSEEDED:
                    yield node.lineno, f"it imports {alias.name}, which takes random numbers without a seed"
        elif isinstance(node, ast.Attribute) and node.attr in _CLOCKS:
            yield node.lineno, f"{ast.unparse(node)} reads a clock"
        elif isinstance(node, ast.Attribute) and node.attr in _UNSEEDED and id(node) not in seeded:
            of_the_fixture = isinstance(node.value, ast.Name) and node.value.id in _FIXTURES
            if not of_the_fixture:
                yield node.lineno, f"{ast.unparse(node)} takes random numbers without a seed"


def _modules(node: ast.Import | ast.ImportFrom) -> list[str]:
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
