"""Commands run as someone else than root, for tests that root runs."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

SOMEBODY = 65534
_NO_POWERS = ("--inh-caps=-all", "--bounding-set=-all")
_ORDINARY = (f"--reuid={SOMEBODY}", f"--regid={SOMEBODY}", "--clear-groups", *_NO_POWERS)

# Where Python lies in a folder that only root may search, that folder is put out of the way, for this command alone.
_OPENED = """
set -e
mkdir -p "$2" && mount --bind "$1" "$2"
mount -t tmpfs -o mode=755 none "$0"
mkdir -p "$1" && mount --move "$2" "$1" && rmdir "$2"
shift 2
exec "$@"
"""

PEOPLE = {
    "root": (),
    "an ordinary user": ("setpriv", *_ORDINARY),
    "an ordinary user without new privileges": ("setpriv", *_ORDINARY, "--no-new-privs"),
    "root without capabilities": ("setpriv", *_NO_POWERS),
    "root of a rootless container": (sys.executable, str(Path(__file__).with_name("mapped.py")), "100000", "65536"),
    "root of one number": ("unshare", "--user", "--map-root-user"),
}


def command_as(person: str, command: list[str], folder: Path) -> list[str]:
    """The command, run as one of PEOPLE; `folder` is one that can be made."""
    return [*_python_opened(folder), *PEOPLE[person], *command]


def missing_for(person: str) -> str:
    """Why this machine cannot run something as that person; "" if it can."""
    if os.geteuid() != 0:
        return "" if person == "root" else "only root can become someone else"
    return "" if all(map(shutil.which, ("setpriv", "unshare", "mount"))) else "it takes util-linux"


def _python_opened(folder: Path) -> list[str]:
    closed = [each for each in Path(sys.base_prefix).parents if not each.stat().st_mode & 0o001]
    if not closed:
        return []
    inside = Path(sys.base_prefix).relative_to(closed[0])
    installed = closed[0] / inside.parts[0]
    return ["unshare", "--mount", "sh", "-c", _OPENED, str(closed[0]), str(installed), str(folder)]
