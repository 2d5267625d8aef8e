"""The hidden checks under pytest: `pytest checks/week06 --submission submitted/s01/week06`.

The option names a notebook or a student's folder; without it, the reference itself is checked. `autograder grade`
gives the checks the same fixtures, for one submission after another.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from autograder.trusted.checking.fixtures import PLUGIN

if TYPE_CHECKING:
    from autograder.trusted.checking.check_context import CheckContext
    from autograder.trusted.checking.fixtures import Fixtures
    from autograder.trusted.execution.workers import Workers

pytest_plugins = ("autograder.trusted.checking.fixtures",)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options for a tutor who runs the checks by hand."""
    group = parser.getgroup("autograder")
    group.addoption(
        "--submission",
        type=Path,
        default=None,
        metavar="PATH",
        help="a notebook, or a student's folder of notebooks, for the hidden checks of its assignment",
    )
    group.addoption(
        "--isolation",
        choices=("sandbox", "process", "sealed"),
        default="sandbox",
        help="where --submission's code runs: in a sandbox, or as a mere process (sealed: the sandbox's old name)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark, and the plugin that makes the fixtures."""
    config.addinivalue_line("markers", "check(exercise, points): a hidden check of an exercise, and its points")
    config.pluginmanager.register(PytestPlugin(config), PLUGIN)
    if config.getoption("submission") is not None:
        config.option.importmode = "importlib"  # two assignments may have files of checks of the same name


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a check with the parameter `device` once for each device of the run."""
    if "device" in metafunc.fixturenames and metafunc.definition.get_closest_marker("check") is not None:
        from autograder.trusted.grading.settings import Settings

        metafunc.parametrize("device", Settings().devices)


class PytestPlugin:
    """Checks one submission for a tutor who runs pytest by hand."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._contexts: dict[Path, CheckContext] = {}  # by the file of checks
        self._open = ExitStack()
        self._workers: dict[tuple[Path, tuple[str, ...]], Workers] = {}  # by the course's root and what it preloads

    def fixtures(self, item: pytest.Function) -> Fixtures:
        """The fixtures of this run of a check; its calls are recorded from now on."""
        from autograder.trusted.checking.fixtures import GradingFixtures

        context = self._context(item.path)
        context.begin()
        return GradingFixtures(context, item.function.__name__)

    def _context(self, file: Path) -> CheckContext:
        """The submitted notebook for the checks of a file; it is executed for the first of these checks."""
        if file not in self._contexts:
            self._contexts[file] = self._executed(file)
        return self._contexts[file]

    def _executed(self, file: Path) -> CheckContext:
        from autograder.trusted.assignment.course import assignments_of, find_course
        from autograder.trusted.checking.check_context import CheckContext
        from autograder.trusted.checking.substitutes import Substitutes
        from autograder.trusted.execution.template_process import isolation_of
        from autograder.trusted.execution.workers import opened_workers
        from autograder.trusted.grading.settings import Settings
        from autograder.trusted.submissions.find import find_submissions
        from autograder.trusted.submissions.notebook import read_notebook

        notebook = file.stem.removeprefix("test_")
        course = find_course(file.parent, file.parent.name)
        path = self._config.getoption("submission") or course.source
        others = set(assignments_of(course.root)) - {course.assignment}
        if course.assignment not in path.absolute().parts and others.intersection(path.absolute().parts):
            pytest.skip(f"{path} is of another assignment than {course.assignment}")
        found = find_submissions([path], course.assignment, course.notebooks, course.released)
        handed_in = next((each for each in found if each.notebook == notebook and each.path), None)
        if handed_in is None:
            pytest.skip(f"{path} holds no notebook {notebook}")
        key = course.root, course.preload
        if key not in self._workers:
            isolation = isolation_of(self._config.getoption("isolation"))
            opened = opened_workers(course.secrets, isolation, preload=course.preload)
            self._workers[key] = self._open.enter_context(opened)
        workers = self._workers[key]
        plan = course.notebooks[notebook]
        submitted = read_notebook(handed_in.content(), plan, course.released(notebook).stubs)
        substitutes, settings = Substitutes(workers, plan, course.reference(notebook)), Settings()
        return CheckContext(workers, plan, submitted, substitutes, settings.seconds, settings.seed)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        """Show a failed check's sentence in place of a traceback through the kit."""
        report = yield
        if call.when == "call" and call.excinfo is not None and item.get_closest_marker("check") is not None:
            from autograder.trusted.checking.check import check_of

            check = check_of(item)
            verdict = self._context(item.path).verdict(check.exercise, call.excinfo.value)
            if verdict is not None:
                report.longrepr = f"{check.title}\n{verdict.outcome}: {verdict.message}"
        return report

    def pytest_unconfigure(self) -> None:
        """End the workers and the template."""
        for context in self._contexts.values():
            context.close()
        self._open.close()
