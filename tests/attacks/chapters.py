"""Some chapters of the attacks in a class of their own: what of them is not as it should be.

    PYTHONPATH=. python tests/attacks/chapters.py b c e

prints a line for each thing that is wrong, and nothing if all is well. AUTOGRADER_HIDDEN_LAYERS takes layers of the
sandbox away from the machine: "Landlock 4" that version and all later ones, "mount", "PID", "user" such namespaces.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.attacks.arsenal import ARSENAL
from tests.attacks.class_under_attack import Aftermath, as_recorded, attacker, graded_under_attack, innocents
from tests.attacks.test_attacks import said_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.attacks.attack import Attack


def wrong(after: Aftermath, arsenal: Mapping[str, Attack]) -> list[str]:
    """What is not as it should be after a class under attack."""
    faults = [*after.changes, *(f"{path} is left over" for path in after.left_over)]
    for code, attack in arsenal.items():
        record = after.records[as_recorded(attacker(code, attack))]
        said = said_of(record)
        if (
            (record.earned, record.status) != (attack.earned, attack.status)
            or attack.reason not in said
            or (attack.unsaid and re.search(attack.unsaid, said))
        ):
            faults.append(f"{code} {attack.name}: {record.status}, {record.earned} points: {said[:500]!r}")
    for student, mark in innocents(arsenal).items():
        record = after.records[student]
        if (record.earned, record.status) != (mark, "graded"):
            faults.append(f"{student}: {record.status}, {record.earned} points, not {mark}")
    return faults


def main() -> None:
    """Attack, and tell what is wrong."""
    arsenal = {code: attack for code, attack in ARSENAL.items() if code[0] in sys.argv[1:]}
    with tempfile.TemporaryDirectory() as folder:
        faults = wrong(graded_under_attack(Path(folder), arsenal), arsenal)
    for fault in faults:
        print(fault)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
