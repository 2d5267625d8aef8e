"""How many cores there are to work on, and which of them a grader and its workers keep to.

A grader and its worker take turns, a hundred times and more a notebook. On two cores each turn starts with cold caches
and wakes a core that sleeps: measured on two virtual cores, the same calls take a third less processor time on one.
"""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import dataclass

_CLAIM = "\0autograder-core-{}"


@dataclass(frozen=True)
class Core:
    """A core that no other grader of this machine keeps to while `claim` is open, as it is until the process ends."""

    number: int
    claim: socket.socket


def available_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def claimed_core() -> Core | None:
    """A core for this process to keep to; None where each has a grader already, or the system lets nobody choose.

    A claim is an abstract Unix socket, which the kernel takes back however its owner ends: unix(7).
    """
    if sys.platform != "linux":
        return None
    for number in sorted(os.sched_getaffinity(0)):
        claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            claim.bind(_CLAIM.format(number))
            os.sched_setaffinity(0, {number})
        except OSError:  # somebody has it, or it may not be chosen
            claim.close()
        else:
            return Core(number, claim)
    return None
