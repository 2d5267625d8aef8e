"""The sample students that an assignment's sample_class.py describes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SOLVED, RELEASED, NOT_HANDED_IN, TRUNCATED = "solved", "released", "not handed in", "truncated"


@dataclass(frozen=True)
class Sample:
    """A student of the sample class.

    Attributes:
        name: the student's name.
        story: what the student did, in a few words.
        total: the points out of 100 that the work is worth.
        start: the state of the notebooks before the edits: SOLVED or RELEASED.
        notebooks: the state of single notebooks, where it is not `start`.
        edits: new sources for single solution cells, by exercise ("notebook/exercise").
    """

    name: str
    story: str
    total: float
    start: str = SOLVED
    notebooks: Mapping[str, str] = field(default_factory=dict)
    edits: Mapping[str, str] = field(default_factory=dict)
