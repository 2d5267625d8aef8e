"""A misconception is recognised by its answers, whatever its code looks like, and never by accident."""

from __future__ import annotations

import pytest

from autograder.errors import KitError
from autograder.trusted.assignment.course import KIT
from autograder.trusted.assignment.variants import read_variants


def hints(record, exercise: str) -> set[str]:
    return {check.misconception for check in record.exercises[exercise].checks if check.outcome != "passed"}


def test_the_same_mistake_in_other_words_is_recognised(grade):
    source = """
def manual_gradients(a, b, y, w0, w1, v):
    "My own."
    total = a * w0 + b * w1
    half = total * v - y
    parts = [half * v * a, half * v * b, half * total]
    return tuple(p.sum() / p.numel() for p in parts)
"""
    record = grade("chain_rule", {"manual_gradients": source})
    assert hints(record, "manual_gradients") == {"two_of_the_square_forgotten"}


def test_a_model_is_recognised_whatever_its_parameters_are_called(grade):
    source = """
class LogisticRegression(torch.nn.Module):
    def __init__(self, num_features):
        super().__init__()
        self.beta = torch.nn.Parameter(torch.zeros(num_features))
        self.alpha = torch.nn.Parameter(torch.zeros(1))
    def forward(self, X):
        return 1 / (1 + torch.exp(-(X @ self.beta + self.alpha)))
"""
    record = grade("logistic_regression", {"LogisticRegression": source})
    assert "ProbabilitiesForLogits" in hints(record, "LogisticRegression")


def test_an_error_of_the_same_kind_at_the_same_place_is_recognised(grade):
    record = grade("tensor_ops", {"to_numpy": "def to_numpy(x):\n    a = x.numpy()\n    return a"})
    assert hints(record, "to_numpy") == {"still_tracked", "never_fetched_from_the_accelerator"}


def test_a_right_answer_has_no_hint(grade):
    record = grade("perceptron")
    assert {check.hint for result in record.exercises.values() for check in result.checks} == {""}


def test_a_stub_has_no_hint(grade):
    record = grade("perceptron", start="release")
    assert {check.hint for result in record.exercises.values() for check in result.checks} == {""}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("def f(x):\n    'Why.'\n", "needs the decorator"),
        ("@of('f')\ndef g(x):\n    return x\n", "needs a docstring"),
        ("@of('f')\ndef g(x):\n    'Why.'\n@of('f')\ndef g(x):\n    'Why.'\n", "two variants called g"),
    ],
)
def test_a_variant_without_a_name_an_exercise_or_a_hint_is_refused(tmp_path, text, complaint):
    path = tmp_path / "variants.py"
    path.write_text(text)
    with pytest.raises(KitError, match=complaint):
        read_variants(path)


def test_a_variants_source_is_the_exercises_cell_with_its_helpers_before_it(tmp_path):
    path = tmp_path / "variants.py"
    path.write_text("@of('f', helpers='import math')\ndef wrong(x):\n    'Why.'\n    return math.pi\n")
    (variant,) = read_variants(path)
    assert (variant.name, variant.exercise, variant.hint) == ("wrong", "f", "Why.")
    assert variant.source.startswith("import math\n\ndef f(x):")


def test_nothing_in_the_misconceptions_is_ever_imported():
    assert not (KIT / "autograder" / "checks" / "week06" / "misconceptions" / "__init__.py").exists()
