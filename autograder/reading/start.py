"""Start a reader, which reads what comes over an inherited socket.

python -m autograder.reading.start DESCRIPTOR SECRET ...

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
from autograder.worker.sandbox.layers import Limits, Place, Sandbox
from autograder.worker.sandbox.users import own_users

if TYPE_CHECKING:
    from collections.abc import Iterable

MEMORY_BYTES = 2**30
ALWAYS = 10**7  # seconds of processor time in its whole life; each request has its own limit


def main() -> None:
    """Serve the socket whose descriptor is the first argument; the others are folders that may not be read."""
    wire = int(sys.argv[1])
    channel = Channel(socket.socket(fileno=wire), most_sent=MAX_REPLY_BYTES, most_received=MAX_REQUEST_BYTES)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    try:
        _enter_sandbox(wire, map(Path, sys.argv[2:]))
    except OSError:  # this machine lacks a layer, and has those before it
        with suppress(OSError, ValueError):  # it has such a limit already
            resource.setrlimit(resource.RLIMIT_AS, (2 * MEMORY_BYTES, 2 * MEMORY_BYTES))
    serve(channel)


def _enter_sandbox(wire: int, secrets: Iterable[Path]) -> None:
    """Enter the workers' sandbox, without a folder to write to. Raises OSError: a layer is missing."""
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    limits = Limits(
        memory_bytes=MEMORY_BYTES,
        file_bytes=0,
        threads=8,
        cpu_seconds=ALWAYS if most == resource.RLIM_INFINITY else min(most, ALWAYS),
    )
    uid = next(iter(own_users(os.getpid())), None)
    Sandbox(limits, secrets, users=uid is not None, whole=False).enter(Place(wire, "", os.getppid(), uid))


if __name__ == "__main__":
    main()
