"""The option `--device`: on which devices the checks of devices run.

Every machine has the CPU and the simulated accelerator, so the points depend on these two alone. If there is a GPU,
the checks also run on it, in separate workers, for comparison only: if its outcome differs from the simulated
accelerator's, the record says so.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.errors import KitError, StudentError, UsageError, WorkerLost
from autograder.trusted.checking.recorded_calls import RecordedCalls
from autograder.trusted.checking.student import CPU, CUDA, SIM, Student
from autograder.trusted.execution.executed_notebook import ExecutedNotebook
from autograder.trusted.submissions.cells import NotebookCell

if TYPE_CHECKING:
    from autograder.trusted.execution.workers import Workers
    from autograder.trusted.grading.settings import Settings

AUTO = "auto"
CHOICES = (AUTO, CPU, CUDA, SIM)
_DRIVERS = ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd")  # NVIDIA's, that of Windows for WSL, AMD's
SECONDS = 60.0  # the time limit for starting CUDA in a first worker

_TRY = f"""
def try_it():
    import torch
    return float(torch.ones(2, device="{CUDA}").sum())
"""


def with_devices(settings: Settings, choice: str) -> Settings:
    """The settings with the devices that `--device` chooses. Raises UsageError if it names a GPU that is missing."""
    if choice == CPU:
        return replace(settings, devices=(CPU,))
    if choice == SIM:
        return settings
    found = has_gpu()
    if choice == CUDA and not found:
        raise UsageError("PyTorch finds no CUDA device here: leave --device out, and the simulated accelerator does.")
    return replace(settings, gpu=CUDA) if found else settings


def has_gpu() -> bool:
    """Whether PyTorch finds a GPU; CUDA is not initialised, so a process forked later can still use the GPU."""
    if not any(Path(driver).exists() for driver in _DRIVERS):
        return False  # this process need not import torch, which the template is importing meanwhile
    os.environ["PYTORCH_NVML_BASED_CUDA_CHECK"] = "1"
    import torch

    return torch.cuda.is_available()


def try_the_gpu(workers: Workers) -> str:
    """The reason why a worker, made to use the GPU, cannot; "" if it can."""
    notebook = ExecutedNotebook(workers, [NotebookCell("try_it", _TRY)], SECONDS)
    try:
        answer = Student(RecordedCalls(notebook)).beside(CUDA).call("try_it", ())
    except (StudentError, WorkerLost) as why:
        return str(why)
    finally:
        notebook.close()
    return "" if answer == 2.0 else "it adds 1 and 1 up to something else"


def usable(settings: Settings, gpu_workers: Workers | None, *, required: bool) -> Settings:
    """The settings, without the GPU if `gpu_workers` cannot use it. Raises KitError if the GPU is `required`."""
    why = try_the_gpu(gpu_workers) if settings.gpu == CUDA and gpu_workers is not None else ""
    if not why:
        return settings
    if required:
        raise KitError(f"A sandboxed worker cannot use this machine's GPU ({why}): grade with --device sim.")
    return replace(settings, gpu="")
