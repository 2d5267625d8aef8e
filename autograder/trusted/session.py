"""A pytest session that grades: the checks are collected once, then run for every submission."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING, Any, TypeGuard

import pytest
from _pytest.outcomes import OutcomeException
from _pytest.runner import runtestprotocol

from autograder.errors import KitError
from autograder.trusted.draw import Draw
from autograder.trusted.grading import Grader
from autograder.trusted.judging import checks_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from pathlib import Path

    from autograder.trusted.course import Course
    from autograder.trusted.examination import Examination
    from autograder.trusted.grading import Settings
    from autograder.trusted.judging import Check
    from autograder.trusted.workers import Workers

_PLAIN_FIXTURES = {"student", "reference", "examination", "draw"}
DESK = "autograder-desk"
PLUGIN = "autograder.faces.pytest_plugin"


class GradingDesk:
    """The pytest plugin of a grading session: its test loop is the loop over submissions.

    Args:
        serve: called once with a Grader, when the checks are collected; grades until nothing is left.
    """

    def __init__(self, course: Course, workers: Workers, settings: Settings, serve: Callable[[Grader], None]) -> None:
        self.__name__ = DESK  # the name that pytest registers it under
        self._course = course
        self._workers = workers
        self._settings = settings
        self._serve = serve
        self._current: Examination | None = None
        self._error: BaseException | None = None

    def examination(self, notebook: str) -> Examination:
        """The examination that the running check is about; the `student` fixture asks for it."""
        assert self._current is not None and self._current.plan.name == notebook
        return self._current

    def seed(self) -> int:
        """The seed of the random inputs."""
        return self._settings.seed

    def devices(self) -> tuple[str, ...]:
        """The devices on which checks of devices are run."""
        gpu = self._settings.gpu
        return (*self._settings.devices, gpu) if gpu and gpu not in self._settings.devices else self._settings.devices

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Every exercise has checks, worth exactly its points: otherwise nothing is graded."""
        checks = checks_of(session.items)
        self._plain = {item for item in session.items if _is_plain(item)}
        predictable = {item for item in self._plain if "examination" not in item._fixtureinfo.argnames}
        require_agreement(self._course, checks)
        self._grader = Grader(self._course, self._workers, checks, self._run, self._settings, predictable)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """In place of pytest's loop over its items."""
        gc.freeze()  # what is collected stays: the garbage collector need not go through it for each submission
        self._serve(self._grader)
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Keep the exception itself; nobody reads pytest's own report here."""
        if call.excinfo is not None:
            self._error = call.excinfo.value
            call.excinfo = None  # formatting the traceback would cost more than the check
        return (yield)

    def _run(self, item: pytest.Item, examination: Examination) -> BaseException | None:
        self._current, self._error = examination, None
        if item in self._plain:
            return _called(item, examination, self.seed())
        runtestprotocol(item, log=False, nextitem=None)
        return self._error


def _is_plain(item: pytest.Item) -> TypeGuard[pytest.Function]:
    """Whether a check asks for the kit's own fixtures only: then pytest's protocol has nothing to do for it."""
    if not isinstance(item, pytest.Function) or item.cls is not None:
        return False
    own = {name for name, found in item._fixtureinfo.name2fixturedefs.items() if found[-1].func.__module__ == PLUGIN}
    asked = set(item._fixtureinfo.initialnames)
    return asked == set(item._fixtureinfo.argnames) and asked <= own & _PLAIN_FIXTURES | {"device"}


def _called(item: Any, examination: Examination, seed: int) -> BaseException | None:
    """Call a plain check as pytest would, without its protocol; returns the exception that ended it, or None."""
    makers: dict[str, Callable[[], Any]] = {
        "student": examination.student,
        "reference": lambda: examination.reference,
        "examination": lambda: examination,
        "draw": lambda: Draw(seed, item.originalname),
        "device": lambda: item.callspec.params["device"],
    }
    try:
        item.function(**{name: makers[name]() for name in item._fixtureinfo.argnames})
    except (Exception, OutcomeException) as error:  # noqa: BLE001  # as pytest does; the caller judges it
        return error
    return None


def require_agreement(course: Course, checks: list[Check]) -> None:
    """The checks of each exercise are worth its points. Raises KitError, naming the first that is not."""
    for notebook, plan in course.notebooks.items():
        for name, exercise in plan.exercises.items():
            points = sum(check.points for check in checks if (check.notebook, check.exercise) == (notebook, name))
            if points != exercise.points:
                raise KitError(
                    f"The checks of `{name}` in test_{notebook}.py are worth {points:g} points, the exercise "
                    f"{exercise.points:g} (the points of the cell test_{name} in source/): make them agree."
                )
    for check in checks:
        if check.exercise not in course.notebooks[check.notebook].exercises:
            where = f"{check.name} in test_{check.notebook}.py"
            raise KitError(f"{where} checks `{check.exercise}`, which is no exercise of {check.notebook}.")


def hold_session(checks: Path, notebooks: Iterable[str], desk: GradingDesk) -> None:
    """Run pytest over the checks of these notebooks with `desk` in charge of the loop.

    pytest reads no configuration, plugin or conftest but the kit's own, and writes nothing.
    Raises KitError where the checks cannot be collected.
    """
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.environ.pop("PYTEST_ADDOPTS", None)
    os.environ.pop("PYTEST_PLUGINS", None)
    quiet = [
        "terminal",
        "cacheprovider",
        "capture",
        "logging",
        "warnings",
        "stepwise",
        "junitxml",
        "pastebin",
        "faulthandler",
    ]
    arguments = [
        *(str(checks / f"test_{notebook}.py") for notebook in notebooks),
        *(word for plugin in quiet for word in ("-p", f"no:{plugin}")),
        *("-p", PLUGIN),
        "--assert=plain",
        "--import-mode=importlib",
        f"--rootdir={checks}",
        f"--confcutdir={checks}",
        *("-c", os.devnull),
    ]
    complaints = _Complaints()
    code = pytest.main(arguments, plugins=[desk, complaints])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED) or complaints.said:
        raise KitError(f"The checks in {checks} cannot be used: {'; '.join(complaints.said) or code!r}")


class _Complaints:
    """What went wrong outside of any check: a file that does not import, a fault of the kit."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.said.append(f"{report.nodeid}: {report.longreprtext.strip().splitlines()[-1]}")

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        self.said.append(f"{excinfo.typename}: {excinfo.value}")
