"""No mechanical mutant of a reference solution keeps its marks without a reason."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from autograder.trusted.assignment.course import KIT

pytestmark = pytest.mark.thorough

SURVEY = Path(__file__).parent / "survey.py"


def test_every_mutant_is_caught_or_explained():
    done = subprocess.run([sys.executable, SURVEY], cwd=KIT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "MISSED\n" not in done.stdout.split("\n\n", 1)[1]
