"""Work that a process of its own does while this one does something else."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

from autograder.errors import KitError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection

T = TypeVar("T")


@contextmanager
def aside(work: Callable[[], T]) -> Iterator[Callable[[], T]]:
    """Begin `work` in a forked process; yields a function that waits for it, and returns or raises what it did.

    What is returned has to be data that can be pickled. An exception that is neither a KitError nor an OSError is a
    fault of the kit, whose traceback the process prints. Where a system cannot fork, the work is done when it is
    waited for.
    """
    if not hasattr(os, "fork"):
        yield work
        return
    fork = multiprocessing.get_context("fork")
    ours, theirs = fork.Pipe(duplex=False)
    process = fork.Process(target=_do, args=(work, theirs))
    process.start()
    theirs.close()

    def result() -> T:
        try:
            done, error = ours.recv()
        except EOFError:
            raise KitError("A process that helped with this ended before its work was done.") from None
        if error is not None:
            raise error
        return done

    try:
        yield result
    finally:
        ours.close()
        process.terminate()  # it has answered, or nobody waits for its answer
        process.join()


def _do(work: Callable[[], T], answer: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever waits for the work is stopped, and ends it
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # in good order: nothing half written is left
    gc.freeze()  # what the parent has left to its garbage collector is the parent's to close, never this process's
    done: tuple[T | None, Exception | None]
    try:
        done = work(), None
    except (KitError, OSError) as error:
        done = None, error
    with suppress(BrokenPipeError):  # nobody waits for it any more
        answer.send(done)
