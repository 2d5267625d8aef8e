"""How long a class will take is said early, and rightly, whatever comes last."""

from __future__ import annotations

import itertools

import pytest

from autograder.faces.nbgrader.run_time import RunTime
from autograder.faces.time_left import TimeLeft, TimeTold, in_words


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


def told(seconds: list[float]) -> dict[int, str]:
    """What is said of a run of notebooks that take so long, one after another, by how many are done."""
    left = TimeLeft(["a"] * len(seconds))
    tells, clock, said = TimeTold(left), 0.0, {}
    for number, each in enumerate(seconds, start=1):
        clock += each
        left.done("a", each, clock)
        if sentence := tells.sentence(clock):
            said[number] = sentence
    return said


def test_a_run_that_lasts_says_once_how_long():
    assert told([0.5] * 100) == {8: "About 46 s for 92 notebooks more."}


def test_a_run_that_is_soon_over_says_nothing():
    assert told([0.2] * 50) == {}


def test_what_was_said_is_corrected_when_it_is_off_by_much():
    said = told([0.5] * 40 + [5.0] * 60)
    assert next(iter(said)) == 8
    assert next(number for number in said if number > 8) < 50


@pytest.mark.parametrize("times", [2, 10, 100])
def test_a_class_that_slows_hears_of_it_three_times_at_most(times):
    for slow_from in (10, 40, 90, 300):
        said = told([0.5] * slow_from + [0.5 * times] * (1000 - slow_from))
        assert (2 if times > 2 else 1) <= len(said) <= 3


def test_a_class_that_slows_ever_more_hears_of_it_three_times_at_most():
    assert len(told([0.5 * 1.02**number for number in range(400)])) == 3


def test_what_is_said_again_is_half_or_twice_of_what_was_said():
    seconds = [0.5] * 40 + [5.0] * 60
    said = told(seconds)
    expected = [46, 55, 75]
    assert [sentence.split(" for ")[0] for sentence in said.values()] == [f"About {each} s" for each in expected]
    for (before, then), (after, now) in itertools.pairwise(zip(said, expected, strict=True)):
        assert sum(seconds[before:after]) + now >= 2 * then


def test_a_little_more_at_the_end_of_a_long_run_is_not_said():
    assert len(told([1.0] * 1000 + [5.0] * 20)) == 1


def test_a_run_that_turns_out_to_be_short_is_corrected_too():
    said = told([5.0] * 10 + [0.2] * 290)
    assert said[8] == "About 24 min for 292 notebooks more."
    assert 2 <= len(said) <= 3


def test_what_wavers_a_little_is_not_said_again():
    assert len(told([0.3, 0.7, 0.5, 0.4, 0.6] * 60)) == 1


def test_in_nbgraders_run_a_notebook_takes_the_time_since_the_one_before():
    run = RunTime(["a", "b"] * 20)
    said = [run.done("ab"[number % 2], 100 + (0.5, 1.5)[number % 2] + 2 * (number // 2)) for number in range(40)]
    assert [each for each in said if each] == ["About 30 s for 30 notebooks more."]


def test_in_nbgraders_run_the_start_of_the_graders_for_each_notebook_is_not_counted():
    run = RunTime(["a", "b", "c", "d"] * 40)
    clock, said = 0.0, []
    for number in range(160):
        clock += 10.0 if number < 4 else 0.5
        said.append(run.done("abcd"[number % 4], clock))
    assert [each for each in said if each] == ["About 74 s for 148 notebooks more."]
