"""How long a run of nbgrader will still take: it comes to one notebook after another, and says so in its log."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from autograder.faces.time_left import TimeLeft, TimeTold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbgrader.converters.base import BaseConverter

    from autograder.faces.nbgrader.locations import Locations


class RunTime:
    """The time that is left of one run over these notebooks, by name: nbgrader's own share of it included."""

    def __init__(self, notebooks: Iterable[str]) -> None:
        self._left = TimeLeft(notebooks)
        self._told = TimeTold(self._left)
        self._met: set[str] = set()
        self._last = 0.0

    def done(self, notebook: str, now: float) -> str:
        """Note that nbgrader has come to the end of a notebook; what its log is to say then, "" for nothing.

        A notebook takes the time since the one before. The first of its name has waited for the graders' start.
        """
        self._left.done(notebook, now - self._last if notebook in self._met else None, now)
        self._met.add(notebook)
        self._last = now
        return self._told.sentence(now)


_runs: WeakKeyDictionary[BaseConverter, RunTime] = WeakKeyDictionary()  # formgrader's server has one after another


def run_time(converter: BaseConverter, where: Locations) -> RunTime:
    """The time of the run in which this converter is."""
    if converter not in _runs:
        _runs[converter] = RunTime(notebook for _, notebook in where.run())
    return _runs[converter]
