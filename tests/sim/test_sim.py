"""The simulated device, in a process of its own: a device changes torch for the whole process, and for its forks."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.trusted.assignment.course import KIT

pytestmark = pytest.mark.thorough


def test_the_simulated_device_computes_as_the_cpu_and_refuses_as_an_accelerator():
    files = Path(__file__).with_name("simulated.py")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n0", "-p", "no:cacheprovider", "-o", "python_files=simulated.py", files],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "100%" in done.stdout


def test_the_comparison_with_a_gpu_finds_no_difference_of_the_simulated_device_from_itself():
    done = subprocess.run(
        [sys.executable, KIT / "tests/sim/against_cuda.py", "--device", "sim", "--only", "to_numpy"],
        env=os.environ | {"PYTHONPATH": str(KIT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    caught = re.search(r"checks of devices catch (\d+) on sim, (\d+) on sim", done.stdout)
    assert caught is not None, done.stdout
    assert caught[1] == caught[2] != "0"
