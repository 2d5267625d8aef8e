"""What a student is called where a person reads it: a name that a system made loses its number, if it stays unique."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from autograder.trusted.submissions.finding.who import name_in, number_in

if TYPE_CHECKING:
    from collections.abc import Iterable

_NUMBER = re.compile(r"\d{3,18}")  # of Canvas, Moodle and Brightspace; `team_42` is somebody's own name


def shown_names(students: Iterable[str]) -> dict[str, str]:
    """For each student the name to show: `Jane Roe` for `Jane Roe_88123`, unless there are two Jane Roes."""
    everybody = set(students)
    short = {student: name_in(student) if _NUMBER.fullmatch(number_in(student)) else student for student in everybody}
    alike = Counter(name.casefold() for name in short.values())
    return {
        student: name if name.strip() and alike[name.casefold()] == 1 else student for student, name in short.items()
    }
