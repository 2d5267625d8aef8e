"""A check: a marked test function, the data of its mark and docstring, and how it runs against a submission."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from _pytest.outcomes import OutcomeException

from autograder.errors import KitError
from autograder.trusted.checking.fixtures import NAMES, GradingFixtures

if TYPE_CHECKING:
    from collections.abc import Callable

    from autograder.trusted.checking.check_context import CheckContext

BUILDS_ON = "BUILDS_ON"  # what a file of checks calls the earlier exercises that each exercise builds on


def check(exercise: str, points: float) -> pytest.MarkDecorator:
    """Mark a test function as a check of `exercise` that is worth `points`."""
    return pytest.mark.check(exercise=exercise, points=float(points))


@dataclass(frozen=True, eq=False)
class Check:
    """A collected check: its function's name, notebook, exercise, points, and the sentence for the student.

    `parameters` are the fixtures that its `function` asks for; `builds_on` are the earlier exercises of which the file
    says that this one builds on them, in a dict BUILDS_ON by exercise. Where one of those is wrong, the reference
    stands in for it; so none may be named whose answer, or a multiple of it, is an answer here.
    """

    name: str
    notebook: str
    exercise: str
    points: float
    title: str
    function: Callable[..., None]
    parameters: tuple[str, ...] = ()
    builds_on: tuple[str, ...] = ()

    @property
    def about_devices(self) -> bool:
        """Whether it runs once for each device."""
        return "device" in self.parameters

    def run(self, context: CheckContext, device: str = "") -> BaseException | None:
        """Run the check against a submission; returns the exception that ended it, or None."""
        fixtures = GradingFixtures(context, self.name, device)
        try:
            self.function(**fixtures.named(self.parameters))
        except (Exception, OutcomeException) as error:  # noqa: BLE001  # as pytest does; the judge interprets it
            return error
        return None


def check_of(item: pytest.Item) -> Check:
    """The check that a pytest item runs.

    Raises KitError if it has no mark or no docstring, or has a parameter that is not one of the fixtures.
    """
    mark = item.get_closest_marker("check")
    function = getattr(item, "function", None)
    if mark is None or function is None or not function.__doc__:
        raise KitError(f"{item.nodeid} needs @check(exercise, points) and a docstring for the student to read.")
    parameters = tuple(inspect.signature(function).parameters)
    unknown = [name for name in parameters if name not in NAMES]
    if unknown:
        raise KitError(
            f"{item.nodeid} asks for {', '.join(unknown)}: a check is given {', '.join(NAMES)}, and may call "
            "functions of its own for the rest."
        )
    return Check(
        name=function.__name__,
        notebook=item.path.stem.removeprefix("test_"),
        exercise=mark.kwargs["exercise"],
        points=mark.kwargs["points"],
        title=" ".join(function.__doc__.split("\n\n")[0].split()),
        function=function,
        parameters=parameters,
        builds_on=tuple(getattr(function, "__globals__", {}).get(BUILDS_ON, {}).get(mark.kwargs["exercise"], ())),
    )
