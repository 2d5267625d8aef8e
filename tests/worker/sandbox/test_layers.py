"""The sandbox, layer by layer: each is needed, as without it something succeeds that it refuses; each fails closed."""

from __future__ import annotations

import ctypes
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.worker.sandbox.landlock import SIGNALS_SINCE, version
from autograder.worker.sandbox.layers import Sandbox

PROBE = Path(__file__).with_name("probe.py")
IPC_CREAT, IPC_RMID = 0o1000, 0

# Landlock knows of signals since its version 6.
HOLDS_SIGNALS = "_limit_files _filter_system_calls" if version() >= SIGNALS_SINCE else "_filter_system_calls"

# What these layers stand in the way of, each alone: (layers, attempt, whether it takes root to show it).
NEEDED = [
    ("_mount_own", "keeps what it deletes", False),
    ("_limit_threads", "starts many threads as an ordinary user", False),
    ("_close_descriptors", "reads through an inherited descriptor", False),
    ("_limit_resources", "takes more memory", False),
    ("_limit_resources", "writes a large file", False),
    ("_close_descriptors", "opens many files", False),
    ("_limit_resources", "computes for long", False),
    ("_limit_threads", "starts many threads", True),
    ("_limit_files", "reads a file that all may read", False),
    ("_limit_files", "writes where all may write", False),
    (HOLDS_SIGNALS, "signals a process of its user", False),
    ("_drop_privileges", "writes to a file of root's", True),
    ("_drop_privileges", "starts many threads", True),
    ("_die_with_the_template", "outlives the template", False),
    ("_hide_memory", "is looked into", False),
    ("_filter_system_calls", "makes a socket", False),
]
SLOW = ("computes for long", "takes more memory")
LAYERS = list(dict.fromkeys(layer for layers, _, _ in NEEDED for layer in layers.split()))

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can show what root must not keep")


@pytest.fixture
def probe(tmp_path):
    """Try something in a process of its own, with one layer left out or broken; gives what came of it."""
    secret = tmp_path / "secret"
    secret.write_text("secret")
    drop = tmp_path / "drop"
    drop.mkdir()
    for folder in [tmp_path, *tmp_path.parents[:-2]]:
        folder.chmod(folder.stat().st_mode | 0o111)
    drop.chmod(0o777)
    tmp_path.chmod(0o777)

    def probe(attempt, *, left_out=(), broken=(), root=False, **facts):
        facts |= {"probe": attempt, "left_out": left_out, "broken": broken, "ordinary": not root}
        facts |= {"secret": str(secret), "drop": str(drop), "folder": str(tmp_path)}
        done = subprocess.run(
            [sys.executable, PROBE, json.dumps(facts)], capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return probe


def marks_of(layers: str, attempt: str, takes_root: bool) -> list[pytest.MarkDecorator]:
    """What needs root, and what takes seconds."""
    return [as_root] * takes_root + [pytest.mark.thorough] * (attempt in SLOW)


each = pytest.mark.parametrize(
    ("layers", "attempt", "root"),
    [pytest.param(*case, marks=marks_of(*case), id=f"{case[1]} - {case[0]}") for case in NEEDED],
)


@each
def test_each_layer_refuses_whatever_becomes_of_the_others(probe, layers, attempt, root):
    for layer in layers.split():
        others = [other for other in layers.split() if other != layer]
        assert probe(attempt, left_out=others, root=root).startswith(("refused", "ended"))


@each
def test_without_its_layers_it_succeeds(probe, layers, attempt, root):
    assert probe(attempt, left_out=layers.split(), root=root) == "done"


def test_a_layer_that_cannot_be_set_ends_the_worker_before_it_begins(probe):
    answers = json.loads(probe("reads a file that all may read", broken=LAYERS))
    assert answers == {layer: f"{layer} cannot be set; exit status 1" for layer in LAYERS}


def test_every_layer_of_the_sandbox_is_among_them():
    closed = Sandbox.enter.__code__.co_names
    assert sorted(name for name in closed if name.startswith("_") and hasattr(Sandbox, name)) == sorted(LAYERS)


@pytest.fixture
def outside():
    """A listener, a process and shared memory outside of any namespace."""
    libc = ctypes.CDLL(None)
    key = 0x51AB0000 + os.getpid() % 0xFFFF
    memory = libc.shmget(key, 4096, IPC_CREAT | 0o666)
    with socket.socket(type=socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        yield {"port": listener.getsockname()[1], "outside": os.getpid(), "key": key}
    libc.shmctl(memory, IPC_RMID, None)


@pytest.mark.parametrize("attempt", ["sends over the network", "names a process outside", "finds shared memory"])
def test_namespaces_alone_refuse_what_is_outside(probe, outside, attempt):
    assert probe(attempt, left_out=["all"], **outside) == "done"
    refused = probe(attempt, **outside)
    if refused.startswith("unavailable"):
        pytest.skip(refused)
    assert refused.startswith("refused")
