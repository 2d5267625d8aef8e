"""The template: a process that has imported everything, and forks a sandboxed worker when asked.

It starts with a clean environment, imports torch and nothing of the kit's secrets, and never runs a
tensor operation: a thread pool made before a fork can hang the child. Graders ask it over stream
sockets that it inherits; when all of them have hung up, it ends, and every worker ends with it.
"""

from __future__ import annotations

import gc
import importlib
import os
import selectors
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from autograder.wire.frames import HEADER, Channel
from autograder.wire.messages import Exited, Fork, Forked, Kill, TemplateReady, TemplateRequest, WorkerReady
from autograder.worker.sandbox.layers import (
    MAX_OWN_UIDS,
    Place,
    Sandbox,
    become_ordinary,
    close_descriptors,
    first_own_uid,
)
from autograder.worker.template.huge_pages import use_huge_pages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from autograder.worker.notebook.shell import NotebookShell
    from autograder.worker.template.settings import TemplateSettings


class Template:
    """Forks workers for graders, reaps them, and tells how each one ended.

    Args:
        settings: see there.
        number: its process id as the machine has it.
        unshared: why it has no namespaces of its own, if it has none.
    """

    def __init__(self, settings: TemplateSettings, number: int, unshared: str) -> None:
        self._settings = settings
        self._number = number
        self._controls = [socket.socket(fileno=descriptor) for descriptor in settings.control_descriptors]
        self._channels = {control: Channel(control) for control in self._controls}
        self._workers: dict[int, socket.socket] = {}  # pid -> the grader's control socket
        self._uids: dict[int, int] = {}  # pid -> the user it runs as, if this is root
        self._selector = selectors.DefaultSelector()
        self._shell = _import_everything()
        self._sandbox, missing = _prepare_sandbox(settings)
        use_huge_pages()
        for control in self._controls:
            self._selector.register(control, selectors.EVENT_READ)
            self._channels[control].send(TemplateReady(missing, unshared))

    def serve(self) -> None:
        """Fork, kill and reap until every grader has hung up."""
        ended, wakeup = socket.socketpair()
        wakeup.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wakeup.fileno())
        self._selector.register(ended, selectors.EVENT_READ)
        while self._channels:
            for key, _ in self._selector.select():
                if key.fileobj is ended:
                    ended.recv(4096)
                    self._reap()
                else:
                    self._answer(key.fileobj)  # type: ignore[arg-type]  # only sockets are registered

    def _answer(self, control: socket.socket) -> None:
        try:
            attached, request = receive_with_descriptor(control)
        except (EOFError, ConnectionResetError):
            self._forget(control)
            return
        if isinstance(request, Kill):
            if request.pid in self._workers:  # not reaped yet, so the number is still this worker's
                os.kill(request.pid, signal.SIGKILL)
        elif attached is not None:
            self._fork(request, control, attached)

    def _fork(self, request: Fork, control: socket.socket, wire: int) -> None:
        template_pid = os.getpid()
        uid = next(self._free_uids()) if os.geteuid() == 0 else None
        pid = os.fork()
        if pid == 0:
            self._become_worker(request, wire, template_pid, uid)
        os.close(wire)
        self._workers[pid] = control
        if uid is not None:
            self._uids[pid] = uid
        self._tell(control, Forked(pid))

    def _free_uids(self) -> Iterator[int]:
        """Users that no living worker of this template runs as, nor any of another template's on this machine."""
        first = first_own_uid(self._number)
        return (uid for uid in range(first, first + MAX_OWN_UIDS) if uid not in self._uids.values())

    def _become_worker(self, request: Fork, wire: int, template_pid: int, uid: int | None) -> None:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        status = 1
        try:
            os.setsid()
            channel = Channel(socket.socket(fileno=wire))
            try:
                if not request.with_gpu:
                    os.environ["CUDA_VISIBLE_DEVICES"] = ""
                if self._sandbox is None:
                    close_descriptors(keep=wire)
                    os.chdir(request.scratch)
                    if uid is not None and sys.platform == "linux":
                        with suppress(OSError):  # no sandbox was asked for, so none can be missing
                            become_ordinary(uid, request.scratch, map(Path, self._settings.secrets))
                else:
                    self._sandbox.enter(Place(wire, request.scratch, template_pid, uid, request.with_gpu))
            except OSError as broken:  # a layer of the sandbox cannot be set: fail closed
                channel.send(WorkerReady(missing=str(broken)))
            else:
                channel.send(WorkerReady())
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
            control = self._workers.pop(pid)
            self._uids.pop(pid, None)
            self._tell(control, Exited(pid, status))

    def _tell(self, control: socket.socket, message: Forked | Exited) -> None:
        if control not in self._channels:
            return
        try:
            self._channels[control].send(message)
        except OSError:  # that grader is gone; the others are not
            self._forget(control)

    def _forget(self, control: socket.socket) -> None:
        self._selector.unregister(control)
        del self._channels[control]


def receive_with_descriptor(control: socket.socket) -> tuple[int | None, Fork | Kill]:
    """The next request on a control socket, and the descriptor that came with it."""
    header, descriptors, _, _ = socket.recv_fds(control, HEADER.size, 1)
    if not header:
        raise EOFError("the grader has hung up")
    length, _ = HEADER.unpack(header)
    body = control.recv(length, socket.MSG_WAITALL)
    if len(body) < length:
        raise EOFError("the grader has ended within a request")
    return (descriptors[0] if descriptors else None), msgspec.msgpack.decode(body, type=TemplateRequest)


def _import_everything() -> NotebookShell:
    """Import what notebooks import, so that a fork has it, and make the shell that each fork uses.

    The garbage collector, which would go through all of it again and again, has been off, and is now on.
    """
    for module in (
        "matplotlib.pyplot",
        "torch._dynamo",  # torch.optim imports it with its first optimiser, which takes a second
        "autograder.worker.notebook.service",
    ):
        importlib.import_module(module)
    from autograder import sim
    from autograder.worker.notebook.shell import NotebookShell
    from autograder.worker.template.warmup import warm_up

    sim.register()
    shell = NotebookShell.instance()
    warm_up(shell)
    gc.freeze()  # the collector then leaves the shared pages alone
    gc.enable()
    return shell


def _prepare_sandbox(settings: TemplateSettings) -> tuple[Sandbox | None, str]:
    if not settings.sandboxed:
        return None, ""
    try:
        return Sandbox(settings.limits, [Path(secret) for secret in settings.secrets]), ""
    except (OSError, ImportError) as broken:  # no Landlock, no libseccomp
        return None, str(broken)
