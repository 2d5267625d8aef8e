"""The sandbox: what a freshly forked worker does to itself before it meets a student's code.

In this order, each layer for good:

1. mounts        its folder is a file system with a size; without namespaces, no file can be deleted instead. A worker
                 with the GPU finds its own threads in /proc
2. descriptors   all closed but the wire; standard streams lead to /dev/null
3. threads       so many, in a user namespace of the worker's own where it is an ordinary user's
4. limits        address space, file size, open files, core dumps, processor time
5. Landlock      reads only what Python needs, writes only its scratch folder, signals only itself
6. privileges    root becomes an ordinary user that no other process runs as; no capability is left
7. parent        the worker ends when the template does
8. memory        no process of the same user may look into it
9. seccomp       an allowlist of system calls: no sockets, no new processes, no programs

An allowlist, because a list of forbidden calls is out of date with the next kernel; a call that is
not on it fails with EPERM, which Python shows as PermissionError.

Sources: landlock(7), seccomp(2), prctl(2), capabilities(7); `sandlock.confine`, `pyseccomp`.
"""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from autograder.worker.sandbox.copies import copies_of_a_kit
from autograder.worker.sandbox.libc import check, die_with, libc, prctl
from autograder.worker.sandbox.mounts import cover, mount_processes, mount_scratch
from autograder.worker.sandbox.namespaces import enter_user_namespace
from autograder.worker.sandbox.system_calls import SystemCallFilter

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

MAX_DRIVER_BYTES = 2 * 2**30  # host memory that the driver and its libraries may take; 0.5 GiB were seen

_FIRST_OWN_UID = 1_000_000_000
MAX_OWN_UIDS = 512  # of one process at once; process ids end at 2^22, so that users end below 2^32

_PR_SET_DUMPABLE, _PR_SET_KEEPCAPS, _PR_CAPBSET_DROP = 4, 8, 24
_CAP_DAC_READ_SEARCH = 2
_LAST_CAPABILITY = Path("/proc/sys/kernel/cap_last_cap")

_LIBRARY_FOLDERS = ("/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib", "/lib64")
_DATA_OF_LIBRARIES = ("locale", "ssl", "gconv")
_LOOKED_UP = (
    "/usr/share/zoneinfo", "/usr/share/fonts", "/usr/share/locale", "/etc/ld.so.cache", "/etc/localtime",
    "/dev/null", "/dev/zero", "/dev/random", "/dev/urandom",
)  # fmt: skip
# What NVIDIA's driver reads when a process starts to use the GPU, and where it writes the names of its threads.
_READ_BY_THE_DRIVER = (
    "/proc/driver/nvidia", "/proc/devices", "/proc/self", "/proc/cpuinfo", "/proc/sys/vm", "/sys/devices",
    "/sys/bus/pci", "/sys/module", "/usr/local/nvidia",
)  # fmt: skip
_OWN_THREADS = "/proc/self/task"


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


class Sandbox:
    """The sandbox as the template prepares it once, and as each worker enters it.

    Args:
        limits: what a worker may use.
        secrets: files and folders that no worker may read, even where they lie inside a Python installation.
        namespaces: whether this process is in namespaces of its own (`enter_namespaces`); it then reads no secret
            either from now on.
        with_gpu: whether NVIDIA's driver stays reachable.
    """

    def __init__(
        self, limits: Limits, secrets: Iterable[Path], *, namespaces: bool = False, with_gpu: bool = False
    ) -> None:
        self._limits = limits
        self._namespaces = namespaces
        self._with_gpu = with_gpu
        self._filter = SystemCallFilter(with_gpu=with_gpu, deletes=namespaces)
        self._readable = readable_places(secrets, covering=cover if namespaces else None)
        self._needs_search = os.geteuid() == 0 and not all(map(_everyone_reaches, self._readable))
        self._last_capability = int(_LAST_CAPABILITY.read_text())  # Landlock will hide /proc
        _require_landlock()

    def enter(self, place: Place) -> None:
        """Enter the sandbox with this process, which must have one thread, before it sees anything of a student's.

        Raises:
            OSError: a layer cannot be set, which its text names; the process must not go on.
        """
        for layer in (
            self._mount_own,
            self._close_descriptors,
            self._limit_threads,
            self._limit_resources,
            self._limit_files,
            self._drop_privileges,
            self._die_with_the_template,
            self._hide_memory,
            self._filter_system_calls,
        ):
            layer(place)

    def _mount_own(self, place: Place) -> None:
        if not self._namespaces:
            return
        limits = self._limits
        mount_scratch(place.scratch, size=limits.scratch_bytes, files=limits.scratch_files, uid=place.uid)
        if self._with_gpu:
            mount_processes()

    def _limit_threads(self, place: Place) -> None:
        """Threads are counted by user, who must be alone: as one of root's making, or in a namespace."""
        if place.uid is None:
            if not self._namespaces:
                return  # the trusted side counts
            enter_user_namespace()
        _limit(resource.RLIMIT_NPROC, self._limits.threads)

    def _close_descriptors(self, place: Place) -> None:
        close_descriptors(keep=place.wire)
        os.chdir(place.scratch or "/")
        if place.scratch and place.uid is not None:
            os.chown(place.scratch, place.uid, place.uid)

    def _limit_resources(self, _: Place) -> None:
        limits = self._limits
        addresses, data = _memory_of_this_process()
        memory = (resource.RLIMIT_AS, addresses + limits.memory_bytes)
        if self._with_gpu:  # the driver reserves more addresses than there is memory; what may be written to counts
            memory = (resource.RLIMIT_DATA, data + limits.memory_bytes + MAX_DRIVER_BYTES)
        for what, most in (
            memory,
            (resource.RLIMIT_FSIZE, limits.file_bytes),
            (resource.RLIMIT_NOFILE, limits.open_files),
            (resource.RLIMIT_CPU, limits.cpu_seconds),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_MEMLOCK, 0),
            (resource.RLIMIT_MSGQUEUE, 0),
        ):
            _limit(what, most)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a file too large is EFBIG, not death

    def _limit_files(self, place: Place) -> None:
        import sandlock

        try:
            sandlock.confine(
                sandlock.Sandbox(
                    fs_readable=[*map(str, self._readable), *(_driver_files() if self._with_gpu else ())],
                    fs_writable=[
                        *filter(None, [place.scratch]),
                        "/dev/null",
                        *((*_driver_devices(), _OWN_THREADS) if self._with_gpu else ()),
                    ],
                )
            )
        except sandlock.SandlockError as error:
            raise OSError(errno.EPERM, f"Landlock: {error}") from error

    def _drop_privileges(self, place: Place) -> None:
        if place.uid is not None:
            become(place.uid, last_capability=self._last_capability, keep_search=self._needs_search)
        give_up_capabilities(keep_search=self._needs_search)

    def _die_with_the_template(self, place: Place) -> None:
        die_with(place.template_pid)

    def _hide_memory(self, _: Place) -> None:
        prctl(_PR_SET_DUMPABLE, 0)

    def _filter_system_calls(self, _: Place) -> None:
        self._filter.load()


def _memory_of_this_process() -> tuple[int, int]:
    """Its addresses, and those of data and stacks, in bytes; read without Python's files, which a fork has to copy."""
    status = os.open("/proc/self/statm", os.O_RDONLY)
    try:
        pages = os.read(status, 100).split()
    finally:
        os.close(status)
    return int(pages[0]) * resource.getpagesize(), int(pages[5]) * resource.getpagesize()


def _limit(what: int, most: int) -> None:
    resource.setrlimit(what, (most, most))


def close_descriptors(keep: int) -> None:
    """Close every descriptor but `keep`; standard input, output and errors lead to /dev/null."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.closerange(3, keep)
    os.closerange(keep + 1, os.sysconf("SC_OPEN_MAX"))


def first_own_uid(pid: int) -> int:
    """The first of MAX_OWN_UIDS users that a process of root's has for itself: no other living one has its number."""
    return _FIRST_OWN_UID + pid * MAX_OWN_UIDS


def become(uid: int, *, last_capability: int, keep_search: bool) -> None:
    """From root to `uid`, for good; CAP_DAC_READ_SEARCH may be kept on the way."""
    for capability in range(last_capability + 1):
        prctl(_PR_CAPBSET_DROP, capability)
    os.setgroups([])
    if keep_search:
        prctl(_PR_SET_KEEPCAPS, 1)
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def become_ordinary(uid: int, scratch: str, secrets: Iterable[Path]) -> None:
    """Without a sandbox, a worker of root's is at least an ordinary user, whom files of root's only are closed to.

    Raises OSError where the machine does not let it; Linux only.
    """
    keep_search = not all(map(_everyone_reaches, readable_places(secrets)))
    os.chown(scratch, uid, uid)
    become(uid, last_capability=int(_LAST_CAPABILITY.read_text()), keep_search=keep_search)
    give_up_capabilities(keep_search=keep_search)


def give_up_capabilities(*, keep_search: bool) -> None:
    """Be without a capability, but for reading where only root may look.

    Python may live where only root can search (/root/.pyenv). `keep_search` then keeps
    CAP_DAC_READ_SEARCH, which is no way around Landlock: only readable places open.
    """
    mask = 1 << _CAP_DAC_READ_SEARCH if keep_search else 0
    header = (ctypes.c_uint32 * 2)(0x2008_0522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    data = (ctypes.c_uint32 * 6)(mask, mask, 0, 0, 0, 0)  # effective, permitted, inheritable
    check(libc.capset(header, data), "capset")


def readable_places(secrets: Iterable[Path], covering: Callable[[Iterable[Path]], None] | None = None) -> list[Path]:
    """The files and folders that Python needs to read, without any of the `secrets`.

    `covering`, if given, hides what lies inside them: to name all that lies beside it costs each worker milliseconds.
    """
    places = [place for place in _needed_places() if place.exists()]
    hidden = {secret.resolve() for secret in secrets} | set(copies_of_a_kit(packages()))
    others = _packages_of_others(places)
    hidden |= set(others if covering is not None else copies_of_a_kit(others))
    if covering is not None:
        inside = [each for each in hidden if any(place != each and each.is_relative_to(place) for place in places)]
        outermost = [
            each for each in inside if not any(other != each and each.is_relative_to(other) for other in inside)
        ]
        covered = [each for each in outermost if not any(place.is_relative_to(each) for place in places)]
        covering(covered)
        hidden = {each for each in hidden if not any(each.is_relative_to(other) for other in covered)}
    wanted: list[Path] = []
    for place in places:
        if not any(place.is_relative_to(other) for other in wanted):
            wanted += _without(place, hidden)
    return wanted


def packages() -> list[Path]:
    """The folders from which this Python imports installed packages."""
    return [Path(entry).resolve() for entry in sys.path if entry.endswith("-packages")]


def _needed_places() -> list[Path]:
    """Python's library, its packages, the loader's libraries, and what these look up; sorted."""
    places = {Path(place).resolve() for place in _LOOKED_UP}
    places |= {Path(os.__file__).parent.resolve(), *packages()}
    for folder in {Path(place).resolve() for place in (*_LIBRARY_FOLDERS, os.path.join(sys.base_prefix, "lib"))}:
        places |= set(_libraries_in(folder))
    return sorted(places)


def _libraries_in(folder: Path) -> list[Path]:
    """A folder of libraries; where it holds Pythons or whatever else is installed, only its libraries."""
    if not folder.is_dir():
        return []
    if folder.name == "lib64" and not any(folder.glob("python*")):
        return [folder]
    mapped = _mapped_files()
    return [
        entry
        for entry in folder.iterdir()
        if ("-linux-" in entry.name or entry.name in _DATA_OF_LIBRARIES) or str(entry.resolve()) in mapped
    ]


def _mapped_files() -> set[str]:
    """The libraries that this process has loaded."""
    lines = Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
    return {line.split(maxsplit=5)[5] for line in lines if "/" in line}


def _packages_of_others(places: Iterable[Path]) -> list[Path]:
    """Folders of packages inside a library from which this Python imports nothing."""
    own = packages()
    return [folder.resolve() for place in places for folder in place.glob("*-packages") if folder.resolve() not in own]


def _without(place: Path, hidden: Collection[Path]) -> list[Path]:
    if place in hidden:
        return []
    inside = [secret for secret in hidden if secret.is_relative_to(place)]
    if not inside:
        return [place]
    return [
        part
        for entry in place.iterdir()
        if entry.resolve() not in inside and not entry.is_symlink()
        for part in _without(entry, inside)
    ]


def _everyone_reaches(place: Path) -> bool:
    return all(folder.stat().st_mode & 0o001 for folder in place.parents)


def _driver_files() -> list[str]:
    return [place for place in _READ_BY_THE_DRIVER if Path(place).exists()]


def _driver_devices() -> list[str]:
    return [str(device) for device in Path("/dev").glob("nvidia*")]


def _require_landlock() -> None:
    import sandlock

    found, needed = sandlock.landlock_abi_version(), sandlock.min_landlock_abi()
    if found < needed:
        raise OSError(errno.ENOSYS, f"Landlock: the kernel offers version {max(found, 0)}, {needed} is needed")
