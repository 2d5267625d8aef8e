"""Which devices the checks of devices are run on: `--device`.

The CPU and the simulated accelerator are everywhere, so the points depend on these two alone. A GPU is asked
as well where there is one, in workers of its own, and only compared: where it disagrees with the simulated
accelerator, the record says so.
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
_DRIVERS = ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd")  # NVIDIA's, Windows' for Linux inside it, AMD's
SECONDS = 60.0  # until CUDA has started in a first worker

_TRY = f"""
def try_it():
    import torch
    return float(torch.ones(2, device="{CUDA}").sum())
"""


def with_devices(settings: Settings, choice: str) -> Settings:
    """The settings with the devices of a `--device`. Raises UsageError for a GPU that is not there."""
    if choice == CPU:
        return replace(settings, devices=(CPU,))
    if choice == SIM:
        return settings
    found = has_gpu()
    if choice == CUDA and not found:
        raise UsageError("PyTorch finds no CUDA device here: leave --device out, and the simulated accelerator does.")
    return replace(settings, gpu=CUDA) if found else settings


def has_gpu() -> bool:
    """Whether PyTorch finds a GPU, asked so that a later fork may still use it."""
    if not any(Path(driver).exists() for driver in _DRIVERS):
        return False  # known without importing torch, which the template does meanwhile
    os.environ["PYTORCH_NVML_BASED_CUDA_CHECK"] = "1"
    import torch

    return torch.cuda.is_available()


def try_the_gpu(workers: Workers) -> str:
    """Why a sandboxed worker cannot use the GPU; "" if it can."""
    notebook = ExecutedNotebook(workers, [NotebookCell("try_it", _TRY)], SECONDS, with_gpu=True)
    try:
        answer = Student(RecordedCalls(notebook)).beside(CUDA).call("try_it", ())
    except (StudentError, WorkerLost) as why:
        return str(why)
    finally:
        notebook.close()
    return "" if answer == 2.0 else "it adds 1 and 1 up to something else"


def usable(settings: Settings, workers: Workers, *, required: bool) -> Settings:
    """The settings without a GPU that sandboxed workers cannot use. Raises KitError where it is `required`."""
    why = try_the_gpu(workers) if settings.gpu == CUDA else ""
    if not why:
        return settings
    if required:
        raise KitError(f"A sandboxed worker cannot use this machine's GPU ({why}): grade with --device sim.")
    return replace(settings, gpu="")
