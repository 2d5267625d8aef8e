"""The warm-up: every line of its notebook runs, and nothing of it is left in a worker."""

from __future__ import annotations

import os
import subprocess
import sys

PROGRAM = """
from autograder import sim
from autograder.wire.messages import Raised
from autograder.worker.notebook.shell import NotebookShell
from autograder.worker.template.warmup import warm_up
from autograder.worker.notebook.service import Service

sim.register()
shell = NotebookShell.instance()
before = dict(shell.user_ns), shell.execution_count
replies = []
send = Service._reply
Service._reply = lambda self, reply: (replies.append(reply), send(self, reply))
warm_up(shell)
assert (dict(shell.user_ns), shell.execution_count) == before
for reply in replies:
    error = getattr(reply, "error", None)
    if error is not None:
        print(type(reply).__name__, error.kind, error.frames[-1].text)
"""


def test_only_what_is_meant_to_raise_raises_and_the_shell_is_left_as_it_was():
    one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "agg"}  # as the template has it
    command = [sys.executable, "-c", PROGRAM]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | one_thread)
    assert ran.stderr == ""
    refused = "torch.ones(2).sum().backward()  # type: ignore[no-untyped-call]  # torch's own"
    assert ran.stdout.splitlines() == [f"Raised RuntimeError {refused}"]
