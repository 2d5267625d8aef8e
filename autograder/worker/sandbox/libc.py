"""The C library's functions for which Python has no names of its own."""

from __future__ import annotations

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


def check(result: int, what: str) -> None:
    """Raise OSError, with the name of `what` was asked in it, unless `result` says that it was done."""
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def prctl(option: int, *arguments: int) -> None:
    """Ask something of this process: see prctl(2). Raises OSError where the kernel refuses."""
    all_four = (*arguments, 0, 0, 0, 0)[:4]
    check(libc.prctl(option, *map(ctypes.c_ulong, all_four)), f"prctl {option}")
