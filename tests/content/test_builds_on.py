"""What exercises are declared to build on: all that right answers call, and nothing that is an answer already."""

from __future__ import annotations

import itertools

import pytest

from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.grading.pytest_session import collect_checks
from autograder.trusted.submissions.definitions import Definitions

COURSE = Course(KIT)
CHECKS = collect_checks(COURSE)
BUILDS_ON = {(check.notebook, check.exercise): check.builds_on for check in CHECKS}
PAIRS = [(*key, earlier) for key, builds_on in BUILDS_ON.items() for earlier in builds_on]

# Called by right answers, and not declared, since the one is the other's answer, or a multiple of it.
ANSWERS = {("chain_rule", "accumulated_gradients", "autograd_gradients")}


def written_by_the_author():
    """Every right version of every exercise that calls an earlier one: notebook, exercise, earlier one, source."""
    for notebook, plan in COURSE.notebooks.items():
        sources = [(name, plan.stubs[name], "reference") for name in plan.exercises]
        sources += [(each.exercise, each.source, each.name) for each in COURSE.right_answers(notebook)]
        for exercise, source, style in sources:
            earlier = itertools.takewhile(lambda each, exercise=exercise: each != exercise, plan.exercises)
            used = Definitions([source]).names_used(exercise)
            for each in sorted(used & set(earlier)):
                marks = () if style == "reference" else pytest.mark.thorough
                name = f"{notebook} {exercise} {style} {each}"
                yield pytest.param(notebook, exercise, each, source, id=name, marks=marks)


CALLS = list(written_by_the_author())


def test_right_answers_do_call_earlier_exercises():
    assert len(CALLS) > 20


@pytest.mark.parametrize(("notebook", "exercise", "earlier", "source"), CALLS)
def test_what_a_right_answer_calls_may_be_wrong(grade, notebook, exercise, earlier, source):
    if (notebook, exercise, earlier) in ANSWERS:
        pytest.skip("the one is the other's answer")
    wrong = f"def {earlier}(*arguments, **options):\n    return None\n"
    result = grade(notebook, {exercise: source, earlier: wrong}).exercises[exercise]
    assert result.earned == result.possible, [f"{check.name}: {check.message}" for check in result.checks]


FORWARDERS = {
    "as they come": "return {earlier}(*arguments, **options)",
    "as many as it takes": """
    for some in itertools.chain(*(itertools.permutations(arguments, k) for k in range(len(arguments), -1, -1))):
        try:
            return {earlier}(*some)
        except Exception:
            pass
    """,
    "a multiple": """
    made = {earlier}(*arguments[:6])
    factor = arguments[-1] if isinstance(arguments[-1], int) else 2
    return tuple(factor * each for each in made) if isinstance(made, tuple) else factor * made
    """,
    "a part": """
    made = {earlier}(*arguments)
    return made[-1] if isinstance(made, tuple) else made.sum()
    """,
}


EVERY_DAY = "as they come"
HOWS = [pytest.param(how, marks=() if how == EVERY_DAY else pytest.mark.thorough) for how in FORWARDERS]


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize(("notebook", "exercise", "earlier"), PAIRS)
def test_the_earlier_exercise_alone_earns_nothing_for_the_later_one(grade, notebook, exercise, earlier, how):
    body = FORWARDERS[how].format(earlier=earlier)
    source = f"import itertools\ndef {exercise}(*arguments, **options):\n    {body.strip()}\n"
    result = grade(notebook, {exercise: source}, start="release").exercises[exercise]
    assert result.earned == 0, [f"{check.name}: {check.outcome}" for check in result.checks]


def test_what_is_left_out_as_an_answer_is_called_by_right_answers_and_not_declared():
    called = {tuple(each.values[:3]) for each in CALLS}
    assert called >= ANSWERS
    assert not set(PAIRS) & ANSWERS
