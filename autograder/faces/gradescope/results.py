"""Gradescope's results.json for one submission.

Every text has the format `text`, which Gradescope shows without interpreting it, and no control characters. So a
student's text cannot act as markup.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from autograder.faces.by_hand import comment_on, said_of, said_of_notebook
from autograder.trusted.results.outcomes import GRADED, MISSING, PASSED, UNREADABLE
from autograder.trusted.results.records import hints_to_show, kept_sentence
from autograder.trusted.safe_text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from autograder.trusted.results.records import CheckRecord, NotebookRecord

VISIBLE = "visible"
VISIBILITIES = (VISIBLE, "after_due_date", "after_published", "hidden")

_TEXT = "text"
_MAX_TEXT = 2_000


class GradescopeTest(Struct, frozen=True):
    """One test case: a check, or a notebook that could not be graded."""

    name: str
    number: str
    score: float
    max_score: float
    status: str
    output: str
    visibility: str
    name_format: str = _TEXT
    output_format: str = _TEXT


class GradescopeResults(Struct, frozen=True):
    """The content of results.json for one submission; `score` is the mark, of which a person may have given a part."""

    score: float
    output: str
    tests: tuple[GradescopeTest, ...] = ()
    execution_time: float = 0.0
    output_format: str = _TEXT
    test_output_format: str = _TEXT
    test_name_format: str = _TEXT
    stdout_visibility: str = "hidden"
    extra_data: dict[str, Any] = {}


def gradescope_results(
    records: Sequence[NotebookRecord], visibility: str, sentences: Sequence[str] = ()
) -> GradescopeResults:
    """One student's records as Gradescope's results; `sentences` come first in the output.

    `visibility` says when the checks are shown. A notebook that could not be graded is always shown, and
    so are repairs, because the student may still be able to hand in a better file.
    """
    tests = [
        test for place, record in enumerate(records, start=1) for test in _tests_of(record, str(place), visibility)
    ]
    return GradescopeResults(
        score=sum(record.earned for record in records),
        output="\n".join([*(_plain(each) for each in sentences), *_about(records)]),
        tests=tuple(tests),
        execution_time=round(sum(record.seconds for record in records), 3),
    )


def gradescope_json(records: Sequence[NotebookRecord], visibility: str) -> str:
    """results.json for one student's records."""
    return encoded(gradescope_results(records, visibility))


def encoded(results: GradescopeResults) -> str:
    """The text of results.json, indented so that a person can read it as well."""
    return msgspec.json.format(msgspec.json.encode(results), indent=2).decode() + "\n"


def _tests_of(record: NotebookRecord, place: str, visibility: str) -> Iterator[GradescopeTest]:
    if not record.exercises:
        yield GradescopeTest(
            name=_plain(record.notebook),
            number=place,
            score=0.0,
            max_score=record.possible,
            status="failed",
            output=_plain(_what_to_do(record)),
            visibility=VISIBLE,
        )
    checks = [
        (name, check, hint)
        for name, exercise in record.exercises.items()
        for check, hint in zip(exercise.checks, hints_to_show(exercise), strict=True)
    ]
    for number, (exercise, check, hint) in enumerate(checks, start=1):
        passed = check.outcome == PASSED
        yield GradescopeTest(
            name=_plain(f"{record.notebook} / {exercise}: {check.title}"),
            number=f"{place}.{number}",
            score=check.points if passed else 0.0,
            max_score=check.points,
            status="passed" if passed else "failed",
            output=_said(check, hint),
            visibility=visibility,
        )


def _what_to_do(record: NotebookRecord) -> str:
    """Tell the student why a notebook was not graded, and what to do about it."""
    file = f"{record.notebook}.ipynb"
    if record.status == MISSING and record.needs_review:
        return f"{file}: {record.reason}. {' '.join(record.needs_review)} Submit it under this name."
    if record.status == MISSING:
        return f"{file} was not handed in. Submit it together with your other notebooks."
    if record.status == UNREADABLE:
        return f"{file} cannot be read: {record.reason}. Open it in Jupyter, save it, and submit it again."
    return f"{file} was not graded ({record.status}: {record.reason}). Submit it again, or ask your tutor."


def _said(check: CheckRecord, hint: str) -> str:
    if check.outcome == PASSED:
        return "passed"
    return "\n".join(_plain(line) for line in (f"{check.outcome}: {check.message}", hint) if line)


def _about(records: Sequence[NotebookRecord]) -> Iterator[str]:
    """Sentences for the student about the files that were handed in; they do not mention marks."""
    found = [record.notebook for record in records if record.exercises]
    yield f"Graded: {', '.join(found)}." if found else "No notebook could be graded."
    for record in records:
        if not record.exercises:
            yield _plain(_what_to_do(record))
        elif record.status != GRADED:
            yield _plain(f"{record.notebook}: {record.status}: {record.reason}")
        for name, exercise in record.exercises.items():
            if exercise.kept is not None:
                yield _plain(f"{record.notebook} / {name}: {kept_sentence(exercise)}")
            for said in (said_of(exercise), comment_on(exercise)):
                if said:
                    yield _plain(f"{record.notebook} / {name}: {said}")
        for said in said_of_notebook(record):
            yield _plain(f"{record.notebook}: {said}")
        for note in record.repairs:
            yield _plain(f"{record.notebook}: repaired: {note}")
        for note in record.needs_review:
            yield _plain(f"{record.notebook}: to be looked at: {note}")


def _plain(text: str) -> str:
    return one_line(text, _MAX_TEXT)
