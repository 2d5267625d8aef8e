"""What only a newer Python can read is told as such; a student's mistake stays one."""

from __future__ import annotations

import sys

import pytest

from autograder.reading.newer_syntax import newer_version, version_of
from autograder.reading.syntax import tree

OLD = sys.version_info < (3, 12)
needs_an_older_python = pytest.mark.skipif(not OLD, reason="this Python reads it")


@needs_an_older_python
@pytest.mark.parametrize(
    "source",
    [
        'd = {"n": 1}\nprint(f"{d["n"]}")',
        "x = f'{', '.join(['a', 'b'])}'",
        'x = f"{f"{f"{1 + 1}"}"}"',
        'x = f"{"\\n".join(["a"])} {{}} {1!r:>{2}}"',
        'x = f"{[\n    1,  # a comment\n]}"',
        'x = rf"{d["n"]:.3f}"',
        "type X = int",
        "type Pair[T] = tuple[T, T]",
        "def f[T](x: T) -> T:\n    return x",
        "class Box[T: (int, str)]:\n    def get[U](self, other: U) -> U:\n        return other",
        '%matplotlib inline\nprint(f"{d["n"]}")',
    ],
)
def test_the_syntax_of_python_3_12_is_known(source):
    assert tree(source) is None
    assert newer_version(source) == "3.12"


@needs_an_older_python
@pytest.mark.parametrize(
    "source", ["try:\n    x = 1\nexcept ValueError, TypeError:\n    pass", 'x = t"{d["n"]}"', 'x = t"words"']
)
def test_the_syntax_of_python_3_14_is_known(source):
    assert newer_version(source) == "3.14"


@pytest.mark.parametrize(
    "source",
    [
        "def f(x)\n    return x",
        'print(f"{d["n"]}"',
        'print(f"{d["n" + ]}")',
        'print(f"{d["n"]")',
        "type X = int\ndef f(:",
        "def f[T(x):\n    pass",
        'x = "it"s"',
        "return = 3",
        'f"{',
        "%%bash\nls",
    ],
)
@pytest.mark.parametrize("said", ["", "3.13.1", "3.11.7", "words"])
def test_a_mistake_is_the_students_whatever_python_the_notebook_names(source, said):
    assert newer_version(source, said) == ""


def test_what_is_python_here_is_no_newer():
    assert newer_version('type = 3\nx = f"{type:>{3}}"', "3.99.0") == ""


def test_of_a_python_that_nobody_knows_yet_anything_may_be():
    assert newer_version("def f(x) -> x where x > 1: pass", "3.99.0") == "3.99"


@pytest.mark.parametrize(
    ("said", "version"), [("3.13.1", (3, 13)), ("3.14.0rc1", (3, 14)), ("3", None), ("<b>", None), ("", None)]
)
def test_a_notebooks_version_is_a_version_or_nothing(said, version):
    assert version_of(said) == version


def test_a_long_cell_of_open_braces_is_read_in_time():
    assert newer_version("f'" + "{" * 50_000) == ""
    assert newer_version("x = (" + 'f"{f"{' * 20_000) == ""
