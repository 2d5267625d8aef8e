"""What is in the files of a class is read once, and again only where a file or the reader has changed."""

from __future__ import annotations

import pytest

from autograder.author.samples import edited
from autograder.errors import NotebookUnreadable, ReaderLost
from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.results.works import MAX_CODE
from autograder.trusted.similarity import files
from autograder.trusted.similarity.files import read_works, work_of
from autograder.trusted.submissions.submission import Submission
from autograder.wire.reading import Fingerprinted

COURSE = Course(KIT)
PLAN, STUBS = COURSE.notebooks["perceptron"], COURSE.released("perceptron").stubs
UPDATE = "def update(w, x, y, eta=1.0):\n    return w + eta * y * x"


@pytest.fixture
def ada(tmp_path):
    path = tmp_path / "ada.ipynb"
    path.write_text(edited(COURSE.release / "perceptron.ipynb", {"update": UPDATE}), encoding="utf-8")
    return Submission("ada", "perceptron", path)


class Told:
    """A reader that says what it was told to, and counts how often it was asked."""

    def __init__(self, says: Fingerprinted | None = None) -> None:
        self.says, self.asked = says, 0

    def ask(self, request, expected):
        self.asked += 1
        if self.says is None:
            raise NotebookUnreadable("nobody was to read it")
        return self.says

    def distrusted(self):
        return ReaderLost("nonsense")


def test_a_work_has_fingerprints_of_what_was_attempted_and_the_source_of_every_exercise(ada):
    work = work_of(ada, PLAN, STUBS)
    assert (work.student, work.notebook, work.exercises.keys()) == ("ada", "perceptron", {"update"})
    assert work.sources["update"] == UPDATE
    assert work.sources.keys() == set(PLAN.exercises)


def test_a_file_whose_work_is_known_is_not_read_again(ada, monkeypatch):
    work = work_of(ada, PLAN, STUBS)
    reader = Told()
    monkeypatch.setattr(files, "the_reader", lambda: reader)
    assert read_works(COURSE, [ada], {work.fingerprint: work}) == {ada.path: work}
    assert reader.asked == 0


def test_who_handed_in_the_same_bytes_has_the_same_work_under_an_own_name(ada):
    work = work_of(ada, PLAN, STUBS)
    bob = Submission("bob", "perceptron", ada.path)
    same = work_of(bob, PLAN, STUBS, {work.fingerprint: work})
    assert (same.student, same.exercises, same.sources) == ("bob", work.exercises, work.sources)
    assert same == work_of(bob, PLAN, STUBS)


def test_a_file_that_has_changed_is_read_again(ada):
    work = work_of(ada, PLAN, STUBS)
    ada.path.write_text(ada.path.read_text().replace("w + eta", "w - eta"))
    again = work_of(ada, PLAN, STUBS, {work.fingerprint: work})
    assert again.sources["update"] == UPDATE.replace("+", "-")
    assert again.exercises != work.exercises


def test_another_version_of_the_reader_reads_again(ada, monkeypatch):
    work = work_of(ada, PLAN, STUBS)
    monkeypatch.setattr(files, "reading_fingerprint", lambda outline: b"another" + outline)
    reader = Told()
    monkeypatch.setattr(files, "the_reader", lambda: reader)
    assert read_works(COURSE, [ada], {work.fingerprint: work}) == {}
    assert reader.asked == 1


@pytest.mark.parametrize(
    "says",
    [
        Fingerprinted({"no_exercise": frozenset({1})}),
        Fingerprinted({}, {"no_exercise": "x"}),
        Fingerprinted({}, {"update": "x" * (MAX_CODE + 2)}),
    ],
)
def test_a_reader_that_says_what_it_may_not_say_is_not_believed(ada, monkeypatch, says):
    monkeypatch.setattr(files, "the_reader", lambda: Told(says))
    with pytest.raises(ReaderLost):
        work_of(ada, PLAN, STUBS)
    assert read_works(COURSE, [ada]) == {}


def test_a_file_that_is_no_notebook_has_no_work(ada):
    ada.path.write_text("{")
    assert read_works(COURSE, [ada]) == {}
