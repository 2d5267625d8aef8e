"""Operations that the exercises can plausibly use, each as a function of tensors on one device.

`X` is (4, 3), `A` is (3, 2), `v` is (3,), `y` is (4,) of -1 and +1, `n` is (4,) of 0 to 2, `s` has no dimension.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F


def inputs() -> dict[str, torch.Tensor]:
    """The inputs, on the CPU; the floating ones in float64."""
    generator = torch.Generator().manual_seed(6)
    return {
        "X": torch.randn(4, 3, dtype=torch.float64, generator=generator),
        "A": torch.randn(3, 2, dtype=torch.float64, generator=generator),
        "v": torch.randn(3, dtype=torch.float64, generator=generator),
        "y": torch.tensor([1.0, -1.0, 1.0, 1.0], dtype=torch.float64),
        "n": torch.tensor([0, 2, 1, 2]),
        "s": torch.tensor(1.5, dtype=torch.float64),
    }


def changed(tensor, change):
    """A copy of a tensor after a change in place."""
    copy = tensor.clone()
    change(copy)
    return copy


def assigned(tensor, place, value):
    """A copy of a tensor in which one place has another value."""
    copy = tensor.clone()
    copy[place] = value
    return copy


def zeroed_diagonal(X):
    square = X @ X.T
    return square - torch.diag(square.diagonal())


OPERATIONS = {
    # arithmetic
    "add": lambda X, v: X + v,
    "add a number": lambda X: X + 1,
    "add a 0-d tensor": lambda X, s: X + s,
    "subtract from a number": lambda X: 1 - X,
    "multiply": lambda X, y: X * y[:, None],
    "divide": lambda X, v: X / v,
    "divide a number": lambda X: 1.0 / X,
    "power": lambda X: X**2,
    "power of a tensor": lambda X, s: X.abs() ** s,
    "negative": lambda X: -X,
    "floor division": lambda X: X.detach() // 0.5,
    "remainder": lambda X: X % 0.7,
    "square": lambda X: X.square(),
    "sqrt": lambda X: X.abs().sqrt(),
    "rsqrt": lambda X: X.abs().rsqrt(),
    "exp": lambda X: X.exp(),
    "expm1": lambda X: X.expm1(),
    "log": lambda X: X.abs().log(),
    "log1p": lambda X: X.abs().log1p(),
    "absolute": lambda X: X.abs(),
    "sign": lambda X: X.sign(),
    "sine": lambda X: X.sin(),
    "tanh": lambda X: X.tanh(),
    "sigmoid": lambda X: X.sigmoid(),
    "round": lambda X: X.round(),
    "clamp": lambda X: X.clamp(-0.5, 0.5),
    "clamp by tensors": lambda X, s: X.clamp(max=s),
    "maximum": lambda X, v: torch.maximum(X, v),
    "lerp": lambda X, v: torch.lerp(X, v.expand(4, 3), 0.3),
    "addcmul": lambda X, v: torch.addcmul(X, v, v, value=2.0),
    # products
    "matrix product": lambda X, A: X @ A,
    "matrix and vector": lambda X, v: X @ v,
    "vector and vector": lambda v: v @ v,
    "dot": lambda v: torch.dot(v, v),
    "mv": lambda X, v: torch.mv(X, v),
    "mm": lambda X, A: torch.mm(X, A),
    "bmm": lambda X: torch.bmm(X[None], X.T[None]),
    "outer": lambda y, v: torch.outer(y, v),
    "einsum": lambda X, A: torch.einsum("ij,jk->ik", X, A),
    "einsum of a trace": lambda X: torch.einsum("ij,ij->", X, X),
    "tensordot": lambda X, A: torch.tensordot(X, A, dims=1),
    "kronecker": lambda A, v: torch.kron(A, v),
    "linear": lambda X, A: F.linear(X, A.T),
    # reductions
    "sum": lambda X: X.sum(),
    "sum over rows": lambda X: X.sum(dim=0),
    "sum that keeps the dimension": lambda X: X.sum(dim=1, keepdim=True),
    "mean": lambda X: X.mean(dim=0),
    "variance": lambda X: X.var(dim=0, unbiased=False),
    "standard deviation": lambda X: X.std(dim=0),
    "product": lambda X: X.prod(dim=1),
    "norm": lambda X: X.norm(),
    "linalg norm": lambda X: torch.linalg.norm(X, dim=1),
    "vector norm": lambda X: torch.linalg.vector_norm(X, ord=1, dim=1),
    "maximum of all": lambda X: X.max(),
    "maximum over a dimension": lambda X: X.max(dim=1).values,
    "minimum over a dimension": lambda X: X.min(dim=1).values,
    "amax": lambda X: X.amax(dim=0),
    "argmax": lambda X: X.argmax(dim=1),
    "argmin": lambda X: X.argmin(),
    "any": lambda X: (X > 0).any(dim=0),
    "all": lambda X: (X > 0).all(),
    "cumulative sum": lambda X: X.cumsum(dim=0),
    "cumulative product": lambda X: X.cumprod(dim=0),
    "logsumexp": lambda X: X.logsumexp(dim=1),
    "median": lambda X: X.median(dim=0).values,
    "count of nonzeros": lambda X: torch.count_nonzero(X > 0),
    "trace": lambda X: X[:3].trace(),
    # comparisons and choices
    "greater or equal": lambda X: X >= 0,
    "equal": lambda y: y == 1,
    "not equal": lambda y, s: y != s,
    "logical and": lambda X: (X > 0) & (X < 1),
    "logical not": lambda X: ~(X > 0),
    "where with numbers": lambda X: torch.where(X >= 0, 1.0, -1.0),
    "where with tensors": lambda X: torch.where(X >= 0, X, -X),
    "where with a 0-d tensor": lambda X, s: torch.where(X >= 0, X, s),
    "isclose": lambda X: torch.isclose(X, X + 1e-12),
    "isfinite": lambda X: torch.isfinite(X),
    "isnan": lambda X: torch.isnan(X),
    "masked fill": lambda X: X.masked_fill(X < 0, 0.0),
    "nonzero": lambda X: (X > 0).nonzero(),
    "sort": lambda X: X.sort(dim=0).values,
    "argsort": lambda v: v.argsort(),
    "topk": lambda X: X.topk(2, dim=1).values,
    "unique": lambda n: n.unique(),
    "bincount": lambda n: n.bincount(minlength=3),
    # shapes and views
    "reshape": lambda X: X.reshape(3, 4),
    "view": lambda X: X.view(-1),
    "flatten": lambda X: X.flatten(),
    "transpose": lambda X: X.T,
    "permute": lambda X: X[None].permute(2, 0, 1),
    "unsqueeze": lambda v: v.unsqueeze(0),
    "squeeze": lambda X: X[:, :1].squeeze(1),
    "expand": lambda v: v.expand(4, 3),
    "repeat": lambda v: v.repeat(2, 1),
    "repeat interleaved": lambda v: v.repeat_interleave(2),
    "broadcast to": lambda v: torch.broadcast_to(v, (4, 3)),
    "concatenation": lambda X, v: torch.cat([X, v[None]]),
    "stack": lambda v: torch.stack([v, 2 * v]),
    "hstack": lambda X, y: torch.hstack([X, y[:, None]]),
    "column stack": lambda y: torch.column_stack([torch.ones_like(y), y]),
    "split": lambda X: X.split(2)[1],
    "chunk": lambda X: X.chunk(2, dim=0)[0],
    "unbind": lambda X: X.unbind()[1],
    "flip": lambda X: X.flip(0),
    "roll": lambda X: X.roll(1, dims=0),
    "diagonal": lambda X: X.diagonal(),
    "diagonal matrix": lambda v: torch.diag(v),
    "upper triangle": lambda X: X.triu(),
    "contiguous": lambda X: X.T.contiguous(),
    "meshgrid": lambda v, y: torch.meshgrid(v, y, indexing="ij")[0],
    "padding": lambda X: F.pad(X, (1, 0), value=1.0),
    # indexing
    "a row": lambda X: X[1],
    "a column": lambda X: X[:, 1],
    "a slice with steps": lambda X: X[::2],
    "by a mask": lambda X: X[X[:, 0] > 0],
    "by positions": lambda X, n: X[n],
    "by pairs of positions": lambda X, n: X[torch.arange(4, device=X.device), n],
    "by a list": lambda X: X[[0, 2]],
    "gather": lambda X, n: X.gather(1, n[:, None]),
    "index select": lambda X, n: X.index_select(0, n),
    "take along a dimension": lambda X, n: torch.take_along_dim(X, n[:, None], dim=1),
    "scatter": lambda X, n: X.scatter(1, n[:, None], 0.0),
    "index add": lambda X, n: torch.zeros(3, 3, dtype=X.dtype, device=X.device).index_add(0, n, X),
    "one hot": lambda n: F.one_hot(n, 3),
    "an identity's rows": lambda X, n: torch.eye(3, dtype=X.dtype, device=X.device)[n],
    # in place
    "add in place": lambda X: changed(X, lambda copy: copy.add_(1)),
    "a step in place": lambda X: changed(X, lambda copy: copy.sub_(X, alpha=0.1)),
    "multiply a view in place": lambda X: changed(X, lambda copy: copy[0].mul_(2)),
    "fill": lambda X: changed(X, lambda copy: copy.fill_(3.0)),
    "zero": lambda X: changed(X, lambda copy: copy.zero_()),
    "copy in": lambda X, v: changed(X, lambda copy: copy[0].copy_(v)),
    "clamp in place": lambda X: changed(X, lambda copy: copy.clamp_(min=0)),
    "assign a row": lambda X, v: assigned(X, 0, v),
    "assign a number": lambda X: assigned(X, (0, 1), 5.0),
    "assign by a mask": lambda X: assigned(X, X < 0, 0.0),
    "a diagonal taken out": lambda X: zeroed_diagonal(X),
    # kinds
    "to float32": lambda X: X.float(),
    "to integers": lambda X: X.long(),
    "to bool": lambda y: (y > 0).to(torch.bool),
    "as another": lambda X, n: n.type_as(X),
    "detach": lambda X: X.detach(),
    "clone": lambda X: X.clone(),
    "zeros like": lambda X: torch.zeros_like(X),
    "new zeros": lambda X: X.new_zeros(2, 2),
    "new tensor": lambda X: X.new_tensor([1.0, 2.0]),
    "full like": lambda X: torch.full_like(X, 2.0),
    "zeros on the same device": lambda X: torch.zeros(3, dtype=X.dtype, device=X.device),
    "numbers on the same device": lambda X: torch.tensor([1.0, 2.0], dtype=X.dtype, device=X.device),
    "a range on the same device": lambda X: torch.arange(3, device=X.device),
    "evenly spaced": lambda X: torch.linspace(0, 1, 5, dtype=X.dtype, device=X.device),
    "a bool from a tensor": lambda X: X if X.sum() > 0 else -X,
    "a loop over rows": lambda X, v: torch.stack([row @ v for row in X]),
    "a loop over numbers": lambda v: sum((number for number in v), start=torch.zeros_like(v[0])),
    "a number from a tensor": lambda X: X * X.sum().item(),
    # distances and losses
    "distances": lambda X: torch.cdist(X, X + 1),
    "distances by broadcasting": lambda X: ((X[:, None] - X[None] + 1) ** 2).sum(-1).sqrt(),
    "softmax": lambda X: X.softmax(dim=1),
    "log softmax": lambda X: X.log_softmax(dim=1),
    "relu": lambda X: X.relu(),
    "softplus": lambda X: F.softplus(X),
    "log sigmoid": lambda X: F.logsigmoid(X),
    "mean squared error": lambda X, v: F.mse_loss(X, v.expand(4, 3)),
    "binary cross-entropy": lambda X, y: F.binary_cross_entropy(X[:, 0].sigmoid(), (y + 1) / 2),
    "binary cross-entropy of logits": lambda X, y: F.binary_cross_entropy_with_logits(X[:, 0], (y + 1) / 2),
    "cross-entropy": lambda X, n: F.cross_entropy(X, n),
    "negative log-likelihood": lambda X, n: F.nll_loss(X.log_softmax(1), n),
    "hinge": lambda X, y: (1 - y * X[:, 0]).clamp(min=0).mean(),
    "huber": lambda X, v: F.smooth_l1_loss(X, v.expand(4, 3)),
    "layer norm": lambda X: F.layer_norm(X, (3,)),
    "solve": lambda A: torch.linalg.solve(A.T @ A, A.T @ A[:, 0]),
    "inverse": lambda A: torch.linalg.inv(A.T @ A),
    "least squares by pinv": lambda X, y: torch.linalg.pinv(X) @ y,
    "determinant": lambda A: torch.linalg.det(A.T @ A),
}
