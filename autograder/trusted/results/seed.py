"""The seed of the hidden inputs: drawn when a class is first graded, and kept with its results.

Whoever knows the repository by heart does not know it. The file is the tutor's: it lies where no worker can read, and
nothing that a student is shown holds it.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from autograder.errors import UsageError
from autograder.trusted.results.atomic_files import replaced
from autograder.trusted.results.store import RESULTS, read_results

if TYPE_CHECKING:
    from pathlib import Path

SEED = "seed"
SEEDS = 2**31  # a seed is below it


def seed_of(folder: Path, wanted: int | None = None) -> int:
    """The seed of the results in `folder`: the one that is `wanted` from now on, or the one kept there, or a new one.

    Results without a seed beside them keep the one that they were graded with.

    Raises UsageError where the file is no seed, or cannot be written.
    """
    path = folder / SEED
    try:
        kept = _read(path)
        seed = wanted if wanted is not None else kept if kept is not None else _graded_with(folder)
        if seed is None:
            seed = secrets.randbelow(SEEDS)
        if seed != kept:
            folder.mkdir(parents=True, exist_ok=True)
            with replaced(path, mode=0o600) as temporary:
                temporary.write_text(f"{seed}\n", encoding="ascii")
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written ({error.strerror}): make room, or name another --output."
        ) from error
    return seed


def _read(path: Path) -> int | None:
    try:
        text = path.read_text(encoding="utf-8", errors="replace").strip()
    except FileNotFoundError:
        return None
    if not (text.isascii() and text.isdigit() and int(text[:20]) < SEEDS):
        raise UsageError(f"{path} holds no seed: delete it, or name one with --seed.")
    return int(text)


def _graded_with(folder: Path) -> int | None:
    """The seed of the records in a folder, if there are any."""
    records = read_results(folder / RESULTS)
    return records[0].seed if records else None
