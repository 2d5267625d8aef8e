"""A root of a process's own: nothing is there but what may be read, however the kernel lets it be entered."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

ENTER = """
import os, sys
from pathlib import Path
from autograder.worker.sandbox import mounts
from autograder.worker.sandbox.namespaces import enter_mount_namespace

secret, folder, library = map(Path, sys.argv[2:])
refused = enter_mount_namespace().refused
if refused:
    sys.exit(refused)
root = mounts.OwnRoot(folder, [library], {}, None)
if sys.argv[1] == "pivot_root refused":
    class Refusing:
        pivot_root = staticmethod(lambda *_: -1)
        def __getattr__(self, name):
            return getattr(libc, name)
    libc, mounts.libc = mounts.libc, Refusing()
root.enter()
assert (library / "os.py").exists()
inside = secret.relative_to("/")
for way in (secret, Path("/..") / inside, Path("../../..") / inside, Path("/proc/self")):
    assert not way.exists(), way
try:
    Path("/new").touch()
except OSError:
    print("held")
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="it takes root to look everywhere")
@pytest.mark.parametrize("how", ["pivot_root", "pivot_root refused"])
def test_no_path_leads_out_of_it(tmp_path, how):
    (tmp_path / "secret").write_text("the solution")
    (tmp_path / "root").mkdir()
    library = os.path.dirname(os.__file__)
    done = subprocess.run(
        [sys.executable, "-c", ENTER, how, tmp_path / "secret", tmp_path / "root", library],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("held\n", 0), done.stderr
