"""Models with odd parts are judged, in the subject's words; no check breaks over them."""

from __future__ import annotations

import pytest

MODEL = """
class LogisticRegression(torch.nn.Module):
    def __init__(self, num_features):
        super().__init__()
        {make}

    def forward(self, X):
        return self.linear(X).squeeze(-1)
"""
LAZY = "self.linear = torch.nn.LazyLinear(1)"
ZEROED = "; torch.nn.init.zeros_(self.linear.weight); torch.nn.init.zeros_(self.linear.bias)"


def model(grade, make):
    record = grade("logistic_regression", {"LogisticRegression": MODEL.format(make=make)})
    return record, record.exercises["LogisticRegression"]


def test_a_lazy_layer_that_was_called_once_and_starts_at_zero_is_right(grade):
    record, exercise = model(grade, f"{LAZY}; self.linear(torch.zeros(1, num_features)){ZEROED}")
    assert exercise.earned == exercise.possible
    assert record.needs_review == ()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (LAZY, "an object of type UninitializedParameter"),
        ("self.linear = torch.nn.Linear(num_features, 1, device='meta')", "on the meta device"),
        ("self.linear = torch.nn.Linear(num_features, 1).to(torch.float8_e4m3fn)", "dtype float8_e4m3fn"),
        (
            "self.linear = torch.nn.Linear(num_features, 1); "
            "self.linear.weight = torch.nn.Parameter(torch.zeros(1, num_features).to_sparse())",
            "layout torch.sparse_coo",
        ),
    ],
    ids=["lazy", "meta", "float8", "sparse"],
)
def test_a_parameter_without_values_is_named_and_needs_nobodys_look(grade, make, said):
    record, exercise = model(grade, make)
    first = exercise.checks[0]
    assert first.outcome == "failed"
    assert said in first.message
    assert {check.outcome for check in exercise.checks} <= {"failed", "raised", "passed"}
    assert record.needs_review == ()
    assert record.exercises["sigmoid"].earned == 4


@pytest.mark.parametrize(
    ("notebook", "exercise", "body", "earned"),
    [
        (
            "chain_rule",
            "forward",
            "Both = __import__('collections').namedtuple('Both', 'u f')\n\n"
            "def forward(a, b, w0, w1, v):\n    u = a * w0 + b * w1\n    return Both(u, u * v)",
            25,
        ),
        (
            "logistic_regression",
            "train",
            "import numpy as np\n\n_train = train\n\n"
            "def train(*a, **k):\n    return [np.float64(x) for x in _train(*a, **k)]",
            25,
        ),
    ],
)
def test_an_answer_of_a_subclass_is_as_good_as_one_of_its_base_class(grade, course, notebook, exercise, body, earned):
    right = course.notebooks[notebook].stubs[exercise]
    assert grade(notebook, {exercise: f"{right}\n\n{body}" if f"_{exercise}" in body else body}).earned == earned
