"""What a worker must be refused: each layer of the table refuses it alone; without any of them nothing is graded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from autograder.trusted.grading.escape_test import REFUSED, REFUSED_AS
from autograder.worker.sandbox import landlock, protection
from autograder.worker.sandbox.protection import REFUSED_BY, refusing
from tests.worker.sandbox.alone import ATTEMPTS

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="it takes root to leave every other layer out")
EVERYWHERE = (protection.SECCOMP, protection.LIMITS, protection.NO_DELETING, protection.WATCH)


@pytest.fixture(scope="module")
def said():
    """What came of each thing without any layer, and under each layer alone."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        done = subprocess.run(
            [sys.executable, Path(__file__).with_name("alone.py"), folder],
            capture_output=True,
            text=True,
            timeout=600,
            check=True,
        )
        return json.loads(done.stdout)


@as_root
@pytest.mark.parametrize("thing", ATTEMPTS)
def test_without_any_layer_it_can_be_done(said, thing):
    assert set(said[thing][""]) == {"done"}


@as_root
@pytest.mark.parametrize(
    ("thing", "layer"), [(thing, layer) for thing in ATTEMPTS for layer in REFUSED_BY[thing]], ids=str
)
def test_each_layer_refuses_it_alone(said, thing, layer):
    if layer not in said[thing]:
        pytest.skip(f"this kernel has Landlock {landlock.version()}")
    assert [each for each in said[thing][layer] if not each.startswith("refused")] == []


def test_every_attempt_of_doctor_is_in_the_table():
    assert set(REFUSED_AS) == set(REFUSED)
    assert set(REFUSED_AS.values()) <= set(REFUSED_BY)


@pytest.mark.parametrize("version", [1, 2, 3, 4, 5, 6])
def test_any_landlock_is_enough_without_any_namespace(version):
    layers = [*protection.landlock_layers(version), *EVERYWHERE]
    assert all(refusing(layers).values())


def test_a_root_of_its_own_is_enough_without_landlock():
    assert refusing([*EVERYWHERE, protection.OWN_ROOT])["cuts a file outside"] == ("seccomp", "own root")


def test_without_either_it_is_said_what_is_not_refused_and_what_it_takes():
    with pytest.raises(OSError, match="a worker that reads a file outside: it takes Landlock 1 or a root of its own"):
        refusing(EVERYWHERE)
