"""What a notebook's definitions say, as text: a reader looks them through, and nothing is run.

A few exercises forbid a short cut ("no Python loop", "not by torch.sigmoid"). Values cannot show it,
the text can.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from autograder.trusted.submissions.reader import the_reader
from autograder.wire.reading import Answered, AskText

if TYPE_CHECKING:
    from collections.abc import Iterable

    from autograder.trusted.submissions.reader import Reader


class Definitions:
    """The functions and classes that a notebook's cells define; the last definition of a name counts.

    Every question raises NotebookUnreadable where the text cannot be looked through.

    Args:
        sources: the code cells in order; one that is not Python is passed over.
        reader: who looks them through; this process's reader of submissions, if it is not said.
    """

    def __init__(self, sources: Iterable[str], reader: Reader | None = None) -> None:
        self._sources = tuple(sources)
        self._reader = reader or the_reader()

    def has_loop(self, name: str) -> bool:
        """Whether `name`, or a function of the notebook that it calls, loops in Python."""
        return self._reader.ask(AskText(self._sources, "has_loop", (name,)), Answered).value is not False

    def names_used(self, name: str) -> frozenset[str]:
        """Every identifier in `name` and in what it calls: `torch.special.expit` gives all three.

        A name that another cell has imported stands for what it was imported from, too.
        """
        return self._names("names_used", name)

    def words_used(self, name: str, *words: str) -> frozenset[str]:
        """Those of the words that `names_used` has; `.word` only where it is used like this, or imported as `word`."""
        return self._names("words_used", name, *words)

    def _names(self, method: Literal["names_used", "words_used"], *arguments: str) -> frozenset[str]:
        names = self._reader.ask(AskText(self._sources, method, arguments), Answered).value
        if isinstance(names, bool):
            raise self._reader.distrusted()
        return names
