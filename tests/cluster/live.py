"""A live Dask cluster of separate programs on this machine, started as a tutor starts it."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@contextmanager
def scheduler(*options: str) -> Iterator[str]:
    """`dask scheduler` with these options; yields its address."""
    words = ["scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-jupyter", *options]
    with _dask(words, "Scheduler at:", "Registering Worker plugin") as address:
        yield address


@contextmanager
def worker(scheduler: str, *options: str, kit: Path | None = None) -> Iterator[str]:
    """`dask worker` with one thread, and the kit in the folder `kit` instead of this one; yields its address."""
    words = ["worker", scheduler, "--nthreads", "1", "--no-nanny", "--no-dashboard", *options]
    with _dask(words, "Start worker at:", "Registered to:", kit) as address:
        yield address


@contextmanager
def _dask(words: Sequence[str], address: str, ready: str, kit: Path | None = None) -> Iterator[str]:
    """Run a program of Dask's until it logs that it is `ready`; yields what stands behind `address` in its log."""
    environment = os.environ | ({"PYTHONPATH": str(kit)} if kit else {})
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "dask", *words], env=environment, stderr=subprocess.PIPE, text=True
    ) as program:
        assert program.stderr is not None
        try:
            lines = []
            for line in program.stderr:
                lines.append(line)
                if ready in line:
                    break
            found = [line.split()[-1] for line in lines if address in line]
            assert found, f"dask {' '.join(words)} said:\n{''.join(lines)}"
            yield found[0]
        finally:
            program.terminate()
            program.stderr.read()  # it logs its end
