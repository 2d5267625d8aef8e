"""The tables of sentences, which `autograder check` proves: see tests/content/test_check.py."""

from __future__ import annotations

from autograder.author.check.sentences import rows_of, table_of, without_table
from autograder.trusted.assignment.course import KIT, Course

COURSE = Course(KIT)
MOST_WITHOUT_A_PROMISE = 6  # of all sentences: what a caller gives, and no more


def test_every_notebook_has_a_table_and_few_sentences_promise_nothing():
    assert without_table(COURSE) == []
    rows = [row for notebook in COURSE.notebooks for row in rows_of(table_of(COURSE, notebook))]
    assert len(rows) > 100
    without = [row.says for row in rows if row.promises_nothing]
    assert len(without) <= MOST_WITHOUT_A_PROMISE, without
