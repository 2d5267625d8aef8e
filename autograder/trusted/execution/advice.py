"""Why this machine has no sandbox, and what its owner can do about it: told for this very system.

Sources: landlock(7), user_namespaces(7); Ubuntu's "Restricted unprivileged user namespaces"; the release notes of
Docker 23.0, whose default profile lets Landlock through; `wsl --help`.
"""

from __future__ import annotations

import errno
import os
import platform
import re
import sys
from pathlib import Path

from autograder.errors import KitError

LANDLOCK_SINCE = (5, 13)
_WITHOUT = "add --isolation process to run code that you trust without one"

_GVISOR = "#1 SMP Sun Jan 10 15:06:54 PST 2016"  # what every gVisor before 2025 calls its kernel
_CONTAINER = ("/.dockerenv", "/run/.containerenv")
# Switches of the kernel's that keep ordinary users from namespaces: the name, the value that does, one that does not.
_SWITCHES = (
    ("kernel.apparmor_restrict_unprivileged_userns", "1", "0"),  # Ubuntu 23.10 and newer
    ("kernel.unprivileged_userns_clone", "0", "1"),  # Debian before 11
    ("user.max_user_namespaces", "0", "10000"),
    ("user.max_mnt_namespaces", "0", "10000"),
)


def refusal(reason: str) -> str:
    """The sentence with which the kit refuses to run student code."""
    told = "Install the package libseccomp2 (or libseccomp)" if "libseccomp" in reason else advice()
    return f"This machine cannot put student code into a sandbox ({reason}). {told}, or {_WITHOUT}."


def advice() -> str:
    """What to do on this very system, as the beginning of a sentence."""
    if sys.platform != "linux":
        return f"{platform.system()} has none: grade in a Linux container or virtual machine"
    release = platform.release()
    if "microsoft" in release.lower():
        if "wsl2" not in release.lower():
            return "This is WSL 1: run `wsl --set-version <distribution> 2` in Windows, then grade again"
        return "Run `wsl --update` in Windows, then `wsl --shutdown`, and grade again"
    if "gvisor" in release.lower() or _GVISOR in _read("/proc/version"):
        return "This is gVisor (runsc), which lacks what it takes: start the container with --runtime runc"
    within = any(Path(each).exists() for each in _CONTAINER)
    numbers = re.match(r"(\d+)\.(\d+)", release)
    if numbers and (int(numbers[1]), int(numbers[2])) >= LANDLOCK_SINCE:
        if within:
            return (
                "Its kernel may have Landlock, which this container keeps away: Docker 23 and newer let it through; "
                "with an older one, start the container with --security-opt seccomp=unconfined"
            )
        if "landlock" not in _read("/sys/kernel/security/lsm", "landlock"):
            return "Add landlock to the list after lsm= on the kernel's command line, and restart"
    if os.geteuid() != 0:
        for switch, closed, opened in _SWITCHES:
            if _read(f"/proc/sys/{switch.replace('.', '/')}").strip() == closed:
                return f"Let ordinary users have namespaces (`sudo sysctl -w {switch}={opened}`)"
    if within:
        return "Start the container with --cap-add SYS_ADMIN, so that it may have namespaces of its own"
    return "Grade on Linux 5.13 or newer with Landlock and libseccomp2"


def require_room() -> None:
    """Raise KitError, naming them, if limits of this process are too low for the kit to start."""
    low = low_limits()
    if low:
        raise KitError(f"This process may use too little: {low}.")


def lacking(error: OSError) -> str:
    """What this machine had no more of when an error came; "" where that was not the reason."""
    where = f" for {error.filename}" if error.filename else ""
    return {
        errno.EAGAIN: "no process can be started: this user may have no more (ulimit -u), or this container",
        errno.EMFILE: f"no file can be opened{where}: this process may have no more (ulimit -n)",
        errno.ENFILE: f"no file can be opened{where}: this machine may have no more",
        errno.ENOMEM: "there is no memory left",
        errno.ENOSPC: f"there is no space left{where}",
        errno.EDQUOT: f"this user's quota has no space left{where}",
    }.get(error.errno or 0, "")


def low_limits() -> str:
    """The limits of this process that are too low for the kit to start, in words; "" if none is.

    With less than a worker's own limits, but more than these, the worker keeps to the smaller.
    """
    if sys.platform == "win32":
        return ""
    import resource

    needed = (
        (resource.RLIMIT_AS, "address space (ulimit -v)", 3 * 2**29),  # of which importing torch takes half
        (resource.RLIMIT_DATA, "data (ulimit -d)", 2**29),
        (resource.RLIMIT_NOFILE, "open files (ulimit -n)", 32),
        (resource.RLIMIT_CPU, "processor seconds (ulimit -t)", 20),
        (resource.RLIMIT_FSIZE, "bytes of a file (ulimit -f)", 2**20),
        (resource.RLIMIT_STACK, "stack (ulimit -s)", 2**18),
    )
    given = [(resource.getrlimit(what)[0], name, least) for what, name, least in needed]
    return "; ".join(
        f"{name} is limited to {soft:,}, {least:,} are needed"
        for soft, name, least in given
        if soft != resource.RLIM_INFINITY and soft < least
    )


def _read(path: str, otherwise: str = "") -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return otherwise
