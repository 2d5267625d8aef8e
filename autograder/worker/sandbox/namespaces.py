"""Namespaces of the template's own, where the kernel lets it have them.

In a PID namespace no worker can name a process of anyone else's, and when the template ends, the kernel
ends whatever it has started; in a network namespace there is no network, not even a loopback device; in
an IPC namespace no queue or semaphore of another's; in a mount namespace each worker's scratch folder has a size.
An ordinary user has them inside a user namespace, and each worker in one more, in which its threads are counted alone.

A kernel or a container that refuses all of them may still give some. What it refuses is told of: without a mount
namespace files cannot be deleted, so that what is written stays counted, and an ordinary user's threads are counted by
the trusted side.

Sources: namespaces(7), pid_namespaces(7), user_namespaces(7), mount_namespaces(7), prctl(2), setrlimit(2).
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from autograder.worker.sandbox.libc import check, die_with, die_with_parent, libc
from autograder.worker.sandbox.mounts import cover, keep_mounts_private
from autograder.worker.sandbox.users import has_powers

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_CLONE_NEWNS, _CLONE_NEWIPC, _CLONE_NEWUSER = 0x0002_0000, 0x0800_0000, 0x1000_0000
_CLONE_NEWPID, _CLONE_NEWNET = 0x2000_0000, 0x4000_0000
_OWN = {"mount": _CLONE_NEWNS, "network": _CLONE_NEWNET, "IPC": _CLONE_NEWIPC, "PID": _CLONE_NEWPID}
_CHOICES = (tuple(_OWN), ("mount", "network", "IPC"), ("mount",))  # each tried if the one before is refused
_CAP_SYS_ADMIN = 21


class Namespaces(NamedTuple):
    """The namespaces that this process has for itself.

    Attributes:
        own: "mount", "network", "IPC", "PID", and "user" where these are inside a user namespace.
        refused: why it has none, or not all.
    """

    own: tuple[str, ...] = ()
    refused: str = ""


def enter_namespaces(descriptors: Iterable[int], hidden: Collection[str] = ()) -> Namespaces:
    """Go on as the first process of new namespaces; the process that called stays outside and waits.

    It must have one thread. The process outside closes `descriptors`, ends when the one inside does, and
    takes it along if it is killed itself. Kinds that are `hidden` are refused as a kernel would refuse them.

    Returns:
        which it has; everything is as it was where the kernel refuses all.
    """
    reason = ""
    for choice in _CHOICES:
        own = choice if has_powers(1 << _CAP_SYS_ADMIN) else ("user", *choice)
        refused = _refusal(own, hidden)
        reason = reason or refused
        if not refused:
            break
    else:
        return Namespaces((), reason)
    _unshare(own, hidden)
    alive, held = os.pipe()
    inside = os.fork()
    if inside == 0:
        os.close(held)
        if "PID" in own:
            die_with(0)  # the parent, seen from inside: nobody
        else:
            die_with_parent()
        os.set_blocking(alive, False)
        if _has_ended(alive):
            os._exit(1)
        os.close(alive)
        return Namespaces(own, reason)
    for descriptor in (alive, *descriptors):
        os.close(descriptor)
    _, status = os.waitpid(inside, 0)
    code = os.waitstatus_to_exitcode(status)
    os._exit(code if code >= 0 else 128 - code)  # as a shell tells of a signal


def enter_mount_namespace(hidden: Collection[str] = ()) -> Namespaces:
    """Go on in a mount namespace of this process's own, which must have one thread; in none if that is refused."""
    own = ("mount",) if has_powers(1 << _CAP_SYS_ADMIN) else ("user", "mount")
    refused = _refusal(own, hidden)
    if refused:
        return Namespaces((), refused)
    _unshare(own, hidden)
    return Namespaces(own)


def enter_user_namespace() -> None:
    """Go on in a user namespace of this process's own, where its user's threads are counted from nothing.

    Raises OSError.
    """
    check(libc.unshare(_CLONE_NEWUSER), "unshare user namespace")


def _unshare(own: Collection[str], hidden: Collection[str]) -> None:
    """Enter all of the namespaces, but for that of processes, which the next child enters. Raises OSError."""
    for each in own:
        if each in hidden:
            raise OSError(errno.EPERM, f"unshare: no {each} namespace")
    uid, gid = os.geteuid(), os.getegid()
    as_user = "user" in own
    check(libc.unshare(sum(_OWN.get(each, _CLONE_NEWUSER) for each in own)), "unshare")
    if as_user:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    keep_mounts_private()


def _refusal(own: Collection[str], hidden: Collection[str]) -> str:
    """Why a child of this process cannot have all that the template and its workers need; "" if it can."""
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(told)
            _unshare(own, hidden)
            cover([Path("/tmp")])  # noqa: S108  # where only this child sees it
            if "user" in own:
                enter_user_namespace()
            status = 0
        except OSError as refused:
            os.write(tell, str(refused.strerror).encode())
        finally:
            os._exit(status)
    os.close(tell)
    with os.fdopen(told, "rb") as reason:
        said = reason.read().decode()
    _, status = os.waitpid(child, 0)
    return said or ("" if status == 0 else "it ended in the attempt")


def _has_ended(pipe: int) -> bool:
    """Whether the other end of a pipe, to which nobody writes, has been closed."""
    try:
        return os.read(pipe, 1) == b""
    except OSError as error:
        return error.errno != errno.EAGAIN
