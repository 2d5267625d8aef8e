"""What the run of a notebook's cells says of it: sentences for its record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograder.trusted.execution.executed_notebook import ExecutedNotebook
    from autograder.trusted.submissions.beside import FilesBeside

MAX_NAMES = 6  # in one sentence
# Modules of the page on which a notebook was written; no work depends on them.
_OF_A_PAGE = ("google.colab", "google", "kaggle_secrets")

_LACKS = "{} imports {}, which this machine lacks or cannot load; what follows in the cell was run without it."
_MISSPELT = "cannot import name"  # from a module that is there
_NOT_IMPORTED = ("Your code raised ModuleNotFoundError", "Your code raised ImportError")
_REBOUND = "In {}, {} {} bound to something else, or deleted; the last definition before that was graded."
_LEFT_OUT = "Of the files beside the notebook, it did not find {}: a link, no plain file, or beyond the limits."


@dataclass(frozen=True)
class Remarks:
    """Sentences of what had to be mended, and of what a person should look at."""

    repairs: tuple[str, ...] = ()
    needs_review: tuple[str, ...] = ()


def remarks_of(notebook: ExecutedNotebook, beside: FilesBeside) -> Remarks:
    """What there is to say of a notebook that was executed, and of the files beside it."""
    by_cell: dict[str, list[str]] = {}
    for name, cell in notebook.put_back.items():
        by_cell.setdefault(cell, []).append(name)
    lacking = {cell: sorted(names - {*_OF_A_PAGE}) for cell, names in notebook.lacking.items()}
    return Remarks(
        tuple(
            _REBOUND.format(called(cell), _listed(names), "was" if len(names) == 1 else "were")
            for cell, names in by_cell.items()
        ),
        (
            *(_LACKS.format(_sentence(called(cell)), _listed(names)) for cell, names in lacking.items() if names),
            *([_LEFT_OUT.format(_listed(beside.left_out))] if beside.left_out else []),
        ),
    )


def lacking_when_called(messages: dict[str, list[str]]) -> list[str]:
    """What a person should look at, of what the checks of each exercise say: a function imports what is not there."""
    return [
        f"`{exercise}` imports a module that this machine lacks or cannot load when it is called: look at it yourself."
        for exercise, said in messages.items()
        if any(message.startswith(_NOT_IMPORTED) and _MISSPELT not in message for message in said)
    ]


def called(cell: str) -> str:
    """How a sentence calls a cell that goes by this name when it is run."""
    return cell if cell.startswith("cell ") else f"the cell `{cell}`"


def _listed(names: Sequence[str]) -> str:
    more = [f"{len(names) - MAX_NAMES} more"] if len(names) > MAX_NAMES else []
    *first, last = [*(f"`{name}`" for name in names[:MAX_NAMES]), *more]
    return f"{', '.join(first)} and {last}" if first else last


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
