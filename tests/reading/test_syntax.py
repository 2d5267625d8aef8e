"""A cell's text as a syntax tree."""

import ast

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from autograder.reading import syntax


def names(source):
    return sorted(syntax.defined(source))


@pytest.mark.parametrize(
    "source",
    [
        "%matplotlib inline\ndef f():\n    return 1\n",
        "!pip install torch\ndef f():\n    return 1\n",
        "def f():\n    %time g()\n    return 1\n",
        "files = !ls\ndef f(): pass\n",
        "help?\ndef f(): pass\n",
        ">>> def f():\n...     return 1\n",
        "In [1]: def f():\n   ...:     return 1\n",
        "    def f():\n        return 1\n",
        "%%time\ndef f():\n    return 1\n",
        "\n\ndef f():\n    return 1\n",
        "x = ('%d'\n     % 3)\n%time x\ndef f(): pass\n",
    ],
)
def test_a_function_is_found_beside_whatever_only_ipython_reads(source):
    assert "f" in names(source)


@pytest.mark.parametrize("source", ["%%bash\ndef f(): pass", "%%html\n<b>f = 1</b>", "def f(:", "f = (", "it's text"])
def test_what_is_no_python_has_no_tree(source):
    assert syntax.tree(source) is None


def test_line_numbers_are_those_of_the_text_without_prompts():
    source = "\n\n>>> x = 1\n>>> def f():\n...     return x\n"
    line = syntax.tree(source).body[1].lineno
    assert syntax.without_prompts(source).splitlines()[line - 1] == "def f():"


def test_plain_python_has_the_tree_that_ipython_would_run():
    source = 'x = """\n%not a magic\n!nor this\n"""\nprint(x)  # and?\n'
    assert ast.dump(syntax.tree(source)) == ast.dump(ast.parse(TransformerManager().transform_cell(source)))


@pytest.mark.parametrize(
    "source",
    ["x = " + "-" * 2_000 + "1", "x = a" + ".b" * 1_500, "x=" + "+".join("1" * 1_500), "x = " + "[" * 300 + "]" * 300],
    ids=["signs", "attributes", "sums", "brackets"],
)
def test_what_is_nested_too_deeply_for_pythons_stack_has_no_tree(source):
    assert syntax.tree(source) is None


def test_a_long_chain_of_elifs_has_no_tree():
    assert syntax.tree("if a: pass\n" + "elif a: pass\n" * 3_000) is None


def test_five_hundred_magics_are_no_more_trouble_than_one():
    assert names("%time x\n" * 5_000 + "def f(): pass") == ["f"]
