"""The results of a class on disk: results.jsonl, one record a line, and grades.csv.

A run writes each line as soon as its notebook is graded. So the next run can continue a run that was killed: by
its fingerprint, a record shows that these notebook bytes, checks and settings were graded already.

A run that changes a notebook's result first saves all earlier results, so that the two can be compared. They are in
results.regrading.jsonl while the run lasts, and in results.previous.jsonl after it. A run that continues a killed
one belongs to the same regrade: it finds results.regrading.jsonl, and does not overwrite it.
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
from autograder.trusted.results.outcomes import MISSING
from autograder.trusted.results.records import ExerciseRecord, NotebookRecord
from autograder.trusted.safe_text import spreadsheet_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

RESULTS, GRADES = "results.jsonl", "grades.csv"
PREVIOUS, REGRADING = "results.previous.jsonl", "results.regrading.jsonl"


class Results:
    """The results file of one run: it knows what is graded already, and stores new records.

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
        """Lock the folder and read its results; at the end, even after an error, write them in order.

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
        """Whether there is a record of this notebook."""
        return (student, notebook) in self._records

    def graded(self, student: str, notebook: str, fingerprint: str) -> NotebookRecord | None:
        """The record of this notebook if it has this fingerprint; None if it must be graded again."""
        record = self._records.get((student, notebook))
        return record if record is not None and record.fingerprint == fingerprint else None

    def add(self, record: NotebookRecord) -> NotebookRecord:
        """Write one record as one line; it replaces an earlier record of the same notebook.

        Returns an equal record that takes less memory: keep that one.

        Raises UsageError if the disk is full; the earlier lines stay.
        """
        line = msgspec.json.encode(record) + b"\n"
        earlier = self._before.get(_key(record))
        try:
            if earlier is not None and _outcome(earlier) != _outcome(record):
                self._begin_regrade()
            written = self._file.write(line)
        except OSError as error:
            raise self._unwritable(error) from error
        if written != len(line):  # the disk is full; the next run ignores the incomplete line
            raise self._unwritable(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
        kept = self._records[_key(record)] = _with_interned(record, self._interned)
        return kept

    def forget(self, records: Iterable[NotebookRecord]) -> None:
        """Forget these records; results.jsonl and grades.csv are written without them at the end."""
        for record in records:
            del self._records[_key(record)]

    def _begin_regrade(self) -> None:
        """Save the results from before this run, unless a killed run has saved those from before it."""
        path = self._folder / REGRADING
        if not path.exists():
            _write_records(path, self._before)

    def _end_regrade(self) -> None:
        try:
            (self._folder / REGRADING).replace(self._folder / PREVIOUS)
        except FileNotFoundError:
            return  # the result of no notebook changed
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
    """The records of a results file; a last line that is incomplete, because a run was killed, is ignored.

    Records share equal exercises, which are taken from `interned` or added to it.

    Raises UsageError for any other line that is not a record.
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
    """The records of a results file, or of the results.jsonl in a folder. Raises UsageError if there is none."""
    path = place / RESULTS if place.is_dir() else place
    if not path.is_file():
        raise UsageError(f"There is no {path}: name a {RESULTS}, or the folder that `autograder grade` wrote it to.")
    return read_results(path)


def read_earlier_results(folder: Path) -> list[NotebookRecord]:
    """The results in `folder` from before its last regrade, finished or not; empty if there was no regrade."""
    unfinished = folder / REGRADING
    return read_results(unfinished if unfinished.exists() else folder / PREVIOUS)


def write_grades(path: Path, records: Sequence[NotebookRecord]) -> None:
    """Write grades.csv for a spreadsheet: a line for each student, a column for each notebook, and the total.

    A notebook that was not handed in is no number: its cell is empty, which 0 points are not.
    """
    notebooks = sorted({record.notebook for record in records})
    earned = {
        (record.student, record.notebook): record.earned
        for record in records
        if record.status != MISSING or record.earned
    }
    students = sorted({record.student for record in records})
    with replaced(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["student", *notebooks, "total"])
        for student in students:
            points = [earned.get((student, notebook)) for notebook in notebooks]
            found = [point for point in points if point is not None]
            cells = ["" if point is None else f"{point:g}" for point in (*points, sum(found) if found else None)]
            writer.writerow([spreadsheet_cell(student), *cells])


def _with_interned(record: NotebookRecord, interned: Interned[ExerciseRecord]) -> NotebookRecord:
    """An equal record that shares its exercises with earlier records where they are equal."""
    exercises = {name: interned.of(exercise) for name, exercise in record.exercises.items()}
    return msgspec.structs.replace(record, exercises=exercises)


def _key(record: NotebookRecord) -> tuple[str, str]:
    return record.student, record.notebook


def _outcome(record: NotebookRecord) -> object:
    """The parts of a result whose change counts as a regrade: mark, status, and each check's outcome and points."""
    checks = [
        (name, check.name, check.outcome, check.points)
        for name, exercise in record.exercises.items()
        for check in exercise.checks
    ]
    return record.status, record.earned, record.possible, checks


def _write_records(path: Path, records: Mapping[tuple[str, str], NotebookRecord]) -> None:
    with replaced(path) as temporary, temporary.open("wb") as file:
        file.writelines(msgspec.json.encode(records[key]) + b"\n" for key in sorted(records))
