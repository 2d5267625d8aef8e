"""Mounts that only the template and its workers see, once the template has a mount namespace of its own.

A worker's scratch folder becomes a file system of its own with a size: what has been deleted and is still mapped
or open counts in it, as no adding up of names can. What no worker may read is covered by an empty folder.

Sources: mount(2), mount_namespaces(7), tmpfs(5).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.worker.sandbox.libc import check, libc

if TYPE_CHECKING:
    from collections.abc import Iterable

_CLONE_NEWNS = 0x0002_0000
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_BIND = 0x1, 0x2, 0x4, 0x8, 0x1000
_MS_REC, _MS_PRIVATE = 0x4000, 0x4_0000
_HARMLESS = _MS_NOSUID | _MS_NODEV | _MS_NOEXEC


def keep_mounts_private() -> None:
    """What is mounted from now on is seen by no other mount namespace, nor the other way round."""
    _mount("none", "/", "", _MS_REC | _MS_PRIVATE)


def mount_scratch(folder: str, *, size: int, files: int, uid: int | None) -> None:
    """Put an empty file system of `size` bytes on `folder`, and copy into it what lay there.

    It has room for so many more `files`, deleted ones included, and belongs to `uid`; to this process's user if
    that is None. Raises OSError.
    """
    owner = os.geteuid() if uid is None else uid
    files += 1 + sum(len(folders) + len(names) for _, folders, names in os.walk(folder))
    before = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        _mount("scratch", folder, "tmpfs", _HARMLESS, f"size={size},nr_inodes={files},mode=700,uid={owner},gid={owner}")
        _copy(Path(f"/proc/self/fd/{before}"), Path(folder), uid)
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
