"""Works are a convenience: the latest of each notebook is found, and nothing that happens to the file does harm."""

from __future__ import annotations

import errno
import io
import os
from contextlib import nullcontext
from pathlib import Path

import msgspec
import pytest

from autograder.trusted.results import works
from autograder.trusted.results.works import WORKS, Work, forget_works, read_works_in, works_added


def work(student: str, fingerprint: str = "f", notebook: str = "perceptron") -> Work:
    return Work(student, notebook, fingerprint, {"update": frozenset({1, 2**64 - 1})}, {"update": "def update(): …"})


def added(folder, *works: Work) -> None:
    with works_added(folder) as add:
        for each in works:
            add(each)


def test_works_are_found_by_their_fingerprints_as_they_were_added(tmp_path):
    assert read_works_in(tmp_path) == {}
    added(tmp_path, work("ada", "one"), work("bob", "two"))
    added(tmp_path, work("zoe", "three"))
    assert read_works_in(tmp_path) == {
        "one": work("ada", "one"),
        "two": work("bob", "two"),
        "three": work("zoe", "three"),
    }


def test_a_later_work_takes_the_place_of_one_of_the_same_notebook(tmp_path):
    added(tmp_path, work("ada", "one"), work("ada", "other", "chain_rule"))
    added(tmp_path, work("ada", "two"))
    assert read_works_in(tmp_path).keys() == {"other", "two"}


def test_of_students_who_are_forgotten_nothing_is_left(tmp_path):
    added(tmp_path, work("ada", "one"), work("zoe", "two"), work("zoe", "three", "chain_rule"))
    forget_works(tmp_path, {"zoe"})
    assert (tmp_path / WORKS).read_bytes() == msgspec.json.encode(work("ada", "one")) + b"\n"


def test_there_may_be_nothing_to_forget(tmp_path):
    forget_works(tmp_path, {"zoe"})
    assert read_works_in(tmp_path) == {}


@pytest.mark.parametrize("damage", [b'{"student":"zo', b"\xff\xfe\n", b"[]\n", b'{"student":"zoe","notebook":3}\n'])
def test_what_is_damaged_costs_itself_alone_and_is_dropped(tmp_path, damage):
    added(tmp_path, work("ada", "one"))
    with (tmp_path / WORKS).open("ab") as file:
        file.write(damage)
    assert read_works_in(tmp_path).keys() == {"one"}
    added(tmp_path, work("bob", "two"))
    assert read_works_in(tmp_path).keys() == {"one", "two"}
    assert (tmp_path / WORKS).read_bytes().count(b"\n") == 2


class FullDisk(io.RawIOBase):
    """A file on a disk that has no room left."""

    def write(self, _line: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_keeps_no_work_and_stops_nobody(tmp_path, monkeypatch):
    added(tmp_path, work("ada", "one"))
    opened = Path.open
    with monkeypatch.context() as patch:
        patch.setattr(
            Path, "open", lambda path, mode="r", **how: FullDisk() if "a" in mode else opened(path, mode, **how)
        )
        added(tmp_path, work("bob", "two"))
    assert read_works_in(tmp_path).keys() == {"one"}


def test_where_there_is_no_room_for_a_second_file_all_works_are_forgotten_rather_than_one_kept(tmp_path, monkeypatch):
    added(tmp_path, work("ada", "one"), work("zoe", "two"))
    with monkeypatch.context() as patch:
        patch.setattr(works, "replaced", lambda path: nullcontext(Path("/dev/full")))
        forget_works(tmp_path, {"zoe"})
    assert os.listdir(tmp_path) == []
