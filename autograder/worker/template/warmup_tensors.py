"""The notebook of the warm-up, as a percent script: operations by their names, on any device, with no sense in them.

It is read as text and run in the template, never imported. What a worker could find of it must be worth nothing: no
cell
computes what an exercise could ask for, or is made of parts that would. No tensor is large enough for torch to divide
the work among threads, and nothing is differentiated.
"""

# %%
from __future__ import annotations

import operator
from functools import partial
from typing import Any

import torch
from torch import Tensor

# %%
METHODS = """
    abs neg exp log log1p sqrt square sign sigmoid tanh relu round isfinite isnan logical_not clone detach contiguous
    flatten ravel t unbind float double long tolist sum mean std var norm prod min max amin amax argmin argmax all any
    cpu size dim numel __len__ __repr__ __neg__ __iter__
"""
WITH_ANOTHER = """
    add sub mul div pow eq ne ge gt le lt __add__ __sub__ __mul__ __truediv__ __pow__ __radd__ __rsub__ __rmul__
    __rtruediv__ __gt__ __ge__
"""
ALONG_A_DIMENSION = "sum mean std norm min max amax argmax"
ALIKE = "zeros_like ones_like empty_like"
OF_TWO_VECTORS = "dot matmul maximum minimum logaddexp outer"
OF_A_SIZE = "zeros ones eye arange randn"
LOSSES = "binary_cross_entropy_with_logits mse_loss l1_loss"


# %%
def by_name(holder: Any, names: str, *arguments: Any, **options: Any) -> list[Any]:
    """What each of the names does with the arguments."""
    return [getattr(holder, name)(*arguments, **options) for name in names.split()]


# %%
def operations(X: Tensor, w: Tensor) -> list[Any]:
    """Every table once, on X (n, m) and w (m,)."""
    done = by_name(X, METHODS) + by_name(X, WITH_ANOTHER, X) + by_name(X, WITH_ANOTHER, 2.0)
    done += by_name(X, ALONG_A_DIMENSION, dim=1) + by_name(torch, ALIKE, X) + by_name(torch, OF_TWO_VECTORS, w, w)
    done += by_name(torch, OF_A_SIZE, 3, device=X.device) + by_name(torch.nn.functional, LOSSES, X, X.sigmoid())
    return [*done, *places(X, w), *together(X, w)]


def places(X: Tensor, w: Tensor) -> list[Any]:
    """Parts of a tensor, by every kind of index."""
    rows = torch.arange(2, device=X.device)
    kinds: list[Any] = [0, slice(1, None), (slice(None), 1), (slice(None), [0, 1]), X[:, 0] > 0, rows]
    return [*map(partial(operator.getitem, X), kinds), w[-1], w[0].item(), float(w[0]), int(w[0]), bool(w[0])]


def together(X: Tensor, w: Tensor) -> list[Any]:
    """Tensors put together and taken apart, and new ones beside them."""
    plain = [torch.stack([w, w]), torch.cat([X, X], dim=1), X.reshape(-1), X.view(3, 4), w.unsqueeze(0).squeeze(), X.T]
    plain += [X @ w, torch.mv(X, w), torch.einsum("ij,j->i", X, w), torch.tensor([1.0, 2.0], device=X.device)]
    plain += [torch.where(X > 0, X, w), torch.where(X > 0, 3.0, 4.0), X.clamp(min=0), X.masked_fill(X > 0, 0.0)]
    plain += [torch.linspace(0, 1, 3), torch.full((2,), 1.5), X.new_zeros(2), X.new_ones(2), X.new_tensor(1.0)]
    return [*plain, X.cpu().detach().numpy(), (X > 0) & (X > 1)]


# %%
def in_place(X: Tensor) -> Tensor:
    """A copy of X, written to."""
    with torch.no_grad():
        Y = X.clone()
        Y += 1
        Y -= X
        Y *= 2
        Y.add_(X).sub_(X).mul_(2).copy_(X).fill_(1.0).zero_()
        Y[0] = 1.0
        Y[:, 1] = Y[:, 0]
    return Y.requires_grad_()


# %%
class Part(torch.nn.Module):
    """A module around whichever one is named; it hands out nothing of what that computes."""

    def __init__(self, name: str, *sizes: int) -> None:
        super().__init__()
        self.inner = getattr(torch.nn, name)(*sizes)
        by_name(torch.nn.init, "zeros_ ones_", next(self.inner.parameters()))

    def forward(self, X: Tensor) -> Tensor:
        """Something of X's shape."""
        self.inner(X)
        return X


# %%
def moved(part: Part, X: Tensor) -> list[float]:
    """What an optimiser does where there is no gradient to speak of."""
    optimiser = torch.optim.SGD(part.parameters(), lr=0.0)
    part(X)
    for p in part.parameters():
        p.grad = torch.zeros_like(p)
    by_name(optimiser, "step zero_grad")
    by_name(part, "train eval")
    return [float(p.sum()) for p in part.parameters()]


# %%
def refused() -> None:
    """What raises: here torch, as there is nothing to differentiate."""
    torch.ones(2).sum().backward()  # type: ignore[no-untyped-call]  # torch's own
