"""Why this machine has no sandbox, and what its owner can do about it: told for this very system.

Sources: landlock(7), user_namespaces(7); Ubuntu's "Restricted unprivileged user namespaces"; the release notes of
Docker 23.0, whose default profile lets Landlock through; `wsl --help`.
"""

from __future__ import annotations

import os
import platform
import re
import resource
import sys
from pathlib import Path

LANDLOCK_SINCE = (5, 13)
_WITHOUT = "add --isolation process to run code that you trust without one"

_CONTAINER = ("/.dockerenv", "/run/.containerenv")
# Switches of the kernel's that keep ordinary users from namespaces: the name, the value that does, one that does not.
_SWITCHES = (
    ("kernel.apparmor_restrict_unprivileged_userns", "1", "0"),  # Ubuntu 23.10 and newer
    ("kernel.unprivileged_userns_clone", "0", "1"),  # Debian before 11
    ("user.max_user_namespaces", "0", "10000"),
    ("user.max_mnt_namespaces", "0", "10000"),
)

# What the template and its workers take, at least.
_NEEDED = (
    (resource.RLIMIT_AS, "address space (ulimit -v)", 8 * 2**30),
    (resource.RLIMIT_DATA, "data (ulimit -d)", 4 * 2**30),
    (resource.RLIMIT_NOFILE, "open files (ulimit -n)", 64),
    (resource.RLIMIT_CPU, "processor seconds (ulimit -t)", 600),
    (resource.RLIMIT_FSIZE, "bytes of a file (ulimit -f)", 2**20),
    (resource.RLIMIT_STACK, "stack (ulimit -s)", 2**20),
)  # fmt: skip


def refusal(reason: str) -> str:
    """The sentence with which the kit refuses to run student code."""
    return f"This machine cannot put student code into a sandbox ({reason}). {advice()}, or {_WITHOUT}."


def advice() -> str:
    """What to do on this very system, as the beginning of a sentence."""
    if sys.platform != "linux":
        return f"{platform.system()} has none: grade in a Linux container or virtual machine"
    release = platform.release()
    if "microsoft" in release.lower():
        if "wsl2" not in release.lower():
            return "This is WSL 1: run `wsl --set-version <distribution> 2` in Windows, then grade again"
        return "Run `wsl --update` in Windows, then `wsl --shutdown`, and grade again"
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


def low_limits() -> str:
    """The limits of this process that are too low for the kit, in words; "" if none is."""
    low = []
    for what, name, needed in _NEEDED:
        _, hard = resource.getrlimit(what)
        if hard != resource.RLIM_INFINITY and hard < needed:
            low.append(f"{name} is limited to {hard:,}, {needed:,} are needed")
    return "; ".join(low)


def _read(path: str, otherwise: str = "") -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return otherwise
