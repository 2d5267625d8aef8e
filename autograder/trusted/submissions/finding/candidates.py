"""Files that could be a notebook of a student, and which of them counts; who.py has the rule, in words.

A file is recognised by its name, else by the exercises that it defines. What it holds is asked of the reader.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from autograder.errors import NotebookUnreadable, ReaderLost, UsageError
from autograder.trusted.safe_text import one_line
from autograder.trusted.submissions.finding.student_ids import text_of
from autograder.trusted.submissions.finding.who import (
    ARCHIVE,
    DATA,
    NOTEBOOK,
    OTHER,
    TEXT,
    kind_of,
    named_student,
    version_in,
    without_marks,
)
from autograder.trusted.submissions.notebook import read_notebook
from autograder.trusted.submissions.read import read_bytes
from autograder.trusted.submissions.reader import the_reader
from autograder.wire.reading import FindDefined, NamesFound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from autograder.trusted.assignment.plan import NotebookPlan

    Released = Callable[[str], NotebookPlan]

KNOWN_BY_CONTENT = 0.5  # the share of a notebook's exercises by which a file is recognised, whatever it is called
MAX_LOOKS = 40  # files of one student's folder that are looked into; the others are known by their names only
MAX_RIVALS = 8  # files that could be one notebook, of which is asked whether there is work in them
LOSS = 10  # looks that one counts for, over which a reader is lost
MAX_NAMED = 5  # files in one sentence
MAX_SHOWN = 100  # characters of a name

NOT_HANDED_IN = "the notebook was not handed in"
NOT_RECOGNISED = "no file could be matched to this notebook"

_PLAIN, _MARKED, _BY_CONTENT, _BY_NAME, _IN_PART = range(5)


@dataclass(frozen=True)
class StudentFile:
    """A file of a student's.

    Attributes:
        path: where it stands.
        name: its own name, without what a learning management system has put before it.
        changed: when, in epoch seconds.
        attempt: greater for a later attempt, where a system's name tells.
        depth: how many folders below the student's own, or the assignment's.
        outside: whether it stands beside the assignment's folder, and not in it.
        group: the group that handed it in, where it was not the student alone.
    """

    path: Path
    name: str
    changed: float = 0.0
    attempt: tuple[int, ...] = ()
    depth: int = 0
    outside: bool = False
    group: str = ""

    @property
    def shown(self) -> str:
        """Its name as a sentence has it."""
        return one_line(text_of(self.path.name), MAX_SHOWN)

    @property
    def shown_with_folder(self) -> str:
        """Its name after that of its folder, where others are called alike."""
        return one_line(text_of("/".join(self.path.parts[-2:])), MAX_SHOWN)


@dataclass(frozen=True)
class Candidate:
    """A file and the notebook that it could be: "" where it could be none; `rest` is what else its name says."""

    file: StudentFile
    notebook: str = ""
    how: int = _PLAIN
    rest: str = ""
    note: str = ""

    @property
    def kind(self) -> int:
        """What its ending says."""
        return kind_of(self.file.name)[1]

    def order(self) -> tuple[object, ...]:
        """What comes first counts, if there is work in it."""
        file = self.file
        return (
            bool(file.group),
            file.outside,
            self.how == _IN_PART,
            self.kind,
            tuple(-number for number in file.attempt) or (0,),
            self.how,
            file.depth,
            -file.changed,
            -version_in(kind_of(file.name)[0]),
            file.path,
        )


@dataclass(frozen=True)
class Choice:
    """The file that counts as a notebook, or None; with what is noted, and what a person should look at."""

    notebook: str
    path: Path | None
    notes: tuple[str, ...] = ()
    needs_review: tuple[str, ...] = ()


@dataclass
class Contents:
    """What the files below one folder hold, asked of the reader.

    Attributes:
        notebooks: what the source says of each.
        below: the folder that the tutor named.
        released: gives a notebook as it was released; None where nobody can tell what is untouched.
        looks: how many more files are looked into; None without end, where each may be another student's.
    """

    notebooks: Mapping[str, NotebookPlan]
    below: Path
    released: Released | None = None
    looks: int | None = None
    _asked: dict[tuple[str, str], frozenset[str] | None] = field(default_factory=dict)
    _digests: dict[Path, bytes] = field(default_factory=dict)

    def recognise(self, file: StudentFile, assignment: str = "") -> Candidate:
        """What a file is: by its name, else by its content."""
        stem, kind = kind_of(file.name)
        if kind in {ARCHIVE, DATA, OTHER}:
            return Candidate(file)
        plain = without_marks(stem)
        folded = plain.casefold()
        for name in sorted(self.notebooks, key=len, reverse=True):
            if name.casefold() in {stem.casefold(), folded} and kind != TEXT:
                return Candidate(file, name, _PLAIN if stem == name and kind == NOTEBOOK else _MARKED)
            if folded.endswith(tuple(f"{mark}{name.casefold()}" for mark in "_- ")):
                if kind != NOTEBOOK and not self.shares(file.path)[name]:
                    continue  # a program about the notebook, such as its tests
                return Candidate(file, name, _MARKED, named_student(plain[: -len(name) - 1], assignment))
        shares = self.shares(file.path)
        most = max(shares.values(), default=0.0)
        best = [name for name, share in shares.items() if share == most] if most else []
        if len(best) == 1 and most >= KNOWN_BY_CONTENT:
            note = f"{file.shown} was taken for {best[0]}, as it defines its exercises."
            return Candidate(file, best[0], _BY_CONTENT, _rest(plain, best[0], assignment), note)
        named = [name for name in self.notebooks if re.search(_within(name), plain, re.IGNORECASE)]
        named = [name for name in named if not any(name != other and name in other for other in named)]
        if len(named) == 1 and (kind == NOTEBOOK or shares[named[0]]):
            note = f"{file.shown} was taken for {named[0]}, by its name."
            return Candidate(file, named[0], _BY_NAME, _rest(plain, named[0], assignment), note)
        if len(best) == 1 and kind == NOTEBOOK:
            return Candidate(file, best[0], _IN_PART, _rest(plain, best[0], assignment))
        return Candidate(file)

    def shares(self, path: Path) -> dict[str, float]:
        """For each notebook, the share of its exercises that a file defines; 0 of a file that cannot be read."""
        defined = self._defined(path)
        return {
            name: len(defined & plan.exercises.keys()) / max(1, len(plan.exercises))
            for name, plan in self.notebooks.items()
        }

    def attempted(self, path: Path, notebook: str) -> frozenset[str] | None:
        """The exercises with work in a file; None where it cannot be read, or nobody can tell."""
        key = str(path), notebook
        if key not in self._asked:
            self._asked[key] = self._attempted(path, notebook)
        return self._asked[key]

    def are_two_works(self, path: Path, other: Path) -> bool:
        """Whether two files of which was asked before are no copies, and stand apart or may be two students'."""
        return (path.parent != other.parent or self.looks is None) and self._digests.get(path) != self._digests.get(
            other
        )

    def _attempted(self, path: Path, notebook: str) -> frozenset[str] | None:
        if self.released is None or not self._may_look():
            return None
        try:
            stubs = self.released(notebook).stubs
            plan = self.notebooks[notebook]
            content = read_bytes(path, self.below)
            self._digests[path] = hashlib.sha256(content).digest()
            untouched = read_notebook(content, plan, stubs).untouched
        except (NotebookUnreadable, UsageError) as why:
            self._looked(why)
            return None
        self._looked()
        return frozenset(plan.exercises) - untouched

    def _defined(self, path: Path) -> frozenset[str]:
        names = tuple(sorted({name for plan in self.notebooks.values() for name in plan.exercises}))
        if not self._may_look():
            return frozenset()
        try:
            found = the_reader().ask(FindDefined(read_bytes(path, self.below), names), NamesFound).names
        except NotebookUnreadable as why:
            self._looked(why)
            return frozenset()
        self._looked()
        return found

    def _may_look(self) -> bool:
        return self.looks is None or self.looks > 0

    def _looked(self, why: Exception | None = None) -> None:
        if self.looks is not None:
            self.looks -= LOSS if isinstance(why, ReaderLost) else 1


def chosen(candidates: Iterable[Candidate], contents: Contents) -> list[Choice]:
    """Of all files of one student: the one that counts for each notebook, and what is to be looked at.

    A notebook that is missing has a choice without a path where files are left that could be it.
    """
    claims: dict[str, list[Candidate]] = defaultdict(list)
    for each in candidates:
        claims[each.notebook].append(each)
    unmatched = claims.pop("", [])
    choices = [_choice(rivals, contents) for rivals in claims.values()]
    missing = [name for name in contents.notebooks if name not in claims]
    left = [each for each in unmatched if not each.file.outside]
    archives = [each for each in left if each.kind == ARCHIVE]
    others = [each for each in left if each.kind not in {ARCHIVE, DATA}] or ([] if choices or archives else left)
    said = []
    if archives:
        was, it = ("was", "it") if len(archives) == 1 else ("were", "each of them")
        said.append(f"{_listed(_shown(*archives))} {was} not opened: unpack {it} where it is, and grade again.")
    for name in missing:
        more = (
            [f"{_listed(_shown(*others))} could be matched to no notebook: look whether it is this one."]
            if others
            else []
        )
        if said or more:
            choices.append(Choice(name, None, needs_review=(*said, *more)))
    if said and not missing:
        choices[0] = replace(choices[0], needs_review=(*choices[0].needs_review, *said))
    return choices


def _choice(rivals: list[Candidate], contents: Contents) -> Choice:
    """The file that counts: one with work before any other, else the first in order."""
    inside = [each for each in rivals if not each.file.outside] or rivals
    first, *others = sorted(inside, key=Candidate.order)
    notebook = first.notebook
    notes: list[str] = []
    review: list[str] = []
    if len(rivals) > 1 and contents.released is not None:
        in_order = sorted(rivals, key=Candidate.order)[:MAX_RIVALS]
        if others or not contents.attempted(first.file.path, notebook):
            others = [each for each in in_order if each is not first]
        work = {each.file.path: contents.attempted(each.file.path, notebook) for each in (first, *others)}
        unread = [each for each in in_order if work.get(each.file.path, frozenset()) is None]
        best = next((each for each in in_order if work.get(each.file.path)), (unread or in_order)[0])
        if best is not first:
            others = [first, *(each for each in others if each is not best)]
            first = best
        mine = work[first.file.path] or frozenset()
        for each in others:
            theirs = work.get(each.file.path) or frozenset()
            one, other = _shown(each, first)
            if theirs - mine:
                more = ", ".join(sorted(theirs - mine))
                review.append(f"{one} has work on {more}, which {other} leaves as it was released: look at both.")
            elif theirs and not each.file.attempt and contents.are_two_works(each.file.path, first.file.path):
                review.append(f"{one} has work in it, too, and {other} was graded: look which of them is meant.")
        others = [each for each in others if not each.file.outside or first.file.outside]
    if first.note:
        notes.append(first.note)
    if first.how == _IN_PART:
        review.append(
            f"{first.file.shown} was taken for {notebook}, as it defines a part of its exercises: look at it."
        )
    if first.file.outside:
        review.append(f"{first.file.shown} stands outside of the assignment's folder: look whether it is meant.")
    if first.file.group:
        group = one_line(text_of(first.file.group), MAX_SHOWN)
        notes.append(f"It was handed in by the group {group}; each member has its mark.")
    scripts = first.kind == NOTEBOOK
    told = [each for each in others if each.how != _IN_PART and (each.kind == NOTEBOOK or not scripts)]
    if told:
        graded, *passed_over = _shown(first, *told)
        notes.append(f"{graded} was graded; {_listed(passed_over)} could be the same notebook, and was not.")
    return Choice(notebook, first.file.path, tuple(notes), tuple(review[:MAX_NAMED]))


def _shown(*candidates: Candidate) -> list[str]:
    """The names of files, with their folders where two are called alike."""
    names = [each.file.shown for each in candidates]
    return names if len(set(names)) == len(names) else [each.file.shown_with_folder for each in candidates]


def _listed(names: list[str]) -> str:
    return ", ".join(names[:MAX_NAMED]) + (f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else "")


def _within(name: str) -> str:
    """A pattern of a notebook's name as a part of a file's: `chain rule`, `ChainRule`."""
    return rf"(?<![^\W_]){'[ _-]?'.join(map(re.escape, name.split('_')))}(?![^\W_])"


def _rest(stem: str, notebook: str, assignment: str) -> str:
    """What a file's name says besides the notebook."""
    left = re.sub(_within(notebook), " ", stem, count=1, flags=re.IGNORECASE)
    return named_student(" ".join(without_marks(left.strip(" _-,")).strip(" _-,").split()), assignment)
