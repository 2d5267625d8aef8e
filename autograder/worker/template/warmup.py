"""The warm-up: the template plays a worker once, with a notebook of its own, so that its forks need not begin cold.

What Python and torch make on first use (caches, specialised bytecode, looked-up operations) is then shared by all
workers, where each would make its own and copy the pages that hold it: a third of a small notebook's time.

No thread may be left, since a fork takes none along: the operations are too small for torch to divide, and nothing
is differentiated, for which torch would start one.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from autograder.wire.frames import Channel
from autograder.wire.messages import Call, Inspect, RunCells
from autograder.wire.values import Handle, NoObjects, encode

if TYPE_CHECKING:
    import torch
    from msgspec import Struct

    from autograder.worker.notebook.shell import NotebookShell

_ARRAYS = Path(__file__).with_name("warmup_arrays.py")
_TENSORS = Path(__file__).with_name("warmup_tensors.py")
_NO_FUTURE = "from __future__ import annotations\n"  # which other notebooks would then have as well


def warm_up(shell: NotebookShell, *, with_torch: bool, on_sim: bool = True) -> None:
    """Serve a short notebook in this process, and leave `shell` as it was.

    It is one of tensors where the course has them, also `on_sim` if that is registered, and else one of arrays.

    What holds itself, such as a class, is gone with the garbage collector's next round.

    Raises RuntimeError if a thread is left.
    """
    from autograder.worker.notebook.service import Service

    namespace, hidden, count = dict(shell.user_ns), dict(shell.user_ns_hidden), shell.execution_count
    ours, theirs = socket.socketpair()
    script = Channel(ours)
    for request in _of_tensors(on_sim=on_sim) if with_torch else _of_arrays():
        script.send(request)
    ours.shutdown(socket.SHUT_WR)
    shell.prepare()
    Service(Channel(theirs), shell).serve()
    ours.close()
    theirs.close()
    shell.user_ns.clear()
    shell.user_ns.update(namespace)
    shell.user_ns_hidden.clear()
    shell.user_ns_hidden.update(hidden)
    shell.execution_count = count
    shell.forget_cells()
    if len(os.listdir("/proc/self/task")) > 1:
        raise RuntimeError("the warm-up left a thread, which no fork can take along")


def _cells(notebook: Path) -> RunCells:
    return RunCells(tuple(notebook.read_text(encoding="utf-8").replace(_NO_FUTURE, "").split("# %%\n")[1:]))


def _of_arrays() -> list[Struct]:
    X, w = (encode(np.ones(shape), NoObjects()) for shape in ((4, 3), (3,)))
    return [_cells(_ARRAYS), Call("operations", (X, w)), Call("in_place", (X,)), Call("refused")]


def _of_tensors(*, on_sim: bool) -> list[Struct]:
    import torch

    plain = NoObjects()
    holders = [plain, _OnSim()] if on_sim else [plain]
    calls = []
    for tracked in (False, True):
        for holder in holders:
            X, w = (encode(torch.ones(shape, requires_grad=tracked), holder) for shape in ((4, 3), (3,)))
            calls += [Call("operations", (X, w)), Call("in_place", (X,))]
    X = encode(torch.ones(4, 3), plain)
    part = Handle(0, "Part")
    calls += [
        Call("Part", ("Linear", 3, 1)),
        *[Call("moved", (part, X))] * 2,
        Call("", (X,), target=0),
        Call("refused"),
    ]
    return [_cells(_TENSORS), *calls, Inspect(0)]


class _OnSim(NoObjects):
    """Says of every tensor that it lies on the simulated accelerator."""

    def device_of(self, tensor: torch.Tensor) -> str:
        """The simulated accelerator."""
        return "sim:0"
