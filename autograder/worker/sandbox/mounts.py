"""Mounts that only the template and its workers see, once the template has a mount namespace of its own.

A worker's scratch folder becomes a file system of its own with a size: what has been deleted and is still mapped
or open counts in it, as no adding up of names can. What no worker may read is covered by an empty folder.

Sources: mount(2), mount_namespaces(7), tmpfs(5).
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.worker.sandbox.libc import check, libc

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_CLONE_NEWNS = 0x0002_0000
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_BIND = 0x1, 0x2, 0x4, 0x8, 0x1000
_MS_REMOUNT, _MS_MOVE, _MS_REC, _MS_PRIVATE = 0x20, 0x2000, 0x4000, 0x4_0000
_MNT_DETACH = 2
_HARMLESS = _MS_NOSUID | _MS_NODEV | _MS_NOEXEC
_ESCAPED = re.compile(r"\\([0-7]{3})")  # a space, say, in the names of mountinfo


def keep_mounts_private() -> None:
    """What is mounted from now on is seen by no other mount namespace, nor the other way round."""
    _mount("none", "/", "", _MS_REC | _MS_PRIVATE)


def mount_scratch(folder: str, *, size: int, files: int, uid: int | None, where: str = "") -> None:
    """Put an empty file system of `size` bytes on `folder`, or on `where`, and copy into it what lies in `folder`.

    It has room for so many more `files`, deleted ones included, and belongs to `uid`; to this process's user if
    that is None. Raises OSError.
    """
    user, group = (os.geteuid(), os.getegid()) if uid is None else (uid, uid)
    filled = bool(os.listdir(folder))  # most are empty, and start sooner
    if filled:
        files += sum(len(folders) + len(names) for _, folders, names in os.walk(folder))
    before = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        options = f"size={size},nr_inodes={files + 1},mode=700,uid={user},gid={group}"
        _mount("scratch", where or folder, "tmpfs", _HARMLESS, options)
        if filled:
            _copy(Path(f"/proc/self/fd/{before}"), Path(where or folder), uid)
    finally:
        os.close(before)


def cover(paths: Iterable[Path]) -> None:
    """Put an empty folder over each folder, and nothing over each file. Raises OSError."""
    for path in paths:
        if path.is_dir():
            _mount("covered", str(path), "tmpfs", _MS_RDONLY | _HARMLESS, "size=4k,nr_inodes=2,mode=555")
        elif path.exists():
            _mount(os.devnull, str(path), "", _MS_BIND)


def mount_processes() -> None:
    """Let /proc show the processes of this PID namespace, to this process alone: its threads have other numbers here.

    NVIDIA's driver writes a thread's name into /proc/self/task, and does not start where it finds no such thread.
    Raises OSError, in a container that masks parts of /proc for example.
    """
    check(libc.unshare(_CLONE_NEWNS), "unshare mount namespace")
    keep_mounts_private()
    _mount("proc", "/proc", "proc", _HARMLESS)


class OwnRoot:
    """A root of each worker's own, in which nothing is but what may be read, and its scratch folder.

    What Landlock refuses is not there to be named, and what is there cannot be written to. Without /proc.

    Args:
        folder: where the root is made, over whatever is there; no other process sees it.
        readable: files and folders, which are there under their own names.
        links: symbolic links on the way to these.
        home: the folder in which the scratch folders lie; None where there is none.

    Raises:
        OSError: the kernel refuses.
    """

    def __init__(self, folder: Path, readable: Iterable[Path], links: Mapping[Path, str], home: Path | None) -> None:
        self._folder = folder
        self._home = home
        covered = _mounted_in(folder)
        folder.mkdir(mode=0o755, exist_ok=True)
        _mount("root", str(folder), "tmpfs", _MS_NOSUID | _MS_NODEV, "size=1m,mode=755")
        made = {folder}
        for place in readable:
            inside = self._inside(place)
            inside.parent.mkdir(parents=True, exist_ok=True)
            made |= _between(folder, inside)
            if place.is_dir():
                inside.mkdir()
            else:
                inside.touch()
            _mount(str(place), str(inside), "", _MS_BIND | _MS_REC)
        if home is not None:
            self._inside(home).mkdir(parents=True)
            made |= _between(folder, self._inside(home))
        for link, said in links.items():
            inside = self._inside(link)
            if inside.parent in made and not os.path.lexists(inside):
                inside.symlink_to(said)
        for each in made:
            each.chmod(0o111)  # what lies there can be named, not listed
        for number, point in _mounted_in(folder).items():
            if number not in covered:
                _make_read_only(point)

    def mount_scratch(self, folder: str, *, size: int, files: int, uid: int | None) -> None:
        """Go on in a mount namespace of this process's own, and put a scratch folder into the root."""
        assert self._home is not None
        check(libc.unshare(_CLONE_NEWNS), "unshare mount namespace")
        home = str(self._inside(self._home))
        _mount("home", home, "tmpfs", _HARMLESS, "size=4k,nr_inodes=2,mode=111")
        inside = self._inside(Path(folder))
        inside.mkdir(mode=0o700)
        _make_read_only(home)
        mount_scratch(folder, size=size, files=files, uid=uid, where=str(inside))

    def enter(self) -> None:
        """See this root only, from now on. Raises OSError.

        Docker's list of system calls lacks pivot_root, even where it lets a container mount. There it is done as
        switch_root(8) does: the old root stays mounted below this one, where no path leads.
        """
        os.chdir(self._folder)
        if libc.pivot_root(b".", b".") == 0:
            check(libc.umount2(b".", _MNT_DETACH), "umount the old root")
        else:
            _mount(".", "/", "", _MS_MOVE)
            os.chroot(".")
        os.chdir("/")

    def _inside(self, place: Path) -> Path:
        return self._folder / place.relative_to("/")


def _between(folder: Path, inside: Path) -> set[Path]:
    """The folders below `folder` that lead to a path."""
    return {each for each in inside.parents if each != folder and each.is_relative_to(folder)}


def _mounted_in(folder: Path) -> dict[str, str]:
    """Where something is mounted on a folder and below it, by the kernel's number of each mount."""
    lines = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    words = [line.split() for line in lines]
    points = {each[0]: _ESCAPED.sub(lambda code: chr(int(code[1], 8)), each[4]) for each in words}
    return {number: point for number, point in points.items() if Path(point).is_relative_to(folder)}


def _make_read_only(point: str) -> None:
    """Nothing can be written to a mounted file system; what was kept from it before stays so."""
    before = os.statvfs(point).f_flag & (_MS_RDONLY | _HARMLESS)
    _mount("none", point, "", _MS_REMOUNT | _MS_BIND | _MS_RDONLY | _MS_NOSUID | before)


def _copy(source: Path, target: Path, uid: int | None) -> None:
    """Copy plain files and folders, as the trusted side has put them there."""
    with os.scandir(source) as entries:
        for entry in entries:
            copy = target / entry.name
            if entry.is_dir(follow_symlinks=False):
                copy.mkdir()
                _copy(Path(entry.path), copy, uid)
            else:
                copy.write_bytes(Path(entry.path).read_bytes())
            if uid is not None:
                os.chown(copy, uid, uid)


def _mount(what: str, where: str, kind: str, flags: int, data: str = "") -> None:
    done = libc.mount(what.encode(), os.fsencode(where), kind.encode() or None, flags, data.encode() or None)
    check(done, f"mount {where}")
