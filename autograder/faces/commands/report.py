"""`autograder report`: everything that stands beside the results and is made from them, made anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from autograder.faces.by_hand import with_marks_by_hand
from autograder.faces.exports.tables import write_tables
from autograder.faces.html.old_pages import forget_old_pages
from autograder.faces.html.report import rewrite_report
from autograder.trusted.results.store import RESULTS, read_results

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from autograder.faces.html.report_data import SimilarRow


def report_anew(folder: Path, similar: Iterable[SimilarRow] | None) -> Path:
    """Write the report and the tables of a graded folder, and remove old feedback pages; returns the report's path.

    Raises UsageError if nothing was graded, the folder cannot be written or the gradebook not be read.
    """
    records = with_marks_by_hand(folder, read_results(folder / RESULTS))
    tell_old_pages(forget_old_pages(folder, records))
    path = rewrite_report(folder, similar)
    write_tables(folder, records)
    return path


def tell_old_pages(pages: int) -> None:
    """Say on standard error that feedback pages were removed."""
    if pages:
        say, are = ("page says", "is") if pages == 1 else ("pages say", "are")
        said = (
            f"{pages} feedback {say} what no longer holds, and {are} removed: `autograder feedback` writes them anew."
        )
        click.echo(f"autograder: {said}", err=True)
