"""Options that several commands have."""

from __future__ import annotations

import click

assignment_option = click.option(
    "--assignment", help="The assignment; it need not be named where the course has only one."
)
