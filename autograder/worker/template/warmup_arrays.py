"""The notebook of the warm-up where a course has no tensors, as a percent script; see `warmup_tensors`.

It is read as text and run in the template, never imported. It has no sense in it either: functions of NumPy by their
names, on arrays of a few elements.
"""

# %%
from __future__ import annotations

import operator
from functools import partial
from typing import Any

import numpy as np

# %%
OF_ONE = """
    abs exp log1p sqrt square sign tanh rint isfinite isnan sum mean std var prod min max argmin argmax argsort sort
    cumsum unique ravel transpose copy zeros_like ones_like any all diff
"""
OF_TWO = "add subtract multiply divide power maximum minimum equal greater less dot allclose isclose array_equal"
OF_A_SIZE = "zeros ones eye arange"
METHODS = "tolist flatten sum mean __len__ __repr__ __neg__"


# %%
def by_name(holder: Any, names: str, *arguments: Any, **options: Any) -> list[Any]:
    """What each of the names does with the arguments."""
    return [getattr(holder, name)(*arguments, **options) for name in names.split()]


# %%
def operations(X: np.ndarray, w: np.ndarray) -> list[Any]:
    """Every table once, on X (n, m) and w (m,)."""
    done = by_name(np, OF_ONE, X) + by_name(np, OF_TWO, w, w) + by_name(np, OF_A_SIZE, 3) + by_name(X, METHODS)
    done += by_name(np, "sum mean std min max", X, axis=0) + by_name(np.linalg, "norm", w)
    kinds: list[Any] = [0, slice(1, None), (slice(None), 1), X[:, 0] > 0, np.arange(2)]
    done += [*map(partial(operator.getitem, X), kinds), float(w[0]), int(w[0]), bool(w[0])]
    done += [X @ w, X + w, X.T, X.reshape(-1), np.stack([w, w]), np.concatenate([X, X]), np.where(X > 0, X, 0.0)]
    return [*done, np.linspace(0, 1, 3), np.array([1.0, 2.0]), np.random.default_rng(0).normal(size=2)]


# %%
def in_place(X: np.ndarray) -> np.ndarray:
    """A copy of X, written to."""
    Y = X.copy()
    Y += 1
    Y *= 2
    Y[0] = 1.0
    Y[:, 1] = Y[:, 0]
    return Y


# %%
def refused() -> None:
    """What raises: here NumPy, as the shapes do not fit."""
    np.ones(2) + np.ones(3)
