"""Which notebooks go into a batch, and which grader of the cluster gets it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from autograder.cluster.messages import HandedIn
from autograder.errors import NotebookUnreadable
from autograder.trusted.grading.class_run import Task, TaskQueue
from autograder.trusted.submissions.beside import FilesBeside

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from autograder.trusted.submissions.submission import Submission

BATCH = 8  # notebooks: a quarter of a second's work, compared with a few milliseconds of Dask's own
BATCH_BYTES = 8 * 2**20  # a batch of this size takes no more notebooks
WAITING_FOR_EACH = 2  # batches sent ahead for each grader: one in work, and the next


class BatchQueue:
    """A class in batches, dealt so that a grader mostly meets one notebook (see TaskQueue), and all end together.

    A file is read only when it is dealt.
    """

    def __init__(self, submissions: Sequence[Submission]) -> None:
        self._queue = TaskQueue(map(Task, submissions))
        self._left = len(submissions)
        self._alone: deque[HandedIn] = deque()

    def take(self, grader: Hashable, graders: int) -> list[HandedIn]:
        """The next batch for one of so many graders; empty when nothing is left. Towards the end batches are small."""
        if self._alone:
            return [self._alone.popleft()]
        most = min(BATCH, -(-self._left // (WAITING_FOR_EACH * graders)))
        batch: list[HandedIn] = []
        size = 0
        while len(batch) < most and size < BATCH_BYTES:
            task = self._queue.take(grader)
            if task is None:
                break
            batch.append(_handed_in(task.submission))
            size += len(batch[-1].content or b"") + sum(map(len, batch[-1].beside.content.values()))
        self._left -= len(batch)
        return batch

    def once_more(self, batch: Sequence[HandedIn]) -> None:
        """Take a batch back; each of its notebooks will be in a batch of its own."""
        self._alone.extend(batch)


def _handed_in(submission: Submission) -> HandedIn:
    content, unreadable = None, ""
    if submission.path is not None:
        try:
            content = submission.content()
        except NotebookUnreadable as why:
            unreadable = str(why)
    return HandedIn(
        submission.student,
        submission.notebook,
        content,
        unreadable,
        submission.notes,
        submission.needs_review,
        submission.beside() if content is not None else FilesBeside(),
    )
