"""The template: a process that has imported everything, and forks a sandboxed worker when asked.

It starts with a clean environment, imports what the course uses and nothing of the kit's secrets, and never runs a
large tensor operation: a thread pool made before a fork can hang the child. Graders ask it over stream
sockets that it inherits; when all of them have hung up, it ends, and every worker ends with it.
"""

from __future__ import annotations

import gc
import importlib
import linecache
import os
import selectors
import signal
import socket
import sys
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.wire.frames import Channel, FrameError
from autograder.wire.messages import Exited, Fork, Forked, Kill, TemplateReady, WorkerReady
from autograder.worker.sandbox.layers import Place, Sandbox, close_descriptors
from autograder.worker.sandbox.users import become_ordinary, own_users
from autograder.worker.template.grader_line import GraderLine
from autograder.worker.template.huge_pages import use_huge_pages

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from autograder.worker.notebook.shell import NotebookShell
    from autograder.worker.sandbox.namespaces import Namespaces
    from autograder.worker.template.settings import TemplateSettings

_FORKS_BEFORE_HUGE_PAGES = 2  # for each grader: they take a moment, for which the first results need not wait
_SECONDS_TO_THE_NEXT_TRY = 0.1  # to fork, where the machine had no process left


class Template:
    """Forks workers for graders, reaps them, and tells how each one ended.

    Args:
        settings: see there.
        number: its process id as the machine has it.
        namespaces: those of its own.
    """

    def __init__(self, settings: TemplateSettings, number: int, namespaces: Namespaces) -> None:
        self._settings = settings
        self._users = own_users(number)
        self._graders = {GraderLine(socket.socket(fileno=descriptor)) for descriptor in settings.control_descriptors}
        self._workers: dict[int, GraderLine] = {}  # by process id, whose each is
        self._waiting: deque[tuple[GraderLine, Fork, int]] = deque()  # for a process, with the worker's socket
        self._uids: dict[int, int] = {}  # pid -> the user it runs as, if this is root
        self._selector = selectors.DefaultSelector()
        self._shell = _import_everything(settings.preload, with_gpu=settings.with_gpu)
        self._sandbox, missing = _prepare_sandbox(settings, namespaces, users=bool(self._users))
        self._forks_until_huge_pages = 1 + _FORKS_BEFORE_HUGE_PAGES * len(self._graders)
        for grader in list(self._graders):
            self._selector.register(grader, selectors.EVENT_READ)
            self._tell(grader, _ready(self._sandbox, missing, namespaces))

    def serve(self) -> None:
        """Fork, kill and reap until every grader has hung up."""
        ended, wakeup = socket.socketpair()
        wakeup.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wakeup.fileno(), warn_on_full_buffer=False)  # one byte is enough
        self._selector.register(ended, selectors.EVENT_READ)
        while self._graders:
            for key, _ in self._selector.select(_SECONDS_TO_THE_NEXT_TRY if self._waiting else None):
                if key.fileobj is ended:
                    ended.recv(4096)
                    self._reap()
                elif key.fileobj in self._graders:  # not forgotten meanwhile
                    self._answer(key.fileobj)
            self._fork_those_waiting()

    def _answer(self, grader: GraderLine) -> None:
        try:
            grader.flush()
            self._watch(grader)
            for request in grader.requests():
                if not isinstance(request, Kill):
                    self._waiting.append((grader, *request))
                elif request.pid in self._workers:  # not reaped yet, so the number is still this worker's
                    os.kill(request.pid, signal.SIGKILL)
        except (EOFError, OSError, FrameError):  # that grader is gone; the others are not
            self._forget(grader)

    def _fork_those_waiting(self) -> None:
        """Make the workers that were asked for; what the machine has no process for waits for the next try."""
        while self._waiting:
            grader, request, wire = self._waiting[0]
            if grader in self._graders:
                try:
                    self._fork(request, grader, wire)
                except BlockingIOError:
                    return
            self._waiting.popleft()
            os.close(wire)

    def _fork(self, request: Fork, grader: GraderLine, wire: int) -> None:
        template_pid = os.getpid()
        uid = next(self._free_uids(), None)
        if request.long_run:  # a few workers would not win the time back
            self._forks_until_huge_pages -= 1
            if self._forks_until_huge_pages == 0:
                use_huge_pages()
        pid = os.fork()
        if pid == 0:
            self._become_worker(request, wire, template_pid, uid)
        self._workers[pid] = grader
        if uid is not None:
            self._uids[pid] = uid
        self._tell(grader, Forked(pid))

    def _free_uids(self) -> Iterator[int]:
        """Users that no living worker of this template runs as, nor any of another template's on this machine."""
        return (uid for uid in self._users if uid not in self._uids.values())

    def _become_worker(self, request: Fork, wire: int, template_pid: int, uid: int | None) -> None:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        status = 1
        try:
            os.setsid()
            if request.core is not None and sys.platform == "linux":
                with suppress(OSError):  # it is for speed alone
                    os.sched_setaffinity(0, {request.core})
            channel = Channel(socket.socket(fileno=wire))
            pid = _pid_in_proc()
            try:
                if not self._settings.with_gpu:
                    os.environ["CUDA_VISIBLE_DEVICES"] = ""
                if self._sandbox is None:
                    close_descriptors(keep=wire)
                    os.chdir(request.scratch)
                    if uid is not None and sys.platform == "linux":
                        with suppress(OSError):  # no sandbox was asked for, so none can be missing
                            become_ordinary(uid, request.scratch, map(Path, self._settings.secrets))
                else:
                    self._sandbox.enter(Place(wire, request.scratch, template_pid, uid))
            except OSError as broken:  # a layer of the sandbox cannot be set: fail closed
                channel.send(WorkerReady(missing=broken.strerror or str(broken)))
            else:
                channel.send(WorkerReady(pid=pid))
                from autograder.worker.notebook.service import Service

                self._shell.prepare()
                Service(channel, self._shell).serve()
                status = 0
        finally:
            os._exit(status)  # nothing of a student's runs at exit

    def _reap(self) -> None:
        while self._workers:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            grader = self._workers.pop(pid)
            self._uids.pop(pid, None)
            self._tell(grader, Exited(pid, status))

    def _tell(self, grader: GraderLine, message: TemplateReady | Forked | Exited) -> None:
        if grader not in self._graders:
            return
        try:
            grader.send(message)
        except OSError:  # that grader is gone; the others are not
            self._forget(grader)
        else:
            self._watch(grader)

    def _watch(self, grader: GraderLine) -> None:
        """Be told when the grader has sent something and, if something is unsent, when it has read."""
        self._selector.modify(grader, selectors.EVENT_READ | (selectors.EVENT_WRITE * grader.has_unsent))

    def _forget(self, grader: GraderLine) -> None:
        self._selector.unregister(grader)
        self._graders.remove(grader)
        grader.close()


def _pid_in_proc() -> int:
    """This process's number in /proc, which belongs to the namespace outside; 0 where there is no /proc."""
    try:
        return int(os.readlink("/proc/self"))
    except OSError:
        return 0


# What belongs to torch: it is imported where a course uses that, since a sandboxed worker cannot read the kit's files.
_WITH_TORCH = (
    "autograder.sim",
    "autograder.worker.notebook.differentiable_substitutes",
    "autograder.worker.notebook.watch",
)


def _import_everything(preload: Iterable[str], *, with_gpu: bool) -> NotebookShell:
    """Import what notebooks import, so that a fork has it, and make the shell that each fork uses.

    The garbage collector, which would go through all of it again and again, has been off, and is now on.
    """
    uses_torch = any(name.partition(".")[0] == "torch" for name in preload)
    for module in (
        "matplotlib.pyplot",
        "matplotlib_inline.backend_inline",  # where a notebook's figures are kept
        *(_WITH_TORCH if uses_torch else ()),
        "autograder.worker.notebook.service",
        *preload,
    ):
        importlib.import_module(module)
    from matplotlib.backends import backend_registry

    from autograder.later import import_later
    from autograder.worker.notebook import accelerators
    from autograder.worker.notebook.shell import NotebookShell
    from autograder.worker.template.warmup import warm_up

    if uses_torch:
        import_later()
    if uses_torch and with_gpu:
        accelerators.limit_gpu_memory()
    elif uses_torch:
        from autograder import sim

        sim.register()
    backend_registry.list_all()  # it reads the metadata of all packages, once
    shell = NotebookShell.instance()
    gc.freeze()  # what is there now stays
    warm_up(shell, with_torch=uses_torch, on_sim=not with_gpu)
    linecache.clearcache()  # nor do the kit's own texts, which no worker may read
    gc.collect()  # of the warm-up nothing does
    gc.freeze()  # the collector then leaves the shared pages alone
    gc.enable()
    return shell


def _ready(sandbox: Sandbox | None, missing: str, namespaces: Namespaces) -> TemplateReady:
    if sandbox is None:
        return TemplateReady(missing, namespaces.refused)
    return TemplateReady(
        missing, namespaces.refused, sandbox.layers, sandbox.refused_by, threads_counted=sandbox.counts_threads
    )


def _prepare_sandbox(settings: TemplateSettings, namespaces: Namespaces, *, users: bool) -> tuple[Sandbox | None, str]:
    if not settings.sandboxed:
        return None, ""
    try:
        secrets = [Path(secret) for secret in settings.secrets]
        sandbox = Sandbox(
            settings.limits,
            secrets,
            namespaces=namespaces,
            users=users,
            home=Path(settings.home),
            root=Path(settings.home, "root"),
            with_gpu=settings.with_gpu,
            hidden=settings.hidden,
        )
    except OSError as broken:  # neither Landlock nor a root of its own, no libseccomp
        return None, broken.strerror or str(broken)
    return sandbox, ""
