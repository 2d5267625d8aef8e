"""The notebook of the warm-up, as a percent script: what students write, in general, on any device.

It is read as text and run in the template, never imported. No tensor is large enough for torch to divide the work
among threads, and nothing is differentiated.
"""

# %%
from __future__ import annotations

import torch
from torch import Tensor, nn

# %%
UNARY = """
    abs neg exp log log1p sqrt square sign sigmoid tanh relu round isfinite isnan logical_not clone detach contiguous
    flatten ravel t unbind float double long tolist sum mean std var norm prod min max amin amax argmin argmax all any
"""
BINARY = "add sub mul div pow eq ne ge gt le lt __radd__ __rsub__ __rmul__ __rtruediv__"
ALONG_A_DIMENSION = "sum mean std norm min max amax argmax"
ALIKE = "zeros_like ones_like empty_like"


# %%
def operations(X: Tensor, w: Tensor) -> list[Tensor]:
    """Each operation once, on X (n, m) and w (m,)."""
    for name in UNARY.split():
        getattr(X, name)()
    for name in BINARY.split():
        getattr(X, name)(X)
        getattr(X, name)(2.0)
    for name in ALONG_A_DIMENSION.split():
        getattr(X, name)(dim=1)
    for name in ALIKE.split():
        getattr(torch, name)(X)
    return [*products(X, w), *shapes(X, w), *choices(X), *losses(X)]


def products(X: Tensor, w: Tensor) -> list[Tensor]:
    """Products, and arithmetic with numbers."""
    plain = [X @ w, w @ w, X.T @ X, torch.dot(w, w), torch.mv(X, w), torch.matmul(X, w), torch.einsum("ij,j->i", X, w)]
    return [*plain, X + 1, 1 - X, 2 * X, X / 2, 1 / X, -X, X**2, X > 0, X >= 0]


def shapes(X: Tensor, w: Tensor) -> list[Tensor]:
    """Parts of a tensor, tensors put together, and new ones beside it."""
    n, m = X.shape
    device = X.device
    parts = [X[0], X[1:], X[:, 1], X[:, [0, 1]], X[X[:, 0] > 0], X[torch.arange(n, device=device)], w[-1]]
    together = [torch.stack([w, w]), torch.cat([X, X], dim=1), X.reshape(-1), X.reshape(m, n), w.unsqueeze(0).squeeze()]
    new = [torch.zeros(m, 1, device=device), torch.ones(n, device=device), torch.eye(m, device=device)]
    new += [torch.tensor([1.0, 2.0], device=device), torch.arange(3.0), torch.linspace(0, 1, 3), torch.full((2,), 1.5)]
    return [*parts, *together, *new, X.new_zeros(2), X.new_ones(2), X.new_tensor(1.0), torch.randn(2, 2)]


def choices(X: Tensor) -> list[Tensor]:
    """What depends on the values, and how they leave a tensor."""
    for row, number in zip(X, X[:, 0], strict=True):
        row * number.item()
    positive = X > 0
    float(X.sum()), int(X.sum()), bool(positive.all()), len(X), repr(X), X.cpu().detach().numpy()
    plain = [torch.where(positive, X, -X), torch.where(positive, 1.0, -1.0), torch.maximum(X, -X), torch.minimum(X, -X)]
    return [
        *plain,
        X.clamp(min=0),
        X.masked_fill(positive, 0.0),
        positive.float(),
        positive.long(),
        positive & positive,
    ]


def losses(X: Tensor) -> list[Tensor]:
    """What torch.nn.functional has for classification and regression."""
    y = torch.ones_like(X)
    named = [nn.functional.binary_cross_entropy_with_logits(X, y), nn.functional.mse_loss(X, y)]
    return [*named, nn.BCEWithLogitsLoss()(X, y), nn.functional.softplus(X), torch.logaddexp(X, y)]


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
class Model(nn.Module):
    """A linear layer."""

    def __init__(self, num_features: int) -> None:
        super().__init__()
        self.linear = nn.Linear(num_features, 1)
        nn.init.zeros_(self.linear.weight)

    def forward(self, X: Tensor) -> Tensor:
        """The logits."""
        logits: Tensor = self.linear(X)
        return logits.squeeze(-1)


# %%
def step(model: Model, X: Tensor) -> tuple[Tensor, list[float]]:
    """One step of gradient descent, with a gradient from nowhere."""
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    optimiser.zero_grad()
    model(X)
    for p in model.parameters():
        p.grad = torch.zeros_like(p)
    optimiser.step()
    with torch.no_grad():
        return (model(X) >= 0).long(), [float(p.sum()) for p in model.parameters()]


# %%
def refused() -> None:
    """What raises: here torch, as there is nothing to differentiate."""
    torch.ones(2).sum().backward()  # type: ignore[no-untyped-call]  # torch's own
