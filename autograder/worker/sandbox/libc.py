"""The C library's functions for which Python has no names of its own."""

from __future__ import annotations

import ctypes
import os
import signal

libc = ctypes.CDLL(None, use_errno=True)

_PR_SET_PDEATHSIG = 1


def check(result: int, what: str) -> None:
    """Raise OSError, with the name of `what` was asked in it, unless `result` says that it was done."""
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def prctl(option: int, *arguments: int) -> None:
    """Set or ask something of this process: see prctl(2). Raises OSError where the kernel refuses."""
    all_four = (*arguments, 0, 0, 0, 0)[:4]
    check(libc.prctl(option, *map(ctypes.c_ulong, all_four)), f"prctl {option}")


def die_with_parent() -> None:
    """Be killed when the parent ends. Linux only."""
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def die_with(parent_pid: int) -> None:
    """Be killed when the parent ends, also if that has happened already. Linux only."""
    die_with_parent()
    if os.getppid() != parent_pid:
        os.kill(os.getpid(), signal.SIGKILL)
