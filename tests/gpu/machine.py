"""What this machine is: kernel, processor, GPU, driver, Python, torch."""

from __future__ import annotations

import argparse
import ctypes.util
import datetime
import os
import platform
import shutil
import subprocess
import sys

import numpy as np
import torch

from autograder.worker.sandbox import landlock


def driver() -> str:
    """What nvidia-smi says of the GPU."""
    if shutil.which("nvidia-smi") is None:
        return "no nvidia-smi"
    asked = ["nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()


def facts() -> dict[str, str]:
    """A word for each thing that may matter."""
    there = torch.cuda.is_available()
    return {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d"),
        "kernel": f"{platform.system()} {platform.release()}, {platform.machine()}",
        "cores": str(len(os.sched_getaffinity(0))),
        "GPU": driver(),
        "Python": platform.python_version(),
        "torch": f"{torch.__version__}, CUDA {torch.version.cuda}, {'a GPU' if there else 'no GPU'}",
        "NumPy": np.__version__,
        "TF32": f"float32 products in full: {not torch.backends.cuda.matmul.allow_tf32} (torch's default)",
        "Landlock": f"version {landlock.version()}",
        "libseccomp": str(ctypes.util.find_library("seccomp")),
        "user": "root" if os.geteuid() == 0 else "an ordinary user",
    }


def main() -> None:
    """Print a table; the exit code is 1 where a GPU is asked for and torch finds none."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cuda", choices=["cuda", "sim"])
    options = parser.parse_args()
    print("| | |\n|:--|:--|")
    for name, value in facts().items():
        print(f"| {name} | {value} |")
    sys.exit(0 if options.device == "sim" or torch.cuda.is_available() else 1)


if __name__ == "__main__":
    main()
