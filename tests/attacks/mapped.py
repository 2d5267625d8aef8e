"""Run a command as root of a user namespace with so many users, as a rootless container does.

    python tests/attacks/mapped.py FIRST COUNT COMMAND ...

Root inside is user FIRST outside.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

CLONE_NEWUSER = 0x1000_0000


def main() -> None:
    """Map, become root, run."""
    first, count, *command = sys.argv[1:]
    unshared, tell = os.pipe()
    mapped, told = os.pipe()
    inside = os.fork()
    if inside == 0:
        os.close(told)
        if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER):
            raise OSError(ctypes.get_errno(), "unshare")
        os.write(tell, b"x")
        os.read(mapped, 1)
        os.setgroups([])
        os.setresgid(0, 0, 0)
        os.setresuid(0, 0, 0)
        os.execvp(command[0], command)
    os.read(unshared, 1)
    for kind in ("uid", "gid"):
        Path(f"/proc/{inside}/{kind}_map").write_text(f"0 {first} {count}")
    os.write(told, b"x")
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(inside, 0)[1]))


if __name__ == "__main__":
    main()
