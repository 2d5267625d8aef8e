"""Checks of the tensor operations.

Shapes: n examples, m features, k points.

Tolerances: a product with m features takes 2m operations; a mean of n numbers n, so a standardised
column about 4n, on numbers that are drawn with deviation 1. Small whole numbers are exact.
"""

from __future__ import annotations

import torch
from torch import Tensor

from autograder.checking import (
    FLOATS,
    CheckFailure,
    StudentError,
    array,
    check,
    close,
    detached,
    exactly,
    holds,
    items,
    same,
    unchanged,
)

# --- tensors_of_each_rank (2) ---------------------------------------------------------------------


@check("tensors_of_each_rank", points=1)
def test_ranks_are_nought_to_three(student):
    """There are four float32 tensors, of rank 0, 1, 2 and 3: the first two are 3.0 and (1, 2, 3)."""
    received = student.tensors_of_each_rank()
    items(received, 4, "What tensors_of_each_rank returns")
    for rank, tensor in enumerate(received):
        holds(isinstance(tensor, Tensor), f"Item {rank} should be a tensor.")
        holds(tensor.dim() == rank, f"Item {rank} should have rank {rank}, but has rank {tensor.dim()}.")
    exactly(received[0], torch.tensor(3.0), "The scalar")
    exactly(received[1], torch.tensor([1.0, 2.0, 3.0]), "The vector")


@check("tensors_of_each_rank", points=0.5)
def test_matrix_and_tensor_in_row_order(student):
    """The matrix is the 2x2 identity; the (2, 3, 4) tensor holds 0 to 23 in row order."""
    received = student.tensors_of_each_rank()
    items(received, 4, "What tensors_of_each_rank returns")
    exactly(received[2], torch.eye(2), "The matrix")
    exactly(
        received[3],
        torch.arange(24.0).reshape(2, 3, 4),
        "The tensor of rank 3",
        why="In row order the last index runs fastest.",
    )


@check("tensors_of_each_rank", points=0.5)
def test_ranks_lie_where_nothing_sends_them(student, device):
    """Nothing is given to follow, so the four tensors lie on the CPU, also beside an accelerator: none is sent away."""
    received = student.beside(device).tensors_of_each_rank()
    items(received, 4, "What tensors_of_each_rank returns")
    exactly(received[0], torch.tensor(3.0), "The scalar")
    exactly(received[2], torch.eye(2), "The matrix")


# --- affine (3) -----------------------------------------------------------------------------------


@check("affine", points=1)
def test_affine_is_a_product_and_an_offset(student, random):
    """Each sum is x . w + b, of shape (n,)."""
    for n, m in ((1, 1), (1, 4), (5, 3), (40, 7)):
        X, w, b = random.normal(n, m), random.normal(m), random.normal()
        close(
            student.affine(X, w, b),
            X @ w + b,
            "The sums",
            operations=2 * m + 1,
            scale=8.0 * m,
            why="Each is x . w + b.",
        )
        unchanged(student.arguments, (X, w, b), "X w b")


@check("affine", points=0.5)
def test_affine_takes_a_plain_number_and_float64(student, random):
    """b may be a plain number; the sums have the dtype of X."""
    for dtype in FLOATS:
        X, w = random.small_integers(6, 3, dtype=dtype), random.small_integers(3, dtype=dtype)
        exactly(student.affine(X, w, 2.5), X @ w + 2.5, "The sums")
        exactly(student.affine(X, w, torch.tensor(-1.0, dtype=dtype)), X @ w - 1, "The sums")


@check("affine", points=1)
def test_affine_has_no_python_loop(student, random):
    """One tensor expression does all rows: there is no loop in Python."""
    X, w = random.small_integers(9, 4), random.small_integers(4)
    exactly(student.affine(X, w, 1.0), X @ w + 1, "The sums")
    holds(
        not student.code.has_loop("affine"), "There is a Python loop (or comprehension): let one product do all rows."
    )


@check("affine", points=0.5)
def test_affine_follows_its_arguments(student, device, random):
    """The sums lie where X, w and b lie: on the CPU, or on an accelerator such as a GPU."""
    X, w, b = random.small_integers(6, 3), random.small_integers(3), random.small_integers()
    close(student.on(device).affine(X, w, b), X @ w + b, "The sums", operations=8, scale=64.0)


# --- add_bias_column (2) --------------------------------------------------------------------------


@check("add_bias_column", points=1)
def test_bias_column_is_last(student, random):
    """X (n, m) gets a last column of ones, (n, m + 1)."""
    for n, m in ((1, 1), (4, 3), (10, 2)):
        X = random.normal(n, m)
        exactly(
            student.add_bias_column(X),
            torch.cat([X, torch.ones(n, 1)], dim=1),
            "The extended X",
            why="The ones come last.",
        )
        unchanged(student.arguments, (X,), "X")


@check("add_bias_column", points=0.5)
def test_bias_column_keeps_the_dtype(student, random):
    """In float32 and in float64 the ones have the dtype of X."""
    for dtype in FLOATS:
        X = random.normal(5, 2, dtype=dtype)
        exactly(student.add_bias_column(X), torch.cat([X, torch.ones(5, 1, dtype=dtype)], dim=1), "The extended X")


@check("add_bias_column", points=0.5)
def test_bias_column_follows_its_argument(student, device, random):
    """The ones lie where X lies: on the CPU, or on an accelerator such as a GPU."""
    X = random.normal(5, 2)
    exactly(student.on(device).add_bias_column(X), torch.cat([X, torch.ones(5, 1)], dim=1), "The extended X")


# --- standardize (4) ------------------------------------------------------------------------------


def standardized(X: Tensor) -> Tensor:
    """(X - mean) / population deviation, in float64 and back; for columns that are not constant."""
    Z = X.double() - X.double().mean(dim=0)
    return (Z / Z.square().mean(dim=0).sqrt()).to(X.dtype)


@check("standardize", points=1.5)
def test_standardize_gives_mean_nought_and_deviation_one(student, random):
    """Each column gets mean 0 and population standard deviation 1: divided by n, not by n - 1."""
    for n, m in ((2, 1), (5, 3), (50, 4)):
        X = 3 * random.normal(n, m) + torch.arange(1.0, m + 1)
        X[0] = X[1] + 2.0  # no column is nearly constant
        expected = standardized(X)
        close(
            student.standardize(X),
            expected,
            "The standardised X",
            operations=8 * n + 32,
            scale=8.0,
            why="Is the deviation the population's?",
        )
        unchanged(student.arguments, (X,), "X")


@check("standardize", points=1)
def test_standardize_makes_a_constant_column_nought(student, random):
    """A constant column becomes exactly 0, never NaN, also where rounding hides it; one that varies little does not."""
    for dtype in FLOATS:
        X = random.normal(33, 4, dtype=dtype)
        X[0] = X[1] + 2.0
        X[:, 0] *= 2.0**-12  # exact: the same numbers, only smaller
        expected = standardized(X)
        for column, value in ((1, 5.0), (3, 0.1)):
            X[:, column] = value
            expected[:, column] = 0.0
        received = student.standardize(X)
        close(received, expected, "The standardised X", operations=256, scale=8.0, why="Look at its flat columns.")
        exactly(
            received[:, [1, 3]],
            expected[:, [1, 3]],
            "A constant column",
            why="It should be 0 exactly: 0.1 thirty-three times has a mean that rounding moves.",
        )


@check("standardize", points=1)
def test_standardize_in_float64_and_for_one_example(student, random):
    """float64 stays float64; one example alone is constant, so it becomes 0."""
    X = random.normal(12, 3, dtype=torch.float64)
    X[0] = X[1] + 2.0
    close(student.standardize(X), standardized(X), "The standardised X", operations=128, scale=8.0)
    one = random.normal(1, 3)
    exactly(student.standardize(one), torch.zeros(1, 3), "One standardised example")


@check("standardize", points=0.5)
def test_standardize_follows_its_argument(student, device, random):
    """The result lies where X lies: on the CPU, or on an accelerator such as a GPU."""
    X = 3 * random.normal(8, 3)
    X[0] = X[1] + 2.0
    close(student.on(device).standardize(X), standardized(X), "The standardised X", operations=96, scale=8.0)


# --- pairwise_squared_distances (4) ---------------------------------------------------------------


@check("pairwise_squared_distances", points=1.5)
def test_distances_of_every_pair(student, random):
    """D[i, j] is the squared distance of row i of A to row j of B, of shape (n, k)."""
    for n, k, m in ((1, 1, 1), (4, 3, 2), (3, 5, 4), (6, 6, 3)):
        A, B = random.small_integers(n, m), random.small_integers(k, m)
        expected = torch.stack([((row - B) ** 2).sum(dim=1) for row in A])
        close(
            student.pairwise_squared_distances(A, B),
            expected,
            "The distances",
            operations=2 * m + 4,
            why="They are squared and summed over the features.",
        )
        unchanged(student.arguments, (A, B), "A B")


@check("pairwise_squared_distances", points=1)
def test_distances_of_equal_rows_are_exactly_nought(student, random):
    """Equal rows are exactly 0 apart, and no distance is negative, also far from the origin."""
    A = random.normal(24, 3) + 1000.0
    received = student.pairwise_squared_distances(A, A)
    expected = torch.stack([((row - A) ** 2).sum(dim=1) for row in A])
    close(
        received,
        expected,
        "The distances",
        operations=8,
        scale=16.0,
        why="Far from the origin, |a|^2 - 2 a.b + |b|^2 loses all its digits.",
    )
    exactly(received.diagonal(), torch.zeros(24), "The distance of a row to itself")
    holds(bool((received >= 0).all()), "A squared distance should not be negative.")


@check("pairwise_squared_distances", points=1)
def test_distances_in_float64(student, random):
    """The distances have the dtype of A, and are right for numbers that are not whole."""
    for dtype in FLOATS:
        A, B = random.normal(5, 3, dtype=dtype), random.normal(4, 3, dtype=dtype)
        expected = torch.stack([((row - B) ** 2).sum(dim=1) for row in A])
        close(student.pairwise_squared_distances(A, B), expected, "The distances", operations=12, scale=64.0)


@check("pairwise_squared_distances", points=0.5)
def test_distances_follow_their_arguments(student, device, random):
    """The distances lie where A and B lie: on the CPU, or on an accelerator such as a GPU."""
    A, B = random.small_integers(4, 3), random.small_integers(2, 3)
    expected = torch.stack([((row - B) ** 2).sum(dim=1) for row in A])
    received = student.on(device).pairwise_squared_distances(A, B)
    close(received, expected, "The distances", operations=10)


# --- one_hot (3) ----------------------------------------------------------------------------------


@check("one_hot", points=1)
def test_one_hot_has_one_one_in_each_row(student, random):
    """Row i has its 1 in column labels[i], in float32; no labels give no rows."""
    for n, classes in ((1, 1), (6, 3), (20, 7)):
        labels = random.integers(0, classes, n)
        expected = torch.zeros(n, classes)
        expected[torch.arange(n), labels] = 1.0
        exactly(student.one_hot(labels, classes), expected, "The rows")
        unchanged(student.arguments[:1], (labels,), "labels")
    two_of_four = torch.tensor([[0.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]])
    exactly(student.one_hot(torch.tensor([1, 0]), 4), two_of_four, "The rows", why="There is a column for each class.")
    exactly(student.one_hot(torch.empty(0, dtype=torch.int64), 4), torch.zeros(0, 4), "The rows for no labels")


def refuses(student, labels: list[int], classes: int, which: str) -> None:
    """one_hot raises a ValueError for these labels; a stub's error passes through."""
    try:
        student.one_hot(torch.tensor(labels), classes)
    except StudentError as error:
        if error.is_a(ValueError):
            return
        if error.is_a(NotImplementedError):
            raise
        raise CheckFailure(f"{which} should raise a ValueError, but raises {error.kind}.") from error
    raise CheckFailure(f"{which} should raise a ValueError, but no error is raised.")


@check("one_hot", points=0.5)
def test_one_hot_refuses_a_label_that_is_too_large(student):
    """A label of num_classes or more raises a ValueError; the largest label that there is does not."""
    exactly(student.one_hot(torch.tensor([2, 0]), 3), torch.tensor([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]), "The rows")
    refuses(student, [0, 3, 1], 3, "A label 3 of three classes")
    refuses(student, [9], 4, "A label 9 of four classes")


@check("one_hot", points=1)
def test_one_hot_refuses_a_negative_label(student):
    """A negative label raises a ValueError, though Python would count it from the end."""
    exactly(student.one_hot(torch.tensor([1]), 2), torch.tensor([[0.0, 1.0]]), "The rows")
    refuses(student, [0, -1], 3, "A label -1")


@check("one_hot", points=0.5)
def test_one_hot_follows_its_argument(student, device, random):
    """The rows lie where the labels lie: on the CPU, or on an accelerator such as a GPU."""
    labels = random.integers(0, 4, 6)
    expected = torch.zeros(6, 4)
    expected[torch.arange(6), labels] = 1.0
    exactly(student.on(device).one_hot(labels, 4), expected, "The rows")


# --- to_numpy (2) ---------------------------------------------------------------------------------


@check("to_numpy", points=0.5)
def test_to_numpy_gives_an_array(student, random):
    """The array has the values, the shape and the dtype of the tensor."""
    for x in (
        random.normal(3, 2),
        random.normal(4, dtype=torch.float64),
        random.normal(),
        random.integers(0, 9, 5),
        random.normal(2, 3).T,
    ):
        array(student.to_numpy(x), x.numpy(), "The array")
        unchanged(student.arguments, (x,), "x")


@check("to_numpy", points=1)
def test_to_numpy_of_a_tensor_that_requires_grad(student, random):
    """A tensor that requires grad becomes an array as well, and goes on requiring grad."""
    for dtype in FLOATS:
        x = random.normal(3, 2, dtype=dtype).requires_grad_()
        array(student.to_numpy(x), x.detach().numpy(), "The array")
        unchanged(student.arguments, (x,), "x")


@check("to_numpy", points=0.5)
def test_to_numpy_of_a_tensor_on_any_device(student, device, random):
    """A tensor on an accelerator such as a GPU becomes an array, too: NumPy knows only the CPU's memory."""
    x = random.normal(3, 2)
    array(student.on(device).to_numpy(x), x.numpy(), "The array")


# --- sum_requires_grad (2) ------------------------------------------------------------------------


@check("sum_requires_grad", points=1)
def test_sum_of_plain_and_tracked_tensors(student):
    """a = x + y of plain tensors is not tracked; with one tracked part, whichever, the sum is."""
    x, y, z = torch.ones(2), torch.ones(2), torch.ones(2, requires_grad=True)
    for tensors, tracked in (
        ((x, y), False),
        ((z, x), True),
        ((x, z), True),
        ((x, y, z, x), True),
        ((z, z), True),
        ((x,), False),
    ):
        same(
            student.sum_requires_grad(*tensors),
            tracked,
            f"The answer for {len(tensors)} tensors",
            why="One tracked part is enough.",
        )


@check("sum_requires_grad", points=0.5)
def test_sum_is_not_computed(student):
    """The sum itself is not computed: the shapes need not fit together, and no tensors at all give False."""
    x, y, z = torch.ones(2), torch.ones(3, 5), torch.ones(4, requires_grad=True)
    for tensors, tracked in (((x, y, z), True), ((x, y), False), ((z,), True), ((), False)):
        same(
            student.sum_requires_grad(*tensors),
            tracked,
            f"The answer for {len(tensors)} tensors",
            why="Ask each tensor; nothing need be added.",
        )
        unchanged(student.arguments, tensors, " ".join(["tensors"] * len(tensors)))


@check("sum_requires_grad", points=0.5)
def test_sum_is_judged_on_any_device(student, device):
    """Whether a sum would be tracked does not depend on where its parts lie."""
    x, z = torch.ones(2), torch.ones(2, requires_grad=True)
    for tensors, tracked in (((x, z), True), ((x, x), False)):
        same(student.on(device).sum_requires_grad(*tensors), tracked, "The answer for 2 tensors")


# --- double_until (3) -----------------------------------------------------------------------------


def doublings(x: Tensor, threshold: float) -> int:
    """How often x must be doubled until its norm is at least the threshold."""
    count = 0
    while (2**count * x).norm() < threshold:
        count += 1
    return count


@check("double_until", points=1)
def test_double_until_reaches_the_threshold(student, random):
    """The result is 2^k x for the smallest k that reaches the threshold, in the dtype of x."""
    for dtype in FLOATS:
        for threshold in (0.5, 10.0, 10.0, 10.0, 1000.0, 1000.0, 1000.0):
            x = random.normal(3, dtype=dtype) + 0.1
            exactly(
                student.double_until(x, threshold),
                2 ** doublings(x, threshold) * x,
                "The doubled x",
                why="How many doublings are enough?",
            )
            unchanged(student.arguments[:1], (x,), "x")


@check("double_until", points=1)
def test_double_until_has_a_gradient_of_two_to_the_k(student, random):
    """The gradient of the sum is 2^k for each element: every doubling is in the graph."""
    for threshold in (0.01, 20.0, 300.0):
        x = random.normal(4) + 0.1
        value, (gradient, *_) = student.double_until.differentiate(x.clone().requires_grad_(), threshold)
        factor = 2.0 ** doublings(x, threshold)
        exactly(detached(value), factor * x, "The doubled x")
        exactly(
            gradient,
            torch.full((4,), factor),
            "The gradient of the sum",
            why="Is the graph broken (detach, no_grad, in place)?",
        )


@check("double_until", points=0.5)
def test_double_until_stops_at_once_and_leaves_nought(student):
    """A norm of exactly the threshold is enough; a vector beyond it is not doubled; 0 stays 0, and only 0."""
    x = torch.tensor([3.0, 4.0])
    for threshold, factor in ((5.0, 1), (10.0, 2), (1.0, 1), (0.0, 1), (-1.0, 1)):
        exactly(
            student.double_until(x, threshold),
            factor * x,
            "The doubled x",
            why="The norm has to be at least the threshold, no more.",
        )
    exactly(student.double_until(torch.zeros(3), 1.0), torch.zeros(3), "The doubled 0", why="0 doubled is 0.")
    tiny = torch.tensor([0.0, 2.0**-12, 0.0])
    exactly(student.double_until(tiny, 1.0), 2**12 * tiny, "The doubled tiny x", why="It is small, but it is not 0.")


@check("double_until", points=0.5)
def test_double_until_follows_its_argument(student, device, random):
    """The result lies where x lies: on the CPU, or on an accelerator such as a GPU."""
    x = random.normal(3) + 0.1
    exactly(student.on(device).double_until(x, 10.0), 2 ** doublings(x, 10.0) * x, "The doubled x")
