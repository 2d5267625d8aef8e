"""The outputs of a test cell after grading: the exercise's points, and why points were lost.

Text on standard output, then the points as the cell's one result, for nbgrader to read.
"""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Any

from autograder.trusted.results.outcomes import PASSED
from autograder.trusted.results.records import hints_to_show, kept_sentence
from autograder.trusted.safe_text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from autograder.trusted.results.records import CheckRecord, ExerciseRecord, NotebookRecord

_WIDTH = 96
_HEADLINE = re.compile(r"\A[^\n]*: [^\n]* points$", re.MULTILINE)
_POINTS_OF_A_CHECK = re.compile(r"^(  (?:\x1b\[\d+m)?[✓✗](?:\x1b\[0m)?) \S+/\S+  ", re.MULTILINE)
_GREEN, _RED, _PLAIN = "\x1b[32m", "\x1b[31m", "\x1b[0m"


def outputs_of(record: NotebookRecord, exercise: str, points: float) -> list[dict[str, Any]]:
    """The outputs of the test cell of `exercise`, which is worth `points`."""
    marked = record.exercises.get(exercise)
    if marked is None:
        return [_stream(f"{exercise}: 0 of {points:g} points\n{_wrapped(_reason(record), '  ')}"), _result(0.0)]
    told = [
        _told(exercise, marked),
        *(_wrapped(f"Repaired: {note}", "  ") for note in _about(exercise, record.repairs, record)),
        *(_wrapped(f"To be looked at: {note}", "  ") for note in _about(exercise, record.needs_review, record)),
    ]
    return [_stream("\n".join(told)), _result(marked.earned)]


def with_score_by_hand(
    outputs: Sequence[dict[str, Any]], exercise: str, score: float, points: float
) -> list[dict[str, Any]]:
    """The outputs that `outputs_of` gave a test cell, where a person has set another score: only theirs is shown.

    What the checks said stays, without the points that no longer count.
    """
    said = f"{exercise}: {score:g} of {points:g} points, set by hand"
    shown = []
    for output in outputs:
        if output["output_type"] == "stream" and _HEADLINE.match(output["text"]):
            told = _HEADLINE.sub(lambda _: said, output["text"], count=1)
            shown.append({**output, "text": _POINTS_OF_A_CHECK.sub(r"\1  ", told)})
        elif score_shown([output]) is None:
            shown.append(output)
    return shown


def score_shown(outputs: Iterable[dict[str, Any]]) -> float | None:
    """The points that the outputs of a test cell end with, for nbgrader to read; None where there are none."""
    results = (each for each in outputs if each["output_type"] == "execute_result")
    texts = (each.get("data", {}).get("text/plain", "") for each in results)
    return next((float(text) for text in texts if re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?", text)), None)


def _about(exercise: str, notes: Iterable[str], record: NotebookRecord) -> list[str]:
    """The notes that name an exercise; notes that name no exercise are shown with the first one."""
    first = exercise == next(iter(record.exercises))
    return [
        note
        for note in notes
        if f"`{exercise}`" in note or (first and not any(f"`{name}`" in note for name in record.exercises))
    ]


def _told(exercise: str, marked: ExerciseRecord) -> str:
    lines = [f"{exercise}: {marked.earned:g} of {marked.possible:g} points"]
    if marked.kept is not None:
        lines.append(_wrapped(kept_sentence(marked), "  "))
    for check, hint in zip(marked.checks, hints_to_show(marked), strict=True):
        lines += _lines_of(check, hint)
    return "\n".join(lines)


def _lines_of(check: CheckRecord, hint: str) -> list[str]:
    passed = check.outcome == PASSED
    sign = f"{_GREEN}✓{_PLAIN}" if passed else f"{_RED}✗{_PLAIN}"
    earned = check.points if passed else 0
    lines = [f"  {sign} {earned:g}/{check.points:g}  " + _wrapped(check.title, " " * 9).lstrip()]
    if check.message:
        lines.append(_wrapped(check.message, " " * 9))
    if hint:
        lines.append(_wrapped(f"Hint: {hint}", " " * 9))
    return lines


def _reason(record: NotebookRecord) -> str:
    return f"The notebook is {record.status}: {record.reason}."


def _wrapped(text: str, indent: str) -> str:
    return textwrap.fill(one_line(text, 2000), _WIDTH, initial_indent=indent, subsequent_indent=indent)


def _stream(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": f"{text}\n"}


def _result(points: float) -> dict[str, Any]:
    return {
        "output_type": "execute_result",
        "data": {"text/plain": repr(float(points))},
        "metadata": {},
        "execution_count": None,
    }
