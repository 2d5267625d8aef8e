"""A submitted cell on its way: as it stands in the file, then by the name that it goes by in the assignment."""

from autograder.wire.reading import NotebookCell, SubmittedCell

__all__ = ["NotebookCell", "SubmittedCell"]
