"""A comparison is strict in type, shape and dtype, and derived in its tolerance."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from autograder.errors import CheckFailure
from autograder.trusted.comparing.compare import array, close, exactly, items, same, unchanged
from autograder.wire.values import Opaque

EPS = torch.finfo(torch.float32).eps


def complaint(function, *arguments, **options) -> str:
    with pytest.raises(CheckFailure) as caught:
        function(*arguments, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("received", "sentence"),
    [
        (None, "The sums should be a tensor, not None (is a `return` missing?)."),
        ([1.0, 2.0], "The sums should be a tensor, not a list."),
        (np.ones(2), "The sums should be a tensor, not a numpy array."),
        (torch.nn.Parameter(torch.ones(2)), "The sums should be a tensor, not a torch.nn.Parameter."),
        (Opaque("Right"), "The sums should be a tensor, not an object of a class of its own."),
        (torch.ones(2, 1), "The sums should have shape (2,), not (2, 1)."),
        (torch.tensor(1.0), "The sums should have shape (2,), not ()."),
        (torch.ones(0), "The sums should have shape (2,), not (0,)."),
        (True, "The sums should be a tensor, not a bool."),
        (
            Opaque("Tensor", "on the meta device, without values"),
            "The sums should be a tensor, not an object of type Tensor (on the meta device, without values).",
        ),
        (torch.full((3,), float("nan"), dtype=torch.float64), "The sums should have shape (2,), not (…,)."),
        (torch.full((2,), float("nan"), dtype=torch.float64), "The sums should have dtype float32, not float64."),
        (torch.tensor([9.0, float("nan")]), "The sums should be finite; there is NaN in them."),
        (torch.tensor([float("inf"), float("nan")]), "The sums should be finite; there is NaN in them."),
        (torch.zeros(2), "The sums are wrong in 2 of 2 elements. Look again."),
        (torch.ones(2, dtype=torch.float64), "The sums should have dtype float32, not float64."),
        (torch.ones(2, dtype=torch.bool), "The sums should have dtype float32, not bool."),
        (torch.tensor([1.0, float("nan")]), "The sums should be finite; there is NaN in them."),
        (torch.tensor([1.0, float("inf")]), "The sums should be finite; there is infinity in them."),
        (torch.tensor([1.0, 1.5]), "The sums are wrong in 1 of 2 elements. Look again."),
    ],
)
def test_the_first_thing_that_is_wrong_is_said_in_a_sentence(received, sentence):
    for compare in (lambda *a, **o: close(*a, operations=1, **o), exactly):
        assert complaint(compare, received, torch.ones(2), "the sums", why="Look again.") == sentence


@pytest.mark.parametrize(("what", "start"), [("the loss", "The loss"), ("loss", "Loss")])
@pytest.mark.parametrize("symbol", ["f(s)", "dL/dw0", "w0.grad", "u", "sigmoid(z)"])
def test_a_sentence_begins_with_a_capital_unless_it_begins_with_a_symbol(what, start, symbol):
    assert complaint(exactly, None, torch.ones(1), what).startswith(f"{start} should be")
    assert complaint(exactly, None, torch.ones(1), symbol).startswith(f"{symbol} should be")


def test_no_sentence_holds_a_received_or_an_expected_number():
    said = complaint(close, torch.tensor([123.25]), torch.tensor([456.75]), "the loss", operations=1)
    assert "123" not in said
    assert "456" not in said


@pytest.mark.parametrize(("steps", "right"), [(4, True), (5, False), (-4, True), (-5, False)])
def test_the_tolerance_is_the_operations_times_eps_times_the_scale(steps, right):
    received, expected = torch.tensor([8 + steps * 8 * EPS]), torch.tensor([8.0])
    if right:
        close(received, expected, "the sum", operations=4)
    else:
        complaint(close, received, expected, "the sum", operations=4)


@pytest.mark.parametrize(("received", "expected"), [((1,), ()), ((), (1,))])
def test_a_single_element_is_no_number_and_a_number_no_single_element(received, expected):
    said = complaint(close, torch.ones(received), torch.ones(expected), "the loss", operations=1)
    assert said == f"The loss should have shape {expected}, not {received}."


def test_two_empty_tensors_of_one_shape_are_equal():
    close(torch.ones(0, 3), torch.ones(0, 3), "the rows", operations=1)


@pytest.mark.parametrize("dtype", [torch.int64, torch.bool, torch.complex64])
def test_what_is_not_rounded_is_compared_exactly(dtype):
    close(torch.ones(2, dtype=dtype), torch.ones(2, dtype=dtype), "the labels", operations=10**9)
    said = complaint(close, torch.zeros(2, dtype=dtype), torch.ones(2, dtype=dtype), "the labels", operations=10**9)
    assert said == "The labels are wrong in 2 of 2 elements."


def test_the_larger_of_scale_and_the_expected_value_bounds_the_rounding():
    close(torch.tensor([1000 * EPS]), torch.tensor([0.0]), "the sum", operations=1, scale=1000.0)
    complaint(close, torch.tensor([1000 * EPS]), torch.tensor([0.0]), "the sum", operations=1, scale=999.0)
    each = torch.tensor([1000.0, 1.0])
    said = complaint(close, torch.tensor([1000 * EPS] * 2), torch.zeros(2), "the sum", operations=1, scale=each)
    assert said == "The sum is wrong in 1 of 2 elements."


@pytest.mark.parametrize("received", [0.0, 3e38, float("-inf"), float("nan")])
def test_nothing_is_near_an_infinity(received):
    said = complaint(close, torch.tensor([received]), torch.tensor([float("inf")]), "the limit", operations=1)
    assert said == "The limit is wrong."


@pytest.mark.parametrize(
    ("what", "said"),
    [("the loss", "The loss is wrong."), ("the losses", "The losses are wrong."), ("w", "w is wrong.")],
)
def test_the_verb_agrees_with_its_noun(what, said):
    assert complaint(exactly, torch.tensor(1.0), torch.tensor(2.0), what) == said


def test_an_infinity_that_is_right_is_equal_to_itself():
    close(torch.tensor([float("inf")]), torch.tensor([float("inf")]), "the limit", operations=1)


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (1, True),
        (True, 1),
        (1.0, 1),
        ([1.0], [1]),
        ([True], [1]),
        ((1,), [1]),
        ([1, 2], [1]),
        (None, []),
        (Opaque("x"), []),
    ],
)
def test_a_plain_value_of_another_type_or_length_is_not_the_same(received, expected):
    complaint(same, received, expected, "the list")


@pytest.mark.parametrize(
    ("received", "expected", "sentence"),
    [
        (1, True, "The answer should be a bool, not an int."),
        (None, [], "The answer should be a list, not None (is a `return` missing?)."),
        ([1, 2], [1], "The answer should have 1 item, not more."),
        ([True], [1], "Item 0 of the answer should be an int, not a bool."),
        ([4, 5], [4, 6], "The answer is not right. Count again."),
        (7, None, "The answer should be None, not an int."),
        (float("nan"), 0.5, "The answer is not right. Count again."),
    ],
)
def test_what_is_wrong_with_a_plain_value_is_said_without_the_value(received, expected, sentence):
    assert complaint(same, received, expected, "the answer", why="Count again.") == sentence


def test_equal_plain_values_are_the_same():
    same([3, 0], [3, 0], "the list")
    same(False, False, "the answer")


def test_items_are_counted_in_a_tuple_and_in_nothing_else():
    items((1, 2), 2, "the pair")
    assert complaint(items, [1, 2], 2, "the pair") == "The pair should be a tuple of 2 items, not a list."
    assert complaint(items, (1,), 2, "the pair") == "The pair should have 2 items, not fewer."


def test_an_array_is_compared_by_shape_dtype_and_values():
    array(np.ones(2, dtype=np.float32), np.ones(2, dtype=np.float32), "the array")


@pytest.mark.parametrize(
    ("received", "sentence"),
    [
        (torch.ones(2), "The array should be a numpy array, not a tensor."),
        (None, "The array should be a numpy array, not None (is a `return` missing?)."),
        (np.ones((2, 1)), "The array should have shape (2,), not (2, 1)."),
        (np.ones(2), "The array should have dtype float32, not float64."),
        (np.zeros(2, dtype=np.float32), "The array does not hold the tensor's values."),
        (np.full(2, np.nan, dtype=np.float32), "The array does not hold the tensor's values."),
    ],
)
def test_the_first_thing_that_is_wrong_with_an_array_is_said(received, sentence):
    assert complaint(array, received, np.ones(2, dtype=np.float32), "the array") == sentence


def tracked() -> torch.Tensor:
    tensor = torch.ones(2, requires_grad=True)
    tensor.grad = torch.ones(2)
    return tensor


@pytest.mark.parametrize(
    ("after", "before", "word"),
    [
        (torch.zeros(2), torch.ones(2), "in place"),
        (torch.ones(3), torch.ones(2), "in place"),
        (None, torch.ones(2), "in place"),
        (torch.ones(2, dtype=torch.float64), torch.ones(2), "in place"),
        (torch.ones(2, requires_grad=True), torch.ones(2), "requires_grad"),
        (tracked(), torch.ones(2, requires_grad=True), "grad"),
        (torch.ones(2, requires_grad=True), tracked(), "grad"),
    ],
)
def test_an_argument_that_was_changed_is_named(after, before, word):
    said = complaint(unchanged, (after,), (before,), "w")
    assert "`w" in said
    assert word in said


def test_arguments_that_are_as_they_were_pass():
    unchanged((torch.ones(2), 3.0, tracked()), (torch.ones(2), 3.0, tracked()), "w eta v")
