"""The sandbox: what a freshly forked worker does to itself before it meets a student's code.

In this order, each layer for good:

1. mounts        its folder is a file system with a size; without namespaces, no file can be deleted instead. A worker
                 with the GPU finds its own threads in /proc
2. limits        address space, file size, core dumps, processor time
3. files         Landlock: reads only what Python needs, writes only its scratch folder, signals only itself. Where the
                 kernel has no Landlock, a root in which there is nothing else
4. descriptors   all closed but the wire; standard streams lead to /dev/null; no more than so many
5. threads       so many, in a user namespace of the worker's own where it is an ordinary user's
6. privileges    root becomes an ordinary user that no other process runs as; no capability is left
7. parent        the worker ends when the template does
8. memory        no process of the same user may look into it
9. seccomp       an allowlist of system calls: no sockets, no new processes, no programs, no signals to others

An allowlist, because a list of forbidden calls is out of date with the next kernel; a call that is
not on it fails with EPERM, which Python shows as PermissionError.

Which of these refuse what, and which must hold: `protection`.

Sources: landlock(7), seccomp(2), prctl(2), capabilities(7), getrlimit(2), pivot_root(2).
"""

from __future__ import annotations

import errno
import os
import re
import resource
import signal
from typing import TYPE_CHECKING

import msgspec

from autograder.worker.sandbox import landlock, protection
from autograder.worker.sandbox.landlock import TRUNCATION_SINCE, FileRules
from autograder.worker.sandbox.libc import die_with, prctl
from autograder.worker.sandbox.mounts import OwnRoot, cover, mount_processes, mount_scratch
from autograder.worker.sandbox.namespaces import Namespaces, enter_user_namespace
from autograder.worker.sandbox.places import (
    OWN_THREADS,
    driver_devices,
    driver_files,
    everyone_reaches,
    links_to_places,
    readable_places,
)
from autograder.worker.sandbox.system_calls import SystemCallFilter
from autograder.worker.sandbox.users import become, drop_bounding_set, give_up_capabilities

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

MAX_DRIVER_BYTES = 2 * 2**30  # host memory that the driver and its libraries may take; 0.5 GiB were seen

_PR_SET_DUMPABLE = 4
_THREADS_COUNTED_SINCE = (5, 14)  # by user namespace; before, a user's are counted wherever they run
_HIDDEN_LANDLOCK = "Landlock "


class Limits(msgspec.Struct, frozen=True):
    """What one worker may use at most, besides the wall-clock time that the trusted side watches."""

    memory_bytes: int = 2**30
    file_bytes: int = 16 * 2**20
    open_files: int = 64
    threads: int = 64
    cpu_seconds: int = 120
    scratch_bytes: int = 128 * 2**20
    scratch_files: int = 1_000


class Place(msgspec.Struct, frozen=True):
    """Where a worker enters its sandbox.

    Attributes:
        wire: the descriptor that stays open.
        scratch: an existing empty folder, made the working directory and the only writable place; "" for none.
        template_pid: the parent, with which the process is to die.
        uid: the user that a worker of root's becomes, whom no other process has; None for an ordinary user.
    """

    wire: int
    scratch: str
    template_pid: int
    uid: int | None = None


_NONE = Namespaces()


class Sandbox:
    """The sandbox as the template prepares it once, and as each worker enters it.

    Args:
        limits: what a worker may use.
        secrets: files and folders that no worker may read, even where they lie inside a Python installation.
        namespaces: those that this process is in (`enter_namespaces`); with a mount namespace it reads no secret
            either from now on.
        users: whether each worker becomes a user that no other process has (`own_users`).
        home: the folder in which the workers' scratch folders lie; None where they have none.
        root: the folder over which a root of their own is made, where it takes one.
        with_gpu: whether NVIDIA's driver stays reachable.
        hidden: layers that this machine is to do without, as if its kernel had none: "Landlock 4" hides that and
            all later ones. For tests; what must be refused must be refused nevertheless.
        whole: whether all that must be refused has to be; a process that runs nobody's code may do with what there is.

    Attributes:
        layers: those in force.
        refused_by: see `protection.refusing`.
        counts_threads: whether the kernel counts a worker's threads; if not, the trusted side has to.

    Raises:
        OSError: a layer is missing without which something would not be refused.
    """

    def __init__(
        self,
        limits: Limits,
        secrets: Iterable[Path],
        *,
        namespaces: Namespaces = _NONE,
        users: bool = True,
        home: Path | None = None,
        root: Path | None = None,
        with_gpu: bool = False,
        hidden: Collection[str] = (),
        whole: bool = True,
    ) -> None:
        self._limits = limits
        self._mounts = "mount" in namespaces.own
        self._with_gpu = with_gpu
        version = landlock_version(hidden)
        in_own_root = not version and self._mounts and root is not None and not with_gpu
        self.counts_threads = users or ("user" in namespaces.own and _kernel_counts_by_namespace())
        self._filter = SystemCallFilter(
            with_gpu=with_gpu, deletes=self._mounts, cuts=version >= TRUNCATION_SINCE or in_own_root
        )
        self.layers = _in_force(version, namespaces, users=users, own_root=in_own_root, counted=self.counts_threads)
        self.refused_by = protection.refusing(self.layers) if whole else {}
        readable = readable_places(secrets, covering=cover if self._mounts else None)
        self._needs_search = users and not in_own_root and not all(map(everyone_reaches, readable))
        self._rules: FileRules | None = None
        self._root: OwnRoot | None = None
        if version:
            places = [*map(str, readable), *(driver_files() if with_gpu else ())]
            self._rules = FileRules(version, places, [os.devnull, *(driver_devices() if with_gpu else ())])
        elif in_own_root and root is not None:
            self._root = OwnRoot(root, readable, links_to_places(), home)
        if users:
            drop_bounding_set()

    def enter(self, place: Place) -> None:
        """Enter the sandbox with this process, which must have one thread, before it sees anything of a student's.

        Raises:
            OSError: a layer cannot be set, which its text names; the process must not go on.
        """
        for layer in (
            self._mount_own,
            self._limit_resources,
            self._limit_files,
            self._close_descriptors,
            self._limit_threads,
            self._drop_privileges,
            self._die_with_the_template,
            self._hide_memory,
            self._filter_system_calls,
        ):
            layer(place)

    def _mount_own(self, place: Place) -> None:
        if not self._mounts or not place.scratch:
            return
        limits = self._limits
        mount = mount_scratch if self._root is None else self._root.mount_scratch
        mount(place.scratch, size=limits.scratch_bytes, files=limits.scratch_files, uid=place.uid)
        if self._with_gpu:
            mount_processes()

    def _limit_resources(self, _: Place) -> None:
        limits = self._limits
        addresses, data = _memory_of_this_process()
        memory = (resource.RLIMIT_AS, addresses + limits.memory_bytes)
        if self._with_gpu:  # the driver reserves more addresses than there is memory; what may be written to counts
            memory = (resource.RLIMIT_DATA, data + limits.memory_bytes + MAX_DRIVER_BYTES)
        for what, most in (
            memory,
            (resource.RLIMIT_FSIZE, limits.file_bytes),
            (resource.RLIMIT_CPU, limits.cpu_seconds),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_MEMLOCK, 0),
            (resource.RLIMIT_MSGQUEUE, 0),
        ):
            _limit(what, most)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a file too large is EFBIG, not death

    def _limit_files(self, place: Place) -> None:
        if self._rules is not None:
            own = (OWN_THREADS,) if self._with_gpu else ()
            self._rules.restrict(writable=[*filter(None, [place.scratch]), *own])
        elif self._root is not None:
            self._root.enter()

    def _close_descriptors(self, place: Place) -> None:
        close_descriptors(keep=place.wire)
        _limit(resource.RLIMIT_NOFILE, self._limits.open_files)
        os.chdir(place.scratch or "/")
        if place.scratch and place.uid is not None:
            os.chown(place.scratch, place.uid, place.uid)

    def _limit_threads(self, place: Place) -> None:
        """Threads are counted by user, who must be alone: as one of root's making, or in a namespace."""
        if not self.counts_threads:
            return  # the trusted side counts
        if place.uid is None:
            enter_user_namespace()
        _limit(resource.RLIMIT_NPROC, self._limits.threads)

    def _drop_privileges(self, place: Place) -> None:
        if place.uid is not None:
            become(place.uid, keep_search=self._needs_search)
        give_up_capabilities(keep_search=self._needs_search)

    def _die_with_the_template(self, place: Place) -> None:
        die_with(place.template_pid)

    def _hide_memory(self, _: Place) -> None:
        prctl(_PR_SET_DUMPABLE, 0)

    def _filter_system_calls(self, _: Place) -> None:
        self._filter.load()


def landlock_version(hidden: Collection[str]) -> int:
    """The version of Landlock that the kernel offers, as far as it is not hidden."""
    unseen = [int(each.removeprefix(_HIDDEN_LANDLOCK)) for each in hidden if each.startswith(_HIDDEN_LANDLOCK)]
    return min(landlock.version(), *(each - 1 for each in unseen)) if unseen else landlock.version()


def _in_force(version: int, namespaces: Namespaces, *, users: bool, own_root: bool, counted: bool) -> tuple[str, ...]:
    """The layers that hold, by their names in `protection`."""
    layers = [*protection.landlock_layers(version), protection.SECCOMP, protection.LIMITS, protection.UNDUMPABLE]
    layers += [f"{each} namespace" for each in namespaces.own]
    layers.append(protection.SCRATCH if "mount" in namespaces.own else protection.NO_DELETING)
    layers.append(protection.THREADS if counted else protection.WATCH)
    return tuple(layers + own_root * [protection.OWN_ROOT] + users * [protection.OWN_USER])


def _kernel_counts_by_namespace() -> bool:
    release = re.match(r"(\d+)\.(\d+)", os.uname().release)
    return (
        os.geteuid() != 0  # whom the kernel does not count, in whatever namespace
        and release is not None
        and (int(release[1]), int(release[2])) >= _THREADS_COUNTED_SINCE
    )


def _memory_of_this_process() -> tuple[int, int]:
    """Its addresses, and those of data and stacks, in bytes; read without Python's files, which a fork has to copy."""
    status = os.open("/proc/self/statm", os.O_RDONLY)
    try:
        pages = os.read(status, 100).split()
    finally:
        os.close(status)
    return int(pages[0]) * resource.getpagesize(), int(pages[5]) * resource.getpagesize()


def _limit(what: int, most: int) -> None:
    """Set a limit, to a smaller one where this process was given that. Raises OSError, in gVisor for example."""
    _, hard = resource.getrlimit(what)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    try:
        resource.setrlimit(what, (most, most))
    except ValueError as refused:  # EPERM
        raise OSError(errno.EPERM, f"a limit cannot be set: {refused}") from refused


def close_descriptors(keep: int) -> None:
    """Close every descriptor but `keep`; standard input, output and errors lead to /dev/null."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.closerange(3, keep)
    os.closerange(keep + 1, os.sysconf("SC_OPEN_MAX"))
