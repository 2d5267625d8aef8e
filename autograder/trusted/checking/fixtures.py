"""The fixtures that a check can name as parameters; they are the same in the grader, pytest, and a benchmark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from autograder.trusted.checking.random_inputs import RandomInputs, rng_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

    import numpy as np

    from autograder.trusted.checking.check_context import CheckContext
    from autograder.trusted.checking.student import Student

NAMES = ("student", "reference", "random", "rng", "device")
PLUGIN = "autograder-checks"  # the name of the pytest plugin that makes the fixtures: see CheckPlugin


class Fixtures(Protocol):
    """The fixtures of one run of a check."""

    @property
    def student(self) -> Student:
        """The student's functions: calling one runs it in a worker."""

    @property
    def reference(self) -> ModuleType:
        """The reference solution of the notebook."""

    @property
    def random(self) -> RandomInputs:
        """Random tensors of this check's own, the same for every student."""

    @property
    def rng(self) -> np.random.Generator:
        """NumPy's generator of this check's own, which gives every student the same numbers and arrays."""

    @property
    def device(self) -> str:
        """The device on which a check of devices puts its tensors, such as "sim"."""


class CheckPlugin(Protocol):
    """The interface of the pytest plugin that is registered as PLUGIN."""

    def fixtures(self, item: pytest.Function) -> Fixtures:
        """The fixtures of this run of a check."""


@dataclass(frozen=True)
class GradingFixtures:
    """The fixtures of one run of a check against a submission; `check` is the name of its function."""

    context: CheckContext
    check: str
    device: str = ""

    @property
    def student(self) -> Student:
        """The student's functions; their calls are recorded for this check."""
        return self.context.student()

    @property
    def reference(self) -> ModuleType:
        """The reference solution."""
        return self.context.reference

    @property
    def random(self) -> RandomInputs:
        """Inputs that follow from the run's seed and the check's name."""
        return RandomInputs(self.context.seed, self.check)

    @property
    def rng(self) -> np.random.Generator:
        """A generator that follows from the run's seed and the check's name."""
        return rng_of(self.context.seed, self.check)

    def named(self, names: Iterable[str]) -> dict[str, Any]:
        """The fixtures with these names, as keyword arguments for the check."""
        return {name: getattr(self, name) for name in names}


def _fixtures_of(request: pytest.FixtureRequest) -> Fixtures:
    plugin: CheckPlugin = request.config.pluginmanager.getplugin(PLUGIN)
    return plugin.fixtures(request.node)


@pytest.fixture
def student(request: pytest.FixtureRequest) -> Student:
    """The student's functions: calling one runs it in the sandboxed worker."""
    return _fixtures_of(request).student


@pytest.fixture
def reference(request: pytest.FixtureRequest) -> ModuleType:
    """The reference solution of this notebook."""
    return _fixtures_of(request).reference


@pytest.fixture
def random(request: pytest.FixtureRequest) -> RandomInputs:
    """Random tensors of this check's own, the same for every student."""
    return _fixtures_of(request).random


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    """NumPy's generator of this check's own, which gives every student the same numbers and arrays."""
    return _fixtures_of(request).rng
