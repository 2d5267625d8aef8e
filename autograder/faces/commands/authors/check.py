"""`autograder check`: what is wrong with an assignment, a line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from autograder.author.check.assignment import check_assignment
from autograder.faces.commands.json_lines import print_json
from autograder.faces.commands.terminal import count, steps

if TYPE_CHECKING:
    from autograder.author.check.assignment import How
    from autograder.trusted.assignment.course import Course


def run_check(course: Course, how: How, *, as_json: bool) -> bool:
    """Prove an assignment and print its complaints; returns whether there are none."""
    proof = check_assignment(course, how, steps)
    if as_json:
        for complaint in proof.complaints:
            print_json(complaint)
        return not proof.complaints
    for complaint in proof.complaints:
        click.echo(complaint)
    for note in proof.notes:
        click.echo(f"autograder: {note}", err=True)
    if proof.complaints:
        click.echo(f"{course.assignment}: {count(len(proof.complaints), 'complaint')}.")
    else:
        mutants = f" and {count(proof.mutants, 'mutant')}" if proof.mutants else ""
        click.echo(f"{course.assignment}: all is well, as {count(proof.cases, 'notebook')}{mutants} show.")
    return not proof.complaints
