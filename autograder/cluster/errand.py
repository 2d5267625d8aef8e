"""What Dask brings to a worker: a function that asks which kit is there before it uses anything of it.

Dask pickles an inner function by value. So the scheduler does not need the kit, and a worker with any other version of
it, or none, runs the function here. It uses the standard library and Dask alone until the two kits are known to be one.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import autograder
from autograder.trusted.grading.settings import DECIDING_ROOMS

if TYPE_CHECKING:
    from collections.abc import Callable

ROOMS = (*DECIDING_ROOMS, "cluster")  # of the engine, as far as a Dask worker uses them


def kit_here() -> bytes:
    """The version of this machine's kit, and a hash of each of its files that a Dask worker uses, as JSON."""
    return json.dumps([autograder.__version__, _files_of(Path(autograder.__file__).parent)]).encode()


def errand() -> Callable[[bytes, bytes, bytes], bytes | str]:
    """The function that grades a batch on a Dask worker.

    It takes `kit_here()` of the tutor's machine, a packed Parcel and a packed list of HandedIn. It returns a packed
    BatchResult, or the sentence with which the tutor's machine refuses that worker.
    """
    files_of = _by_value()

    def grade_batch(kit: bytes, parcel: bytes, batch: bytes) -> bytes | str:
        from distributed import get_worker

        worker = get_worker()
        try:
            import autograder

            version, files = json.loads(kit)
            there = getattr(autograder, "__version__", "without a number")
            if there != version:
                return (
                    f"The Dask worker at {worker.address} has version {there} of the kit, and this machine has version "
                    f"{version}, so its marks could differ: install version {version} there, and restart the worker."
                )
            if not hasattr(worker, "files_of_autograder"):  # as they are when the worker imports them
                worker.files_of_autograder = files_of(Path(autograder.__file__).parent)
            others = sorted({name for name, _ in files.items() ^ worker.files_of_autograder.items()})
            if others:
                more = f" and {len(others) - 1} more" if len(others) > 1 else ""
                return (
                    f"The Dask worker at {worker.address} has another kit than this machine: both are version "
                    f"{version}, only their files differ ({others[0]}{more}), so its marks could differ: install this "
                    "very kit there, and restart the worker."
                )
            from autograder.cluster import on_worker
        except ImportError as error:
            return (
                f"The Dask worker at {worker.address} cannot run the kit ({error}): install it in the environment of "
                "the worker, and restart the worker."
            )
        return on_worker.grade_batch(parcel, batch)

    return grade_batch


def _by_value() -> Callable[[Path], dict[str, str]]:
    def files_of(engine: Path) -> dict[str, str]:
        paths = [*engine.glob("*.py"), *(path for room in ROOMS for path in (engine / room).rglob("*.py"))]
        return {
            path.relative_to(engine.parent).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:16]
            for path in paths
        }

    return files_of


_files_of = _by_value()
