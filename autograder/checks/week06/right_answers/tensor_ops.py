"""Right answers about tensors, in styles of their own. The file is read, never imported."""


@of("tensors_of_each_rank")
def by_lists():
    """Nested lists and a view."""
    cube = torch.tensor([[[float(12 * i + 4 * j + k) for k in range(4)] for j in range(3)] for i in range(2)])
    return torch.tensor(3.0), torch.Tensor([1, 2, 3]), torch.tensor([[1.0, 0.0], [0.0, 1.0]]), cube


@of("tensors_of_each_rank")
def by_factories() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """full, linspace, diag and unflatten."""
    cube = torch.arange(24.0).unflatten(0, (2, 3, 4))
    return (torch.full((), 3.0), torch.linspace(1, 3, 3), torch.diag(torch.ones(2)), cube)


@of("tensors_of_each_rank")
def by_numpy():
    """From NumPy, which is allowed here."""
    import numpy

    arrays = numpy.float32(3), numpy.arange(1, 4), numpy.identity(2), numpy.arange(24).reshape(2, 3, 4)
    return tuple(torch.as_tensor(array, dtype=torch.float32) for array in arrays)


@of("affine")
def by_einsum(X, w, b):
    """einsum."""
    return torch.einsum("nm,m->n", X, w) + b


@of("affine")
def by_broadcasting(X: Tensor, w: Tensor, b) -> Tensor:
    """Multiply, add up, add b; with an extra print."""
    print(X.shape)
    return (X * w).sum(dim=-1).add(b)


@of("affine")
def by_matrix_vector(X, w, b):
    """torch.mv, and a column that is taken out again."""
    return (torch.mv(X, w).unsqueeze(1) + b).squeeze(1)


@of("add_bias_column")
def by_padding(X):
    """pad with a value."""
    import torch.nn.functional as F

    return F.pad(X, (0, 1), value=1.0)


@of("add_bias_column")
def by_filling(X):
    """An empty tensor, filled."""
    n, m = X.shape
    extended = torch.empty(n, m + 1, dtype=X.dtype, device=X.device)
    extended[:, :m] = X
    extended[:, m] = 1
    return extended


@of("add_bias_column")
def by_column_stack(X):
    """column_stack with ones like a column."""
    return torch.column_stack((X, torch.ones_like(X[:, 0])))


@of("standardize")
def by_definition(X):
    """Mean and deviation written out; the constant columns by maximum and minimum."""
    centred = X - X.sum(dim=0) / X.shape[0]
    deviation = (centred.square().sum(dim=0) / X.shape[0]).sqrt()
    constant = X.amax(dim=0) == X.amin(dim=0)
    return torch.where(
        constant, torch.zeros_like(X), centred / torch.where(constant, torch.ones_like(deviation), deviation)
    )


@of(
    "standardize",
    helpers="def one_column(x):\n    if bool((x == x[0]).all()):\n        return x * 0\n"
    "    return (x - x.mean()) / x.var(unbiased=False) ** 0.5",
)
def column_by_column(X):
    """A helper for one column; loops are not forbidden here."""
    return torch.stack([one_column(X[:, j]) for j in range(X.shape[1])], dim=1)


@of("standardize")
def by_moments(X: Tensor) -> Tensor:
    """torch.var_mean, and the first row taken off beforehand."""
    shifted = X - X[:1]
    variance, mean = torch.var_mean(shifted, dim=0, correction=0)
    moves = (shifted != 0).any(dim=0)
    Z = torch.zeros_like(X)
    Z[:, moves] = (shifted[:, moves] - mean[moves]) / variance[moves].sqrt()
    return Z


@of("pairwise_squared_distances")
def by_unsqueeze(A, B):
    """unsqueeze and a power."""
    return ((A.unsqueeze(1) - B.unsqueeze(0)) ** 2).sum(2)


@of("pairwise_squared_distances")
def by_the_norm(A, B):
    """The norm of each difference, squared: the root and the square round once each."""
    return torch.norm(A[:, None] - B[None], dim=2) ** 2


@of("pairwise_squared_distances")
def by_einsum_of_differences(A, B):
    """einsum over the differences."""
    d = A[:, None] - B
    return torch.einsum("nkm,nkm->nk", d, d)


@of("pairwise_squared_distances")
def row_by_row(A, B):
    """A loop over the rows, which is not forbidden here."""
    return torch.stack([torch.sum((a - B) * (a - B), dim=1) for a in A])


@of("pairwise_squared_distances")
def by_vmap(A, B):
    """torch.func.vmap, twice."""
    from torch.func import vmap

    def distance(a, b):
        return (a - b).square().sum()

    return vmap(lambda a: vmap(lambda b: distance(a, b))(B))(A)


@of("one_hot")
def by_scatter(labels, num_classes):
    """scatter_ into zeros."""
    if labels.numel() > 0 and (labels.min() < 0 or labels.max() >= num_classes):
        raise ValueError("a label is out of range")
    rows = torch.zeros(len(labels), num_classes, device=labels.device)
    return rows.scatter_(1, labels[:, None], 1.0)


@of("one_hot")
def by_the_library(labels, num_classes):
    """torch.nn.functional.one_hot, with the check beforehand and the dtype afterwards."""
    for label in labels.tolist():
        if not 0 <= label < num_classes:
            raise ValueError(f"there is no class {label}")
    return torch.nn.functional.one_hot(labels, num_classes).float()


@of("one_hot", helpers="class BadLabel(ValueError):\n    pass")
def by_rows_of_the_identity(labels, num_classes):
    """Rows of the identity, and an error of the student's own that is a ValueError."""
    if bool((labels < 0).any()) or bool((labels > num_classes - 1).any()):
        raise BadLabel(labels)
    return torch.eye(num_classes, dtype=torch.float32, device=labels.device)[labels]


@of("to_numpy")
def by_asarray(x):
    """np.asarray of what is detached."""
    return np.asarray(x.detach().to("cpu"))


@of("to_numpy")
def with_a_copy(x: Tensor) -> np.ndarray:
    """A copy of its own."""
    with torch.no_grad():
        return x.detach().cpu().clone().numpy().copy()


@of("to_numpy")
def by_force(x):
    """numpy(force=True) does all three steps."""
    return x.numpy(force=True)


@of("sum_requires_grad")
def by_a_loop(*tensors):
    """A loop with an early return."""
    for t in tensors:
        if t.requires_grad:
            return True
    return False


@of("sum_requires_grad")
def by_a_list(*tensors: Tensor) -> bool:
    """True in a list."""
    return True in [t.requires_grad for t in tensors]


@of("sum_requires_grad")
def by_recursion(*tensors):
    """The first, or the rest."""
    if len(tensors) == 0:
        return False
    first, *rest = tensors
    return first.requires_grad or sum_requires_grad(*rest)


@of("double_until")
def by_recursion_too(x, threshold):
    """Double and start again."""
    norm = torch.linalg.vector_norm(x).item()
    if norm >= threshold or norm == 0:
        return x
    return double_until(x + x, threshold)


@of("double_until")
def by_counting(x, threshold):
    """Count first, multiply once."""
    size, k = x.detach().norm(), 0
    while size > 0 and size * 2**k < threshold:
        k += 1
    return x * 2.0**k


@of("double_until")
def by_a_loop_with_a_break(x: Tensor, threshold: float) -> Tensor:
    """while True with a break, the norm by hand."""
    y = x
    while True:
        norm = (y * y).sum().sqrt()
        if norm >= threshold or not y.any():
            break
        y = y.mul(2)
    return y
