"""`autograder new`: a course, an assignment, a notebook, an exercise, ready to edit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.errors import UsageError
from autograder.faces.commands.options import assignment_option

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.group()
def new() -> None:
    """Make a course, an assignment, a notebook or an exercise, ready to edit.

    What is made is a whole example, with its tests: `autograder build` and `autograder check` find
    it well, and you replace it by your own, step by step. No file is ever written over.
    """


@new.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def course(folder: Path) -> None:
    """Make a course: the settings of nbgrader and the autograder, and a README for its authors."""
    from autograder.author.scaffold.course import new_course

    _tell(new_course(folder), f"Go there, and make an assignment: cd {folder}; autograder new assignment NAME")


@new.command()
@click.argument("name")
def assignment(name: str) -> None:
    """Make an assignment in the course of the current folder."""
    from autograder.author.scaffold.course import new_assignment

    _tell(
        new_assignment(_root(), name),
        f"Make a notebook in it: autograder new notebook NAME --assignment {name}",
    )


@new.command()
@click.argument("name")
@assignment_option
@click.option(
    "--tests",
    type=click.Choice(["hidden", "visible"]),
    default="hidden",
    show_default=True,
    help="What grades it: hidden checks, which the student's code cannot see or deceive, or its own visible tests.",
)
def notebook(name: str, assignment: str | None, tests: str) -> None:
    """Make a notebook in an assignment."""
    from autograder.author.scaffold.notebook import new_notebook
    from autograder.trusted.assignment.course import Course

    course = Course(_root(), assignment)
    _tell(
        new_notebook(course, name, hidden=tests == "hidden"),
        f"Make an exercise in it: autograder new exercise NAME --assignment {course.assignment} --notebook {name}",
    )


@new.command()
@click.argument("name")
@assignment_option
@click.option("--notebook", help="The notebook; it need not be named where the assignment has only one.")
@click.option("--points", type=float, default=1.0, show_default=True, help="What it is worth.")
@click.option("--arguments", default="x, y", show_default=True, help="What its function takes, as Python writes it.")
@click.option("--by-hand", is_flag=True, help="A text that a person reads and grades, in the place of a function.")
def exercise(
    name: str, assignment: str | None, notebook: str | None, points: float, arguments: str, by_hand: bool
) -> None:
    """Add an exercise at the end of a notebook.

    It has a stub with a docstring, a solution, a visible test, a hidden check, a misconception
    with its hint, and a right answer in another style.
    """
    from autograder.author.scaffold.notebook import NewExercise, new_exercise, only_notebook
    from autograder.trusted.assignment.course import Course

    course = Course(_root(), assignment)
    wanted = NewExercise(name, points, arguments, by_hand)
    _tell(
        new_exercise(course, only_notebook(course, notebook), wanted),
        "Edit them, then: autograder build; autograder check",
    )


def _root() -> Path:
    """The root of the course in which this is. Raises UsageError outside of any: nothing is made in the kit's own."""
    from autograder.trusted.assignment.course import course_root

    here = Path.cwd().resolve()
    root = course_root(here)
    if not here.is_relative_to(root):
        raise UsageError(f"{here} is in no course: go to your course's folder first, or `autograder new course DIR`.")
    return root


def _tell(sentences: Sequence[str], next_step: str) -> None:
    for sentence in sentences:
        click.echo(sentence)
    click.echo(next_step)
