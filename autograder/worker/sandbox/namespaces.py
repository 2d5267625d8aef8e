"""Namespaces of the template's own, where the kernel lets it have them: a second sandbox around the first.

In a PID namespace no worker can name a process of anyone else's, and when the template ends, the kernel
ends whatever it has started; in a network namespace there is no network, not even a loopback device; in
an IPC namespace no queue or semaphore of another's. An ordinary user has them inside a user namespace.

Nothing depends on them: a kernel or a container that refuses is told of, and the sandbox holds without them.

Sources: namespaces(7), pid_namespaces(7), user_namespaces(7), prctl(2).
"""

from __future__ import annotations

import ctypes
import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.worker.sandbox.layers import die_with
from autograder.worker.sandbox.libc import libc

if TYPE_CHECKING:
    from collections.abc import Iterable

_CLONE_NEWIPC, _CLONE_NEWUSER, _CLONE_NEWPID, _CLONE_NEWNET = 0x0800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000
_OWN = _CLONE_NEWPID | _CLONE_NEWNET | _CLONE_NEWIPC


def enter_namespaces(descriptors: Iterable[int]) -> str:
    """Go on as the first process of new namespaces; the process that called stays outside and waits.

    It must have one thread. The process outside closes `descriptors`, ends when the one inside does, and
    takes it along if it is killed itself.

    Returns:
        "" inside; the reason, and everything is as it was, where the kernel refuses.
    """
    ordinary_user = os.geteuid() != 0
    uid, gid = os.geteuid(), os.getegid()
    if libc.unshare(_OWN | (_CLONE_NEWUSER if ordinary_user else 0)) != 0:
        return os.strerror(ctypes.get_errno())
    if ordinary_user:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    alive, held = os.pipe()
    inside = os.fork()
    if inside == 0:
        os.close(held)
        die_with(0)  # the parent, seen from inside: nobody
        os.set_blocking(alive, False)
        if _has_ended(alive):
            os._exit(1)
        os.close(alive)
        return ""
    for descriptor in (alive, *descriptors):
        os.close(descriptor)
    _, status = os.waitpid(inside, 0)
    code = os.waitstatus_to_exitcode(status)
    os._exit(code if code >= 0 else 128 - code)  # as a shell tells of a signal


def _has_ended(pipe: int) -> bool:
    """Whether the other end of a pipe, to which nobody writes, has been closed."""
    try:
        return os.read(pipe, 1) == b""
    except OSError as error:
        return error.errno != errno.EAGAIN
