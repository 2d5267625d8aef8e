"""The outcomes of a check, and the statuses of a notebook, as results.jsonl names them."""

from __future__ import annotations

PASSED, FAILED, RAISED, NOT_ATTEMPTED, BLOCKED = "passed", "failed", "raised", "not-attempted", "blocked"
BY_HAND = "by-hand"  # no test judges it: a person gives the points
TIMEOUT, CRASHED, OUT_OF_MEMORY = "timeout", "crashed", "out-of-memory"
LOST = (TIMEOUT, CRASHED, OUT_OF_MEMORY)  # the outcomes with which the worker was lost

GRADED, MISSING, UNREADABLE = "graded", "missing", "unreadable"
