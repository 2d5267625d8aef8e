"""What can come of a check, and of a notebook: the words of results.jsonl."""

from __future__ import annotations

PASSED, FAILED, RAISED, NOT_ATTEMPTED, BLOCKED = "passed", "failed", "raised", "not-attempted", "blocked"
TIMEOUT, CRASHED, OUT_OF_MEMORY = "timeout", "crashed", "out-of-memory"
LOST = (TIMEOUT, CRASHED, OUT_OF_MEMORY)  # a worker was lost over it

GRADED, MISSING, UNREADABLE = "graded", "missing", "unreadable"
