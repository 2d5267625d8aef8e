"""The template, started: a program of its own, which imports torch and the like while this process does.

This module imports nothing that takes time, so that the template can be on its way first.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from autograder.errors import KitError, SandboxUnavailable, UsageError
from autograder.trusted.execution.advice import refusal, require_room
from autograder.trusted.hidden_layers import hidden_layers

if TYPE_CHECKING:
    from collections.abc import Sequence

EXIT_SECONDS = 300.0  # the kernel ends what was killed, on a busy machine later

LEAST_BYTES, LEAST_FILES = 2**16, 50  # free in the folder for temporary files

_MATPLOTLIB = "matplotlib"  # its folder in the template's home
_MAX_FONTS_BYTES = 8 * 2**20

SANDBOX, PROCESS = "sandbox", "process"
ISOLATIONS = (SANDBOX, PROCESS)
OLD_NAMES = {"sealed": SANDBOX}


def isolation_of(said: str) -> str:
    """The isolation that a person or an old file names."""
    return OLD_NAMES.get(said, said)


def require_platform(isolation: str) -> None:
    """Raise SandboxUnavailable where the system has no such isolation, before anything is started."""
    if isolation == SANDBOX and sys.platform != "linux":
        raise SandboxUnavailable(refusal(f"{platform.system()} has no Landlock"))
    if not hasattr(os, "fork"):
        raise SandboxUnavailable(
            f"{platform.system()} cannot fork the workers: use the Windows Subsystem for Linux, version 2."
        )


class TemplateProcess:
    """The template, started: the one process from which every worker of a run is forked.

    Args:
        graders: how many control sockets to make; each grader takes one with `control(k)`.
        secrets: folders that no worker may read.
        isolation: "sandbox", or "process" for trusted code where no sandbox can be set up.
        with_gpu: whether its workers may use the machine's GPU; else they find none.
        preload: modules that every worker has imported before its notebook begins; see `Course.preload`.

    Raises:
        SandboxUnavailable: this system has none.
        KitError: there is no room for a temporary folder.
        UsageError: a module of `preload` is not installed.
    """

    def __init__(
        self,
        graders: int,
        secrets: Sequence[Path],
        isolation: str = SANDBOX,
        *,
        with_gpu: bool = False,
        preload: Sequence[str] = (),
    ) -> None:
        require_platform(isolation)
        _require_modules(preload)
        require_room()
        pairs = [socket.socketpair() for _ in range(graders)]
        self._ours = [ours for ours, _ in pairs]
        theirs = [their for _, their in pairs]
        try:
            self.home = Path(tempfile.mkdtemp(prefix="autograder-"))
        except OSError as error:
            raise KitError(
                f"No temporary folder can be made ({error.strerror}): free space there, or set TMPDIR."
            ) from error
        if not _has_room(self.home):
            self.home.rmdir()
            raise KitError(f"{self.home.parent} is full: free space there, or set TMPDIR.")
        self.home.chmod(0o711)  # workers reach their own scratch folder by name, and see no other
        _hand_over_fonts(self.home / _MATPLOTLIB)
        settings = {
            "control_descriptors": [their.fileno() for their in theirs],
            "secrets": [str(secret) for secret in secrets],
            "sandboxed": isolation == SANDBOX,
            "with_gpu": with_gpu,
            "preload": list(preload),
            "home": str(self.home),
            "hidden": hidden_layers(),
        }
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-I",
                "-B",
                "-m",
                "autograder.worker.template.start",
                msgspec.json.encode(settings).decode(),
            ],
            env=_clean_environment(self.home),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[their.fileno() for their in theirs],
            start_new_session=True,
        )
        for their in theirs:
            their.close()

    def control(self, grader: int) -> socket.socket:
        """The control socket of one grader, counted from 0."""
        return self._ours[grader]

    def hang_up(self) -> None:
        """Close this process's copies of the control sockets; graders that hold theirs go on."""
        for ours in self._ours:
            ours.close()

    def abandon(self) -> None:
        """End the template at once, if it still runs; nobody has asked it for anything."""
        if self.process.poll() is None:
            self.process.kill()
            self.stop()

    def stop(self) -> None:
        """Hang up, wait for the template and so for every worker to end, and clear the scratch folders."""
        self.hang_up()
        try:
            self.process.wait(EXIT_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)


def _require_modules(preload: Sequence[str]) -> None:
    for name in preload:
        package = name.partition(".")[0]
        if importlib.util.find_spec(package) is None:
            if package == "torch":
                raise UsageError(
                    "This course uses torch, which is not installed here: pip install 'comp90051-autograder[torch]'."
                )
            raise UsageError(f"c.Autograder.preload names {name}, which is not installed here: pip install {package}.")


def _has_room(folder: Path) -> bool:
    """Whether the template can write there what it needs to start; workers have more, in file systems of their own."""
    there = os.statvfs(folder)
    counts_files = there.f_files > 0
    return there.f_bavail * there.f_frsize >= LEAST_BYTES and (not counts_files or there.f_favail >= LEAST_FILES)


def _hand_over_fonts(folder: Path) -> None:
    """Give the template matplotlib's list of this machine's fonts, where there is one: to make it takes 0.1 s.

    Where it is kept: "matplotlib configuration directory locations" in matplotlib's documentation.
    """
    own = os.environ.get("MPLCONFIGDIR")
    with suppress(OSError, RuntimeError):  # no home, or no room: matplotlib then makes the list anew
        kept = Path(own) if own else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "matplotlib")
        folder.mkdir()
        for fonts in kept.glob("fontlist-*.json"):
            if fonts.is_file() and fonts.stat().st_size <= _MAX_FONTS_BYTES:
                shutil.copyfile(fonts, folder / fonts.name)


def _clean_environment(home: Path) -> dict[str, str]:
    """Nothing of the grader's environment but what finds programs and libraries."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "TZ") if name in os.environ}
    return kept | {
        "HOME": str(home),
        "MPLCONFIGDIR": str(home / _MATPLOTLIB),
        "IPYTHONDIR": str(home / "ipython"),
        "TORCHDYNAMO_DISABLE": "1",  # torch.compile would start a compiler; so it compiles nothing
        "TORCHINDUCTOR_CACHE_DIR": ".",  # that is there: a worker can make no folder, and the import wants one
        "MPLBACKEND": "agg",
        "LANG": "C.UTF-8",
        "NBGRADER_EXECUTION": "autograde",  # as nbgrader tells a notebook that it is being graded
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }
