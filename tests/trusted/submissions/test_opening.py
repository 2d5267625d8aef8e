"""Below the folder that the tutor named, no part of a path is a link, and nothing is waited for."""

from __future__ import annotations

import os
import stat

import pytest

from autograder.errors import NotebookUnreadable
from autograder.trusted.submissions import opening
from autograder.trusted.submissions.opening import Refused, copy_plain_files, entries, opened_file
from autograder.trusted.submissions.read import read_bytes


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "class/ada/week06").mkdir(parents=True)
    (tmp_path / "class/ada/week06/perceptron.ipynb").write_text("work")
    return tmp_path / "class"


def test_the_folder_that_the_tutor_names_may_be_a_link_and_lie_below_links(tree):
    (tree.parent / "link").symlink_to(tree.parent)
    (tree.parent / "named").symlink_to("link/class")
    named = tree.parent / "named"
    assert read_bytes(named / "ada/week06/perceptron.ipynb", named) == b"work"
    assert [entry.name for entry in entries(named, named)] == ["ada"]


@pytest.mark.parametrize("part", ["eve", "eve/week06", "eve/week06/perceptron.ipynb"])
def test_a_link_in_any_part_below_it_is_refused(tree, part):
    place = tree / "eve/week06/perceptron.ipynb"
    (tree / part).parent.mkdir(parents=True, exist_ok=True)
    (tree / part).symlink_to(tree / "ada" / os.path.relpath(part, "eve"))
    assert place.read_text() == "work"
    with pytest.raises(NotebookUnreadable, match="is a link"):
        read_bytes(place, tree)


def test_a_link_that_takes_the_place_of_a_folder_after_it_was_looked_at_is_not_followed(tree, monkeypatch):
    (tree / "eve").mkdir()
    honest = os.stat

    def slow(name, *arguments, **options):
        status = honest(name, *arguments, **options)
        if name == "eve":
            (tree / "eve").rmdir()
            (tree / "eve").symlink_to("ada")
        return status

    monkeypatch.setattr(opening.os, "stat", slow)
    with pytest.raises(NotebookUnreadable):
        read_bytes(tree / "eve/week06/perceptron.ipynb", tree)


def test_pipes_sockets_and_folders_are_named_for_what_they_are(tree):
    os.mkfifo(tree / "pipe")
    os.mknod(tree / "socket", stat.S_IFSOCK | 0o600)
    for path, reason in (("pipe", "it is a pipe"), ("socket", "it is a socket"), ("ada", "it is a folder")):
        with pytest.raises(Refused, match=reason), opened_file(tree / path, tree):
            pass
    with pytest.raises(Refused, match="its folder `pipe` is a pipe"):
        entries(tree / "pipe", tree)


def test_only_plain_files_are_copied_and_no_more_than_there_is_room_for(tree, tmp_path):
    work = tree / "ada/week06"
    (work / "data").mkdir()
    (work / "data/points.csv").write_text("1,2")
    (work / "secret").symlink_to("/etc/shadow")
    (work / "etc").symlink_to("/etc")
    os.mkfifo(work / "pipe")
    (work / "zz.bin").write_bytes(bytes(100))
    left_out = copy_plain_files(work, tree, tmp_path / "copy", 50, wanted=lambda name: name != "perceptron.ipynb")
    copied = {path.relative_to(tmp_path / "copy").as_posix() for path in (tmp_path / "copy").rglob("*")}
    assert copied == {"data", "data/points.csv"}
    assert set(left_out) == {"secret", "etc", "pipe", "zz.bin"}


def test_folders_nested_without_end_are_copied_to_a_depth(tree, tmp_path):
    deep = tree / "ada" / "/".join("d" * 40)
    deep.mkdir(parents=True)
    (deep / "file").write_text("x")
    assert copy_plain_files(tree / "ada", tree, tmp_path / "copy", 50) == ["d"]
