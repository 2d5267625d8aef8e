"""Layers of the sandbox that this machine is to do without, as if its kernel had none: for tests, see the sandbox."""

from __future__ import annotations

import os

HIDDEN_LAYERS = "AUTOGRADER_HIDDEN_LAYERS"  # with commas between them


def hidden_layers() -> list[str]:
    """The layers that the environment hides."""
    return os.environ[HIDDEN_LAYERS].split(",") if HIDDEN_LAYERS in os.environ else []
