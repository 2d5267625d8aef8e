"""What is quoted of an exception helps whoever wrote the code, and tells nothing of what the code was given."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pytest
import torch

from autograder.trusted.execution.known_to_student import numbers_given, words_of_call
from autograder.trusted.known_errors import MESSAGES
from autograder.trusted.quoting import (
    Known,
    exception_kind,
    exception_message,
    parameter_name,
    received_count,
    received_shape,
    type_name,
    untold_reason,
    words_of,
)
from autograder.trusted.safe_text import one_line
from autograder.wire.messages import Call
from autograder.wire.values import NoObjects, encode

X, W, Y = torch.zeros(8, 3), torch.zeros(3), torch.zeros(8)
CALL = Call("train", tuple(encode(each, NoObjects()) for each in (X, W, Y)))
SECRET = 0.73914

# A line that a student may write, and what its exception must still say of it.
MISTAKES = (
    ("X @ w.unsqueeze(0)", "mat1 and mat2 shapes cannot be multiplied (8x3 and 1x3)"),
    ("X @ y", "size mismatch, got input (8), mat (8x3), vec (8)"),
    ("X + y", "The size of tensor a (3) must match the size of tensor b (8) at non-singleton dimension 1"),
    ("torch.dot(X, w)", "1D tensors expected, but got 2D and 1D tensors"),
    ("torch.dot(w, y)", "inconsistent tensor size, expected tensor [3] and src [8]"),
    ("w.view(8, 3)", "shape '[8, 3]' is invalid for input of size 3"),
    ("torch.cat([X, y])", "Tensors must have same number of dimensions: got 2 and 1"),
    ("torch.stack([w, y])", "stack expects each tensor to be equal size, but got [3] at entry 0 and [8] at entry 1"),
    ("w[8]", "index 8 is out of bounds for dimension 0 with size 3"),
    ("w[0, 0]", "too many indices for tensor of dimension 1"),
    ("X.sum(dim=3)", "Dimension out of range (expected to be in range of [-2, 1], but got 3)"),
    ("X.item()", "cannot be converted to Scalar"),
    ("X and 1", "Boolean value of Tensor with more than one value is ambiguous"),
    ("X.sum().backward()", "element 0 of tensors does not require grad and does not have a grad_fn"),
    ("twice()", "Trying to backward through the graph a second time"),
    ("X.requires_grad_().exp().backward()", "grad can be implicitly created only for scalar outputs"),
    ("tracked.numpy()", "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead"),
    ("tracked.add_(1)", "a leaf Variable that requires grad is being used in an in-place operation"),
    ("X.double() @ w", "addmv input tensors must have the same dtype, but got Float, Double, and Float"),
    ("torch.exp(3.0)", "exp(): argument 'input' (position 1) must be Tensor, not float"),
    ("torch.where(3, 1, 2)", "where() received an invalid combination of arguments"),
    ("torch.expp(X)", "module 'torch' has no attribute 'expp'"),
    ("X.summ()", "'Tensor' object has no attribute 'summ'"),
    ("None + X.sum", "unsupported operand type(s) for +: 'NoneType' and 'builtin_function_or_method'"),
    ("None[0]", "'NoneType' object is not subscriptable"),
    ("wieght + 1", "name 'wieght' is not defined"),
    ('1 + "a"', "unsupported operand type(s) for +: 'int' and 'str'"),
    ('"a" + 1', 'can only concatenate str (not "int") to str'),
    ("[1, 2][5]", "list index out of range"),
    ('{}["k"]', "KeyError: 'k'"),
    ("(1, 2)[0]()", "'int' object is not callable"),
    ("a, b = 1, 2, 3", "too many values to unpack"),
    ("a, b, c = 1, 2", "not enough values to unpack"),
    ("a, b = 5", "cannot unpack non-iterable int object"),
    ("for q in 5: pass", "'int' object is not iterable"),
    ("len(5)", "object of type 'int' has no len()"),
    ("import tourch", "No module named 'tourch'"),
    ("1 / 0", "ZeroDivisionError: division by zero"),
    ("takes_two(1)", "takes_two() missing 1 required positional argument: '…'"),
    ("takes_two(1, 2, 3)", "takes_two() takes 2 positional arguments but 3 were given"),
    ("takes_two(1, eta=2)", "takes_two() got an unexpected keyword argument 'eta'"),
    ("endless()", "maximum recursion depth exceeded"),
    ("X.to('cuda') if False else X.view(3, 8) @ X.T", "shapes cannot be multiplied (3x8 and 3x8)"),
    ("torch.nn.Linear(3, 1)(X.double())", "mat1 and mat2 must have the same dtype, but got Double and Float"),
    ("torch.nn.functional.binary_cross_entropy(w, y)", "Using a target size (torch.Size([8])) that is different to"),
    ("torch.nn.functional.one_hot(y)", "one_hot is only applicable to index tensor of type LongTensor"),
    ("torch.eye(3)[w]", "tensors used as indices must be long, int, byte or bool tensors"),
    ("torch.optim.SGD([], lr=0.1)", "optimizer got an empty parameter list"),
    ("w[:] = y", "The expanded size of the tensor (3) must match the existing size (8)"),
    ("torch.empty(10**14)", "can't allocate memory"),
    ("y.long().mean()", "could not infer output dtype"),
    ("np.zeros(3) + np.zeros(8)", "operands could not be broadcast together with shapes (3,) (8,)"),
    ("x = = 3", "SyntaxError: invalid syntax"),
    ("print(X", "SyntaxError: '(' was never closed"),
    ("if X\n  pass", "SyntaxError: expected ':'"),
    ("def f():\nreturn 1", "IndentationError: expected an indented block"),
    ("x = 'abc", "SyntaxError: unterminated string literal"),
    ("return X", "SyntaxError: 'return' outside function"),
)


def twice():
    loss = (torch.ones(3, requires_grad=True) ** 2).sum()
    loss.backward()
    loss.backward()


def endless():
    return endless()


def takes_two(one, two):
    return one + two


def said_of(error: BaseException, line: str = "") -> str:
    """The exception of a line of code as a student reads it, where the code was called with X, w and y."""
    text = str(error.msg) if isinstance(error, SyntaxError) else str(error)
    known = Known(words_of(line) | words_of_call(CALL, [line]), numbers_given(CALL))
    kind = exception_kind(type(error).__name__, [base.__name__ for base in type(error).__mro__])
    message = exception_message(one_line(text), known)
    return f"{kind}: {message}" if message else kind


@pytest.mark.parametrize(("line", "words"), MISTAKES, ids=[line for line, _ in MISTAKES])
def test_a_common_mistake_is_said_in_the_words_that_name_it(line, words):
    names = {"tracked": torch.ones(3, requires_grad=True), "twice": twice, "endless": endless, "takes_two": takes_two}
    with pytest.raises(Exception) as caught:  # noqa: PT011  # each line has an exception of its own
        exec(line, {"torch": torch, "np": np, "X": X.clone(), "w": W.clone(), "y": Y.clone(), **names})
    assert words in said_of(caught.value, line)


def digits_of(text: str) -> str:
    return "".join(character for character in text if unicodedata.numeric(character, None) is not None)


TENS = str(SECRET).replace("0.", "")
SPELLED = {
    "plain": str(SECRET),
    "superscript": TENS.translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")),
    "Arabic-Indic": TENS.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")),
    "fullwidth": "".join(chr(0xFF10 + int(digit)) for digit in TENS),
    "mathematical": "".join(chr(0x1D7CE + int(digit)) for digit in TENS),
    "circled": "".join(chr(0x2460 + int(digit) - 1) for digit in TENS),
    "keycaps": "".join(f"{digit}\ufe0f\u20e3" for digit in TENS),
    "Roman": "VII III IX I IV",
    "letters": "hdjbe",
    "words": "seven three nine one four",
    "Greek": "ζγθαδ",
    "braille": "".join(chr(0x2800 + int(digit) + 1) for digit in TENS),
    "base64": "NzM5MTQ=",
    "hexadecimal": "0x120ba",
    "morse": "--... ...-- ----. .---- ....-",
    "zero width": "".join("\u200b" * int(digit) + "\u200c" for digit in TENS) + "x",
    "spaces": "a" + "a".join(" " * int(digit) for digit in TENS),
    "digits apart": " and ".join(TENS),
    "own words in an order": "w y X y w X w w y X",
    "letter case": "wEiGHt BiAs",
    "punctuation": "!?!!?.,;!?",
}
FORGED = (
    "{}",
    "name '{}' is not defined",
    "'{}' object has no attribute '{}'",
    "'{}'",
    "index {} is out of bounds for dimension {} with size {}",
    "mat1 and mat2 shapes cannot be multiplied ({}x{} and {}x{})",
    "shape '[{}]' is invalid for input of size {}",
    "division by zero {}",
    "invalid syntax{}",
    "No module named '{}'",
    "unsupported operand type(s) for {}: '{}' and '{}'",
    "(the exception's text could not be read){}",
)


@pytest.mark.parametrize("sentence", FORGED)
@pytest.mark.parametrize("way", SPELLED)
def test_no_spelling_of_a_number_is_quoted_in_any_sentence(way, sentence):
    known = Known(words_of("raise ValueError(text)") | words_of_call(CALL, []), numbers_given(CALL))
    said = exception_message(one_line(sentence.replace("{}", SPELLED[way])), known)
    assert SPELLED[way] not in said
    assert digits_of(said) in ("", "12", "3")  # those of mat1 and mat2
    allowed = {word for each in MESSAGES for word in re.findall(r"\w+", each)} | {"x", "train"}
    assert set(re.findall(r"\w+", said)) <= allowed


def test_a_number_is_quoted_only_as_a_size_of_what_the_code_was_given():
    known = Known(frozenset(), numbers_given(CALL))
    assert exception_message("index 8 is out of bounds for dimension 0 with size 3", known) == (
        "index 8 is out of bounds for dimension 0 with size 3"
    )
    assert exception_message("index 73914 is out of bounds for dimension 7 with size 39", known) == (
        "index … is out of bounds for dimension … with size …"
    )
    assert exception_message("index 008 is out of bounds for dimension 0 with size 3", known).startswith("index … ")


def test_a_shape_of_many_sizes_is_not_quoted():
    assert exception_message("shape '[3, 8, 3, 8]' is invalid for input of size 3", Known((), {3, 8})) == (
        "shape '[…]' is invalid for input of size 3"
    )


@pytest.mark.parametrize(
    ("name", "bases", "kind"),
    [
        ("ValueError", (), "ValueError"),
        ("LinAlgError", ("LinAlgError", "ValueError"), "LinAlgError"),
        ("zyxw", ("zyxw", "LookupError", "Exception"), "LookupError"),
        ("0.73914", ("0.73914", "٧٣٩", "Exception"), "Exception"),
        ("E7", (), "Exception"),
        ("", (), "Exception"),
    ],
)
def test_an_exception_is_called_by_a_name_that_is_not_the_students(name, bases, kind):
    assert exception_kind(name, bases) == kind


@pytest.mark.parametrize("name", [*SPELLED.values(), "E73914", "tensor", "int 7"])
def test_a_class_of_the_students_own_has_no_name(name):
    assert type_name(name) == "an object of a class of its own"


@pytest.mark.parametrize("name", ["Tensor", "generator", "Size", "float64", "DataFrame", "range"])
def test_a_class_that_everybody_knows_has_its_name(name):
    assert type_name(name) == f"an object of type {name}"


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("beyond 64 bits", " (beyond 64 bits)"),
        ("too large, of shape (7, 39, 14)", " (too large)"),
        ("dtype S73914", ""),
        ("layout 0.73914", ""),
        ("", ""),
    ],
)
def test_of_the_reason_why_an_answer_did_not_travel_only_the_kits_words_are_said(why, said):
    assert untold_reason(why) == said


@pytest.mark.parametrize(
    ("name", "said"),
    [("linear.weight", "linear.weight"), ("bias", "bias"), ("0.bias", "0.bias"), ("zyxw", "…"), ("w73914", "…")]
    + [(spelled, "…") for spelled in SPELLED.values()],
)
def test_a_parameter_is_called_by_a_usual_name_or_by_none(name, said):
    assert parameter_name(name) == said


@pytest.mark.parametrize(
    ("received", "said"),
    [((), "()"), ((3,), "(3,)"), ((3, 1), "(3, 1)"), ((739, 14), "(…, …)"), ((3, 7), "(3, …)"), ((3, 3, 3, 3), "(…)")],
)
def test_the_shape_of_an_answer_has_only_sizes_of_the_right_one(received, said):
    assert received_shape(received, (3,)) == said


def test_how_many_there_are_is_not_said_in_numbers():
    assert [received_count(count, 5) for count in (0, 4, 73914)] == ["none", "fewer", "more"]


def test_no_sentence_costs_long_to_recognise():
    """One pattern of all would have to go back again and again; each takes its time once."""
    import time

    start = time.perf_counter()
    for text in ("DefaultCPUAllocator: can't allocate memory"[::-1] * 8, "(" * 300, "1, " * 100, "'" * 300):
        exception_message(text, Known())
        exception_message(f"shape '{text}' is invalid for input of size ", Known())
        exception_message(f"expand({text}): the number of sizes provided (", Known())
    assert time.perf_counter() - start < 0.5
