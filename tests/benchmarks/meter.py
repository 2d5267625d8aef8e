"""What a command costs: wall-clock time, processor time and memory of it and of all that it starts."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.attacks.processes import adopting, families
from tests.benchmarks.processor import Processor

if TYPE_CHECKING:
    from collections.abc import Sequence

TEMPLATE, READER = b"autograder.worker.template.start", b"autograder.reading.start"
SAMPLE_SECONDS = 0.02  # between looks at the memory


@dataclass
class Cost:
    """What one run of a command took.

    Attributes:
        seconds: from its start to its end.
        cpu: user and system seconds of all its processes; a process whose parent is gone is adopted, so none escapes.
        first: seconds until the file that was watched held something; None if it never did.
        output: what it printed.
        memory: what was seen of its memory, if it was asked for.
    """

    seconds: float
    cpu: float
    first: float | None
    output: str
    memory: Memory


@dataclass
class Memory:
    """The largest figures seen, in bytes.

    Attributes:
        whole: of all processes together, each shared page counted once (the sum of Pss).
        private: of each role ("command", "graders", "readers", "template", "worker", "other"), the private pages of one
            process.
        dirty: as `private`, but only the pages that it has written.
        unreadable: looks at a process that the kernel did not allow.
        processor: whose processor time it was, which is looked at as well.
    """

    whole: int = 0
    private: dict[str, int] = field(default_factory=dict)
    dirty: dict[str, int] = field(default_factory=dict)
    unreadable: int = 0
    samples: int = 0
    processor: Processor = field(default_factory=Processor)

    def look(self, root: int) -> None:
        """Look once at the process `root` and all that descends from it."""
        children = families()
        found, waiting = [], [root]
        while waiting:
            found.append(waiting.pop())
            waiting += children.get(found[-1], ())
        parents = {child: parent for parent, those in children.items() for child in those}
        whole = 0
        for pid in found:
            with suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
                try:
                    pages = _rollup(pid)
                except PermissionError:
                    self.unreadable += 1
                    continue
                whole += pages["Pss"]
                role = _role(pid, root, parents)
                self.processor.look(pid, role, has_workers=role == "template" and os.getsid(pid) != pid)
                private = pages["Private_Clean"] + pages["Private_Dirty"]
                self.private[role] = max(self.private.get(role, 0), private)
                self.dirty[role] = max(self.dirty.get(role, 0), pages["Private_Dirty"])
        self.whole = max(self.whole, whole)
        self.samples += 1


def _rollup(pid: int) -> dict[str, int]:
    """A process's smaps_rollup in bytes (proc(5))."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    if not lines:
        raise ProcessLookupError(pid)
    return {name: int(size.split()[0]) * 1024 for name, _, size in (line.partition(":") for line in lines)}


def _role(pid: int, root: int, parents: dict[int, int]) -> str:
    if pid == root:
        return "command"
    parent = parents.get(pid, 0)
    if TEMPLATE in _words(pid):
        # A worker leads a session of its own, as the outermost template does, but is a template's child.
        return "worker" if TEMPLATE in _words(parent) and os.getsid(pid) == pid else "template"
    if READER in _words(pid):
        return "readers"
    return "graders" if _words(pid) == _words(parent) else "other"


def _words(pid: int) -> list[bytes]:
    return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")


def measured(command: Sequence[str | Path], folder: Path, *, watch: Path | None = None, memory: bool = False) -> Cost:
    """Run a command in `folder` to its end. Ends this program with what it said, where it fails.

    Args:
        command: the program and its arguments.
        folder: where it runs.
        watch: a file; the time until something stands in it is taken.
        memory: whether to look at the memory meanwhile, which costs a little of everybody's time.
    """
    with adopting() as orphans, tempfile.TemporaryFile() as output:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.perf_counter()
        run = subprocess.Popen(command, cwd=folder, env=environment(), stdout=output, stderr=subprocess.STDOUT)
        ended = threading.Event()
        seen = Memory()
        watcher = threading.Thread(target=_watch, args=(run.pid, ended, seen))
        if memory:
            watcher.start()
        first = None
        while watch is not None and first is None and run.poll() is None:
            if watch.exists() and watch.stat().st_size:
                first = time.perf_counter() - start
            time.sleep(0.002)
        code = run.wait()
        seconds = time.perf_counter() - start
        ended.set()
        if memory:
            watcher.join()
        orphans.wait()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        output.seek(0)
        said = output.read().decode("utf-8", "replace")
    if code != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {code}:\n{said[-2000:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(seconds, cpu, first, said, seen)


def environment() -> dict[str, str]:
    """This environment, in which programs of the virtual environment and this repository's tests are found."""
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return os.environ | {"PATH": programs, "PYTHONPATH": str(Path(__file__).parents[2])}


def _watch(root: int, ended: threading.Event, seen: Memory) -> None:
    while not ended.wait(SAMPLE_SECONDS):
        seen.look(root)
