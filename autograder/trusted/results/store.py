"""The results of a class on disk: results.jsonl, one record a line, and grades.csv.

Lines are written whole, as they come, so a run that is killed can go on where it stopped: what is
graded already, with the same notebook bytes, checks and settings, is recognised by its fingerprint.

A run that gives a notebook another result keeps all results as they were before it, so that the two
can be compared: in results.regrading.jsonl while it lasts, in results.previous.jsonl once it is whole.
A run that follows a killed one belongs to the same regrade: it finds the former file, and leaves it.
"""

from __future__ import annotations

import csv
import errno
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from autograder.errors import UsageError
from autograder.trusted.results.atomic_files import lock, replaced
from autograder.trusted.results.interned import Interned
from autograder.trusted.results.records import ExerciseRecord, NotebookRecord
from autograder.trusted.safe_text import spreadsheet_cell

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

RESULTS, GRADES = "results.jsonl", "grades.csv"
PREVIOUS, REGRADING = "results.previous.jsonl", "results.regrading.jsonl"


class Results:
    """The results file of one run: knows what is graded already, and takes new records.

    Args:
        folder: where results.jsonl and grades.csv stand.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.path = folder / RESULTS
        self._records: dict[tuple[str, str], NotebookRecord] = {}
        self._before: dict[tuple[str, str], NotebookRecord] = {}
        self._interned: Interned[ExerciseRecord] = Interned()

    @contextmanager
    def opened(self) -> Iterator[Results]:
        """Lock the folder, read what is there, and write a tidy file at the end, also of a broken run.

        Raises:
            UsageError: another run is writing there, or the folder cannot be written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._folder, os.O_RDONLY)
        except OSError as error:
            raise self._unwritable(error) from error
        try:
            lock(descriptor, self._folder)
            try:
                self._records = {_key(record): record for record in read_results(self.path, self._interned)}
                self._before = dict(self._records)
                self._rewrite()
                self._file = self.path.open("ab", buffering=0)
            except OSError as error:
                raise self._unwritable(error) from error
            try:
                with self._file:
                    yield self
                self._end_regrade()
            finally:
                self._tidy()
        finally:
            os.close(descriptor)

    @property
    def records(self) -> list[NotebookRecord]:
        """Every record, by student and notebook."""
        return [self._records[key] for key in sorted(self._records)]

    def has(self, student: str, notebook: str) -> bool:
        """Whether there is any record of that notebook."""
        return (student, notebook) in self._records

    def graded(self, student: str, notebook: str, fingerprint: str) -> NotebookRecord | None:
        """The record of that very notebook, checks and settings, if it has been graded before."""
        record = self._records.get((student, notebook))
        return record if record is not None and record.fingerprint == fingerprint else None

    def add(self, record: NotebookRecord) -> NotebookRecord:
        """Write one record as one whole line; it takes the place of an earlier one.

        Returns an equal record that takes less memory, to be kept in its place.

        Raises UsageError where the disk is full; what was written before stands.
        """
        line = msgspec.json.encode(record) + b"\n"
        earlier = self._before.get(_key(record))
        try:
            if earlier is not None and _outcome(earlier) != _outcome(record):
                self._begin_regrade()
            written = self._file.write(line)
        except OSError as error:
            raise self._unwritable(error) from error
        if written != len(line):  # the rest of the line would not fit; the next run passes over its beginning
            raise self._unwritable(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
        kept = self._records[_key(record)] = _with_interned(record, self._interned)
        return kept

    def _begin_regrade(self) -> None:
        """Keep the results as they were before this run, unless a killed run has kept what was before it."""
        path = self._folder / REGRADING
        if not path.exists():
            _write_records(path, self._before)

    def _end_regrade(self) -> None:
        try:
            (self._folder / REGRADING).replace(self._folder / PREVIOUS)
        except FileNotFoundError:
            return  # no notebook has another result than before
        except OSError as error:
            raise self._unwritable(error) from error

    def _tidy(self) -> None:
        try:
            self._rewrite()
            write_grades(self._folder / GRADES, self.records)
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> UsageError:
        return UsageError(
            f"{self._folder} cannot be written ({error.strerror}): make room there, or name another --output."
        )

    def _rewrite(self) -> None:
        _write_records(self.path, self._records)


def read_results(path: Path, interned: Interned[ExerciseRecord] | None = None) -> list[NotebookRecord]:
    """The records of a results file; a line that was cut off by a kill is passed over.

    Equal exercises in them are one, and that of `interned` if it has it.

    Raises UsageError for a line that was never one of ours.
    """
    if not path.exists():
        return []
    interned = interned or Interned()
    records = []
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if line == b"\n":
                continue
            try:
                records.append(_with_interned(msgspec.json.decode(line, type=NotebookRecord), interned))
            except msgspec.DecodeError as error:
                if not line.endswith(b"\n"):
                    continue
                raise UsageError(
                    f"{path}, line {number} is no record ({error}): move the file away and grade again."
                ) from error
    return records


def read_results_at(place: Path) -> list[NotebookRecord]:
    """The records of a results file, or of the one in a folder. Raises UsageError where there is none."""
    path = place / RESULTS if place.is_dir() else place
    if not path.is_file():
        raise UsageError(f"There is no {path}: name a {RESULTS}, or the folder that `autograder grade` wrote it to.")
    return read_results(path)


def read_earlier_results(folder: Path) -> list[NotebookRecord]:
    """The results in `folder` as they were before its last regrade, be it over or not; none before the first."""
    unfinished = folder / REGRADING
    return read_results(unfinished if unfinished.exists() else folder / PREVIOUS)


def write_grades(path: Path, records: Sequence[NotebookRecord]) -> None:
    """grades.csv: a line a student, a column a notebook, and the total; made to be opened by a spreadsheet."""
    notebooks = sorted({record.notebook for record in records})
    earned = {(record.student, record.notebook): record.earned for record in records}
    students = sorted({record.student for record in records})
    with replaced(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["student", *notebooks, "total"])
        for student in students:
            points = [earned.get((student, notebook)) for notebook in notebooks]
            total = sum(point for point in points if point is not None)
            writer.writerow([spreadsheet_cell(student), *("" if p is None else f"{p:g}" for p in points), f"{total:g}"])


def _with_interned(record: NotebookRecord, interned: Interned[ExerciseRecord]) -> NotebookRecord:
    """An equal record, whose exercises are those that were met before, as far as they are equal."""
    exercises = {name: interned.of(exercise) for name, exercise in record.exercises.items()}
    return msgspec.structs.replace(record, exercises=exercises)


def _key(record: NotebookRecord) -> tuple[str, str]:
    return record.student, record.notebook


def _outcome(record: NotebookRecord) -> object:
    """What makes a result another one: the mark, the status and what each check says, but not in which words."""
    checks = [
        (name, check.name, check.outcome, check.points)
        for name, exercise in record.exercises.items()
        for check in exercise.checks
    ]
    return record.status, record.earned, record.possible, checks


def _write_records(path: Path, records: Mapping[tuple[str, str], NotebookRecord]) -> None:
    with replaced(path) as temporary, temporary.open("wb") as file:
        file.writelines(msgspec.json.encode(records[key]) + b"\n" for key in sorted(records))
