"""Find checks, by their source code and before grading, whose verdict does not follow from the student's answers.

The verdict cache reuses a verdict if all replies are equal, and every machine must give a class the same marks. Both
need checks that read no clock and take random numbers only from `random`, which follows from the run's seed.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from autograder.errors import KitError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Modules that a check may import; none of them tells the time, or anything about the machine.
_MODULES = {
    "__future__", "autograder", "collections", "dataclasses", "enum", "fractions", "functools", "itertools", "math",
    "numpy", "operator", "re", "string", "torch", "typing",
}  # fmt: skip
_UNSEEDED = {
    "bernoulli", "bernoulli_", "cauchy_", "dropout", "exponential_", "geometric_", "initial_seed", "kaiming_normal_",
    "kaiming_uniform_", "log_normal_", "manual_seed", "multinomial", "normal", "normal_", "poisson", "rand",
    "rand_like", "randint", "randint_like", "randn", "randn_like", "random_", "randperm", "seed", "trunc_normal_",
    "uniform_", "xavier_normal_", "xavier_uniform_", "default_rng",
}  # fmt: skip
_GENERATOR_OF_ITS_OWN = "random"  # the fixture: random.normal(3)


def require_determinism(path: Path) -> None:
    """Raise KitError, naming the line, if a file of checks reads a clock or takes random numbers without a seed."""
    for line, why in _doubtful(ast.parse(path.read_bytes(), filename=str(path))):
        raise KitError(
            f"{path}, line {line}: {why}. A check's verdict must follow from the student's answers: take random inputs "
            "from `random`, and ask no clock."
        )


def _doubtful(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            named = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            for module in named:
                if module.partition(".")[0] not in _MODULES:
                    yield node.lineno, f"it imports {module}"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _UNSEEDED:
            owner = node.func.value
            of_the_fixture = isinstance(owner, ast.Name) and owner.id == _GENERATOR_OF_ITS_OWN
            if not of_the_fixture and not any(keyword.arg == "generator" for keyword in node.keywords):
                yield node.lineno, f"{ast.unparse(node.func)} draws without a seed"
