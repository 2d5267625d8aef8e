"""The hidden checks under pytest: `pytest autograder/checks --submission submitted/s01/week06`.

The option names a notebook or a student's folder; without it the reference itself is checked. The
command `autograder grade` uses the same fixtures, for one submission after another.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from types import ModuleType

    from autograder.trusted.draw import Draw
    from autograder.trusted.examination import Examination
    from autograder.trusted.student import Student


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options for a tutor who runs the checks by hand."""
    group = parser.getgroup("autograder")
    group.addoption(
        "--submission",
        type=Path,
        default=None,
        metavar="PATH",
        help="a notebook, or a student's folder of notebooks, for the hidden checks in autograder/checks",
    )
    group.addoption(
        "--isolation", choices=("sealed", "process"), default="sealed", help="the wall around --submission's code"
    )


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Register the mark, and a desk unless `autograder grade` has brought its own."""
    config.addinivalue_line("markers", "check(exercise, points): a hidden check of an exercise, and its points")
    if not config.pluginmanager.hasplugin("autograder-desk"):
        config.pluginmanager.register(PytestDesk(config), "autograder-desk")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A check that asks for `device` is run for each device of the run."""
    if "device" in metafunc.fixturenames and metafunc.definition.get_closest_marker("check") is not None:
        metafunc.parametrize("device", metafunc.config.pluginmanager.getplugin("autograder-desk").devices())


class PytestDesk:
    """Examines one submission for a tutor who runs pytest by hand."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._examinations: dict[str, Examination] = {}
        self._template: Any = None

    def examination(self, notebook: str) -> Examination:
        """The examination of the named notebook, begun with its first check."""
        if notebook not in self._examinations:
            self._examinations[notebook] = self._begin(notebook)
        return self._examinations[notebook]

    def seed(self) -> int:
        """The seed of the random inputs."""
        from autograder.trusted.grading import Settings

        return Settings().seed

    def devices(self) -> tuple[str, ...]:
        """The devices on which checks of devices are run."""
        from autograder.trusted.grading import Settings

        return Settings().devices

    def _begin(self, notebook: str) -> Examination:
        from autograder.trusted.course import find_course
        from autograder.trusted.examination import Examination
        from autograder.trusted.files import read_bytes
        from autograder.trusted.grading import Settings, read_release
        from autograder.trusted.lending import Lender
        from autograder.trusted.notebooks import read_notebook
        from autograder.trusted.submissions import find_submissions
        from autograder.trusted.template_process import TemplateProcess
        from autograder.trusted.workers import Workers

        course = find_course(Path.cwd())
        path = self._config.getoption("submission") or course.source
        found = find_submissions([path], course.assignment, course.notebooks)
        file = next((each.path for each in found if each.notebook == notebook and each.path), None)
        if file is None:
            pytest.skip(f"{path} holds no notebook {notebook}")
        if self._template is None:
            isolation = self._config.getoption("isolation")
            self._template = TemplateProcess(1, course.secrets, isolation)
            self._workers = Workers(self._template.control(0), self._template.home)
        plan = course.notebooks[notebook]
        stubs = {cell.name: cell.source for cell in read_release(course, notebook).cells if cell.solution}
        submitted = read_notebook(read_bytes(file), plan, stubs)
        lender = Lender(plan, course.reference(notebook))
        return Examination(self._workers, plan, submitted, lender, Settings().seconds)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        """Show a failed check's sentence in place of a traceback through the kit."""
        report = yield
        if call.when == "call" and call.excinfo is not None and item.get_closest_marker("check") is not None:
            from autograder.trusted.judging import checks_of

            (check,) = checks_of([item])
            verdict = self.examination(check.notebook).verdict(check.exercise, call.excinfo.value)
            if verdict is not None:
                report.longrepr = f"{check.title}\n{verdict.outcome}: {verdict.message}"
        return report

    def pytest_unconfigure(self) -> None:
        """End the workers and the template."""
        for examination in self._examinations.values():
            examination.close()
        if self._template is not None:
            self._template.stop()


def _desk(request: pytest.FixtureRequest) -> Any:
    return request.config.pluginmanager.getplugin("autograder-desk")


def _notebook(request: pytest.FixtureRequest) -> str:
    return request.path.stem.removeprefix("test_")


@pytest.fixture
def examination(request: pytest.FixtureRequest) -> Examination:
    """The submitted notebook that this check's file is about."""
    return _desk(request).examination(_notebook(request))


@pytest.fixture
def student(examination: Examination) -> Student:
    """The student's functions: calling one runs it in the sealed worker."""
    examination.begin()
    return examination.student()


@pytest.fixture
def reference(examination: Examination) -> ModuleType:
    """The reference solution of this notebook."""
    return examination.reference


@pytest.fixture
def draw(request: pytest.FixtureRequest) -> Draw:
    """Random inputs of this check's own, the same for every student."""
    from autograder.trusted.draw import Draw

    return Draw(_desk(request).seed(), request.function.__name__)
