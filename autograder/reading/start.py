"""Start a reader, which reads what comes over an inherited socket.

python -m autograder.reading.start DESCRIPTOR HIDDEN SECRET ...

A reader runs nothing of what it reads. It enters the workers' sandbox as far as the machine has one: a flaw in Python's
own parser then finds no file, no network and no other process.
"""

from __future__ import annotations

import os
import resource
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.reading.service import serve
from autograder.wire.frames import Channel
from autograder.wire.reading import MAX_REPLY_BYTES, MAX_REQUEST_BYTES
from autograder.worker.sandbox.layers import Limits, Place, Sandbox, landlock_version
from autograder.worker.sandbox.namespaces import Namespaces, enter_mount_namespace
from autograder.worker.sandbox.users import own_users

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

MEMORY_BYTES = 2**30
_NOT_NEEDED = Path("/sys")  # which is everywhere, and holds no Python
ALWAYS = 10**7  # seconds of processor time in its whole life; each request has its own limit


def main() -> None:
    """Serve the socket whose descriptor is the first argument.

    The second has the layers to do without, with commas between them; the others are folders that may not be read.
    """
    wire = int(sys.argv[1])
    channel = Channel(socket.socket(fileno=wire), most_sent=MAX_REPLY_BYTES, most_received=MAX_REQUEST_BYTES)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    try:
        _enter_sandbox(wire, sys.argv[2].split(","), map(Path, sys.argv[3:]))
    except OSError:  # this machine lacks a layer, and has those before it
        with suppress(OSError, ValueError):  # it has such a limit already
            resource.setrlimit(resource.RLIMIT_AS, (2 * MEMORY_BYTES, 2 * MEMORY_BYTES))
    serve(channel)


def _enter_sandbox(wire: int, hidden: Collection[str], secrets: Iterable[Path]) -> None:
    """Enter the workers' sandbox, without a folder to write to. Raises OSError: a layer is missing.

    Where there is no Landlock, it takes a root of its own, if it can have a mount namespace.
    """
    namespaces = Namespaces() if landlock_version(hidden) else enter_mount_namespace(hidden)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    limits = Limits(
        memory_bytes=MEMORY_BYTES,
        file_bytes=0,
        threads=8,
        cpu_seconds=ALWAYS if most == resource.RLIM_INFINITY else min(most, ALWAYS),
    )
    uid = next(iter(own_users(os.getpid())), None)
    sandbox = Sandbox(
        limits,
        secrets,
        namespaces=namespaces,
        users=uid is not None,
        root=_NOT_NEEDED,
        hidden=hidden,
        whole=False,
    )
    sandbox.enter(Place(wire, "", os.getppid(), uid))


if __name__ == "__main__":
    main()
