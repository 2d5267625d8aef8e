"""The output of `--json`: one JSON object a line, and nothing else."""

from __future__ import annotations

import sys
from typing import Any

import msgspec


def print_json(value: Any) -> None:
    """Print structs, dataclasses and plain values as one line of JSON."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
