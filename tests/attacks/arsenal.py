"""All attacks, by the chapter that they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.attacks import (
    a_grade,
    b_secrets,
    c_escape,
    d_exhaust,
    e_others,
    f_shown,
    g_malformed,
    h_reading,
    i_reference,
    j_answers,
    k_others,
    l_run,
)

if TYPE_CHECKING:
    from tests.attacks.attack import Attack

CHAPTERS = {
    "a": a_grade.ATTACKS,
    "b": b_secrets.ATTACKS,
    "c": c_escape.ATTACKS,
    "d": d_exhaust.ATTACKS,
    "e": e_others.ATTACKS,
    "f": f_shown.ATTACKS,
    "g": g_malformed.ATTACKS,
    "h": h_reading.ATTACKS,
    "i": i_reference.ATTACKS,
    "j": j_answers.ATTACKS,
    "k": k_others.ATTACKS,
    "l": l_run.ATTACKS,
}
ARSENAL: dict[str, Attack] = {
    f"{chapter}{number:02d}": attack
    for chapter, attacks in CHAPTERS.items()
    for number, attack in enumerate(attacks, start=1)
}


def few_of_each_chapter(every: int) -> dict[str, Attack]:
    """Each chapter's first attack, and one of `every` that follow, without those that would be waited for."""
    return {
        code: attack
        for code, attack in ARSENAL.items()
        if (place := int(code[1:]) - 1) == 0 or (place % every == 0 and attack.status != "timeout")
    }
