"""One layer of the sandbox alone, and one thing tried: whether the layer refuses it, by itself.

    PYTHONPATH=. python tests/worker/sandbox/alone.py FOLDER

prints JSON: for each thing, what came of it without any layer (""), and under each layer alone. It takes root.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import shutil
import signal
import socket
import sys
import tempfile
from pathlib import Path

from autograder.worker.sandbox import protection
from autograder.worker.sandbox.landlock import FileRules, version
from autograder.worker.sandbox.libc import prctl
from autograder.worker.sandbox.mounts import OwnRoot
from autograder.worker.sandbox.namespaces import enter_namespaces
from autograder.worker.sandbox.system_calls import SystemCallFilter
from autograder.worker.sandbox.users import become, give_up_capabilities
from tests.call_numbers import number_of

ONE, OTHER = 1_999_999_998, 1_999_999_999  # workers' users
PR_SET_DUMPABLE = 4
PTRACE_SEIZE, CLONE_NEWUSER = 0x4206, 0x1000_0000
TGKILL = number_of("tgkill")

LOADERS = ("/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1")

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long] * 4


def call(name: str, *arguments: int) -> None:
    if getattr(libc, name)(*arguments) == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def connect(kind: int, family: int, address: object) -> None:
    with socket.socket(family, kind) as one:
        one.connect(address)
        one.send(b"x")


def start_a_process() -> None:
    if os.fork() == 0:
        os._exit(0)


# Each of a thing's attempts must be refused.
ATTEMPTS = {
    "reads a file outside": [lambda at: Path(at["secret"]).read_text(), lambda at: os.listdir(at["drop"])],
    "writes to a file outside": [
        lambda at: open(at["secret"], "a").close(),
        lambda at: os.open(at["secret"], os.O_WRONLY | os.O_TRUNC),
    ],
    "makes or deletes a file outside": [
        lambda at: os.open(at["drop"] + "/mine", os.O_CREAT | os.O_WRONLY),
        lambda at: os.unlink(at["deleted"]),
        lambda at: os.rename(at["deleted"], at["drop"] + "/moved"),
        lambda at: os.mkdir(at["drop"] + "/folder"),
    ],
    "cuts a file outside": [
        lambda at: os.truncate(at["secret"], 0),
        lambda at: os.open(at["secret"], os.O_RDONLY | os.O_TRUNC),
        lambda at: os.open(at["secret"], os.O_ACCMODE | os.O_TRUNC),
    ],
    "changes a file's mode, owner or times": [
        lambda at: os.chmod(at["secret"], 0o666),
        lambda at: os.chown(at["secret"], 0, 0),
        lambda at: os.utime(at["secret"]),
    ],
    "connects or listens": [
        lambda at: connect(socket.SOCK_STREAM, socket.AF_INET, ("127.0.0.1", at["tcp"])),
    ],
    "sends over the network": [lambda at: connect(socket.SOCK_DGRAM, socket.AF_INET, ("127.0.0.1", at["udp"]))],
    "reaches a Unix socket": [
        lambda at: connect(socket.SOCK_STREAM, socket.AF_UNIX, at["unix"]),
        lambda at: connect(socket.SOCK_STREAM, socket.AF_UNIX, "\0" + at["unix"]),
    ],
    "signals the grader": [
        lambda at: os.kill(at["grader"], 0),
        lambda at: call("syscall", TGKILL, at["grader"], at["grader"], 0),
    ],
    "signals another worker": [
        lambda at: os.kill(at["worker"], 0),
        lambda at: call("syscall", TGKILL, at["worker"], at["worker"], 0),
    ],
    "traces the grader": [lambda at: call("ptrace", PTRACE_SEIZE, at["grader"], 0, 0)],
    "traces another worker": [lambda at: call("ptrace", PTRACE_SEIZE, at["worker"], 0, 0)],
    "starts a process": [lambda at: start_a_process()],
    "runs a program": [
        lambda at: os.execv("/bin/true", ["true"]),
        lambda at: os.execv(at["loader"], ["loader", "/bin/true"]),
    ],
    "mounts, or makes a namespace": [
        lambda at: call("unshare", CLONE_NEWUSER),
        lambda at: call("mount", b"none", b"/mnt", b"tmpfs", 0, 0),
    ],
    "finds others' shared memory": [lambda at: call("shmget", at["key"], 0, 0)],
}


def enter(layer: str, at: dict[str, object], pipe: int) -> None:
    """Put this process under one layer."""
    number = layer.removeprefix("Landlock ")
    if number != layer:
        FileRules(int(number), ["/usr/lib", "/etc/ld.so.cache"], [str(at["scratch"])]).restrict()
    elif layer == protection.SECCOMP:
        SystemCallFilter(deletes=True).load()
    elif layer == protection.OWN_USER:
        become(ONE, keep_search=False)
        give_up_capabilities(keep_search=False)
    elif layer == protection.UNDUMPABLE:
        become(OTHER, keep_search=False)
        give_up_capabilities(keep_search=False)
    elif layer.endswith(" namespace"):
        enter_namespaces([pipe])
    elif layer == protection.OWN_ROOT:
        enter_namespaces([pipe])
        home = Path(str(at["scratch"]))
        root = OwnRoot(home / "root", [Path("/usr/lib")], {Path("/lib"): "usr/lib"}, home)
        (home / "1").mkdir()
        root.mount_scratch(str(home / "1"), size=2**20, files=10, uid=None)
        root.enter()


def sleeper(uid: int | None) -> int:
    """A process that waits to be killed."""
    told, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        if uid is not None:
            become(uid, keep_search=False)
            prctl(PR_SET_DUMPABLE, 0)
        os.write(tell, b"x")
        signal.pause()
    os.read(told, 1)
    return pid


def outcome(layer: str, attempt, at: dict[str, object]) -> str:
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            enter(layer, at, tell)
            try:
                attempt(at)
            except OSError as error:
                os.write(tell, f"refused: {error}".encode())
            status = 0
        except OSError as broken:
            os.write(tell, f"cannot be set: {broken}".encode())
        finally:
            os._exit(status)
    os.close(tell)
    with os.fdopen(told, "rb") as said:
        answer = said.read().decode()
    _, status = os.waitpid(child, 0)
    return answer or ("done" if status == 0 else f"ended with {status}")


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    folder = Path(sys.argv[1])
    tcp, udp = socket.create_server(("127.0.0.1", 0)), socket.socket(type=socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))
    unix, abstract = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
    unix.bind(str(folder / "door"))
    abstract.bind(f"\0{folder / 'door'}")
    for listener in (unix, abstract, tcp):
        listener.listen(100)
    key = 0x51AC0000 + os.getpid() % 0xFFFF
    memory = libc.shmget(key, 4096, 0o1666)
    at = {
        **{name: str(folder / name) for name in ("secret", "drop", "deleted")},
        **{"tcp": tcp.getsockname()[1], "udp": udp.getsockname()[1], "unix": str(folder / "door"), "key": key},
        "grader": sleeper(None),
        "loader": next(os.path.realpath(each) for each in LOADERS if os.path.exists(each)),
    }
    said: dict[str, dict[str, list[str]]] = {}
    for thing, attempts in ATTEMPTS.items():
        said[thing] = {}
        for layer in ["", *protection.REFUSED_BY[thing]]:
            if layer.startswith("Landlock") and version() < int(layer.split()[1]):
                continue
            at["worker"] = sleeper(OTHER if layer in (protection.OWN_USER, protection.UNDUMPABLE) else None)
            said[thing][layer] = []
            for attempt in attempts:
                at["scratch"] = tempfile.mkdtemp(dir=folder)
                shutil.rmtree(str(at["drop"]), ignore_errors=True)
                Path(str(at["drop"])).mkdir()
                Path(str(at["drop"])).chmod(0o777)
                Path(str(at["secret"])).write_text("secret")
                Path(str(at["secret"])).chmod(0o666)
                Path(str(at["deleted"])).write_text("")
                said[thing][layer].append(outcome(layer, attempt, at))
            os.kill(at["worker"], signal.SIGKILL)
    os.kill(at["grader"], signal.SIGKILL)
    libc.shmctl(memory, 0, None)
    print(json.dumps(said))


if __name__ == "__main__":
    main()
