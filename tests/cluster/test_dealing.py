"""A class in batches: a grader stays with one notebook, and all graders end together."""

from __future__ import annotations

import threading
from itertools import pairwise
from multiprocessing.connection import Pipe

from autograder.cluster.dealing import BATCH, BatchQueue
from autograder.cluster.on_worker import Graders
from autograder.trusted.submissions.submission import Submission

NAMES = ("perceptron", "tensor_ops")


def class_of(students: int) -> list[Submission]:
    return [Submission(f"s{number}", name, None) for number in range(students) for name in NAMES]


def dealt(students: int, graders: int) -> list[tuple[int, list[tuple[str, str]]]]:
    """Who gets what, if all graders are as fast as each other."""
    waiting, batches = BatchQueue(class_of(students)), []
    while True:
        grader = len(batches) % graders
        batch = waiting.take(grader, graders)
        if not batch:
            return batches
        batches.append((grader, [(each.student, each.notebook) for each in batch]))


def test_everything_is_dealt_once():
    batches = dealt(50, 3)
    handed_out = [each for _, batch in batches for each in batch]
    assert sorted(handed_out) == sorted((each.student, each.notebook) for each in class_of(50))


def test_a_grader_changes_its_notebook_only_when_nothing_of_it_is_left():
    for grader in (0, 1):
        had = [notebook for each, batch in dealt(40, 2) if each == grader for _, notebook in batch]
        assert sum(before != after for before, after in pairwise(had)) <= 1
        assert len(set(had[:30])) == 1


def test_batches_are_large_at_first_and_single_notebooks_at_the_end():
    sizes = [len(batch) for _, batch in dealt(50, 2)]
    assert sizes == sorted(sizes, reverse=True)
    assert (sizes[0], sizes[-1]) == (BATCH, 1)


def test_a_small_class_keeps_every_grader_busy():
    assert {grader for grader, _ in dealt(2, 4)} == {0, 1, 2, 3}


def test_what_is_to_be_tried_once_more_comes_alone_and_first():
    waiting = BatchQueue(class_of(4))
    first = waiting.take("a", 1)
    waiting.once_more(first)
    assert [waiting.take("b", 1) for _ in first] == [[each] for each in first]


def test_a_grader_of_a_dask_worker_gets_the_notebook_that_it_had():
    graders = Graders.__new__(Graders)
    ends = [Pipe()[0] for _ in NAMES]
    graders._free, graders._new, graders._latest = list(ends), set(), {}
    graders._freed = threading.Condition()
    with graders.seat("perceptron") as one, graders.seat("tensor_ops") as other:
        assert one is not other
    for _ in range(2):
        with graders.seat("tensor_ops") as again:
            assert again is other
        with graders.seat("perceptron") as again:
            assert again is one
    with graders.seat("tensor_ops") as again, graders.seat("tensor_ops") as last:
        assert (again, last) == (other, one)  # it need not wait for the one that had it
