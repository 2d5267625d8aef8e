"""The files and folders that Python and its packages need to read, without any secret among them."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.worker.sandbox.copies import copies_of_a_kit

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

_LIBRARY_FOLDERS = ("/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib", "/lib64")
_DATA_OF_LIBRARIES = ("locale", "ssl", "gconv")
_LOOKED_UP = (
    "/usr/share/zoneinfo", "/usr/share/fonts", "/usr/share/locale", "/etc/ld.so.cache", "/etc/localtime",
    "/dev/null", "/dev/zero", "/dev/random", "/dev/urandom",
)  # fmt: skip
_READ_BY_THE_DRIVER = (
    "/proc/driver/nvidia", "/proc/devices", "/proc/self", "/proc/cpuinfo", "/proc/sys/vm", "/sys/devices",
    "/sys/bus/pci", "/sys/module", "/usr/local/nvidia",
)  # fmt: skip
OWN_THREADS = "/proc/self/task"  # where NVIDIA's driver writes the names of its threads


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


def links_to_places() -> dict[Path, str]:
    """The symbolic links on the way to what Python reads, each with what it says."""
    said = (*_LOOKED_UP, *_LIBRARY_FOLDERS, *(entry for entry in sys.path if entry), os.__file__, sys.base_prefix)
    links: dict[Path, str] = {}
    for path in map(Path, said):
        for step in [*reversed(path.parents), path]:
            if step.is_symlink():
                links[step] = str(step.readlink())
    return links


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


def everyone_reaches(place: Path) -> bool:
    """Whether every user may go through the folders that lead to a place."""
    return all(folder.stat().st_mode & 0o001 for folder in place.parents)


def driver_files() -> list[str]:
    """What NVIDIA's driver reads when a process starts to use the GPU, as far as it is there."""
    return [place for place in _READ_BY_THE_DRIVER if Path(place).exists()]


def driver_devices() -> list[str]:
    """The devices of NVIDIA's driver."""
    return [str(device) for device in Path("/dev").glob("nvidia*")]
