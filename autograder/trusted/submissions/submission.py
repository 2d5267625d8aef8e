"""A submission, as it goes from where it was found to where it is graded and reported."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from autograder.errors import NotebookUnreadable
from autograder.trusted.submissions.beside import FilesBeside, files_beside
from autograder.trusted.submissions.read import read_bytes

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, order=True)
class Submission:
    """One notebook of one student; `path` is None where no file was found for it.

    `notes` says how the file was recognised, where its name alone does not say it, and `needs_review` what a person
    should look at, a sentence each. `below` is the folder that the tutor named: from there to the file, no link is
    followed. None stands for the file's own folder.
    `own_folder` is the student's, whose other files the notebook finds; None where it may be others' as well.
    `files_read` are these files where they came from another machine.
    """

    student: str
    notebook: str
    path: Path | None
    notes: tuple[str, ...] = ()
    below: Path | None = None
    needs_review: tuple[str, ...] = ()
    own_folder: Path | None = None
    files_read: FilesBeside | None = field(default=None, compare=False)

    def beside(self) -> FilesBeside:
        """The files beside the notebook that are the student's own."""
        if self.files_read is not None:
            return self.files_read
        if self.own_folder is None:
            return FilesBeside()
        return files_beside(self.own_folder, self.below or self.own_folder)

    def content(self) -> bytes:
        """The bytes of the file. Raises NotebookUnreadable, with the reason."""
        if self.path is None:
            raise NotebookUnreadable("it was not handed in")
        return read_bytes(self.path, self.below or self.path.parent)
