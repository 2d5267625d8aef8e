"""The numbers of system calls, which each architecture has of its own."""

from __future__ import annotations

import pyseccomp


def number_of(name: str) -> int:
    """The number of a system call on this machine. Raises LookupError where it has no call of that name."""
    number = pyseccomp.resolve_syscall(pyseccomp.system_arch(), name)
    if number < 0:
        raise LookupError(f"this machine has no system call {name}")
    return int(number)
