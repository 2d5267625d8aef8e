"""Leaks: a released notebook that holds a line of a solution or of a hidden check is told where, and how to mend it."""

from __future__ import annotations

import pytest

from autograder.author.check.leaks import complaints_of_release

TEXT = "source/lab1/perceptron.ipynb", "release/lab1/perceptron.ipynb", "solutions/lab1/perceptron.py"


def plant(edit, text: str) -> None:
    """Put a line into a text cell of all three views."""
    for name in TEXT:
        newline = "\n# " if name.endswith(".py") else "\\n"
        edit(name, "Average (1 point)", f"Average (1 point){newline}{text}")


def test_the_release_as_it_is_made_leaks_nothing(places):
    assert list(complaints_of_release(places)) == []


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (
            "return x.sum() / len(x)",
            "is a line of a solution: take it out, or, if it is taught, put it into checks/lab1/",
        ),
        ("x = rng.normal(size=7)", "is a line of a hidden check: take it out"),
        ("See test_average_of_one.", "names the hidden check test_average_of_one: take the name out, then build."),
        ("### BEGIN HIDDEN TESTS", "is released with `### BEGIN HIDDEN TESTS`"),
    ],
)
def test_a_leak_is_told_with_the_line_of_the_script(places, edit, line, why):
    plant(edit, line)
    (complaint,) = complaints_of_release(places)
    assert why in complaint.says
    script = (places.course.root / complaint.file).read_text().splitlines()
    assert (complaint.file, script[complaint.line - 1]) == ("solutions/lab1/perceptron.py", f"# {line}")


def test_a_line_that_is_taught_is_no_leak(places, edit):
    plant(edit, "return x.sum() / len(x)")
    edit.add("checks/lab1/taught.txt", "return x.sum()/len(x)\n")
    assert list(complaints_of_release(places)) == []


def test_imports_and_short_lines_are_anybodys(places, edit):
    plant(edit, "from autograder.checking import check, close, exactly, unchanged")
    assert list(complaints_of_release(places)) == []


def test_a_solution_without_marks_is_found_by_what_its_stub_has_not(places, edit):
    for name in TEXT[::2]:
        edit(name, "### BEGIN SOLUTION", "# from here")
        edit(name, "### END SOLUTION", "# to here")
    plant(edit, "return int((x > limit).sum())")
    (complaint,) = complaints_of_release(places)
    assert "`return int((x > limit).sum())` of cell `about_average` is released" in complaint.says
