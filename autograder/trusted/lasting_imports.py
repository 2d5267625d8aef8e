"""Imports that last as long as their process, kept away from the garbage collector."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def imports_that_last() -> Iterator[None]:
    """Exempt what is imported meanwhile from garbage collection.

    The collector would go through all of it again and again, and once more when the process ends: for torch, a fifth
    of the time that its import takes. What was garbage before is collected first, as nothing that is there at the end
    ever is.
    """
    gc.collect()
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collects:
            gc.enable()
