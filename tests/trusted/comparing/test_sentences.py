"""Sentences begin with a capital, and their nouns and verbs agree in number."""

from __future__ import annotations

import re

import pytest
import torch

from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.comparing.sentences import is_or_are, several, start, within

COURSE = Course(KIT)
EXERCISES = {name for plan in COURSE.notebooks.values() for name in plan.exercises}
BROKEN = {
    "None": "None",
    "text": "'text'",
    "an empty list": "[]",
    "one number": "1.5",
    "a whole number": "1",
    "a truth value": "True",
    "an empty tensor": "torch.zeros(0)",
    "one element": "torch.zeros(1)",
    "NaN": "torch.tensor(float('nan'))",
    "a tuple of one": "(torch.zeros(1),)",
    "a tuple of many": "tuple(torch.zeros(2, 2) for _ in range(9))",
    "a tuple of numbers": "(1, 2)",
    "a tensor and a list": "(torch.zeros(3), [0.5])",
    "infinite": "torch.full((4,), float('inf'))",
    "an argument": "next(iter(arguments), None)",
    "an argument in another dtype": "next(iter(arguments), torch.zeros(1)).to(torch.float16)",
    "an array": "torch.zeros(2, 2).numpy()",
    "a module": "torch.nn.Linear(3, 3)",
}


@pytest.mark.parametrize(
    ("what", "verb"),
    [
        ("the weights after one pass", "are"),
        ("The loss of two examples", "is"),
        ("The losses", "are"),
        ("The margin of weights that separate the data", "is"),
        ("The list of mistakes", "is"),
        ("The new weights for y = +1", "are"),
        ("The gradients (dw0, dw1, dv)", "are"),
        ("What tensors_of_each_rank returns", "is"),
        ("After training, `linear.weights`", "is"),
        ("The bias", "is"),
        ("f(s)", "is"),
        ("The standardised class", "is"),
    ],
)
def test_the_verb_agrees_with_the_head_of_what_it_speaks_of(what, verb):
    assert is_or_are(what) == verb


def test_one_thing_is_singular_and_none_or_several_are_plural():
    assert [several(count, "item") for count in (0, 1, 2)] == ["0 items", "1 item", "2 items"]
    assert [several(count, "pass", "passes") for count in (1, 5)] == ["1 pass", "5 passes"]


@pytest.mark.parametrize(
    ("what", "inside"),
    [("The list of mistakes", "the list of mistakes"), ("What train returns,", "what train returns,"), ("X", "X")],
)
def test_what_stands_inside_a_sentence_begins_small_unless_it_is_a_symbol(what, inside):
    assert within(what) == inside
    assert start(inside) == what


def faults(sentence: str) -> list[str]:
    """What is wrong with a sentence of a check's: its capitals, the number of its nouns and verbs, its end."""
    plain = re.sub(r"`[^`]*`", "x", sentence)
    patterns = {
        "a capital within": r"\b(?:of|in|for|from|by) (?:The|What|Each) ",
        "one of several": r"\b1 (?:items|elements|passes|steps|tensors|weights|points)\b",
        "several of one": r"\b(?:0|[2-9]|\d\d+) (?:item|element|pass|step|tensor|weight)\b",
        "plural is": r"^(?:On [^:]*: )?The (?:new )?(?:weights|sums|distances|rows|labels|logits|losses)\b.* is wrong",
        "singular are": r"^(?:The|A|An|One) (?:loss|list|margin|label|answer|matrix|scalar|vector|model)\b.* are wrong",
        "it for several": r"^The \w+[^s]s should be finite; there is \w+ in it",
        "two stops": r"(?<!\.)\.\.(?!\.)",
        "two spaces": r"  ",
    }
    found = [name for name, pattern in patterns.items() if re.search(pattern, plain)]
    if not plain.endswith((".", "?", "!", ")")):
        found.append("no end")
    first = re.match(r"[a-z]{2,}\b(?![(/.])", plain)
    if first and not any(hasattr(names, first[0]) for names in (torch, torch.Tensor, torch.nn.Module)):
        found += [] if first[0] in {*EXERCISES, "eta"} else ["no capital"]
    return found


each_notebook = pytest.mark.parametrize(
    "notebook",
    [pytest.param(each, marks=() if each == "tensor_ops" else pytest.mark.thorough) for each in COURSE.notebooks],
)


@each_notebook
def test_every_sentence_that_the_checks_make_is_a_proper_one(grade, notebook):
    plan = COURSE.notebooks[notebook]
    said: set[str] = set()
    for value in BROKEN.values():
        edits = {name: f"def {name}(*arguments, **keywords):\n    return {value}" for name in plan.exercises}
        for exercise in grade(notebook, edits).exercises.values():
            said.update(text for check in exercise.checks for text in (check.message, check.title, check.hint) if text)
    for variant in COURSE.misconceptions(notebook):
        said.add(variant.hint)
    assert len(said) > 40
    assert {text: wrong for text in sorted(said) if (wrong := faults(text))} == {}


@each_notebook
def test_every_sentence_about_a_misconception_is_a_proper_one(grade, notebook):
    said: set[str] = set()
    by_exercise = {
        name: [variant.source for variant in COURSE.misconceptions(notebook) if variant.exercise == name]
        for name in COURSE.notebooks[notebook].exercises
    }
    for number in range(max(map(len, by_exercise.values()))):
        edits = {name: sources[number] for name, sources in by_exercise.items() if number < len(sources)}
        for marked in grade(notebook, edits).exercises.values():
            said.update(text for check in marked.checks for text in (check.message, check.hint) if text)
    assert {text: wrong for text in sorted(said) if (wrong := faults(text))} == {}
