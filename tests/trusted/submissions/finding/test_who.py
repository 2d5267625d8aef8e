"""What names say of who, by themselves."""

from __future__ import annotations

import pytest

from autograder.trusted.submissions.finding.who import (
    DATA,
    NOTEBOOK,
    SCRIPT,
    TEXT,
    is_another_assignments,
    is_folder_of,
    kind_of,
    members,
    number_in,
    sender_of,
    senders_of,
    without_marks,
)


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("Week 6_eve_attempt_2026-03-01-10-11-12_Week 6_ada_attempt_2026-03-02-10-11-12_perceptron.ipynb", "eve"),
        ("eve_901_77810_Week 6_ada_attempt_2026-03-02-10-11-12_perceptron.ipynb", "eve_901"),
        ("eve_901_77810_ada_902_77811_perceptron.ipynb", "eve_901"),
        ("Eve_901_assignsubmission_file_Ada_902_assignsubmission_file_perceptron.ipynb", "Eve_901"),
        ("1234-5678 - Eve - Mar 1, 2026 1011 AM - Week 6_ada_attempt_2026-03-02-10-11-12_perceptron.ipynb", "Eve_1234"),
        (
            "1234-5678 - Eve - Mar 1, 2026 1011 AM - 1235-5678 - Ada - Mar 2, 2026 1011 AM - perceptron.ipynb",
            "Eve_1234",
        ),
    ],
)
def test_nobody_becomes_another_by_what_they_call_their_file(name, student):
    sender = sender_of(name)
    assert sender is not None
    assert sender.student == student
    assert name.endswith(sender.file)


@pytest.mark.parametrize(
    "name", ["perceptron.ipynb", "ada_perceptron.ipynb", "ada_2026_06_perceptron.ipynb", "1-2.ipynb"]
)
def test_a_students_own_name_for_a_file_is_no_systems(name):
    assert sender_of(name) is None


def test_what_all_names_of_blackboards_begin_with_is_the_assignment():
    when = "attempt_2026-03-01-10-11-12_x.ipynb"
    names = [f"Week_6_{user}_{when}" for user in ("a_roe", "b_roe", "cleo")]
    assert [sender.student for sender in senders_of(names).values()] == ["a_roe", "b_roe", "cleo"]
    assert senders_of([f"Week_6_jroe_{when}"])[f"Week_6_jroe_{when}"].student == "jroe"


def test_attempts_are_in_the_order_of_their_dates_whatever_the_hour_is_called():
    days = [
        "Mar 1, 2026 1011 AM",
        "Mar 1, 2026 1211 PM",
        "Mar 1, 2026 101 PM",
        "2 March 2026 09:05",
        "Dec 1, 2026 1211 AM",
    ]
    attempts = [sender.attempt for day in days if (sender := sender_of(f"12-34 - Ada - {day}", folder=True))]
    assert attempts == sorted(attempts)
    assert len(set(attempts)) == len(days)


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("jroe+mokoro", ("jroe", "mokoro")),
        ("Jane Roe + Max O'Koro", ("Jane Roe", "Max O'Koro")),
        ("a@uni.edu+b@uni.edu", ("a@uni.edu", "b@uni.edu")),
        ("a+a", ("a",)),
        ("jane+comp@uni.edu", ("jane+comp@uni.edu",)),
        ("C++", ("C++",)),
        ("+ada", ("+ada",)),
        ("+".join("abcdefghijklm"), ("+".join("abcdefghijklm"),)),
    ],
)
def test_a_plus_makes_a_group_of_whole_names(name, group):
    assert members(name) == group


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("perceptron.ipynb", NOTEBOOK),
        ("perceptron.IPYNB", NOTEBOOK),
        ("perceptron.ipynb.json", NOTEBOOK),
        ("perceptron.ipynb.txt", NOTEBOOK),
        ("perceptron.ipynb.ipynb", NOTEBOOK),
        ("perceptron.ipynb.crdownload", NOTEBOOK),
        ("perceptron.ipynb~", NOTEBOOK),
        ("perceptron.PY", SCRIPT),
        ("perceptron.py.txt", SCRIPT),
        ("perceptron.json", TEXT),
        ("perceptron", TEXT),
        ("perceptron.csv", DATA),
    ],
)
def test_an_ending_is_what_was_meant(name, kind):
    assert kind_of(name) == ("perceptron", kind)


@pytest.mark.parametrize(
    "name",
    [
        "perceptron",
        "perceptron (1)",
        "perceptron(12)",
        "perceptron copy",
        "perceptron copy 2",
        "perceptron - Copy (2)",
        "Copy of perceptron",
        "Copy of Copy of perceptron",
        "Kopie von perceptron",
        "perceptron-1",
        "perceptron_v2",
        "perceptron_final",
        "perceptron final (1)",
        "perceptron-checkpoint",
        "perceptron_solution",
    ],
)
def test_a_copy_or_a_version_is_the_notebook(name):
    assert without_marks(name) == "perceptron"


@pytest.mark.parametrize("name", ["week06", "Week 6", "WEEK_06", "week-6", "week06 (1)", "week06 - Copy"])
def test_a_week_is_the_week_however_it_is_written(name):
    assert is_folder_of("week06", name)
    assert not is_another_assignments("week06", name)


@pytest.mark.parametrize(("name", "other"), [("week05", True), ("Week 16", True), ("homework", False), ("ada", False)])
def test_another_week_is_another_assignment_and_other_folders_are_none(name, other):
    assert not is_folder_of("week06", name)
    assert is_another_assignments("week06", name) == other


def test_a_systems_number_is_known_again():
    assert [number_in(each) for each in ("roejane_90311", "Jane Roe_88123", "ada", "_7")] == ["90311", "88123", "", ""]
