"""The outside world of a grading run, with bait in it: what is there before must be there after."""

from __future__ import annotations

import hashlib
import os
import secrets
import selectors
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

    from autograder.trusted.assignment.course import Course

# A process that holds a megabyte of memory, and tells its checksum for every line that it reads.
VICTIM = """
import hashlib, random, sys
memory = random.randbytes(2**20)
for line in sys.stdin:
    print(hashlib.sha256(memory).hexdigest(), flush=True)
"""
EVERYBODYS = (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"), Path.home())


class World:
    """A secret file, a folder for all, listeners, a process that must live; and what became of them.

    Args:
        folder: an empty folder to put the bait into.
        course: whose files must not change, but for what is graded.
    """

    def __init__(self, folder: Path, course: Course) -> None:
        self._course = course
        self._stack = ExitStack()
        self.token = f"mine-{secrets.token_hex(8)}"
        self.key = secrets.randbits(30)
        self.visits: list[str] = []
        self.secret = folder / "secret.txt"
        self.secret.write_text(secrets.token_hex())
        self.secret.chmod(0o666)
        self.drop = folder / "drop"
        self.drop.mkdir()
        self.drop.chmod(0o777)
        self.gradebook = course.root / "gradebook.db"
        if not self.gradebook.exists():
            self.gradebook.write_bytes(b"SQLite format 3\x00" + bytes(100))
        self.gradebook.chmod(0o666)
        self._unix_path = folder / "door"
        self._unix_name = self.token

    def __enter__(self) -> Self:
        self._victim = self._stack.enter_context(
            subprocess.Popen(
                [sys.executable, "-c", VICTIM],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                bufsize=1,
                env={"TOKEN": "s3cr3t"},
            )
        )
        self._listeners = {
            "TCP": self._listener(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            "UDP": self._listener(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            "Unix path": self._listener(socket.AF_UNIX, socket.SOCK_STREAM, str(self._unix_path)),
            "Unix name": self._listener(socket.AF_UNIX, socket.SOCK_STREAM, f"\0{self._unix_name}"),
            "Unix datagram": self._listener(socket.AF_UNIX, socket.SOCK_DGRAM, f"\0{self._unix_name}-datagram"),
        }
        with suppress(OSError):  # a container may have no IPv6, as Docker's with --network none
            self._listeners["IPv6"] = self._listener(socket.AF_INET6, socket.SOCK_STREAM, ("::1", 0))
        self._unix_path.chmod(0o777)
        self._closing, self._close = socket.socketpair()
        self._watcher = threading.Thread(target=self._watch)
        self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close.close()
        self._watcher.join()
        self._closing.close()
        if self._victim.stdin is not None:
            self._victim.stdin.close()
        self._stack.close()

    def facts(self, sibling: Path) -> str:
        """A cell that tells an attacker where everything is; `sibling` is another's notebook."""
        course = self._course
        ports = {name: listener.getsockname() for name, listener in self._listeners.items()}
        known = {
            "secret": str(self.secret),
            "drop": str(self.drop),
            "token": self.token,
            "key": self.key,
            "victim": self._victim.pid,
            "tcp": ports["TCP"][1],
            "tcp6": ports.get("IPv6", ports["TCP"])[1],
            "udp": ports["UDP"][1],
            "unix_path": str(self._unix_path),
            "unix_name": self._unix_name,
            "checks": str(Path(__file__).parents[2] / "autograder" / "checks" / "week06" / "test_perceptron.py"),
            "solutions": str(course.root / "solutions"),
            "source": str(course.root / "source"),
            "results": str(course.graded / "results.jsonl"),
            "gradebook": str(self.gradebook),
            "sibling": str(sibling),
            "home": str(Path.home()),
        }
        return "\n".join(f"{name} = {value!r}" for name, value in known.items())

    def look(self) -> None:
        """Remember everything as it is now."""
        self.visits.clear()
        self._before = self._files()
        self._memory_before = self._memory()

    def changes(self) -> list[str]:
        """What is not as it was: files, visitors, left-overs; empty if all is well."""
        after = self._files()
        changed = [f"{path} has changed" for path in self._before if self._before[path] != after.get(path)]
        changed += [f"{path} is new" for path in after if path not in self._before]
        changed += [f"somebody came to {door}" for door in self.visits]
        changed += [f"{path} is new" for place in EVERYBODYS for path in place.glob(f"*{self.token}*")]
        if self._victim.poll() is not None:
            changed.append(f"a process ended with {self._victim.returncode}")
        elif Path(f"/proc/{self._victim.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T":
            changed.append("a process was stopped")
        elif self._memory() != self._memory_before:
            changed.append("the memory of a process has changed")
        if self.key in system_v_keys():
            changed.append("there is shared memory, a semaphore or a queue that was not there before")
        return changed

    def _memory(self) -> str:
        assert self._victim.stdin is not None
        assert self._victim.stdout is not None
        self._victim.stdin.write("\n")
        return self._victim.stdout.readline()

    def clean(self) -> None:
        """Take away what an attack has left where everybody may write."""
        for path in [found for place in EVERYBODYS for found in place.glob(f"*{self.token}*")]:
            path.unlink()

    def _files(self) -> dict[str, tuple[int, int, int, str]]:
        """Mode, owner, time and content of every file of the world, but for what is graded."""
        places = [self.secret, *self.drop.rglob("*"), *self._course.root.rglob("*")]
        return {
            os.fsencode(path).decode("utf-8", "backslashreplace"): (
                status.st_mode,
                status.st_uid,
                status.st_mtime_ns,
                hashlib.sha256(path.read_bytes()).hexdigest(),
            )
            for path in places
            if path.is_file() and not path.is_symlink() and not path.is_relative_to(self._course.graded)
            for status in [path.stat()]
        }

    def _listener(self, family: int, kind: int, address: object) -> socket.socket:
        listener = self._stack.enter_context(socket.socket(family, kind))
        listener.bind(address)  # type: ignore[arg-type]
        if kind == socket.SOCK_STREAM:
            listener.listen()
        return listener

    def _watch(self) -> None:
        """Note every connection and datagram until the world ends."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._closing, selectors.EVENT_READ, "")
            for name, listener in self._listeners.items():
                selector.register(listener, selectors.EVENT_READ, name)
            while True:
                for key, _ in selector.select():
                    if not key.data:
                        return
                    self.visits.append(key.data)
                    if key.fileobj.type == socket.SOCK_STREAM:  # type: ignore[union-attr]
                        key.fileobj.accept()[0].close()  # type: ignore[union-attr]
                    else:
                        key.fileobj.recv(100)  # type: ignore[union-attr]


def system_v_keys() -> set[int]:
    """The keys of all shared memory, semaphores and message queues of this machine."""
    return {
        int(line.split()[0])
        for kind in ("shm", "sem", "msg")
        for line in Path("/proc/sysvipc", kind).read_text().splitlines()[1:]
    }
