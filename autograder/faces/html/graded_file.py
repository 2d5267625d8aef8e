"""What a feedback page says of the file that was graded."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class GradedFile(Struct, frozen=True):
    """A file that was graded: its name, any text, and when it was last changed."""

    name: str
    changed: datetime
