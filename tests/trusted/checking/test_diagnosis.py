"""A misconception is recognised by its answers, whatever its code looks like, and never by accident."""

from __future__ import annotations

import pytest

from autograder.errors import KitError
from autograder.trusted.assignment.course import KIT
from autograder.trusted.assignment.variants import Variant, read_variants
from autograder.trusted.grading.grader import Grader
from autograder.trusted.grading.pytest_session import collect_checks
from autograder.trusted.grading.settings import Settings
from autograder.trusted.results.records import Kept, hints_to_show, kept_sentence


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


UNTRUE = [
    (
        "tensor_ops",
        "add_bias_column",
        "def add_bias_column(X):\n    return torch.cat([X, torch.ones(len(X), device=X.device)], dim=1)",
        "on the CPU",
    ),
    (
        "tensor_ops",
        "add_bias_column",
        "def add_bias_column(X):\n    return torch.cat([X, torch.full((len(X), 1), 1.0, dtype=X.dtype)], dim=1)",
        "torch.ones",
    ),
    (
        "chain_rule",
        "accumulated_gradients",
        "def accumulated_gradients(a, b, y, w0, w1, v, passes):\n"
        "    ws = [w.detach().clone().requires_grad_() for w in (w0, w1, v)]\n"
        "    loss = mse_loss(forward(a, b, *ws)[1], y)\n"
        "    for _ in range(passes):\n        loss.backward(retain_graph=False)\n"
        "    return tuple(torch.zeros_like(w) if w.grad is None else w.grad for w in ws)",
        "torch.zeros",
    ),
    (
        "tensor_ops",
        "standardize",
        "def standardize(X):\n    return torch.nn.functional.normalize(X - X.mean(dim=0), dim=0)",
        "n - 1",
    ),
    (
        "logistic_regression",
        "train",
        "def train(model, X, y, lr, epochs):\n"
        "    p = next(model.parameters())\n    X, y, losses = X.to(p), y.to(p)[:, None], []\n"
        "    for _ in range(epochs):\n"
        "        model.zero_grad()\n        loss = bce_loss(model(X), y)\n        loss.backward()\n"
        "        with torch.no_grad():\n            for q in model.parameters():\n                q -= lr * q.grad\n"
        "        losses.append(loss.item())\n    return losses",
        "never used",
    ),
    ("perceptron", "update", "def update(w, x, y, eta=1.0):\n    return w + eta * (y - w @ x) * x", "y (w . x) <= 0"),
    (
        "perceptron",
        "update",
        "def update(w, x, y, eta=1.0):\n    return w + 3 * eta * (y - w @ x) * x",
        "boundary",
    ),
    (
        "chain_rule",
        "autograd_gradients",
        "def autograd_gradients(a, b, y, w0, w1, v):\n"
        "    ws = [w.detach().clone().requires_grad_() for w in (w0, w1, v)]\n"
        "    loss = mse_loss(forward(a, b, *ws)[1], y)\n    loss.backward()\n    loss.backward()\n"
        "    return tuple(w.grad for w in ws)",
        "do not require grad",
    ),
    ("logistic_regression", "sigmoid", "def sigmoid(z):\n    return torch.sigmoid(z)", "distribution"),
    (
        "logistic_regression",
        "sigmoid",
        "def sigmoid(z):\n    return 1 / (1 + torch.exp(-z.clamp(-30, 30)))",
        "square",
    ),
    (
        "tensor_ops",
        "sum_requires_grad",
        "def sum_requires_grad(*tensors):\n    return True",
        "NOT",
    ),
    ("chain_rule", "mse_loss", "def mse_loss(y_hat, y):\n    return (y - y_hat).sum()", "absolute"),
    (
        "perceptron",
        "margin",
        "def margin(w, X, y):\n    return torch.tensor(float((y * (X @ w)).min() / w.norm()))",
        "cuda",
    ),
    (
        "tensor_ops",
        "pairwise_squared_distances",
        "def pairwise_squared_distances(A, B):\n"
        "    return torch.stack([((a - B) ** 2).sum(1) for a in A]).to(torch.float32).cpu().to(A.dtype)",
        "lists",
    ),
]


@pytest.mark.parametrize(("notebook", "exercise", "source", "untrue"), UNTRUE)
def test_no_hint_says_what_is_not_true_of_the_code(grade, notebook, exercise, source, untrue):
    marked = grade(notebook, {exercise: source}).exercises[exercise]
    assert any(check.outcome != "passed" for check in marked.checks)
    assert [check.hint for check in marked.checks if untrue in check.hint] == []


SEEN = [
    ("perceptron", "margin", "return -3 * (y * (X @ w)).min() / w.norm()", set()),
    ("perceptron", "margin", "return -2 * (y * (X @ w)).min() / w.norm()", {"twice", "flipped"}),
    ("tensor_ops", "affine", "return (X @ w + b).reshape(1, -1)", {"shape"}),
    ("tensor_ops", "affine", "return 2 * (X @ w + b)", {"twice"}),
    ("tensor_ops", "affine", "return X @ w + b + 1", {"same amount"}),
    ("tensor_ops", "affine", "return (X @ w + b).flip(0)", {"reverse"}),
    ("tensor_ops", "affine", "return (X @ w + b) * (X @ w + 1)", set()),
    ("logistic_regression", "sigmoid", "return 2 / (1 + torch.exp(-z.abs())) * 0 + z", {"argument"}),
    ("tensor_ops", "pairwise_squared_distances", "return ((A[:, None] - B) ** 2).sum(-1) * 7", {"factor"}),
]
HEADS = {
    "margin": "(w, X, y)", "affine": "(X, w, b)", "sigmoid": "(z)", "pairwise_squared_distances": "(A, B)",
}  # fmt: skip


@pytest.mark.parametrize(("notebook", "exercise", "body", "words"), SEEN)
def test_a_mistake_without_a_name_is_told_by_what_is_seen_of_the_answer(grade, notebook, exercise, body, words):
    source = f"def {exercise}{HEADS[exercise]}:\n    {body}"
    marked = grade(notebook, {exercise: source}).exercises[exercise]
    told = " ".join(check.hint for check in marked.checks).strip()
    assert {check.misconception for check in marked.checks} == {""}
    assert all(word in told for word in words)
    assert bool(told) == bool(words)


def test_an_error_that_everybody_makes_is_explained(grade):
    record = grade("perceptron", {"activation": "def activation(s):\n    while s < 0:\n        s = -s\n    return s"})
    assert any("truth value" in check.hint for check in record.exercises["activation"].checks)


FLIPPED = """
def manual_gradients(a, b, y, w0, w1, v):
    u, f = forward(a, b, w0, w1, v)
    d = {} * (y - f)
    return (d * v * a).mean(), (d * v * b).mean(), (d * u).mean()
"""


def test_one_slip_that_explains_everything_keeps_its_share_and_the_student_is_told(grade):
    record = grade("chain_rule", {"manual_gradients": FLIPPED.format(2)})
    marked = record.exercises["manual_gradients"]
    assert marked.earned == 3.5
    assert marked.kept == Kept("sign_of_the_error_flipped", 0.5)
    assert kept_sentence(marked) == "One slip explains all that failed here, so the exercise keeps 3.5 of 7 points."
    assert record.earned == record.possible - 3.5


@pytest.mark.parametrize(
    "source",
    [
        FLIPPED.format(1),
        FLIPPED.format(2) + "\nwrong = manual_gradients\n"
        "def manual_gradients(*given):\n    return tuple(g.float() for g in wrong(*given))",
        "def manual_gradients(a, b, y, w0, w1, v):\n    return tuple(torch.tensor(g) for g in (20.0, 30.0, 50.0))",
        "def manual_gradients(*given):\n    return None",
    ],
)
def test_what_is_more_or_other_than_that_slip_keeps_nothing(grade, source):
    marked = grade("chain_rule", {"manual_gradients": source}).exercises["manual_gradients"]
    assert (marked.earned, marked.kept) == (0, None)


def test_a_share_never_lowers_what_was_earned(grade):
    variants = read_variants(KIT / "autograder/checks/week06/misconceptions/logistic_regression.py")
    wrong = next(variant for variant in variants if variant.name == "nought_on_the_boundary")
    marked = grade("logistic_regression", {"predict": wrong.source}).exercises["predict"]
    assert (marked.earned, marked.kept) == (3, None)


@pytest.mark.parametrize("body", ["return None", "return torch.zeros(())", "return X", "raise ValueError('no')"])
def test_what_does_as_good_as_nothing_keeps_no_share(course, workers, body):
    grader = Grader(course, workers, collect_checks(course), Settings())
    source = f"def affine(X, w, b):\n    {body}"
    with pytest.raises(KitError, match="as good as nothing"):
        grader.check_variants("tensor_ops", [Variant("idle", "affine", "Why.", source, keeps=0.5)])


def test_a_hint_stands_once_an_exercise_with_the_first_check_that_has_it(grade):
    marked = grade("chain_rule", {"manual_gradients": FLIPPED.format(2)}).exercises["manual_gradients"]
    hints_given = [check.hint for check in marked.checks]
    assert len(set(hints_given)) == 1
    assert [bool(hint) for hint in hints_to_show(marked)] == [True, False, False, False, False]


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
        ("@of('f', keeps=1.0)\ndef g(x):\n    'Why.'\n", "between 0 and 1"),
        ("@of('f', keeps=0.0)\ndef g(x):\n    'Why.'\n", "between 0 and 1"),
        ("@of('f', keeps='half')\ndef g(x):\n    'Why.'\n", "between 0 and 1"),
        ("@of('f', leaves=0.5)\ndef g(x):\n    'Why.'\n", "and not leaves"),
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


def test_a_variable_that_is_captured_from_the_notebook_is_told_of(grade):
    captured = "def mse_loss(y_hat, y):\n    return ((f - y) ** 2).mean()\n"
    marked = grade("chain_rule", {"mse_loss": captured}).exercises["mse_loss"]
    assert {check.misconception for check in marked.checks} - {""} == {"f_of_the_notebooks_example"}
