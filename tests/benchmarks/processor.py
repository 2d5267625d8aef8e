"""Whose processor time it is: that of each role among the processes of a command, as the kernel counts it."""

from __future__ import annotations

import os
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_OWN, _OF_CHILDREN = slice(11, 13), slice(13, 15)  # of the words after the name, in /proc/PID/stat (proc(5))


@dataclass
class Processor:
    """Seconds of the processes that were looked at, as they stood at the last look at each.

    A worker lives too short to be met: what all of them took is what their template has inherited from its children.
    """

    _own: dict[int, tuple[str, float]] = field(default_factory=dict)
    _workers: dict[int, float] = field(default_factory=dict)

    def look(self, pid: int, role: str, *, has_workers: bool) -> None:
        """Note what a process has taken so far; one that has ended meanwhile is left as it was."""
        with suppress(FileNotFoundError, ProcessLookupError):
            words = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            if has_workers:
                self._workers[pid] = sum(map(int, words[_OF_CHILDREN])) / _TICKS
            if role != "worker":
                self._own[pid] = role, sum(map(int, words[_OWN])) / _TICKS

    def by_role(self) -> dict[str, float]:
        """Seconds of each role."""
        seconds: dict[str, float] = defaultdict(float)
        for role, own in self._own.values():
            seconds[role] += own
        if self._workers:
            seconds["worker"] = sum(self._workers.values())
        return dict(seconds)
