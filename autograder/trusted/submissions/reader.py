"""The trusted end of a reader: sends a submission's bytes to an expendable process, and takes plain, bounded data.

A reader that runs into a limit, ends or speaks nonsense is lost without loss: the next request starts another. Only a
text that two readers are lost over, or that takes too much computing, is given up.
"""

from __future__ import annotations

import functools
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.util import Finalize
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from autograder.errors import KitError, NotebookUnreadable, ReaderLost
from autograder.trusted.assignment.course import KIT
from autograder.trusted.hidden_layers import hidden_layers
from autograder.trusted.results.fingerprint import fingerprint, fingerprint_of_files
from autograder.wire.frames import Channel, Deadline, FrameError, encode_message
from autograder.wire.reading import (
    MAX_REPLY_BYTES,
    MAX_REQUEST_BYTES,
    Outline,
    OutlineCell,
    ReaderReady,
    ReadingReply,
    Unreadable,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from autograder.trusted.assignment.plan import NotebookPlan
    from autograder.wire.reading import ReadingRequest

START_SECONDS = 60.0
SECONDS = 60.0  # for one request, by the clock; computing has a shorter limit, which a busy machine does not touch
TRIES = 2  # of a text; a reader that was lost before it met the text is none
STARTS = 3  # that may fail
GROWN_BYTES = 2**29  # a reader that holds so much after a request is replaced before the next
MAX_REASON = 300  # characters

WORTH_A_READER = 100  # texts, for which another reader is started

R = TypeVar("R", bound=msgspec.Struct)
Item = TypeVar("Item")
Result = TypeVar("Result")

_TOO_LONG = "reading it took too long; its text is not what a person writes"
_TOO_LATE = f"reading it took longer than {SECONDS:g} s"
_ENDED = "reading it ended the process that reads, most likely for lack of memory"
_NONSENSE = "reading it went wrong"


class Reader:
    """A process that reads for this one; it is started with the first request, and again whenever it was lost.

    Threads may share it; a forked process may not, and starts its own.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: Channel | None = None
        self._ready = False
        self._number = 0

    def start(self) -> None:
        """Start the process, if it does not run, without waiting for it."""
        with self._lock:
            self._start()

    def ask(self, request: ReadingRequest, expected: type[R]) -> R:
        """The reply to a request.

        Raises:
            NotebookUnreadable: what was sent cannot be read, for the reason that is given.
            ReaderLost: readers were lost over it.
            KitError: no reader can be started.
        """
        body = encode_message(request)
        with self._lock:
            reply = self._reply(body)
        if isinstance(reply, Unreadable):
            raise NotebookUnreadable(reply.reason[:MAX_REASON])
        if not isinstance(reply, expected):
            raise self.distrusted()
        return reply

    def distrusted(self) -> ReaderLost:
        """End a reader for what it has said; returns the loss to raise."""
        self.close()
        return ReaderLost(_NONSENSE)

    def close(self) -> None:
        """End the process, if it runs."""
        with self._lock:
            self._end()

    def _reply(self, body: bytes) -> Any:
        why, lost, failed = "", 0, 0
        while lost < TRIES:
            if self._process is not None and self._process.poll() is not None:
                self._end()  # it ended before it met this text
            channel = self._start()
            if not self._is_ready(channel):
                self._end()
                failed += 1
                if failed == STARTS:
                    raise KitError("The process that reads submissions cannot be started: run the same command again.")
                continue
            self._number += 1
            try:
                deadline = Deadline(SECONDS)
                channel.send_body(body, deadline, self._number)
                reply = channel.receive(ReadingReply, deadline)
                if channel.number == self._number:
                    if self._process is not None and _resident_bytes(self._process.pid) > GROWN_BYTES:
                        self._end()
                    return reply
                why = _NONSENSE
            except TimeoutError:
                why = _TOO_LATE
            except FrameError:
                why = _NONSENSE
            except (EOFError, OSError):
                why = _ENDED
            if self._end() == -signal.SIGPROF:
                raise ReaderLost(_TOO_LONG)
            lost += 1
        raise ReaderLost(why)

    def _start(self) -> Channel:
        if self._channel is not None:
            return self._channel
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-I",
                    "-B",
                    *("-m", "autograder.reading.start"),
                    str(theirs.fileno()),
                    ",".join(hidden_layers()),
                    str(KIT / "autograder"),
                ],
                env={name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
                | {"HOME": "/", "LANG": "C.UTF-8"},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # what it might say of a text is not for a terminal
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._channel = Channel(ours, most_sent=MAX_REQUEST_BYTES, most_received=MAX_REPLY_BYTES)
        self._ready = False
        return self._channel

    def _is_ready(self, channel: Channel) -> bool:
        """Whether a new reader has come as far as to say so."""
        if not self._ready:
            try:
                self._ready = isinstance(channel.receive(ReadingReply, Deadline(START_SECONDS)), ReaderReady)
            except (TimeoutError, FrameError, EOFError, OSError):
                return False
        return self._ready

    def _end(self) -> int | None:
        """End the process, if it runs; how it ended, as subprocess has it."""
        process, channel = self._process, self._channel
        self._process = self._channel = None
        if channel is not None:
            channel.close()
        if process is None:
            return None
        process.kill()  # one that has ended by itself keeps its own status
        return process.wait()


def _resident_bytes(pid: int) -> int:
    """The memory that a process has now; 0 where the system does not tell.

    Not `ru_maxrss`: Linux hands the greatest size of the process that starts a program on to the program.
    """
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    except OSError:
        return 0


_of_this_thread = threading.local()


def the_reader() -> Reader:
    """This process's reader of submissions; within `side_by_side`, that of the thread."""
    own: Reader | None = getattr(_of_this_thread, "reader", None)
    return own or _reader_of(os.getpid(), "submissions")


def side_by_side(read: Callable[[Item], Result], items: Sequence[Item], most: int) -> Iterator[Result]:
    """What `read` makes of each item, in order, in up to `most` threads, each with a reader of its own.

    Raises what `read` raises, in its turn.
    """
    readers = [Reader() for _ in range(max(1, min(most, len(items) // WORTH_A_READER)))]
    waiting = iter(readers)

    def begin() -> None:
        _of_this_thread.reader = next(waiting)

    pool = ThreadPoolExecutor(len(readers), initializer=begin)
    try:
        yield from pool.map(read, items)
    finally:
        pool.shutdown(cancel_futures=True)
        for reader in readers:
            reader.close()


def the_authors_reader() -> Reader:
    """Another one, for what the author has written: a process that meets submissions never meets a solution."""
    return _reader_of(os.getpid(), "author")


@functools.cache
def _reader_of(pid: int, whose: str) -> Reader:
    reader = Reader()
    Finalize(None, reader.close, exitpriority=0)  # with this process, also where it is one of multiprocessing's
    return reader


def outline(plan: NotebookPlan, stubs: Mapping[str, str]) -> msgspec.Raw:
    """What `outline_of` says, encoded; once for all submissions."""
    return _encoded_outline(plan, tuple(stubs.items()))


@functools.lru_cache(64)
def _encoded_outline(plan: NotebookPlan, stubs: tuple[tuple[str, str], ...]) -> msgspec.Raw:
    return msgspec.Raw(encode_message(outline_of(plan, dict(stubs))))


@functools.lru_cache(64)
def reading_fingerprint(encoded_outline: bytes) -> bytes:
    """A fingerprint of all that decides what is read of a notebook's file besides its bytes: outline and readers."""
    readers = [KIT / "autograder" / "wire" / "reading.py", *(KIT / "autograder" / "reading").glob("*.py")]
    return fingerprint(encoded_outline, fingerprint_of_files(readers)).encode()


def outline_of(plan: NotebookPlan, stubs: dict[str, str]) -> Outline:
    """What a reader is told of a notebook: nothing of its solutions.

    Args:
        plan: what the source says of it.
        stubs: the released text of each solution cell, by exercise.
    """
    cells = tuple(
        OutlineCell(
            name=cell.name,
            kind=cell.kind,
            source=cell.source if cell.locked else "",
            locked=cell.locked,
            solution=cell.solution,
            graded=bool(cell.points),
            demonstration=cell.demonstration,
            id=cell.id,
            defines=plan.definitions.get(cell.name, ""),
        )
        for cell in plan.cells
    )
    return Outline(cells, stubs)
