"""Collect the hidden checks with pytest, so that a grader runs the same checks as a tutor who starts pytest."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from autograder.errors import KitError
from autograder.trusted.assignment.variants import read_variants
from autograder.trusted.checking.check import BUILDS_ON, Check, check_of
from autograder.trusted.grading.determinism import require_determinism
from autograder.trusted.results.records import total

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from autograder.trusted.assignment.course import Course

_QUIET = (
    "terminal", "cacheprovider", "capture", "logging", "warnings", "stepwise", "junitxml", "pastebin", "faulthandler",
    "unraisableexception", "threadexception",
)  # fmt: skip


def collect_checks(course: Course) -> list[Check]:
    """The hidden checks of an assignment.

    This pytest session loads no configuration, no plugin and no conftest, and writes no files.

    Raises KitError, with one sentence, where the checks cannot be used: a file that does not import, a check without
    a mark, one whose verdict does not follow from the student's answers, points that disagree with the source's, or an
    exercise that is said to build on what is no earlier one.
    """
    files = [course.checks / f"test_{notebook}.py" for notebook in course.notebooks if course.has_checks(notebook)]
    for file in files:
        require_determinism(file)
    require_files(course)
    if not files:
        return []
    arguments = [
        *map(str, files),
        *(word for plugin in _QUIET for word in ("-p", f"no:{plugin}")),
        "--collect-only",
        "--assert=plain",
        "--import-mode=importlib",
        f"--rootdir={course.checks}",
        f"--confcutdir={course.checks}",
        "--noconftest",
        *("-c", os.devnull),
    ]
    collected = _Collected()
    _forget_modules({file.name for file in files})
    with _pytest_alone():
        code = pytest.main(arguments, plugins=[collected])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED) or collected.complaints:
        raise KitError(f"The checks in {course.checks} cannot be used: {'; '.join(collected.complaints) or code!r}")
    require_order(course, collected.declared)
    checks = [check_of(item) for item in collected.items]
    require_agreement(course, checks)
    return checks


@contextmanager
def _pytest_alone() -> Iterator[None]:
    """Meanwhile, pytest loads no plugin and no option that is installed or named outside; afterwards all is as before.

    A pytest that is started later, by this process or one of its children, loads the kit's own plugin.
    """
    names = ("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "PYTEST_ADDOPTS", "PYTEST_PLUGINS")
    before = {name: os.environ.pop(name) for name in names if name in os.environ}
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        del os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
        os.environ.update(before)


def _forget_modules(names: set[str]) -> None:
    """Let pytest import these files anew: it takes another course's file of the same name for the same module."""
    for name, module in list(sys.modules.items()):
        if Path(getattr(module, "__file__", None) or "").name in names:
            del sys.modules[name]


def require_files(course: Course, variants: Sequence[str] = ("misconceptions",)) -> None:
    """Raise KitError for a file of checks, or of these variants, that belongs to no notebook or names no exercise."""
    for kind, pattern in (("test_", "test_*.py"), *(("", f"{folder}/*.py") for folder in variants)):
        for path in sorted(course.checks.glob(pattern)):
            notebook = path.stem.removeprefix(kind)
            if notebook not in course.notebooks:
                known = ", ".join(course.notebooks)
                raise KitError(f"{path} is of no notebook of {course.assignment} ({known}): rename or delete it.")
            for variant in read_variants(path) if not kind else ():
                if variant.exercise not in course.notebooks[notebook].exercises:
                    raise KitError(
                        f"{path}, line {variant.line}: {variant.name} is @of({variant.exercise!r}), which is no "
                        f"exercise of {notebook} ({', '.join(course.notebooks[notebook].exercises)})."
                    )


def require_agreement(course: Course, checks: list[Check]) -> None:
    """Raise KitError if the checks of an exercise are not worth its points, or a check names no exercise.

    An exercise that is graded by hand needs no checks, and neither does a notebook.
    """
    for check in checks:
        if check.exercise not in course.notebooks[check.notebook].exercises:
            known = ", ".join(course.notebooks[check.notebook].exercises)
            raise KitError(
                f"{_place(course, check.notebook, checks, check.exercise)}: {check.name} checks `{check.exercise}`, "
                f"which is no exercise of {check.notebook} ({known})."
            )
    for notebook, plan in course.notebooks.items():
        for name, exercise in plan.exercises.items() if course.has_checks(notebook) else ():
            own = [check.points for check in checks if (check.notebook, check.exercise) == (notebook, name)]
            points = total(own)
            if exercise.by_hand and not own:
                continue
            if points != total([exercise.points]):
                raise KitError(
                    f"{_place(course, notebook, checks, name)}: the checks of `{name}` are worth {points:g} points, "
                    f"the exercise {exercise.points:g} (those of the cell test_{name} in source/): make them agree."
                )
        for name, cell in plan.graded.items() if course.has_checks(notebook) else ():
            if name not in plan.exercises and not cell.by_hand:
                raise KitError(
                    f"The test cell {cell.name} of {notebook} belongs to no exercise: call it test_ and the name of "
                    "the exercise that it tests, or take its points away."
                )


def _place(course: Course, notebook: str, checks: Iterable[Check], exercise: str) -> str:
    """The file of a notebook's checks, and the line of the first one of an exercise, if there is one."""
    path = course.checks / f"test_{notebook}.py"
    own = [check.function for check in checks if (check.notebook, check.exercise) == (notebook, exercise)]
    return f"{path}, line {own[0].__code__.co_firstlineno}" if own else str(path)


def require_order(course: Course, declared: Mapping[str, Any]) -> None:
    """What a notebook's exercises are said to build on, are earlier exercises of it. Raises KitError for the first."""
    for notebook, builds_on in declared.items():
        where = f"{BUILDS_ON} in test_{notebook}.py"
        if not isinstance(builds_on, dict) or not all(isinstance(each, list | tuple) for each in builds_on.values()):
            raise KitError(f'{where} should be a dict like {{"train": ("update", "predict")}}.')
        order = list(course.notebooks[notebook].exercises)
        for name, earlier in builds_on.items():
            for each in (name, *earlier):
                if each not in order:
                    raise KitError(f"{where} names `{each}`, which is no exercise of {notebook}.")
            for each in earlier:
                if order.index(each) >= order.index(name):
                    which = "itself" if each == name else f"the later exercise `{each}`"
                    raise KitError(f"{where} says that `{name}` builds on {which}: name earlier exercises.")


class _Collected:
    """The items of a session, and its errors outside of any check, such as a file that does not import."""

    """What a session has collected.

    Attributes:
        items: the checks.
        complaints: what went wrong outside of any check: a file that does not import.
        declared: by notebook, what its file says that exercises build on.
    """

    def __init__(self) -> None:
        self.items: list[pytest.Item] = []
        self.declared: dict[str, Any] = {}
        self.complaints: list[str] = []

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line("markers", "check(exercise, points): a hidden check of an exercise, and its points")

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.items = session.items
        for module in {item.getparent(pytest.Module) for item in session.items}:
            if module is not None and hasattr(module.obj, BUILDS_ON):
                self.declared[module.path.stem.removeprefix("test_")] = getattr(module.obj, BUILDS_ON)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.complaints.append(f"{report.nodeid}: {report.longreprtext.strip().splitlines()[-1]}")

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        self.complaints.append(f"{excinfo.typename}: {excinfo.value}")
