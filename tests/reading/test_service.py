"""A reader answers requests one after another, and remembers of them only the notebook that it read last."""

from __future__ import annotations

import pytest

from autograder.author.samples import edited
from autograder.reading import service
from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.submissions.reader import outline
from autograder.wire.reading import ReadNotebook, TakeFingerprints

COURSE = Course(KIT)
OUTLINE = outline(COURSE.notebooks["perceptron"], COURSE.released("perceptron").stubs)


def notebook(update: str) -> bytes:
    source = f"def update(w, x, y, eta=1.0):\n    return {update}"
    return edited(COURSE.release / "perceptron.ipynb", {"update": source}).encode()


@pytest.fixture
def reads(monkeypatch):
    """What is read from now on, in order."""
    read, contents = service.read_notebook, []

    def reading(content, *given, **named):
        contents.append(content)
        return read(content, *given, **named)

    service._notebook.cache_clear()
    monkeypatch.setattr(service, "read_notebook", reading)
    yield contents
    service._notebook.cache_clear()


def test_the_fingerprints_of_the_notebook_that_was_read_last_are_taken_without_reading_it_again(reads):
    moves, stays = notebook("w + eta * y * x"), notebook("w")
    service._answer(ReadNotebook(moves, OUTLINE))
    after_reading = service._answer(TakeFingerprints(moves, OUTLINE, 100))
    assert reads == [moves]
    service._answer(ReadNotebook(stays, OUTLINE))
    assert service._answer(TakeFingerprints(moves, OUTLINE, 100)) == after_reading
    assert reads == [moves, stays, moves]


def test_another_notebook_has_other_fingerprints(reads):
    asked = (TakeFingerprints(notebook(update), OUTLINE, 100) for update in ("w + eta * y * x", "w - x"))
    moves, stays = map(service._answer, asked)
    assert moves.exercises["update"] != stays.exercises["update"]
    assert len(reads) == 2
