"""How long a class will still take, known early: each notebook by the mean of its like, whatever order they come in.

Graders take one notebook after the other, and a notebook of one kind may take many times as long as one of another: the
mean of all so far would be wrong until the last kind is met. What a second of grading costs by the clock (several
graders side by side, other work of the machine) is measured on the way.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

ENOUGH = 8  # notebooks, and
ENOUGH_SECONDS = 1.0  # since the first one was done, before anything is said


class TimeLeft:
    """The time that is left of a run.

    Args:
        notebooks: the name of each notebook that is to be graded, as far as the names are known.
        others: how many notebooks are to be graded whose names are not.
    """

    def __init__(self, notebooks: Iterable[str], others: int = 0) -> None:
        self._waiting = Counter(notebooks)
        self._waiting[""] += others
        self._seconds: dict[str, list[float]] = defaultdict(list)
        self._began: float | None = None
        self._spent = 0.0

    @property
    def waiting(self) -> int:
        """How many notebooks are left."""
        return self._waiting.total()

    def done(self, notebook: str, seconds: float, now: float) -> None:
        """Note that a notebook was graded, in so many seconds; `now` is a clock that only goes on, in seconds."""
        if self._began is None:
            self._began = now  # until now, the graders were starting
        else:
            self._spent += seconds
        self._seconds[notebook].append(seconds)
        known = notebook if self._waiting[notebook] else ""
        self._waiting[known] = max(0, self._waiting[known] - 1)

    def seconds(self, now: float) -> float | None:
        """How many seconds are left; None as long as that is not known."""
        known = sum(map(len, self._seconds.values()))
        if self._began is None or known < ENOUGH or now - self._began < ENOUGH_SECONDS or not self._spent:
            return None
        by_the_clock = (now - self._began) / self._spent
        overall = sum(map(sum, self._seconds.values())) / known
        means = {name: sum(each) / len(each) for name, each in self._seconds.items()}
        return by_the_clock * sum(number * means.get(name, overall) for name, number in self._waiting.items())
