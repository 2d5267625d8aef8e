"""A process that enters the sandbox, one layer left out or broken, and tries one thing.

    python probe.py '{"probe": "reads a file", "left_out": "_limit_files", "secret": "...", ...}'

prints "done", or how it was refused. It imports what it needs first, and may then become an ordinary user.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path

from msgspec import structs

from autograder.worker.sandbox.layers import Limits, Place, Sandbox
from autograder.worker.sandbox.namespaces import enter_namespaces
from autograder.worker.sandbox.system_calls import SystemCallFilter
from tests.call_numbers import number_of

LIMITS = Limits(memory_bytes=2**28, file_bytes=2**20, open_files=32, threads=16, scratch_bytes=2**22)
CPU_SECONDS = 1  # of a probe that computes; the others may take long on a slow machine
NOBODY = 65534
SOMEBODY = 1_999_999_999
PR_SET_DUMPABLE = 4
TGKILL, SHMGET = number_of("tgkill"), number_of("shmget")

libc = ctypes.CDLL(None, use_errno=True)


def system_call(*arguments: int) -> None:
    if libc.syscall(*arguments) == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def start_threads() -> None:
    threading.stack_size(max(2**16, os.sysconf("SC_THREAD_STACK_MIN")))  # 128 KiB on aarch64
    over = threading.Event()
    started = []
    try:
        for _ in range(3 * LIMITS.threads):
            started.append(threading.Thread(target=over.wait))
            started[-1].start()
    finally:
        over.set()


def compute() -> None:
    while time.process_time() < 2 * CPU_SECONDS:
        pass


def wait_for_the_parents_end(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.001)


def be_looked_into() -> None:
    sys.stdin.readline()


def keep_what_is_deleted() -> None:
    for _ in range(4 * LIMITS.scratch_bytes // 2**20):
        with open("deleted", "wb") as file:
            file.write(bytes(2**20))
        os.rename("deleted", "deleted-too")
        held.append(os.open("deleted-too", os.O_RDONLY))
        os.unlink("deleted-too")


held: list[int] = []

IN_NAMESPACES = ("keeps what it deletes", "starts many threads as an ordinary user")
PROBES = {
    "keeps what it deletes": lambda facts: keep_what_is_deleted(),
    "starts many threads as an ordinary user": lambda facts: start_threads(),
    "reads through an inherited descriptor": lambda facts: os.pread(facts["descriptor"], 1, 0),
    "takes more memory": lambda facts: bytearray(2**30),
    "writes a large file": lambda facts: Path("big").write_bytes(bytes(2**21)),
    "opens many files": lambda facts: [os.open(os.devnull, os.O_RDONLY) for _ in range(100)],
    "starts many threads": lambda facts: start_threads(),
    "computes for long": lambda facts: compute(),
    "reads a file that all may read": lambda facts: Path(facts["secret"]).read_text(),
    "writes where all may write": lambda facts: Path(facts["drop"], "mine").write_text(""),
    "signals a process of its user": lambda facts: system_call(TGKILL, facts["parent"], facts["parent"], 0),
    "writes to a file of root's": lambda facts: Path("roots").write_text("mine"),
    "outlives the template": lambda facts: wait_for_the_parents_end(facts["parent"]),
    "makes a socket": lambda facts: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
}


def told(attempt) -> str:
    try:
        attempt()
    except (OSError, MemoryError, RuntimeError) as error:
        return f"refused: {type(error).__name__}: {error}"
    return "done"


def failing(layer: str):
    """A layer that cannot be set."""

    def fail(*_):
        raise OSError(f"{layer} cannot be set")

    return fail


def in_a_worker(facts, sandbox: Sandbox, scratch: str, uid: int | None) -> str:
    """What comes of a probe in a sandboxed child of a child of this process."""
    ours, theirs = socket.socketpair()
    template = os.fork()
    if template == 0:
        facts["parent"] = os.getpid()
        worker = os.fork()
        if worker == 0:
            ours.close()
            sandbox.enter(Place(theirs.fileno(), scratch, facts["parent"], uid))
            theirs.sendall(b"ready\n")
            theirs.sendall(told(lambda: PROBES[facts["probe"]](facts)).encode())
            os._exit(0)
        theirs.close()
        ours.recv(1, socket.MSG_PEEK)  # it is in its sandbox
        if facts["probe"] != "outlives the template":
            os.waitpid(worker, 0)
        os._exit(0)
    theirs.close()
    os.waitpid(template, 0)
    with ours, ours.makefile("rb") as answer:
        return answer.read().decode().partition("\n")[2] or "ended"


def looked_into(sandbox: Sandbox, scratch: str) -> str:
    """What comes of looking into the memory of a sandboxed child."""
    ours, theirs = socket.socketpair()
    parent = os.getpid()
    worker = os.fork()
    if worker == 0:
        ours.close()
        sandbox.enter(Place(theirs.fileno(), scratch, parent))
        theirs.sendall(b"ready")
        theirs.recv(1)
        os._exit(0)
    theirs.close()
    ours.recv(6)
    answer = told(lambda: open(f"/proc/{worker}/mem", "rb").close())
    ours.close()
    os.waitpid(worker, 0)
    return answer


def refusal_of_the_template(sandbox: Sandbox, scratch: str, uid: int | None, layer: str) -> str:
    """What the template's worker says, instead of beginning, when that layer cannot be set."""
    from autograder.wire.frames import Channel, Deadline
    from autograder.wire.messages import Fork, WorkerReady
    from autograder.worker.template.settings import TemplateSettings
    from autograder.worker.template.template import Template

    ours, theirs = socket.socketpair()
    template = Template.__new__(Template)
    template._sandbox, template._shell, template._settings = sandbox, None, TemplateSettings((), (), sandboxed=True)
    parent = os.getpid()
    worker = os.fork()
    if worker == 0:
        ours.close()
        setattr(Sandbox, layer, failing(layer))
        template._become_worker(Fork(scratch), theirs.detach(), parent, uid)
    theirs.close()
    message = Channel(ours).receive(WorkerReady, Deadline(10.0))
    _, status = os.waitpid(worker, 0)
    return f"{message.missing}; exit status {os.waitstatus_to_exitcode(status)}"


BEHIND = {
    "sends over the network": lambda facts: socket.socket(type=socket.SOCK_DGRAM).sendto(
        b"x", ("127.0.0.1", facts["port"])
    ),
    "names a process outside": lambda facts: os.kill(facts["outside"], 0),
    "finds shared memory": lambda facts: system_call(SHMGET, facts["key"], 0, 0),
}


def in_namespaces(facts) -> str:
    """What comes of an attempt without any sandbox, in namespaces of its own."""
    if not facts["left_out"]:
        namespaces = enter_namespaces([])
        if namespaces.refused:
            return f"unavailable: {namespaces.refused}"
    return told(lambda: BEHIND[facts["probe"]](facts))


def main() -> None:
    facts = json.loads(sys.argv[1])
    if facts["probe"] in BEHIND:
        sys.stdout.write(in_namespaces(facts))
        return
    facts["descriptor"] = os.open(facts["secret"], os.O_RDONLY)
    for layer in facts["left_out"]:
        setattr(Sandbox, layer, lambda *_: None)
    scratch = tempfile.mkdtemp(dir=facts["folder"])
    computing = facts["probe"] == "computes for long"
    limits = structs.replace(LIMITS, cpu_seconds=CPU_SECONDS) if computing else LIMITS
    sandbox = Sandbox(limits, [], users=os.geteuid() == 0 and not facts["ordinary"])
    if facts["probe"] in IN_NAMESPACES:
        sandbox._mounts, sandbox._filter = True, SystemCallFilter(deletes=True)
        sandbox.counts_threads = True
    if facts["broken"]:
        import autograder.worker.template.template

        assert autograder.worker.template.template
    if facts["ordinary"] and os.geteuid() == 0:
        os.chown(scratch, NOBODY, NOBODY)
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)  # as after a login
    if facts["probe"] in IN_NAMESPACES:
        namespaces = enter_namespaces([])
        if namespaces.refused:
            sys.stdout.write(f"unavailable: {namespaces.refused}")
            return
    uid = SOMEBODY if os.geteuid() == 0 else None
    if uid is not None:
        with open(os.path.join(scratch, "roots"), "w"):
            os.chmod(os.path.join(scratch, "roots"), 0o400)
    if facts["broken"]:
        answer = json.dumps({layer: refusal_of_the_template(sandbox, scratch, uid, layer) for layer in facts["broken"]})
    elif facts["probe"] == "is looked into":
        answer = looked_into(sandbox, scratch)
    else:
        answer = in_a_worker(facts, sandbox, scratch, uid)
    sys.stdout.write(answer)


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        main()
