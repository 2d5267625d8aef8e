"""The devices beside the CPU on which a call is to be made: the simulated one, and CUDA.

An accelerator is made ready in the worker, with the first call that names it. For CUDA it has to be there,
since what torch starts for it does not survive a fork. The simulated one, which the template has made known
to torch, is not said to be available before: a notebook that asks what there is finds what a laptop has.
"""

from __future__ import annotations

import functools

import torch

from autograder import sim

MAX_GPU_BYTES = 2 * 2**30


def make_ready(device: str) -> None:
    """Let torch know the device that is named, such as "sim" or "cuda"; the CPU always is."""
    kind = device.partition(":")[0]
    if kind == sim.NAME:
        sim.enable()
    elif kind == "cuda":
        _start_cuda()


@functools.cache
def _start_cuda() -> None:
    """Start CUDA in this process, with a share of the GPU's memory. Raises what torch raises where there is none."""
    torch.cuda.init()  # type: ignore[no-untyped-call]  # torch's own
    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction(min(1.0, MAX_GPU_BYTES / total), 0)


def taken_back_default() -> str:
    """The device on which torch makes tensors when nothing is said; afterwards that is the CPU again."""
    default = torch.get_default_device()
    if default.type != "cpu":
        torch.set_default_device(None)
    return str(default)
