"""No two folders become one student, and no student's id depends on more than it must."""

from __future__ import annotations

import os

import pytest

from autograder.trusted.submissions.finding.student_ids import student_ids

BYTES = os.fsdecode(b"x\xff")


def test_a_plain_name_is_the_id_whoever_else_is_there():
    assert student_ids(["ada", "bao"]) == {"ada": ("ada", ""), "bao": ("bao", "")}


@pytest.mark.parametrize(
    ("name", "like"),
    [(BYTES, r"x\udcff"), ("zoe\u0308", "zo\u00eb"), ("ada\u200b", "ada"), ("a  b", "a b")],
    ids=["bytes", "normal form", "unseen", "spaces"],
)
def test_of_two_names_that_look_alike_the_plain_one_keeps_its_id(name, like):
    ids = student_ids([name, like])
    assert ids[like] == (like, "")
    other, note = ids[name]
    assert other.startswith(student_ids([name])[name][0] + "~")
    assert "looks like another" in note
    assert other.encode()
    assert student_ids([like, name, "ada lovelace"])[name] == (other, note)


def test_letters_of_the_other_case_are_another_student_and_a_note_says_so():
    ids = student_ids(["Ada", "ada"])
    assert [ids[name][0] for name in ("Ada", "ada")] == ["Ada", "ada"]
    assert all("capital letters" in note for _, note in ids.values())


def test_names_of_which_nothing_is_seen_are_told_apart():
    ids = student_ids(["\u200b", "\u200c"])
    assert len({student for student, _ in ids.values()}) == 2
