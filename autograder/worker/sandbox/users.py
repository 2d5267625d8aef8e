"""Users and capabilities: a worker of root's becomes an ordinary user that no other process runs as.

In a user namespace (a rootless container) only some numbers exist, and root without its powers cannot become anyone:
it is held like any ordinary user.

Sources: capabilities(7), user_namespaces(7), prctl(2), setresuid(2).
"""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.worker.sandbox.libc import check, libc, prctl
from autograder.worker.sandbox.places import everyone_reaches, readable_places

if TYPE_CHECKING:
    from collections.abc import Iterable

_FIRST_OWN_UID = 1_000_000_000
_MAX_OWN_UIDS = 512  # of one process at once; process ids end at 2^22, so that users end below 2^32
_LAST_PROCESS = 2**22
_NOBODY = 65534  # to whom belongs what has no owner in a namespace

_PR_SET_KEEPCAPS, _PR_CAPBSET_DROP = 8, 24
_CAP_DAC_READ_SEARCH = 2
_STATUS = Path("/proc/self/status")  # on Linux
_LAST_CAPABILITY = Path("/proc/sys/kernel/cap_last_cap")
# What it takes to give a folder away, to become its owner, to end that user's processes and to clear up after it:
# CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_KILL, CAP_SETGID, CAP_SETUID, CAP_SETPCAP.
_POWERS = sum(1 << capability for capability in (0, 1, 5, 6, 7, 8))


def own_users(process: int) -> range:
    """The users that a process has for its workers: no other living process has their numbers.

    Empty where it cannot become another user: it is not root, or root without the powers or the numbers for that.
    Where a namespace has too few numbers for all, two processes may have the same ones.
    """
    if os.geteuid() != 0 or not _STATUS.exists() or not has_powers(_POWERS):
        return range(0)
    ranges = [_mapped("uid"), _mapped("gid")]
    first = _FIRST_OWN_UID + process * _MAX_OWN_UIDS
    last_of_all = _FIRST_OWN_UID + _LAST_PROCESS * _MAX_OWN_UIDS
    if all(any(first in each and last_of_all - 1 in each for each in mapped) for mapped in ranges):
        return range(first, first + _MAX_OWN_UIDS)
    common = [
        range(max(uids.start, gids.start, 1), min(uids.stop, gids.stop)) for uids in ranges[0] for gids in ranges[1]
    ]
    largest = max(common, key=len, default=range(0))
    if _NOBODY in largest:
        largest = range(largest.start, _NOBODY)
    most = min(_MAX_OWN_UIDS, len(largest) // 2)
    if most == 0:
        return range(0)
    end = largest.stop - most * (process % (len(largest) // 2 // most))
    return range(end - most, end)


def has_powers(wanted: int) -> bool:
    """Whether this process has all of these capabilities, a bit for each."""
    return capabilities() & wanted == wanted


def capabilities() -> int:
    """The capabilities in force for this process, a bit for each."""
    status = _STATUS.read_text(encoding="utf-8")
    return next((int(line.split()[1], 16) for line in status.splitlines() if line.startswith("CapEff:")), 0)


def drop_bounding_set() -> None:
    """No program that this process or a child of its starts can have a capability. Raises OSError."""
    for capability in range(int(_LAST_CAPABILITY.read_text()) + 1):
        prctl(_PR_CAPBSET_DROP, capability)


def become(uid: int, *, keep_search: bool) -> None:
    """From root to `uid`, for good; CAP_DAC_READ_SEARCH may be kept on the way."""
    os.setgroups([])
    if keep_search:
        prctl(_PR_SET_KEEPCAPS, 1)
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def become_ordinary(uid: int, scratch: str, secrets: Iterable[Path]) -> None:
    """Without a sandbox, a worker of root's is at least an ordinary user, whom files of root's only are closed to.

    Raises OSError where the machine does not let it; Linux only.
    """
    keep_search = not all(map(everyone_reaches, readable_places(secrets)))
    os.chown(scratch, uid, uid)
    drop_bounding_set()
    become(uid, keep_search=keep_search)
    give_up_capabilities(keep_search=keep_search)


def give_up_capabilities(*, keep_search: bool) -> None:
    """Be without a capability, but for reading where only root may look.

    Python may live where only root can search (/root/.pyenv). `keep_search` then keeps CAP_DAC_READ_SEARCH, which is
    no way around Landlock or a root of the worker's own: only readable places open.
    """
    mask = 1 << _CAP_DAC_READ_SEARCH if keep_search else 0
    header = (ctypes.c_uint32 * 2)(0x2008_0522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    data = (ctypes.c_uint32 * 6)(mask, mask, 0, 0, 0, 0)  # effective, permitted, inheritable
    check(libc.capset(header, data), "capset")


def _mapped(kind: str) -> list[range]:
    """The numbers of users, or of groups, that exist here."""
    try:
        lines = Path(f"/proc/self/{kind}_map").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:  # a kernel without user namespaces
        return [range(2**32 - 1)]
    numbers = [list(map(int, line.split())) for line in lines]
    return [range(first, first + count) for first, _, count in numbers]
