"""What a worker must be refused, and the layers each of which refuses it alone: one of them at least must hold.

A kernel since 5.13 has Landlock, whose versions know more and more; where it has none, a root of the worker's own takes
its place. What neither sees, the list of system calls refuses. Tests show of each layer that it refuses alone.

Sources: landlock(7), seccomp(2), namespaces(7), pivot_root(2), ptrace(2), kill(2).
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from autograder.worker.sandbox.landlock import SIGNALS_SINCE, TCP_SINCE, TRUNCATION_SINCE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

SECCOMP, LIMITS, OWN_ROOT, OWN_USER, UNDUMPABLE = "seccomp", "limits", "own root", "own user", "hidden memory"
MOUNTS, NETWORK, IPC, PROCESSES = "mount namespace", "network namespace", "IPC namespace", "PID namespace"
SCRATCH, THREADS, WATCH = "scratch of its own size", "threads counted by the kernel", "threads counted by the grader"
NO_DELETING = "seccomp: no deleting"


def landlock_since(version: int) -> str:
    """Landlock, of this version or a later one."""
    return f"Landlock {version}"


REFUSED_BY: Mapping[str, tuple[str, ...]] = {
    "reads a file outside": (landlock_since(1), OWN_ROOT),
    "writes to a file outside": (landlock_since(1), OWN_ROOT),
    "makes or deletes a file outside": (landlock_since(1), OWN_ROOT),
    "cuts a file outside": (landlock_since(TRUNCATION_SINCE), SECCOMP, OWN_ROOT),
    "changes a file's mode, owner or times": (SECCOMP,),
    "connects or listens": (SECCOMP, landlock_since(TCP_SINCE), NETWORK),
    "sends over the network": (SECCOMP, NETWORK),
    "reaches a Unix socket": (SECCOMP,),
    "signals the grader": (SECCOMP, landlock_since(SIGNALS_SINCE), PROCESSES, OWN_USER),
    "signals another worker": (SECCOMP, landlock_since(SIGNALS_SINCE), OWN_USER),
    "traces the grader": (SECCOMP, landlock_since(1), PROCESSES, OWN_USER),
    "traces another worker": (SECCOMP, landlock_since(1), OWN_USER, UNDUMPABLE),
    "starts a process": (SECCOMP,),
    "runs a program": (SECCOMP, landlock_since(1)),
    "mounts, or makes a namespace": (SECCOMP,),
    "finds others' shared memory": (SECCOMP, IPC),
    "takes more memory": (LIMITS,),
    "writes a large file": (LIMITS,),
    "fills the disk": (SCRATCH, NO_DELETING),
    "starts threads without number": (THREADS, WATCH),
}

_WORDS = {OWN_ROOT: "a root of its own, which takes a mount namespace"}


def refusing(in_force: Collection[str]) -> dict[str, tuple[str, ...]]:
    """For each thing that a worker must be refused, the layers in force that refuse it, each alone.

    Raises:
        OSError: none does, for one of them; the text names it and what could.
    """
    held = {thing: tuple(layer for layer in layers if layer in in_force) for thing, layers in REFUSED_BY.items()}
    for thing, layers in held.items():
        if not layers:
            could = " or ".join(_WORDS.get(layer, layer) for layer in REFUSED_BY[thing])
            raise OSError(errno.ENOSYS, f"nothing refuses a worker that {thing}: it takes {could}")
    return held


def landlock_layers(version: int) -> list[str]:
    """The layers that a version of Landlock is."""
    return [landlock_since(each) for each in range(1, version + 1)]
