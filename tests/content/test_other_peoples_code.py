"""The reference agrees with somebody else's code: scikit-learn's, on data that scikit-learn ships; PyTorch's."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest
import torch

from autograder.trusted.assignment.course import KIT, Course

COURSE = Course(KIT)
tensors = COURSE.reference("tensor_ops")
chain = COURSE.reference("chain_rule")
perceptron = COURSE.reference("perceptron")
logistic = COURSE.reference("logistic_regression")

DATA = ("breast cancer", "iris", "wine")


def sklearn(module: str) -> Any:
    """A module of scikit-learn, imported when a test asks for it: that takes seconds, not in every process."""
    return importlib.import_module(f"sklearn.{module}")


def data(name: str) -> tuple[np.ndarray, np.ndarray]:
    X, y = getattr(sklearn("datasets"), f"load_{name.replace(' ', '_')}")(return_X_y=True)
    return X, y


def two_classes(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Standardised features X (n, m) and labels (n,) in {0, 1}: class 0 against the rest."""
    X, y = data(name)
    return sklearn("preprocessing").StandardScaler().fit_transform(X), (y != 0).astype(np.int64)


@pytest.mark.thorough
@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("epochs", [1, 3, 50])
def test_the_perceptron_is_scikit_learns(name, epochs):
    X, labels = two_classes(name)
    X, y = np.hstack([X, np.ones((len(X), 1))]), 2 * labels - 1
    # Its rule is ours but for w . x = 0, where it calls y = +1 a mistake as well. That is where both start,
    # so an example with y = -1 comes first.
    order = np.argsort(np.arange(len(y)) != np.argmin(y), kind="stable")
    X, y = X[order], y[order]
    theirs = sklearn("linear_model").Perceptron(shuffle=False, fit_intercept=False, max_iter=epochs, tol=None).fit(X, y)
    w, mistakes = perceptron.train(torch.tensor(X), torch.tensor(y, dtype=torch.float64), epochs=epochs)
    assert np.allclose(w.numpy(), theirs.coef_[0], atol=1e-9)
    assert (perceptron.predict(w, torch.tensor(X)).numpy() == theirs.predict(X)).all()
    assert len(mistakes) <= epochs


@pytest.mark.thorough
@pytest.mark.parametrize("name", DATA)
def test_logistic_regression_ends_where_scikit_learns_does(name):
    X, y = two_classes(name)
    X = X[:, :3]
    theirs = sklearn("linear_model").LogisticRegression(C=np.inf, tol=1e-10, max_iter=10_000).fit(X, y)
    model = logistic.LogisticRegression(3).to(torch.float64)
    losses = logistic.train(model, torch.tensor(X), torch.tensor(y), lr=1.0, epochs=200)
    p = theirs.predict_proba(X)[:, 1]
    best = -np.mean(y * np.log(p + 1e-300) + (1 - y) * np.log(1 - p + 1e-300))
    assert losses == sorted(losses, reverse=True)
    assert best - 1e-9 <= losses[-1]
    if best > 0.05:  # not separable: there is a minimum, and gradient descent arrives there
        losses = logistic.train(model, torch.tensor(X), torch.tensor(y), lr=10.0, epochs=2_000)
        assert losses[-1] == pytest.approx(best, rel=0.02)
        agree = (logistic.predict(model, torch.tensor(X)).numpy() == theirs.predict(X)).mean()
        assert agree > 0.98


@pytest.mark.thorough
@pytest.mark.parametrize("name", DATA)
def test_standardising_distances_and_one_hot_rows_are_scikit_learns(name):
    X, y = data(name)
    assert np.allclose(
        tensors.standardize(torch.tensor(X)).numpy(),
        sklearn("preprocessing").StandardScaler().fit_transform(X),
        atol=1e-9,
    )
    theirs = sklearn("metrics").pairwise_distances(X[:40], X[40:90], metric="sqeuclidean")
    ours = tensors.pairwise_squared_distances(torch.tensor(X[:40]), torch.tensor(X[40:90])).numpy()
    assert np.allclose(ours, theirs, rtol=1e-6, atol=1e-6 * theirs.max())
    rows = sklearn("preprocessing").OneHotEncoder(sparse_output=False).fit_transform(y[:, None])
    assert np.array_equal(tensors.one_hot(torch.tensor(y), rows.shape[1]).numpy(), rows)


def test_the_losses_and_their_gradients_are_pytorchs():
    torch.manual_seed(0)
    z, y = 5 * torch.randn(50, dtype=torch.float64), torch.randint(0, 2, (50,)).double()
    for ours, theirs in (
        (logistic.bce_loss, torch.nn.functional.binary_cross_entropy_with_logits),
        (chain.mse_loss, torch.nn.functional.mse_loss),
    ):
        mine, other = z.clone().requires_grad_(), z.clone().requires_grad_()
        loss, expected = ours(mine, y), theirs(other, y)
        loss.backward()
        expected.backward()
        assert torch.allclose(loss, expected, rtol=1e-12)
        assert torch.allclose(mine.grad, other.grad, rtol=1e-9, atol=1e-15)
    assert torch.allclose(logistic.sigmoid(z), torch.sigmoid(z), rtol=1e-12)


def test_the_chain_rule_is_autograds():
    torch.manual_seed(1)
    a, b, y = torch.randn(3, 9, dtype=torch.float64)
    w0, w1, v = torch.randn(3, dtype=torch.float64)
    for mine, theirs in zip(
        chain.manual_gradients(a, b, y, w0, w1, v), chain.autograd_gradients(a, b, y, w0, w1, v), strict=True
    ):
        assert torch.allclose(mine, theirs, rtol=1e-12)
