"""The warm-up: every line of its notebooks runs, and nothing of them is left in a worker."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PROGRAM = """
import sys
from autograder.wire.messages import Raised
from autograder.worker.notebook.shell import NotebookShell
from autograder.worker.template.warmup import warm_up
from autograder.worker.notebook.service import Service

with_torch = sys.argv[1] == "tensors"
if with_torch:
    import torch
    from autograder import sim
    from autograder.later import import_later
    import_later()
    sim.register()
shell = NotebookShell.instance()
before = dict(shell.user_ns), shell.execution_count
replies = []
send = Service._reply
Service._reply = lambda self, reply: (replies.append(reply), send(self, reply))
warm_up(shell, with_torch=with_torch)
assert (dict(shell.user_ns), shell.execution_count) == before
for reply in replies:
    error = getattr(reply, "error", None)
    if error is not None:
        print(type(reply).__name__, error.kind, error.frames[-1].text)
assert ("torch" in sys.modules) == with_torch
"""


@pytest.mark.parametrize(
    ("of", "refused"),
    [
        (
            "tensors",
            "RuntimeError torch.ones(2).sum().backward()  # type: ignore[no-untyped-call]  # torch's own",
        ),
        ("arrays", "ValueError np.ones(2) + np.ones(3)"),
    ],
)
def test_only_what_is_meant_to_raise_raises_and_the_shell_is_left_as_it_was(of, refused):
    one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "agg"}  # as the template has it
    command = [sys.executable, "-c", PROGRAM, of]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | one_thread)
    assert ran.stderr == ""
    assert ran.stdout.splitlines() == [f"Raised {refused}"]
