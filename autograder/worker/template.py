"""The template: a process that has imported everything, and forks a sealed worker when asked.

It starts with a clean environment, imports torch and nothing of the kit's secrets, and never runs a
tensor operation: a thread pool made before a fork can hang the child. Graders ask it over stream
sockets that it inherits; when all of them have hung up, it ends, and every worker ends with it.
"""

from __future__ import annotations

import gc
import os
import selectors
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from autograder.wire.frames import Channel
from autograder.wire.messages import Exited, Fork, Forked, Kill, Sealed, TemplateReady, TemplateRequest
from autograder.worker.seal import Limits, Seal, close_descriptors

if TYPE_CHECKING:
    from autograder.worker.notebook_shell import NotebookShell


class TemplateSettings(msgspec.Struct, frozen=True):
    """What the template is told on its command line, as JSON.

    `sealed` is false only for `--isolation process`: then workers are mere processes.
    """

    control_descriptors: tuple[int, ...]
    secrets: tuple[str, ...]
    sealed: bool
    limits: Limits = Limits()


class Template:
    """Forks workers for graders, reaps them, and tells how each one ended."""

    def __init__(self, settings: TemplateSettings) -> None:
        self._settings = settings
        self._controls = [socket.socket(fileno=descriptor) for descriptor in settings.control_descriptors]
        self._channels = {control: Channel(control) for control in self._controls}
        self._workers: dict[int, socket.socket] = {}  # pid -> the grader's control socket
        self._selector = selectors.DefaultSelector()
        self._shell = _import_everything()
        self._seal, unsealed = _prepare_seal(settings)
        for control in self._controls:
            self._selector.register(control, selectors.EVENT_READ)
            self._channels[control].send(TemplateReady(unsealed))

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
        except EOFError:
            self._forget(control)
            return
        if isinstance(request, Kill):
            if request.pid in self._workers:  # not reaped yet, so the number is still this worker's
                os.kill(request.pid, signal.SIGKILL)
        elif attached is not None:
            self._fork(request, control, attached)

    def _fork(self, request: Fork, control: socket.socket, wire: int) -> None:
        template_pid = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._become_worker(request, wire, template_pid)
        os.close(wire)
        self._workers[pid] = control
        self._tell(control, Forked(pid))

    def _become_worker(self, request: Fork, wire: int, template_pid: int) -> None:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        status = 1
        try:
            os.setsid()
            channel = Channel(socket.socket(fileno=wire))
            try:
                if self._seal is None:
                    close_descriptors(keep=wire)
                    os.chdir(request.scratch)
                else:
                    self._seal.close_around_me(wire, request.scratch, template_pid)
            except OSError as broken:  # SealBroken among them: fail closed
                channel.send(Sealed(unsealed=str(broken)))
            else:
                channel.send(Sealed())
                from autograder.worker.service import Service

                self._shell.prepare()
                Service(channel, self._shell).serve()
                status = 0
        finally:
            os._exit(status)  # nothing of a student's runs at exit

    def _reap(self) -> None:
        while self._workers:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
            if pid == 0:
                return
            control = self._workers.pop(pid)
            self._tell(control, Exited(pid, status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss))

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
    header, descriptors, _, _ = socket.recv_fds(control, 4, 1)
    if not header:
        raise EOFError("the grader has hung up")
    body = control.recv(int.from_bytes(header, "big"), socket.MSG_WAITALL)
    return (descriptors[0] if descriptors else None), msgspec.msgpack.decode(body, type=TemplateRequest)


def _import_everything() -> NotebookShell:
    """Import what notebooks import, so that a fork has it, and make the shell that each fork uses."""
    import matplotlib.pyplot
    import torch._dynamo  # torch.optim imports it with its first optimiser, which takes a second

    import autograder.worker.service
    from autograder.worker.notebook_shell import NotebookShell

    del matplotlib, torch, autograder
    shell = NotebookShell.instance()
    gc.collect()
    gc.freeze()  # the collector then leaves the shared pages alone
    return shell


def _prepare_seal(settings: TemplateSettings) -> tuple[Seal | None, str]:
    if not settings.sealed:
        return None, ""
    try:
        return Seal(settings.limits, [Path(secret) for secret in settings.secrets]), ""
    except (OSError, ImportError) as broken:  # no Landlock, no libseccomp
        return None, str(broken)


def main() -> None:
    """Serve as the template; the settings are the only argument."""
    settings = msgspec.json.decode(sys.argv[1], type=TemplateSettings)
    Template(settings).serve()


if __name__ == "__main__":
    main()
