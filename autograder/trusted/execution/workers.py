"""Workers seen from the trusted side: made by the template, asked over the wire, killed on time."""

from __future__ import annotations

import errno
import itertools
import os
import shutil
import signal
import socket
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from msgspec import Struct

from autograder.errors import (
    KitError,
    SandboxUnavailable,
    TemplateLost,
    WorkerCrashed,
    WorkerLost,
    WorkerOutOfMemory,
    WorkerTimeout,
)
from autograder.trusted.execution.advice import refusal
from autograder.trusted.execution.template_process import EXIT_SECONDS, SANDBOX, TemplateProcess
from autograder.trusted.execution.worker_time import Allowance, threads_of
from autograder.trusted.submissions.beside import FilesBeside
from autograder.trusted.submissions.opening import copy_plain_files
from autograder.wire.frames import HEADER, WATCH_SECONDS, Channel, Deadline, FrameError, decode_message, encode_message
from autograder.wire.messages import (
    Exited,
    Fork,
    Forked,
    Kill,
    ReferenceCall,
    Reply,
    TemplateReady,
    TemplateReply,
    WorkerReady,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Sequence

    from autograder.wire.messages import Request

    Answer = Callable[[ReferenceCall, bytes, Deadline, Callable[[], None]], bytes]  # see Substitution

TEMPLATE_START_SECONDS = 120.0
FORK_SECONDS = 300.0  # a template that has ended is noticed at once; one that lives is only busy
MAX_FILES_BYTES = 64 * 2**20  # of an assignment's data files
MAX_SCRATCH_BYTES = MAX_FILES_BYTES + 64 * 2**20
MAX_SCRATCH_FILES = 1_000  # beside an assignment's own
MAX_THREADS = 64  # where the kernel does not count them

R = TypeVar("R", bound=Struct)


class Workers:
    """A grader's line to the template: makes workers, and learns how each one ended.

    `unshared` says why the template has no namespaces of its own, or not all; "" where it has. `layers` are those of
    the sandbox that are in force here; `refused_by` has those that refuse a thing, each alone. Workers keep to the
    `core` of their grader, if one is set; in a `long_run` there will be many.
    """

    core: int | None = None
    long_run: bool = False

    def __init__(self, control: socket.socket, home: Path) -> None:
        self._control = control
        self._channel = Channel(control)
        self._home = home
        self._exits: dict[int, Exited] = {}
        self._numbers = itertools.count()
        self._owner = os.getpid()
        try:
            ready = self._receive(TemplateReady, Deadline(TEMPLATE_START_SECONDS))
        except TemplateLost as lost:
            raise _not_started() from lost
        self.unshared = ready.unshared
        self.layers = ready.layers
        self.refused_by = ready.refused_by
        self.threads_counted = ready.threads_counted
        if ready.missing:
            raise SandboxUnavailable(refusal(ready.missing))

    def open(self, files: Path | FilesBeside | None = None) -> Worker:
        """A new sandboxed worker, with these files, or the plain ones of a folder, in its working directory.

        Raises SandboxUnavailable where a layer of its sandbox failed.
        """
        scratch = self._home / f"{os.getpid()}-{next(self._numbers)}"
        try:
            scratch.mkdir(mode=0o700)
            if isinstance(files, FilesBeside):
                files.put_into(scratch)
            elif files is not None:
                copy_plain_files(
                    files, files, scratch, MAX_FILES_BYTES, wanted=lambda name: not name.endswith(".ipynb")
                )
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise KitError(f"{self._home.parent} is full: free space there, or set TMPDIR.") from error
        ours, theirs = socket.socketpair()
        body = encode_message(Fork(str(scratch), self.core, self.long_run))
        try:
            socket.send_fds(self._control, [HEADER.pack(len(body), 0)], [theirs.fileno()])
            self._control.sendall(body)
        except OSError as error:
            ours.close()
            raise _template_lost() from error
        finally:
            theirs.close()
        forked = self._receive(Forked, Deadline(FORK_SECONDS))
        return Worker(self, forked.pid, ours, scratch)

    @property
    def inherited(self) -> bool:
        """Whether a fork brought them here: the line is its parent's, and two readers would take each other's words."""
        return os.getpid() != self._owner

    def kill(self, pid: int) -> None:
        """Ask the template to kill a worker; it does so only while the number is that worker's."""
        try:
            self._channel.send(Kill(pid))
        except OSError as error:
            raise _template_lost() from error

    def wait(self, pid: int) -> Exited:
        """How the worker ended, once it has."""
        deadline = Deadline(EXIT_SECONDS)
        while pid not in self._exits:
            self._note(self._next(deadline))
        return self._exits.pop(pid)

    def _receive(self, expected: type[R], deadline: Deadline) -> R:
        while True:
            message = self._next(deadline)
            if isinstance(message, expected):
                return message
            self._note(message)

    def _next(self, deadline: Deadline) -> Any:
        try:
            return self._channel.receive(TemplateReply, deadline)
        except (EOFError, OSError) as error:
            raise _template_lost() from error

    def _note(self, message: Any) -> None:
        if isinstance(message, Exited):
            self._exits[message.pid] = message


@contextmanager
def opened_workers(
    secrets: Sequence[Path], isolation: str = SANDBOX, *, with_gpu: bool = False, preload: Sequence[str] = ()
) -> Iterator[Workers]:
    """Workers of one grader, from a template that ends with the context; raises as TemplateProcess does."""
    template = TemplateProcess(1, secrets, isolation, with_gpu=with_gpu, preload=preload)
    try:
        yield Workers(template.control(0), template.home)
    finally:
        template.stop()


def _template_lost() -> TemplateLost:
    return TemplateLost("The template process that makes the workers has ended; run the same command again to go on.")


def _not_started() -> TemplateLost:
    return TemplateLost("The template process, from which the workers are made, has ended before it was ready.")


class Worker:
    """One sandboxed process with one notebook's namespace in it.

    Every method takes the seconds that it may last; when they are over, the worker is killed. They are its own: it is
    not charged for what others on this machine keep it waiting (see Allowance).

    Attributes:
        charged: the seconds that all requests so far have taken of it.
        lost: how the worker was lost, if it was.
    """

    def __init__(self, workers: Workers, pid: int, connection: socket.socket, scratch: Path) -> None:
        self._workers = workers
        self._pid = pid
        self._channel = Channel(connection)
        self._scratch = scratch
        self._request_numbers = itertools.count(1)
        self._next_look = time.monotonic() + WATCH_SECONDS
        self._most_files = MAX_SCRATCH_FILES + _use(scratch).files
        self.charged = 0.0
        self.lost: WorkerLost | None = None
        self._pid_in_proc = 0
        try:
            ready = self._decoded(self._receive(0, Deadline(FORK_SECONDS)), WorkerReady)
        except WorkerLost as loss:
            raise KitError(f"A worker ended before it met any student code: {loss}.") from loss
        if ready.missing:
            self.close()
            raise SandboxUnavailable(refusal(ready.missing))
        self._pid_in_proc = ready.pid

    def ask(
        self,
        request: bytes,
        seconds: float,
        answer: Answer | None = None,
        substituted: Container[str] = (),
        known: Container[bytes] = (),
        watch: Callable[[], None] | None = None,
    ) -> bytes:
        """Send an encoded request and wait for its one reply; `answer` serves the `substituted` functions meanwhile.

        A worker that asks for anything else is after the answers: it is ended. An answer counts in the seconds, and
        this worker is watched while it is worked out; what `answer` loses ends this worker as well. `watch` is
        called while this worker is waited for.

        Returns:
            the reply as it came: one of those that are `known`, or what can be decoded as a Reply.

        Raises:
            WorkerTimeout, WorkerOutOfMemory, WorkerCrashed: the worker is gone, now and for good.
        """
        number = next(self._request_numbers)
        with self._charged(seconds) as deadline:
            self._send(request, number, deadline)
            while True:
                body = self._receive(number, deadline, watch)
                if body in known:
                    return body
                reply = self._decoded(body)
                if not isinstance(reply, ReferenceCall):
                    return body
                if answer is None or reply.name not in substituted:
                    raise self._end(WorkerCrashed("it asked the grader for an answer"))
                try:
                    result = answer(reply, body, deadline, self._watch)
                except WorkerLost as loss:
                    raise self.lost or self._end(loss) from None
                self._send(result, number, deadline)

    def stream(self, request: Request, seconds_each: float) -> Iterator[Reply]:
        """Send a request and yield its replies; each one may take `seconds_each`."""
        number = next(self._request_numbers)
        self._send(encode_message(request), number, Allowance(seconds_each, self._pid_in_proc))
        while True:
            with self._charged(seconds_each) as deadline:
                reply = self._decoded(self._receive(number, deadline))
            yield reply

    @contextmanager
    def _charged(self, seconds: float) -> Iterator[Allowance]:
        """An allowance for one request; what it comes to is charged."""
        allowance = Allowance(seconds, self._pid_in_proc)
        try:
            yield allowance
        finally:
            self.charged += min(seconds, allowance.charged())

    def close(self) -> None:
        """Kill the worker, wait for its end, and clear its scratch folder; once is enough.

        Does nothing in a process that was forked while the worker lived: the garbage collector may ask for it there.
        """
        if self.lost is None and not self._workers.inherited:
            self._reap()

    def _reap(self) -> int:
        """Kill the process if it still runs, wait for its end, clear its folder; its wait status."""
        self._channel.close()
        self._workers.kill(self._pid)
        status = self._workers.wait(self._pid).status
        shutil.rmtree(self._scratch, ignore_errors=True)
        return status

    def _send(self, body: bytes, number: int, deadline: Deadline) -> None:
        if self.lost is not None:
            raise self.lost
        try:
            self._channel.send_body(body, deadline, number)
        except TimeoutError:
            raise self._end(WorkerTimeout("it stopped reading")) from None
        except OSError:
            raise self._end(None) from None

    def _receive(self, number: int, deadline: Deadline, watch: Callable[[], None] | None = None) -> bytes:
        """The body of the frame that answers request `number`; calls `watch` meanwhile."""

        def watch_both() -> None:
            self._watch()
            if watch is not None:
                watch()

        try:
            body = self._channel.receive_body(deadline, watch_both if watch else self._watch)
        except TimeoutError:
            raise self._end(WorkerTimeout("it ran into its time limit")) from None
        except FrameError as error:
            raise self._end(WorkerCrashed(_NOT_AN_ANSWER)) from error
        except (EOFError, OSError):
            raise self._end(None) from None
        if self._channel.number != number:
            raise self._end(WorkerCrashed("it answered a question that was not asked"))
        return body

    def _decoded(self, body: bytes, expected: Any = Reply) -> Any:
        try:
            return decode_message(expected, body)
        except FrameError as error:
            raise self._end(WorkerCrashed(_NOT_AN_ANSWER)) from error

    def _watch(self) -> None:
        """End a worker that fills the disk, or takes its user's threads, where the kernel does not see to that.

        It can make no folder, and no file larger than its limit.
        """
        if time.monotonic() < self._next_look:
            return
        use = _use(self._scratch)
        self._next_look = time.monotonic() + WATCH_SECONDS
        if use.files > self._most_files:
            raise self._end(WorkerCrashed(f"it made more than {MAX_SCRATCH_FILES:,} files"))
        if not self._workers.threads_counted and threads_of(self._pid_in_proc) > MAX_THREADS:
            raise self._end(WorkerCrashed(f"it had more than {MAX_THREADS} threads"))
        if use.bytes > MAX_SCRATCH_BYTES:
            raise self._end(WorkerCrashed(f"its files were more than {MAX_SCRATCH_BYTES // 2**20} MiB"))

    def _end(self, reason: WorkerLost | None) -> WorkerLost:
        """End the worker; the reason is `reason`, or how the process itself ended."""
        status = self._reap()
        self.lost = reason or _how_it_ended(status)
        return self.lost


_NOT_AN_ANSWER = "it sent something that is not an answer"
_FAULTS = {
    int(number): number.name
    for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGSYS)
}


class _Use(NamedTuple):
    files: int
    bytes: int


def _use(scratch: Path) -> _Use:
    """What lies in a scratch folder now; files come and go meanwhile."""
    files, size = 0, 0
    for place, _, names in os.walk(scratch):
        files += len(names)
        for name in names:
            with suppress(FileNotFoundError):
                size += Path(place, name).lstat().st_blocks * 512
    return _Use(files, size)


def _how_it_ended(status: int) -> WorkerLost:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number == signal.SIGXCPU:
            return WorkerTimeout("it used up its processor time")
        if number == signal.SIGKILL:
            return WorkerOutOfMemory("the machine ended it, most likely for lack of memory")
        return WorkerCrashed(f"it died of {_FAULTS[number]}" if number in _FAULTS else "it died of a signal")
    return WorkerCrashed("it left Python, as sys.exit or os._exit does")  # with a status of the code's own choice
