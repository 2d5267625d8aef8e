"""Ending the run of the class, or another's work handed in: links and special files on the way, ids, odd answers."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from autograder.trusted.assignment.course import KIT
from tests.attacks.attack import FULL, Attack, instead_of_update

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SOLVED = KIT / "source" / "week06" / "perceptron.ipynb"


def in_place_of(name: str, which: Callable[[Path], Path], put: Callable[[Path, Path], object], reason: str) -> Attack:
    """Something in the place of a folder on the way to the notebook: `which` says of which; `put` gets another's."""

    def replace(place: Path, sibling: Path) -> None:
        folder = which(place)
        for each in (place.parent, place.parent.parent):
            if each.is_relative_to(folder):
                each.rmdir()
        put(folder, sibling)

    return Attack(name, 0, put=replace, status="unreadable", reason=reason, stock=False)


def assignment(place: Path) -> Path:
    return place.parent


def student(place: Path) -> Path:
    return place.parent.parent


def beside(name: str, put: Callable[[Path, Path], object], earned: float = FULL, **more: str) -> Attack:
    """The author's solved notebook, and something beside it."""

    def hand_in(place: Path, sibling: Path) -> None:
        place.write_bytes(SOLVED.read_bytes())
        put(place, sibling)

    return Attack(name, earned, put=hand_in, stock=False, **more)


def _links_beside(place: Path, sibling: Path) -> None:
    (place.parent / "data.csv").symlink_to("/etc/shadow")
    (place.parent / "perceptron (1).ipynb").symlink_to(sibling)
    (place.parent / "data").symlink_to("/")
    (place.parent / "loop").symlink_to("loop")
    os.mkfifo(place.parent / "pipe.py")


def _same_id(name: str) -> Callable[[Path, Path], object]:
    """Another folder, whose name is or looks like the student's, with nothing in it."""

    def put(place: Path, _: Path) -> None:
        (place.parent.parent.parent / name / place.parent.name).mkdir(parents=True)

    return put


LINK, NOT_A_FOLDER = "is a link", "its folder"

CHAIN = """
first = last = torch.zeros(4)
for _ in range({depth}):
    last.grad = torch.zeros(4)
    last = last.grad

def update(w, x, y, eta=1.0):
    return first
"""

ATTACKS = (
    in_place_of("is linked to another's work", assignment, lambda at, other: at.symlink_to(other.parent), LINK),
    in_place_of("is another student", student, lambda at, other: at.symlink_to(other.parent.parent), LINK),
    in_place_of("is linked by a relative path", assignment, lambda at, _: at.symlink_to("../../source/week06"), LINK),
    in_place_of("is linked to the author's source", assignment, lambda at, _: at.symlink_to(SOLVED.parent), LINK),
    in_place_of("is the author", student, lambda at, _: at.symlink_to(KIT / "source"), LINK),
    in_place_of("is linked to the solutions", assignment, lambda at, _: at.symlink_to(KIT / "solutions/week06"), LINK),
    in_place_of("is linked to nowhere", assignment, lambda at, _: at.symlink_to("nowhere"), LINK),
    in_place_of("does not exist", student, lambda at, _: at.symlink_to("nowhere"), LINK),
    in_place_of("is linked to itself", assignment, lambda at, _: at.symlink_to(at.name), LINK),
    in_place_of("runs in a circle", student, lambda at, _: at.symlink_to(at.name), LINK),
    in_place_of("is all the class", student, lambda at, _: at.symlink_to("."), LINK),
    in_place_of("has a pipe for a folder", assignment, lambda at, _: os.mkfifo(at), "is a pipe"),
    in_place_of("is a pipe", student, lambda at, _: os.mkfifo(at), "is a pipe"),
    in_place_of("has a file for a folder", assignment, lambda at, _: at.write_text("{}"), "is a file"),
    in_place_of(
        "has a socket for a folder", assignment, lambda at, _: os.mknod(at, stat.S_IFSOCK | 0o600), "is a socket"
    ),
    in_place_of("is linked to a device", assignment, lambda at, _: at.symlink_to("/dev/zero"), LINK),
    beside("has links and pipes beside the notebook", _links_beside, reason="could be the same notebook"),
    beside("is called as bytes are shown", _same_id(os.fsdecode(b"twin \xff")), student="twin \\udcff"),
    beside("is called like another in another normal form", _same_id("zo\u0065\u0301"), student="zo\u00e9"),
    beside("is called like another but for what is not seen", _same_id("adam\u200b"), student="adam"),
    instead_of_update("answers on the meta device", """
        def update(w, x, y, eta=1.0):
            return torch.empty_like(w, device="meta")
        """, reason="on the meta device"),
    instead_of_update("answers in float8", """
        def update(w, x, y, eta=1.0):
            return w.to(torch.float8_e4m3fn)
        """, reason="dtype float8"),
    instead_of_update("answers with a sparse tensor", """
        def update(w, x, y, eta=1.0):
            return (w + eta * y * x).to_sparse()
        """, reason="layout torch.sparse"),
    instead_of_update("answers with a nested tensor", """
        def update(w, x, y, eta=1.0):
            return torch.nested.nested_tensor([w, w[:1]])
        """, reason="nested"),
    instead_of_update("answers with a quantized tensor", """
        def update(w, x, y, eta=1.0):
            return torch.quantize_per_tensor(w.float(), 0.1, 0, torch.qint8)
        """, reason="dtype qint8"),
    instead_of_update("answers with complex numbers", """
        def update(w, x, y, eta=1.0):
            return torch.complex(w + eta * y * x, torch.zeros_like(w))
        """, reason="should have dtype"),
    instead_of_update("answers with a parameter that has no values yet", """
        def update(w, x, y, eta=1.0):
            return torch.nn.LazyLinear(1).weight
        """, reason="UninitializedParameter"),
    instead_of_update("answers with a gradient of a gradient of a gradient", CHAIN.format(depth=3)),
    instead_of_update("answers with gradients as deep as Python goes", CHAIN.format(depth=900)),
    instead_of_update("answers with gradients deeper than Python goes", CHAIN.format(depth=3_000)),
    instead_of_update("answers with a tensor that is the gradient of its gradient", """
        def update(w, x, y, eta=1.0):
            one, other = torch.zeros_like(w), torch.zeros_like(w)
            one.grad, other.grad = other, one
            return one
        """),
)  # fmt: skip
