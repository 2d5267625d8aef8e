"""One rule says who is who: where a file stands says whose it is, and only where that does not, what it is called.

1. Below a folder called `submitted`, or what the course's nbgrader_config.py names in its place, the next folder is the
   student, whatever is called what in it: each file in `submitted/bob/` is bob's, whether `submitted`, `submitted/bob`,
   `.` or a single file in it was named. The outermost such folder counts: bob hands in `submitted/ada/`, too, if he
   likes, and an nbgrader_config.py, which nobody reads.
2. A folder or file that a learning management system has named is the student's whose name and number it gives:
   - Canvas `roejane_LATE_90311_77810_perceptron-1.ipynb`: `roejane_90311`, by name and user id;
   - Moodle `Jane Roe_88123_assignsubmission_file_/`, also before a file's name: `Jane Roe_88123`, the participant;
   - Brightspace `1234-5678 - Jane Roe - Mar 1, 2026 1011 AM/`, also before a file's name: `Jane Roe_1234`;
   - Blackboard `Week 6_jroe_attempt_2026-03-01-10-11-12_perceptron.ipynb`: `jroe`. Week 6 is what all names begin with.
   - nbgrader's exchange `jroe+lab06+2026-03-01 10:11:12 UTC/`: `jroe`.
   So is all that is in a folder of Moodle's, Brightspace's or the exchange's, whatever was named in it.
   All attempts of a student are one student's; the one that the system calls the latest counts.
3. A course's root stands for its `submitted/`, whatever that is called. In any other folder that the tutor names,
   - folders are students, if one of them holds the assignment's folder, or if no notebook stands beside them;
   - files called `STUDENT_NOTEBOOK.ipynb` are those students', and any others the folder's own;
   - a folder that holds the assignment's folder or folders called as notebooks, or in which no notebook stands twice,
     is one student's.
   An assignment's folder is never a student: `bob/lab06/` is bob's. A folder of such students' folders is a class, as
   a tutorial's, unless a student's own folder stands beside it: then it is a student's, too, as those of `class/*` are.
4. `jroe+mokoro`, as a folder's name or before a file's, is a group: each member gets its mark, but for notebooks of
   their own. (`jane+comp@uni.edu` is an address.)
5. `__MACOSX`, `._x` and all that begins with a dot are nobody's.

Which notebook a file is, its name says (`perceptron (1).ipynb`, `Copy of perceptron.IPYNB`, `perceptron.ipynb.txt`),
else what it defines. Of several, one with work counts before an untouched release, then the latest attempt, the
plainest name, the file that was changed last. Whatever of a student's can be matched to no notebook is named in the
records of the notebooks that are missing, as to be looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

SUBMITTED = "submitted"
MAX_MEMBERS = 10  # of a group

NOTEBOOK, SCRIPT, TEXT, ARCHIVE, DATA, OTHER = range(6)  # what a file may be, by its ending

_ENDING = re.compile(
    r"(?P<stem>.*?)\.(?P<kind>ipynb|py)(?P<mark>[ _]*\(\d+\))?"
    r"(?:\.(?:ipynb|json|txt|text|download|crdownload|part|bak))*[~\s]*",
    re.IGNORECASE | re.DOTALL,
)
_TEXTS = {"", "json", "txt", "text"}
_ARCHIVES = {"zip", "tar", "gz", "tgz", "bz2", "xz", "7z", "rar"}
_DATA = {"csv", "tsv", "npy", "npz", "pt", "pth", "pkl", "png", "jpg", "jpeg", "gif", "svg", "pyc", "log", "h5"}
_NOBODYS = {"__macosx", "thumbs.db", "desktop.ini", "timestamp.txt"}

_COPY_OF = re.compile(r"^(?:(?:copy(?: \(\d+\))? of|kopie von|copie de|copia de|cópia de)[ _-]+)+", re.IGNORECASE)
_COPY_MARK = re.compile(
    r"[ _-]*\(\d+\)$|[ _-]+(?:copy|kopie|copie|copia)(?:[ _-]?\d{1,2})?$|-checkpoint$|[- ]\d{1,2}$|[ _-]+v\d{1,2}$"
    r"|[ _-]+(?:my|final|new|latest|late|solutions?|solved|done|completed?|submission|submitted|answers?|attempt)$",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?:-|\()(\d{1,9})\)?$")

_CANVAS = re.compile(
    r"(?P<who>.+?)_(?:LATE_)?(?P<user>[1-9]\d*)_(?P<attempt>[1-9]\d{2,18})_(?P<file>.+)", re.DOTALL
)  # an attachment's number has three digits and more: `ada_2026_06_perceptron.ipynb` is Ada's own name for it
_CANVAS_ANONYMOUS = re.compile(
    r"(?P<who>anon_[A-Za-z0-9]{5})_(?:LATE_)?(?P<attempt>[1-9]\d{0,18})_(?P<file>.+)", re.DOTALL
)
_MOODLE = re.compile(
    r"(?P<who>.+?)_(?P<user>\d{1,18})_assignsubmission_(?:file|onlinetext)(?:_(?P<file>.*))?", re.DOTALL
)
_BLACKBOARD = re.compile(
    r"(?P<who>.+?)_attempt_(?P<date>\d{4}(?:-\d\d){3,5})(?:_(?P<file>.+)|(?P<receipt>\.txt))?", re.DOTALL
)
_BRIGHTSPACE = re.compile(r"(?P<user>\d{1,18})-\d+ - (?P<rest>.+)", re.DOTALL)
_EXCHANGE = re.compile(r"(?P<who>[^+]+)\+[^+]+\+(?P<date>\d{4}-\d\d-\d\d \d\d[:.-]?\d\d[:.-]?\d\d)[^+]*(?:\+.*)?")

_YEAR = re.compile(r"\b(\d{4})\b")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TIME = re.compile(r"(\d{1,2})[:.]?(\d\d)(?:[:.]?(\d\d))? ?([ap])?\.?m?", re.IGNORECASE)


@dataclass(frozen=True)
class Sender:
    """What a system's name for a folder or a file says.

    Attributes:
        student: the id of the student.
        attempt: numbers that are greater for a later attempt; () where the name tells none.
        file: the file's own name; "" of a folder.
        before: Blackboard's assignment and user, which only all names together can tell apart.
    """

    student: str
    attempt: tuple[int, ...] = ()
    file: str = ""
    before: str = ""


def sender_of(name: str, *, folder: bool = False) -> Sender | None:
    """What the name of a folder or of a file says, if a learning management system has given it; else None.

    What the system wrote comes first, and what the student called the file after it: of several readings the shortest
    counts, whatever a student has written into the name.
    """
    if folder and (found := _EXCHANGE.fullmatch(name)):
        return Sender(found["who"], tuple(map(int, re.findall(r"\d+", found["date"]))))
    readings: list[Sender] = []
    if found := _MOODLE.fullmatch(name):
        readings.append(Sender(f"{found['who']}_{found['user']}", (), found["file"] or ""))
    if found := _BLACKBOARD.fullmatch(name):
        date = tuple(int(each) for each in found["date"].split("-"))
        file = found["file"] or found["receipt"] or ""
        readings.append(Sender(found["who"].rpartition("_")[2], date, file, found["who"]))
    if found := _BRIGHTSPACE.fullmatch(name):
        readings.append(_of_brightspace(found["user"], found["rest"].split(" - "), folder=folder))
    if found := _CANVAS_ANONYMOUS.fullmatch(name):
        readings.append(Sender(found["who"], _version(found), found["file"]))
    elif found := _CANVAS.fullmatch(name):
        readings.append(Sender(f"{found['who']}_{found['user']}", _version(found), found["file"]))
    return max(readings, key=lambda sender: len(sender.file), default=None)


def is_systems_folder(name: str) -> bool:
    """Whether a folder's name is one that only a system gives: Moodle's, Brightspace's with its date, the exchange's.

    A tutor's own folder may look like the others: `comp_90051_2026_labs`.
    """
    sender = sender_of(name, folder=True)
    if sender is None or sender.file:
        return False
    return bool(sender.attempt) or _MOODLE.fullmatch(name) is not None


def senders_of(names: Iterable[str], *, folder: bool = False) -> dict[str, Sender]:
    """What each name that a system has given says; of Blackboard's, the user is what follows all that they share."""
    senders = {name: sender for name in names if (sender := sender_of(name, folder=folder)) is not None}
    before = {sender.before for sender in senders.values() if sender.before}
    shared = _shared([each.split("_")[:-1] for each in before])
    if not shared:
        return senders
    return {
        name: Sender("_".join(sender.before.split("_")[shared:]), sender.attempt, sender.file, sender.before)
        if sender.before
        else sender
        for name, sender in senders.items()
    }


def members(name: str) -> tuple[str, ...]:
    """The members of a group `a+b`; a name that is no group's is its own."""
    parts = [part.strip() for part in name.split("+")]
    addresses = sum("@" in part for part in parts)
    is_group = (
        2 <= len(parts) <= MAX_MEMBERS
        and all(re.fullmatch(r"\w[\w .,'@-]*", part) for part in parts)
        and addresses in {0, len(parts)}
    )
    return tuple(dict.fromkeys(parts)) if is_group else (name,)


def number_in(student: str) -> str:
    """The number that a system's name for a student ends with (`roejane_90311`); "" where it has none."""
    found = re.fullmatch(r".+_(\d+)", student, re.DOTALL)
    return found[1] if found else ""


def name_in(student: str) -> str:
    """The name in a system's name for a student: all before its number."""
    return student.rpartition("_")[0] if number_in(student) else student


def is_nobodys(name: str) -> bool:
    """Whether a folder or a file is one that a system has made for itself."""
    return name.startswith(".") or name.casefold() in _NOBODYS


def kind_of(name: str) -> tuple[str, int]:
    """A file's name without its ending, and what it may be."""
    if (found := _ENDING.fullmatch(name)) and found["stem"].strip():
        return f"{found['stem']}{found['mark'] or ''}", NOTEBOOK if found["kind"].casefold() == "ipynb" else SCRIPT
    stem, _, ending = name.strip().rpartition(".")
    if not stem:  # no ending; or nothing else, as of Blackboard's receipts
        return name.strip(), DATA if name.startswith(".") else TEXT
    folded = ending.casefold()
    for endings, kind in ((_TEXTS, TEXT), (_ARCHIVES, ARCHIVE), (_DATA, DATA)):
        if folded in endings:
            return stem, kind
    return stem, OTHER


def without_marks(stem: str) -> str:
    """A name without what says that it is a copy or a version: `Copy of x (1)`, `x-2`, `x final`."""
    shorter = _COPY_OF.sub("", stem).strip()
    while (shortened := _COPY_MARK.sub("", shorter)) not in {shorter, ""}:
        shorter = shortened
    return shorter


def version_in(stem: str) -> int:
    """The number of a copy or version at the end of a name; 0 where there is none."""
    found = _NUMBER.search(stem)
    return int(found[1]) if found else 0


def is_folder_of(assignment: str, name: str) -> bool:
    """Whether a folder is the assignment's, as people call it: `lab06`, `Lab 6`, `lab6 (1)`."""
    return _words(without_marks(name)) == _words(assignment) or _words(name) == _words(assignment)


def is_another_assignments(assignment: str, name: str) -> bool:
    """Whether a folder is that of another assignment in the row: `lab05` beside `lab06`."""
    own, other = _words(assignment)[:2], _words(name)[:2]
    if len(own) < 2 or len(other) < 2 or not (own[1].isdigit() and other[1].isdigit()):
        return False
    return own[0] == other[0] and own[1] != other[1]


def named_student(rest: str, assignment: str) -> str:
    """The student whom the rest of a file's name says; "" where it only says the assignment, or "final"."""
    name = rest.strip(" _-")
    if not re.search(r"\w", name) or is_mark(name) or is_folder_of(assignment, name):
        return ""
    return name


def is_mark(name: str) -> bool:
    """Whether words say a version of a file, and no student."""
    return _COPY_MARK.fullmatch(f" {name}") is not None


def _version(found: re.Match[str]) -> tuple[int, ...]:
    return int(found["attempt"]), version_in(kind_of(found["file"])[0])


def _of_brightspace(user: str, parts: list[str], *, folder: bool) -> Sender:
    dated = [place for place, part in enumerate(parts) if place and _date(part)]
    if not dated:
        who, file = (" - ".join(parts), "") if folder else (parts[0], " - ".join(parts[1:]))
        return Sender(f"{who}_{user}", (), file)
    place = dated[0]
    return Sender(f"{' - '.join(parts[:place])}_{user}", _date(parts[place]), " - ".join(parts[place + 1 :]))


def _date(text: str) -> tuple[int, ...]:
    """Year, month, day, hour, minute of `Mar 1, 2026 1011 AM`, `1 March 2026 10:11`; () where it is no date."""
    year = _YEAR.search(text)
    months = [place for place, month in enumerate(_MONTHS, start=1) if re.search(rf"\b{month}", text, re.IGNORECASE)]
    day = re.search(r"\b(\d{1,2})\b", text)
    if year is None or not months or day is None:
        return ()
    time = _TIME.search(text, year.end())
    hour, minute, second = (int(time[1]), int(time[2]), int(time[3] or 0)) if time else (0, 0, 0)
    if time and time[4]:
        hour = hour % 12 + (12 if time[4].casefold() == "p" else 0)
    return int(year[1]), months[0], int(day[1]), hour, minute, second


def _shared(rows: list[list[str]]) -> int:
    """How many words all rows begin with."""
    if not rows:
        return 0
    return next(
        (place for place, words in enumerate(zip(*rows, strict=False)) if len(set(words)) > 1), min(map(len, rows))
    )


def _words(name: str) -> list[str]:
    """The words and numbers of a name, in small letters and without leading zeros."""
    return [str(int(each)) if each.isdecimal() else each for each in re.findall(r"[^\W\d_]+|\d{1,18}", name.casefold())]
