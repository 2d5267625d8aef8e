"""How long a class will take is said early, and rightly, whatever comes last."""

from __future__ import annotations

import pytest

from autograder.faces.commands.terminal import in_words
from autograder.faces.time_left import TimeLeft


def test_nothing_is_said_before_it_is_known():
    left = TimeLeft(["a"] * 100)
    for number in range(5):
        left.done("a", 0.1, float(number))
        assert left.seconds(float(number)) is None


def test_two_graders_side_by_side_take_half_of_the_time():
    left = TimeLeft(["a"] * 100)
    for number in range(21):
        left.done("a", 1.0, 50 + number / 2)
    assert left.seconds(60.0) == pytest.approx(79 / 2)


def test_the_start_of_the_graders_is_not_counted_again():
    left = TimeLeft(["a"] * 30)
    for number in range(11):
        left.done("a", 0.5, 1000 + number / 2)
    assert left.seconds(1005.0) == pytest.approx(19 / 2)


def test_slow_notebooks_that_come_last_are_known_from_the_few_that_were_met():
    left = TimeLeft([*["fast"] * 20, *["slow"] * 20])
    clock = 0.0
    for notebook, seconds in [*[("fast", 0.1)] * 15, *[("slow", 10.0)] * 2]:
        clock += seconds
        left.done(notebook, seconds, clock)
    assert left.seconds(clock) == pytest.approx(5 * 0.1 + 18 * 10, rel=0.02)


def test_at_the_end_nothing_is_left():
    left = TimeLeft(["a"] * 10)
    for number in range(10):
        left.done("a", 1.0, float(number))
    assert left.waiting == 0
    assert left.seconds(9.0) == 0.0


@pytest.mark.parametrize(("seconds", "said"), [(0.2, "1 s"), (41.6, "42 s"), (200, "3 min"), (5400, "1.5 h")])
def test_a_time_to_wait_is_said_as_a_person_says_it(seconds, said):
    assert in_words(seconds) == said


def test_notebooks_whose_names_are_not_known_take_what_the_others_took():
    left = TimeLeft([], others=20)
    for number in range(11):
        left.done("any", 1.0, float(number))
    assert left.seconds(10.0) == pytest.approx(9.0)
