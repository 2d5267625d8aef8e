"""The escape test: a notebook that tries to break out of its worker, to prove that the sandbox holds.

Each attempt is a function of the notebook, run in a worker like any student's. A forbidden attempt must raise an
exception; if it returns, that is a breach. The other attempts do what honest code must be able to do.
"""

from __future__ import annotations

import os
import secrets
import socket
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.errors import KitError, StudentError, WorkerLost
from autograder.trusted.assignment.course import KIT, checks_folder
from autograder.trusted.checking.recorded_calls import RecordedCalls
from autograder.trusted.checking.student import Student
from autograder.trusted.execution.executed_notebook import ExecutedNotebook
from autograder.trusted.submissions.cells import NotebookCell

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from autograder.trusted.execution.workers import Workers

SECONDS = 10.0

REFUSED = {
    "reads a secret file": "return open(secret).read()",
    "reads the hidden checks": "return open(checks).read()",
    "reads the password hashes": "return open('/etc/shadow').read()",
    "reads another process's environment": "return open(f'/proc/{grader}/environ', 'rb').read()",
    "writes outside its scratch folder": "open(secret, 'a').write('x')",
    "cuts a file outside": "import os; os.truncate(secret, 0)",
    "cuts a file that it opens to read": "import os; os.open(secret, os.O_RDONLY | os.O_TRUNC)",
    "makes a file where everyone may": "open('/tmp/' + 'autograder-escape', 'w').write('x')",
    "changes the mode of a file": "import os; os.chmod(secret, 0o777)",
    "connects over TCP": "import socket; socket.create_connection(('127.0.0.1', port), 2)",
    "sends over UDP": (
        "import socket; udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "    udp.sendto(b'x', ('127.0.0.1', port))"
    ),
    "opens a Unix socket": "import socket; socket.socket(socket.AF_UNIX).connect(chr(0) + 'escape')",
    "starts a process": "import os; return os.fork()",
    "runs a program": "import os; os.execv('/bin/true', ['true'])",
    "signals the grader": "import os; os.kill(grader, 0)",
    "signals everyone": "import os; os.kill(-1, 0)",
    "makes a namespace": (
        "import ctypes; libc = ctypes.CDLL(None, use_errno=True)\n"
        "    if libc.unshare(0x10000000): raise OSError(ctypes.get_errno(), 'unshare')"
    ),
    "traces a process": (
        "import ctypes; libc = ctypes.CDLL(None, use_errno=True)\n"
        "    if libc.ptrace(16, grader, 0, 0): raise OSError(ctypes.get_errno(), 'ptrace')"
    ),
    "takes ten gigabytes": "import numpy; numpy.ones(10 * 2**30, dtype=numpy.uint8)",
    "fills the disk": "open('big', 'wb').write(bytes(64 * 2**20))",
}

# What each of these is among the things that the sandbox refuses by some layer: see `Workers.refused_by`.
REFUSED_AS = {
    "reads a secret file": "reads a file outside",
    "reads the hidden checks": "reads a file outside",
    "reads the password hashes": "reads a file outside",
    "reads another process's environment": "reads a file outside",
    "writes outside its scratch folder": "writes to a file outside",
    "cuts a file outside": "cuts a file outside",
    "cuts a file that it opens to read": "cuts a file outside",
    "makes a file where everyone may": "makes or deletes a file outside",
    "changes the mode of a file": "changes a file's mode, owner or times",
    "connects over TCP": "connects or listens",
    "sends over UDP": "sends over the network",
    "opens a Unix socket": "reaches a Unix socket",
    "starts a process": "starts a process",
    "runs a program": "runs a program",
    "signals the grader": "signals the grader",
    "signals everyone": "signals another worker",
    "makes a namespace": "mounts, or makes a namespace",
    "traces a process": "traces the grader",
    "takes ten gigabytes": "takes more memory",
    "fills the disk": "writes a large file",
}

NEEDED = {
    "writes over its own file": (
        "import os; open('own', 'w').write('long'); os.close(os.open('own', os.O_WRONLY | os.O_TRUNC))\n"
        "    open('own', 'w').write('x'); return open('own').read()"
    ),
    "computes with NumPy": "import numpy; return float((numpy.ones((50, 50)) @ numpy.ones((50, 50))).sum())",
    "imports from Python's library": "import wave, csv, statistics",
    "writes in its scratch folder": "open('note.txt', 'w').write('x')",
    "starts a thread": "import threading; threading.Thread(target=print).start()",
}
NEEDED_OF_TORCH = {
    "computes with torch": "import torch; return float((torch.ones(50, 50) @ torch.ones(50, 50)).sum())",
    "differentiates and steps": (
        "import torch; model = torch.nn.Linear(2, 1)\n"
        "    model(torch.ones(1, 2)).sum().backward(); torch.optim.SGD(model.parameters(), lr=0.1).step()"
    ),
}


@dataclass(frozen=True)
class Finding:
    """One attempt: what was tried, whether the sandbox did what it should, the details, and the layers that refuse it.

    Each of these layers refuses it alone; none stands there for what a worker must be able to do.
    """

    attempt: str
    good: bool
    detail: str
    refused_by: tuple[str, ...] = ()


def attempt_escapes(workers: Workers, *, with_torch: bool) -> list[Finding]:
    """Try every attempt in a new worker; a finding is good if a forbidden attempt failed or an allowed one worked."""
    with _bait() as facts:
        attempts = {**REFUSED, **NEEDED, **(NEEDED_OF_TORCH if with_torch else {})}
        cells = [NotebookCell("facts", facts)]
        cells += [
            NotebookCell(f"attempt {number}", f"def attempt_{number}():\n    {code}\n")
            for number, code in enumerate(attempts.values())
        ]
        notebook = ExecutedNotebook(workers, cells, SECONDS)
        student = Student(RecordedCalls(notebook))
        try:
            return [_try(student, number, name, workers.refused_by) for number, name in enumerate(attempts)]
        finally:
            notebook.close()


def require_no_escape(workers: Workers, *, with_torch: bool) -> None:
    """Raise KitError, naming the first breach, unless the sandbox holds."""
    for finding in attempt_escapes(workers, with_torch=with_torch):
        if not finding.good:
            raise KitError(
                f"The sandbox does not hold: a worker that {finding.attempt}: {finding.detail}. "
                "Run `autograder doctor`."
            )


def _try(student: Student, number: int, attempt: str, refused_by: Mapping[str, tuple[str, ...]]) -> Finding:
    try:
        student.call(f"attempt_{number}", ())
        outcome, refused = "done", False
    except StudentError as error:
        outcome, refused = str(error), True
    except WorkerLost as loss:
        outcome, refused = str(loss), True
    layers = refused_by.get(REFUSED_AS.get(attempt, ""), ())
    return Finding(attempt, refused == (attempt in REFUSED), outcome, layers)


@contextmanager
def _bait() -> Iterator[str]:
    """Plant a secret file and a listening socket; yield the cell that tells the notebook where they are."""
    with tempfile.TemporaryDirectory(prefix="autograder-bait-") as folder, socket.socket() as listener:
        Path(folder).chmod(0o755)
        secret = Path(folder, "secret.txt")
        secret.write_text(secrets.token_hex())
        secret.chmod(0o666)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        checks = next(checks_folder(KIT).rglob("test_*.py"), Path(__file__))  # an installed kit has none: the engine
        yield (
            f"secret = {str(secret)!r}\nchecks = {str(checks)!r}\ngrader = {os.getpid()}\n"
            f"port = {listener.getsockname()[1]}\n"
        )
