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
WORTH_SAYING = 10  # seconds that are left, or that what was said is off
OFF_BY_MUCH = 2.0  # how many times as long as was said, or as short
MOST_SENTENCES = 3  # of a run, whatever happens in it


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

    def done(self, notebook: str, seconds: float | None, now: float) -> None:
        """Note that a notebook was graded, in so many seconds; `now` is a clock that only goes on, in seconds.

        None stands for a time that went into a start, and tells nothing of those to come: the clock is read anew.
        """
        if self._began is None or seconds is None:
            self._began, self._spent = now, 0.0  # until now, the graders were starting
        else:
            self._spent += seconds
        if seconds is not None:
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


class TimeTold:
    """What a run says of the time that is left: once, early, and again where that was half or twice of the truth.

    That it takes longer is not said anew before half of the time that was said last is over, and nothing is said a
    fourth time.
    """

    def __init__(self, left: TimeLeft) -> None:
        self._left = left
        self._expected: tuple[float, float] | None = None  # when it was last thought, and how many seconds from then
        self._sentences = 0

    def sentence(self, now: float) -> str:
        """What to say now; "" where there is nothing new, or too little time is left to say so."""
        if self._sentences == MOST_SENTENCES:
            return ""
        seconds = self._left.seconds(now)
        if seconds is None or not self._is_new(seconds, now):
            return ""
        self._expected = now, seconds
        if seconds < WORTH_SAYING:
            return ""
        self._sentences += 1
        number = self._left.waiting
        return f"About {in_words(seconds)} for {number} notebook{'' if number == 1 else 's'} more."

    def _is_new(self, seconds: float, now: float) -> bool:
        if self._expected is None:
            return True
        since, expected = self._expected
        whole = now - since + seconds
        if abs(whole - expected) < WORTH_SAYING:
            return False
        return whole * OFF_BY_MUCH <= expected or (whole >= expected * OFF_BY_MUCH and now - since >= expected / 2)


def in_words(seconds: float) -> str:
    """A time to wait, as a person says it: 40 s, 3 min, 1.5 h."""
    if seconds < 90:
        return f"{max(1, round(seconds)):d} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
