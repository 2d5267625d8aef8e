"""What runs on a GPU's machine is rehearsed here, with the simulated accelerator in its place."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from autograder.trusted.assignment.course import KIT

pytestmark = pytest.mark.thorough


@pytest.mark.parametrize("section", ["visible_examples.py", "every_check.py"])
def test_a_section_of_the_report_is_as_it_should_be_on_the_simulated_accelerator(tmp_path, section):
    done = subprocess.run(
        [
            sys.executable,
            KIT / "tests/gpu/report.py",
            "--device",
            "sim",
            "--only",
            section,
            "--output",
            tmp_path / "md",
        ],
        env=os.environ | {"PYTHONPATH": str(KIT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "*as it should be; " in (tmp_path / "md").read_text()


def test_a_section_that_finds_something_is_told_of(tmp_path):
    if os.path.exists("/dev/nvidiactl"):
        pytest.skip("this machine has a GPU")
    done = subprocess.run(
        [sys.executable, KIT / "tests/gpu/report.py", "--only", "machine.py", "--output", tmp_path / "md"],
        env=os.environ | {"PYTHONPATH": str(KIT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "**not as it should be**" in (tmp_path / "md").read_text()
