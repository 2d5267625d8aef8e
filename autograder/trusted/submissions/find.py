"""Submissions, found: nbgrader's submitted/ tree, what a learning management system downloads, or single notebooks.

who.py says whose a file is and which notebook, in words and for names; here is what stands where.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.errors import NotebookUnreadable, UsageError
from autograder.trusted.assignment.course_settings import CONFIG
from autograder.trusted.submissions.beside import FilesBeside, files_beside
from autograder.trusted.submissions.candidates import MAX_LOOKS, Candidate, Contents, StudentFile, chosen
from autograder.trusted.submissions.opening import Entry, entries, is_there
from autograder.trusted.submissions.read import read_bytes
from autograder.trusted.submissions.student_ids import another_id, student_ids
from autograder.trusted.submissions.submitted import folder_of_a_student, is_submitted, submitted_of
from autograder.trusted.submissions.who import (
    ARCHIVE,
    NOTEBOOK,
    SCRIPT,
    SUBMITTED,
    is_another_assignments,
    is_folder_of,
    is_nobodys,
    kind_of,
    members,
    sender_of,
    senders_of,
    without_marks,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from autograder.trusted.assignment.plan import NotebookPlan
    from autograder.trusted.submissions.candidates import Released

MAX_FOLDERS = 100  # of one student, that are searched
MAX_DEPTH = 8  # folders within folders


@dataclass(frozen=True, order=True)
class Submission:
    """One notebook of one student; `path` is None where no file was found for it.

    `notes` says how the file was recognised, where its name alone does not say it, and `needs_review` what a person
    should look at, a sentence each. `below` is the folder that the tutor named: from there to the file, no link is
    followed. None stands for the file's own folder.
    `own_folder` is the student's, whose other files the notebook finds; None where it may be others' as well.
    `files_read` are these files where they came from another machine.
    """

    student: str
    notebook: str
    path: Path | None
    notes: tuple[str, ...] = ()
    below: Path | None = None
    needs_review: tuple[str, ...] = ()
    own_folder: Path | None = None
    files_read: FilesBeside | None = field(default=None, compare=False)

    def beside(self) -> FilesBeside:
        """The files beside the notebook that are the student's own."""
        if self.files_read is not None:
            return self.files_read
        if self.own_folder is None:
            return FilesBeside()
        return files_beside(self.own_folder, self.below or self.own_folder)

    def content(self) -> bytes:
        """The bytes of the file. Raises NotebookUnreadable, with the reason."""
        if self.path is None:
            raise NotebookUnreadable("it was not handed in")
        return read_bytes(self.path, self.below or self.path.parent)


def find_submissions(
    paths: Sequence[Path],
    assignment: str,
    notebooks: Mapping[str, NotebookPlan],
    released: Released | None = None,
) -> list[Submission]:
    """Every submitted notebook under `paths`, and a record without a path for each one missing.

    A path is a notebook or script, or a folder: of one student or of a class, as who.py says. `released` gives a
    notebook as it was released, so that an untouched copy gives way to one with work.

    Whoever is found by a folder is expected to have all the notebooks; a single file is itself only. A student whose
    folder is a link, or cannot be looked into, has notebooks that cannot be read.

    Raises:
        UsageError: a path does not exist, cannot be looked into, holds nothing that is a notebook of this
            assignment, or two of the paths claim to be the same notebook of the same student.
    """
    found: dict[tuple[str, str], Submission] = {}
    expected: set[str] = set()
    for path in paths:
        here = _told_apart(_find_among(paths, path, assignment, notebooks, released), path)
        if not here:
            raise UsageError(f"{path} holds no notebook called {', '.join(notebooks)} (.ipynb).")
        for submission in here:
            key = submission.student, submission.notebook
            earlier = found.get(key)
            if earlier is None or earlier.path is None:
                found[key] = submission
            elif submission.path is not None and not _is_one_file(earlier.path, submission.path):
                raise UsageError(
                    f"{earlier.path} and {submission.path} both claim to be {submission.notebook} "
                    f"of {submission.student}: remove one, or grade them one by one."
                )
        if _is_folder(path):
            expected |= {submission.student for submission in here}
    missing = (
        Submission(student, name, None) for student in expected for name in notebooks if (student, name) not in found
    )
    return sorted(
        [*(each for each in found.values() if each.notebook), *missing], key=lambda s: (s.student, s.notebook)
    )


def find_own(
    folder: Path,
    student: str,
    notebooks: Mapping[str, NotebookPlan],
    below: Path,
    released: Released | None = None,
) -> list[Submission]:
    """What stands in a student's own folder and in those below it, and what is to be looked at, without a path.

    A group is one student here.

    All the notebooks, to be told why not, where the folder cannot be looked into.
    """
    finder = _Finder(below, "", notebooks, released)
    return finder.submissions({student: finder.own(student, folder)})


def holds_a_class(path: Path, assignment: str, notebooks: Mapping[str, NotebookPlan]) -> bool:
    """Whether a path of the tutor's is a folder of many students, and not one student's."""
    if not _is_folder(path) or _owner_below_submitted(path) is not None:
        return False
    try:
        return not _Finder(path, assignment, notebooks, None).is_one_students(path)
    except OSError:
        return False


@dataclass
class _HandIn:
    """What one student has handed in: the files, or a folder that cannot be looked into."""

    candidates: list[Candidate] = field(default_factory=list)
    unreadable: Path | None = None
    expected: bool = False  # a student, even without any file
    own: bool = False


class _Finder:
    """Finds below one folder of the tutor's.

    Args:
        below: that folder, from which on no link is followed.
        assignment: its name; "" in a folder that is the assignment's already.
        notebooks: what the source says of each.
        released: see find_submissions.
    """

    def __init__(
        self, below: Path, assignment: str, notebooks: Mapping[str, NotebookPlan], released: Released | None
    ) -> None:
        self._below = below
        self._assignment = assignment
        self._notebooks = notebooks
        self._released = released

    def submissions(self, hand_ins: Mapping[str, _HandIn]) -> list[Submission]:
        """What counts of all that was handed in, by student."""
        found: list[Submission] = []
        for student, hand_in in hand_ins.items():
            if hand_in.unreadable is not None:
                found += [
                    Submission(student, name, hand_in.unreadable / f"{name}.ipynb", below=self._below)
                    for name in self._notebooks
                ]
                continue
            choices = chosen(hand_in.candidates, self._contents(own=hand_in.own))
            found += [
                Submission(
                    student,
                    each.notebook,
                    each.path,
                    each.notes,
                    self._below if each.path else None,
                    each.needs_review,
                    each.path.parent if each.path and hand_in.own else None,
                )
                for each in choices
            ]
            if not choices and hand_in.expected:
                found.append(Submission(student, "", None))  # a student who handed in an empty folder
        return found

    def own(self, student: str, folder: Path, *, attempt: tuple[int, ...] = ()) -> _HandIn:
        """What stands in a student's own folder; in it everything is theirs, whatever a file's name claims."""
        contents = self._contents(own=True)
        try:
            places = self._places(folder)
        except OSError:
            return _HandIn(unreadable=folder, own=True)
        if isinstance(places, Path):
            return _HandIn(unreadable=places, own=True)
        hand_in = _HandIn(own=True, expected=any(not place.outside for place in places) and places[0].is_assignments)
        for place in places:
            for entry in place.files:
                sender = sender_of(entry.name)
                file = StudentFile(
                    place.folder / entry.name,
                    sender.file if sender and sender.file else entry.name,
                    entry.changed,
                    sender.attempt if sender and sender.attempt else attempt,
                    place.depth,
                    place.outside,
                )
                candidate = contents.recognise(file)
                if candidate.notebook or place.folder == folder or not place.outside:
                    hand_in.candidates.append(candidate)
        return hand_in

    def in_class(self, folder: Path, owner: str) -> dict[str, _HandIn]:
        """What stands in a folder of a class; files whose names say no student are the `owner`'s.

        Raises OSError where the folder cannot be looked into.
        """
        here = entries(folder, self._below)
        folders = [each for each in here if _may_be_a_student(folder, each)]
        senders = senders_of((each.name for each in folders), folder=True)
        handed_in = {each.name: self._assignments_folder(folder / each.name) for each in folders}
        hand_ins = self._flat(folder, here, owner)
        notebooks_here = any(each.notebook for hand_in in hand_ins.values() for each in hand_in.candidates)
        is_tree = any(handed_in.values())
        for entry in folders:
            place, sender = folder / entry.name, senders.get(entry.name)
            if not entry.is_folder and notebooks_here and not is_tree:
                continue  # a link beside notebooks is nobody's
            if entry.is_folder and sender is None and not handed_in[entry.name] and self._holds_students(place):
                for name, hand_in in self.in_class(place, entry.name).items():
                    _add(hand_ins, name, hand_in)
                continue
            student = sender.student if sender else entry.name
            more = self.own(student, place, attempt=sender.attempt if sender else ())
            more.expected |= sender is not None
            if more.unreadable is None and not more.expected and not _is_work(more.candidates, is_tree=is_tree):
                continue
            _add(hand_ins, student, more)
        return hand_ins

    def class_within(self, folder: Path) -> Path:
        """The assignment's folder, where students stand in that, and not beside it."""
        here = [each.name for each in entries(folder, self._below) if each.is_folder and not is_nobodys(each.name)]
        own = [name for name in here if is_folder_of(self._assignment, name)]
        if len(own) != 1 or any(self._assignments_folder(folder / name) for name in here):
            return folder
        return folder / own[0] if self._is_class_within(folder / own[0]) else folder

    def is_one_students(self, folder: Path) -> bool:
        """Whether a folder that the tutor names is one student's: see who.py. Raises OSError."""
        here = entries(folder, self._below)
        folders = [each.name for each in here if each.is_folder and not is_nobodys(each.name)]
        names = [each.name for each in here if each.is_file and not is_nobodys(each.name)]
        if senders_of(names) or senders_of(folders, folder=True):
            return False
        assignments = [name for name in folders if is_folder_of(self._assignment, name)]
        inner = [name for name in folders if name not in assignments]
        if any(self._assignments_folder(folder / name) for name in inner):
            return False
        if assignments:
            return not self._is_class_within(folder / assignments[0])
        if any(self._is_notebooks(folder / name) for name in inner):
            return True
        flat = self._known_by_name(names)
        if not flat or any(student for student, _ in flat):
            return False
        seen = [notebook for _, notebook in flat]
        for name in inner:
            within = self._known_below(folder / name)
            if set(within) & set(seen):
                return False
            seen += within
        return True

    def _is_notebooks(self, folder: Path) -> bool:
        """Whether a folder is called as a notebook, and its files name no students."""
        if without_marks(folder.name).casefold() not in {name.casefold() for name in self._notebooks}:
            return False
        files = [each.name for place in self._walk(folder, 0) for each in place.files]
        return not senders_of(files) and not any(student for student, _ in self._known_by_name(files))

    def wrapped(self, folder: Path) -> Path:
        """The folder that holds the class where `folder` only wraps it: a course's root, or an unpacked download.

        Raises UsageError for a course's root without submissions, and OSError.
        """
        submitted = submitted_of(folder)
        for _ in range(MAX_DEPTH):
            here = entries(folder, folder)
            folders = [each.name for each in here if each.is_folder and not is_nobodys(each.name)]
            files = [each.name for each in here if each.is_file and not is_nobodys(each.name)]
            is_root = CONFIG in files or "source" in folders
            if _is_there(submitted) and (is_root or len(folders) == 1):
                return submitted
            if CONFIG in files:
                raise UsageError(f"There is no {submitted}: name the folder with the submissions.")
            if (
                len(folders) == 1
                and not _is_submitted(folder)
                and not self._known_by_name(files)
                and self._is_download(folder / folders[0])
            ):
                folder = folder / folders[0]
                submitted = folder / SUBMITTED  # settings that a download holds are a student's
            else:
                break
        return folder

    def _is_download(self, folder: Path) -> bool:
        try:
            here = entries(folder, folder)
        except OSError:
            return False
        if sender_of(folder.name, folder=True) or is_folder_of(self._assignment, folder.name):
            return False
        known = self._known_by_name(each.name for each in here if each.is_file)
        named = {student for student, _ in known}
        if len(named) > 1 and "" not in named:
            return True
        return bool(
            senders_of((each.name for each in here if each.is_folder), folder=True)
            or senders_of(each.name for each in here if each.is_file)
        )

    def _holds_students(self, folder: Path) -> bool:
        """Whether a folder within a class, and not within submitted/, holds folders of students: a tutorial's."""
        if _is_submitted(self._below) or len(folder.relative_to(self._below).parts) > MAX_DEPTH:
            return False
        try:
            inner = [each.name for each in entries(folder, self._below) if each.is_folder and not is_nobodys(each.name)]
        except OSError:
            return False
        return bool(senders_of(inner, folder=True)) or any(self._assignments_folder(folder / name) for name in inner)

    def _is_class_within(self, folder: Path) -> bool:
        """Whether the assignment's folder holds students, by files or folders, and not one student's work."""
        here = entries(folder, self._below)
        files = self._known_by_name(each.name for each in here if each.is_file)
        folders = [each.name for each in here if each.is_folder and not is_nobodys(each.name)]
        if senders_of(each.name for each in here if each.is_file) or senders_of(folders, folder=True):
            return True
        if files:
            return len({student for student, _ in files}) > 1 and all(student for student, _ in files)
        seen = [notebook for name in folders for notebook in self._known_below(folder / name)]
        return len(seen) > len(set(seen))

    def _known_by_name(self, names: Iterable[str]) -> list[tuple[str, str]]:
        """The student and the notebook that each file's name says, of those that say a notebook; "" for no student."""
        known = []
        for name in names:
            stem, kind = kind_of(name)
            plain = without_marks(stem)
            for notebook in self._notebooks:
                if kind in {NOTEBOOK, SCRIPT} and plain == notebook:
                    known.append(("", notebook))
                elif kind == NOTEBOOK and plain.endswith((f"_{notebook}", f"-{notebook}", f" {notebook}")):
                    known.append((plain[: -len(notebook) - 1], notebook))
        return known

    def _known_below(self, folder: Path) -> list[str]:
        """The notebooks that files in a folder, and below it, are by their names; each once for a folder."""
        found: set[str] = set()
        for place in self._walk(folder, 0):
            found |= {notebook for _, notebook in self._known_by_name(each.name for each in place.files)}
        return sorted(found)

    def _flat(self, folder: Path, here: Iterable[Entry], owner: str) -> dict[str, _HandIn]:
        """The files that stand in a folder of a class, by student."""
        contents = self._contents(own=False)
        files = [each for each in here if not each.is_folder and not is_nobodys(each.name)]
        senders = senders_of(each.name for each in files)
        hand_ins: dict[str, _HandIn] = {}
        left: list[Candidate] = []
        for entry in files:
            sender = senders.get(entry.name)
            name = sender.file if sender and sender.file else entry.name
            kind = kind_of(name)[1]
            if sender is None and kind not in {NOTEBOOK, SCRIPT, ARCHIVE} and not self._says_a_notebook(name):
                continue  # a roster, a page, a figure
            file = StudentFile(folder / entry.name, name, entry.changed, sender.attempt if sender else ())
            candidate = contents.recognise(file, self._assignment)
            if sender is not None:
                _add(hand_ins, sender.student, _HandIn([candidate], expected=True))
            elif candidate.notebook:
                _add(hand_ins, candidate.rest or owner, _HandIn([candidate]))
            elif kind in {NOTEBOOK, ARCHIVE} and entry.is_file:
                left.append(candidate)
        for candidate in left:
            _add(hand_ins, self._whose(candidate, hand_ins, owner), _HandIn([candidate]))
        return hand_ins

    def _says_a_notebook(self, name: str) -> bool:
        return any(notebook in name for notebook in self._notebooks)

    def _whose(self, candidate: Candidate, students: Iterable[str], owner: str) -> str:
        """Whose a file is that is no notebook: whom its name begins with, else whom it names by itself."""
        stem = without_marks(kind_of(candidate.file.name)[0])
        named = [each for each in students if each != owner and stem.casefold().startswith(each.casefold())]
        if named:
            return max(named, key=len)
        return owner if is_folder_of(self._assignment, stem) else stem.strip() or owner

    def _places(self, folder: Path) -> list[_Place] | Path:
        """The folders of a student in which files may stand, the assignment's first.

        The assignment's folder itself where that cannot be looked into. Raises OSError where `folder` cannot.
        """
        is_assignments = self._assignment and is_folder_of(self._assignment, _name_of(folder))
        own = "" if is_assignments else self._assignments_folder(folder)
        if not own:
            return [each for each in self._walk(folder, 0, first=True) if not self._is_anothers(each.folder, folder)]
        place = folder / own
        try:
            inside = self._walk(place, 0, first=True)
        except OSError:
            return place
        inside[0] = replace(inside[0], is_assignments=True)
        try:
            beside = self._walk(folder, 0, first=True, but=own)
        except OSError:
            beside = []  # who may pass through a folder may still not read it
        return inside + [replace(each, outside=True) for each in beside if not self._is_anothers(each.folder, folder)]

    def _is_anothers(self, place: Path, folder: Path) -> bool:
        parts = place.relative_to(folder).parts
        return bool(parts and self._assignment and is_another_assignments(self._assignment, parts[0]))

    def _walk(self, folder: Path, depth: int, *, first: bool = False, but: str = "") -> list[_Place]:
        """A folder and those below it, upper ones first; links are no folders. Raises OSError for the `first` alone."""
        found: list[_Place] = []
        waiting = [(folder, depth)]
        while waiting and len(found) < MAX_FOLDERS:
            place, depth = waiting.pop(0)
            try:
                here = entries(place, self._below)
            except OSError:
                if first and not found:
                    raise
                continue
            named = [each for each in here if not is_nobodys(each.name)]
            # A folder that is called as a notebook is in its place, too, and told to be none.
            files = tuple(each for each in named if not each.is_folder or kind_of(each.name)[1] == NOTEBOOK)
            found.append(_Place(place, files, depth))
            if depth < MAX_DEPTH:
                waiting += [
                    (place / each.name, depth + 1)
                    for each in named
                    if each.is_folder and not (place == folder and each.name == but)
                ]
        return found

    def _assignments_folder(self, folder: Path) -> str:
        """What the assignment's folder, or something in its place, is called in a student's; "" if there is none."""
        if not self._assignment:
            return ""
        try:
            if is_there(folder / self._assignment, self._below):
                return self._assignment
            names = [each.name for each in entries(folder, self._below) if each.is_folder]
        except OSError:
            return ""
        return next((name for name in names if is_folder_of(self._assignment, name)), "")

    def _contents(self, *, own: bool) -> Contents:
        return Contents(self._notebooks, self._below, self._released, MAX_LOOKS if own else None)


@dataclass(frozen=True)
class _Place:
    """A folder of a student's with its files; `outside` is one beside the assignment's folder."""

    folder: Path
    files: tuple[Entry, ...]
    depth: int
    outside: bool = False
    is_assignments: bool = False


def _add(hand_ins: dict[str, _HandIn], student: str, more: _HandIn) -> None:
    """Add to what a student has handed in; a folder that cannot be looked into counts where nothing else is there."""
    earlier = hand_ins.get(student)
    if earlier is None:
        hand_ins[student] = more
        return
    earlier.candidates += more.candidates
    earlier.expected |= more.expected
    if earlier.unreadable is not None and more.unreadable is None:
        earlier.unreadable = None


def _shared_out(hand_ins: Mapping[str, _HandIn]) -> dict[str, _HandIn]:
    """What each student has handed in, groups among them taken apart."""
    shared: dict[str, _HandIn] = {}
    for name, hand_in in sorted(hand_ins.items(), key=lambda each: len(members(each[0]))):
        group = members(name)
        for student in group:
            candidates = hand_in.candidates
            if len(group) > 1:
                candidates = [replace(each, file=replace(each.file, group=name)) for each in candidates]
            _add(shared, student, replace(hand_in, candidates=list(candidates)))
    return shared


def _is_work(candidates: Iterable[Candidate], *, is_tree: bool) -> bool:
    """Whether files could be what a student hands in: a folder of pictures or data is no student's.

    Where others have a folder for the assignment, folders of somebody who has none may be other assignments'.
    """
    return any(
        each.notebook or (each.kind in {NOTEBOOK, ARCHIVE} and not (is_tree and each.file.depth)) for each in candidates
    )


def _find_among(
    paths: Sequence[Path],
    path: Path,
    assignment: str,
    notebooks: Mapping[str, NotebookPlan],
    released: Released | None,
) -> list[Submission]:
    """What one of several paths holds. Of several folders, one that cannot be looked into is its student's alone."""
    try:
        return _find(path, assignment, notebooks, released)
    except UsageError:
        if len(set(paths)) == 1 or not _is_there(path) or kind_of(path.name)[1] in {NOTEBOOK, SCRIPT}:
            raise
        try:
            entries(path, path)
        except OSError:
            student = _owner(path, assignment)
            return [Submission(student, name, path / f"{name}.ipynb", below=path) for name in notebooks]
        raise


def _find(
    path: Path, assignment: str, notebooks: Mapping[str, NotebookPlan], released: Released | None
) -> list[Submission]:
    """What a path of the tutor's holds; the students are as in the names."""
    if not _is_folder(path):
        return _find_file(path, assignment, notebooks)
    try:
        folder = path
        if _owner_below_submitted(path) is None:
            folder = _Finder(path, assignment, notebooks, released).wrapped(path)
        finder = _Finder(folder, assignment, notebooks, released)
        owner, below = _owner(folder, assignment), _owner_below_submitted(folder)
        if below is not None or finder.is_one_students(folder):
            hand_ins = {owner: finder.own(owner, folder)}
            if hand_ins[owner].unreadable == folder:
                entries(folder, folder)  # says why
            hand_ins[owner].expected = True
        else:
            inner = finder.class_within(folder)
            hand_ins = finder.in_class(inner, _owner(inner, assignment))
        found = finder.submissions(_shared_out(hand_ins))
    except OSError as error:
        raise UsageError(f"{path} cannot be looked into ({error.strerror}): ask for the right to read it.") from error
    return found


def _find_file(path: Path, assignment: str, notebooks: Mapping[str, NotebookPlan]) -> list[Submission]:
    """The submission that a single file is; each member's, where a group handed it in."""
    if not _is_there(path):
        raise UsageError(f"There is no {path}: name a notebook, a folder of notebooks, or a submitted/ tree.")
    sender = sender_of(path.name)
    file = StudentFile(path, sender.file if sender and sender.file else path.name)
    if kind_of(file.name)[1] not in {NOTEBOOK, SCRIPT}:
        raise UsageError(f"There is no notebook in {path}: name a notebook, a folder of them, or a submitted/ tree.")
    candidate = Contents(notebooks, path.parent).recognise(file, assignment)
    if not candidate.notebook:
        raise UsageError(
            f"{path.name} names none of the notebooks {', '.join(notebooks)}, and does not define their exercises: "
            "rename it."
        )
    owner = _owner(path.parent, assignment)
    own = _owner_below_submitted(path.parent) is not None or sender_of(_name_of(path.parent), folder=True) is not None
    student = owner if own else sender.student if sender else candidate.rest or owner
    finder = _Finder(path.parent, assignment, notebooks, None)
    return finder.submissions(_shared_out({student: _HandIn([candidate])}))


def _may_be_a_student(folder: Path, entry: Entry) -> bool:
    """Whether an entry of the tutor's folder is a student's folder, or stands where one should."""
    if is_nobodys(entry.name):
        return False
    if entry.is_folder:
        return True
    is_file = entry.is_file or kind_of(entry.name)[1] in {NOTEBOOK, SCRIPT}
    return not is_file and not os.path.isfile(folder / entry.name)  # which asks for no right


def _owner(folder: Path, assignment: str) -> str:
    """The student whose folder this is: `ada`, or in the tree of nbgrader `ada/ASSIGNMENT`."""
    below = _owner_below_submitted(folder)
    if below is not None:
        return below
    own = _resolved(folder)
    while is_folder_of(assignment, own.name) and own.parent.name:
        own = own.parent
    sender = sender_of(own.name, folder=True)
    return sender.student if sender else own.name


def _owner_below_submitted(folder: Path) -> str | None:
    """The student whose folder holds this one, where that stands below all that is submitted; else None."""
    for path in (Path(os.path.abspath(folder)), _resolved(folder)):
        own = folder_of_a_student(path)
        if own is not None:
            sender = sender_of(own.name, folder=True)
            return sender.student if sender else own.name
    return None


def _is_submitted(folder: Path) -> bool:
    """Whether a folder is that of all that is submitted, as it was named or where it leads."""
    return is_submitted(Path(os.path.abspath(folder))) or is_submitted(_resolved(folder))


def _name_of(folder: Path) -> str:
    return _resolved(folder).name


def _resolved(folder: Path) -> Path:
    try:
        return folder.resolve()
    except (OSError, RuntimeError):  # links in a circle
        return folder.absolute()


def _is_folder(path: Path) -> bool:
    return os.path.isdir(path)  # Path.is_dir() raises where a right is missing


def _is_one_file(path: Path, other: Path) -> bool:
    return os.path.abspath(path) == os.path.abspath(other) or _resolved(path) == _resolved(other)


def _is_there(path: Path) -> bool:
    """Whether there is anything at `path`, or nobody may tell."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def _told_apart(found: list[Submission], path: Path) -> list[Submission]:
    """What was found at `path`, each student under an id of their own, as text."""
    ids = student_ids(each.student for each in found)
    apart: dict[tuple[str, str], Submission] = {}
    for each in found:
        student, note = ids[each.student]
        if (student, each.notebook) in apart and each.path is not None:
            student, note = another_id(student, os.path.relpath(each.path, path))
        notes = (*each.notes, note) if note else each.notes
        apart[student, each.notebook] = replace(each, student=student, notes=notes)
    return list(apart.values())
