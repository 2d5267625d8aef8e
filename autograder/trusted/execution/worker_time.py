"""The time that a worker is charged for, however busy the machine is.

A time limit is meant for the student's code. While other processes hold the processor, a worker that would run waits
in the kernel's queue: that is nobody's fault and costs nothing. While it sleeps, or waits for what never comes, the
clock runs. So an endless loop ends after as much computing as on a quiet machine, and an honest answer is never late.

Sources: proc_pid_stat(5); Documentation/scheduler/sched-stats.rst, "/proc/<pid>/schedstat".
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import NamedTuple

from autograder.wire.frames import WATCH_SECONDS, Deadline

_USER_TIME, _THREADS = 11, 17  # fields of /proc/<pid>/stat, counted after the name
MOST_STRETCHED = 40  # the limit, in wall-clock time, on however busy a machine


class Times(NamedTuple):
    """Seconds that a process has computed, all its threads together, and that its first thread has queued."""

    computed: float
    queued: float


def times_of(pid: int) -> Times | None:
    """The times of a process by its number in /proc; None where the system does not tell."""
    try:
        of_the_queue = Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()
        of_all = _stat(pid)
    except OSError:
        return None
    user, system = of_all[_USER_TIME : _USER_TIME + 2]
    return Times((int(user) + int(system)) / os.sysconf("SC_CLK_TCK"), int(of_the_queue[1]) / 1e9)


def threads_of(pid: int) -> int:
    """How many threads a process has by its number in /proc; 0 where the system does not tell."""
    try:
        return int(_stat(pid)[_THREADS])
    except OSError:
        return 0


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat after the program's name, which may hold anything."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()


class Allowance(Deadline):
    """A deadline that lets a process have so many seconds of its own.

    The process is looked at only once it has taken a while, since to look costs more than most calls.

    Args:
        seconds: how long it may compute, sleep and wait, queueing for the processor apart.
        pid: the process, by its number in /proc; 0 where that is unknown, and then all seconds count.
    """

    def __init__(self, seconds: float, pid: int) -> None:
        super().__init__(seconds)
        self._seconds = seconds
        self._pid = pid
        self._begin = time.monotonic()
        self._look = self._begin + WATCH_SECONDS
        self._first: Times | None = None

    def remaining(self) -> float:
        """Seconds until the next look. Raises TimeoutError once the allowance is used up."""
        now = time.monotonic()
        if self._first is None and self._pid and now >= self._look:
            self._first = times_of(self._pid)
        assert self._end is not None
        if now >= self._end:
            left = self._seconds - self.charged()
            if left <= 0 or now - self._begin >= MOST_STRETCHED * self._seconds:
                raise TimeoutError("the allowance is used up")
            self._end = now + left
        return self._end - now

    def charged(self) -> float:
        """The seconds that count so far."""
        taken = time.monotonic() - self._begin
        now = times_of(self._pid) if self._first is not None else None
        if self._first is None or now is None:
            return taken
        return max(taken - (now.queued - self._first.queued), now.computed - self._first.computed)
