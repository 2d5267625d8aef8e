"""The devices beside the CPU on which a call is to be made: the simulated one, and CUDA.

An accelerator is made ready in the worker, with the first call that names it. For CUDA it has to be there, since what
torch starts for it does not survive a fork, and in a worker without the simulated one: where torch knows that, it takes
its streams for CUDA's, and differentiates nothing there. The simulated one, which the template has made known to torch,
is not said to be available before: a notebook that asks what there is finds what a laptop has.
"""

from __future__ import annotations

from autograder.wire.values import torch_if_imported

MAX_GPU_BYTES = 2 * 2**30


def make_ready(device: str) -> None:
    """Let torch know the device that is named, such as "sim" or "cuda"; the CPU always is."""
    kind = device.partition(":")[0]
    if kind == "sim":
        from autograder import sim

        sim.enable()
    elif kind == "cuda":
        import torch

        torch.cuda.init()  # type: ignore[no-untyped-call]  # torch's own


def limit_gpu_memory() -> None:
    """Let torch take a share of the GPU's memory only, in this process and its forks, whenever CUDA starts there."""
    import torch

    torch.cuda._lazy_call(_take_a_share)  # type: ignore[no-untyped-call]  # torch's own


def _take_a_share() -> None:
    import torch

    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction(min(1.0, MAX_GPU_BYTES / total), 0)


def taken_back_default() -> str:
    """The device on which torch makes tensors when nothing is said; afterwards that is the CPU again."""
    torch = torch_if_imported()
    if torch is None or not torch._C._len_torch_function_stack():  # a default is a mode on that stack
        return "cpu"
    default = torch.get_default_device()
    if default.type != "cpu":
        torch.set_default_device(None)
    return str(default)
