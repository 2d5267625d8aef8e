"""The sandbox in containers as they are met, over this machine's own files: no image is downloaded.

    .venv/bin/python tests/containers/run.py [--docker-profile FILE] [WORDS ...]

It takes root and whatever is installed of podman, runc, crun and bubblewrap (`apt-get install --no-install-recommends
podman runc crun bubblewrap uidmap`). Docker's own list of system calls is `profiles/seccomp/default.json` in its
sources (Debian's golang-github-docker-docker-dev has it). In each container `tests/kernels/inside.py` runs: doctor and
a small class. results.md is written beside this file, with a row for each; with WORDS, only those rows whose names
have all of them are tried, and nothing is written.

All mounts are in a namespace of this script's own, and are gone when it ends.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from autograder.trusted.assignment.course import KIT
from tests.kernels.inside import Found

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

RESULTS = Path(__file__).with_name("results.md")
PODMANS_PROFILE = Path("/usr/share/containers/seccomp.json")
UNIFIED = Path("/sys/fs/cgroup/unified")
NUMBERS_OF_USERS = ("/etc/subuid", "/etc/subgid")  # that root may map
NOT_OURS = "AUTOGRADER_IN_OWN_MOUNTS"
SECONDS = 400

PODMAN = (
    "podman", "--root", "{work}/store", "--runroot", "{work}/run", "--cgroup-manager=cgroupfs", "--events-backend=none",
    "--log-level=error", "--runtime={runtime}", "run", "--rm", "--network=none",
    "--ulimit=nofile=1024:1024", "--ulimit=nproc=4096:4096", "--volume={kit}:{kit}:ro",
)  # fmt: skip
PODMAN_ROOT = ("--rootfs", "{work}/root")
BWRAP = (
    "bwrap", "--ro-bind", "{work}/root", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp",
    "--ro-bind", "{kit}", "{kit}",
)  # fmt: skip
# What Docker lets root keep beyond what Podman does.
DOCKERS_CAPABILITIES = ("--cap-add=MKNOD", "--cap-add=NET_RAW", "--cap-add=AUDIT_WRITE")
HARDENED = ("--user=1000", "--cap-drop=all", "--read-only", "--security-opt=no-new-privileges")
NOBODY = ("setpriv", "--reuid=1000", "--regid=1000", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all")


@dataclass(frozen=True)
class Container:
    """A container to try.

    Attributes:
        name: what a person calls it.
        options: as they are given to it, for the table.
        command: what starts it; "{work}", "{kit}", "{runtime}" and "{profile}" are filled in.
        profile: the list of system calls: "" its own, "docker", or either "without Landlock".
        refused: whether the kit should refuse to grade there.
    """

    name: str
    options: tuple[str, ...]
    command: tuple[str, ...]
    runtime: str = ""
    profile: str = ""
    refused: bool = False


def podman(
    *options: str, name: str = "Podman", runtime: str = "crun", profile: str = "", refused: bool = False
) -> Container:
    """A container of Podman's, with its defaults but for the options."""
    seccomp = ("--security-opt=seccomp={profile}",) if profile else ()
    groups = ("--cgroups=disabled",) if runtime == "crun" else ()  # runc knows no such thing
    command = (*PODMAN, *groups, *options, *seccomp, *PODMAN_ROOT)
    return Container(f"{name}, {runtime}", options, command, runtime, profile, refused)


def docker(*options: str, without_landlock: bool = False, refused: bool = False) -> Container:
    """What Docker starts, by its list of system calls and capabilities; runc is what it starts it with."""
    kept = () if "--cap-drop=all" in options else DOCKERS_CAPABILITIES
    profile = "docker without Landlock" if without_landlock else "docker"
    name = "as an old Docker's (its list without Landlock)" if without_landlock else "as Docker's"
    one = podman(*kept, *options, name=name, runtime="runc", profile=profile, refused=refused)
    return Container(one.name, options, one.command, one.runtime, profile, refused)


CONTAINERS = (
    podman(),
    podman(runtime="runc"),
    podman(*HARDENED),
    podman(*HARDENED, runtime="runc"),
    podman("--cap-drop=all"),
    podman("--uidmap=0:100000:65536", "--gidmap=0:100000:65536"),
    podman("--uidmap=0:100000:65536", "--gidmap=0:100000:65536", "--user=1000"),
    podman("--privileged"),
    podman("--security-opt=seccomp=unconfined", *DOCKERS_CAPABILITIES, runtime="runc"),
    docker(),
    docker("--user=1000"),
    docker(*HARDENED),
    docker("--cap-drop=all"),
    docker("--cap-add=SYS_ADMIN"),
    docker(without_landlock=True, refused=True),
    docker("--user=1000", without_landlock=True, refused=True),
    docker("--cap-add=SYS_ADMIN", without_landlock=True),
    Container("bubblewrap", (), BWRAP),
    Container("bubblewrap", ("--unshare-all",), (*BWRAP, "--unshare-all")),
    Container("bubblewrap, ordinary user", ("--unshare-all",), (*NOBODY, *BWRAP, "--unshare-all")),
    Container(
        "unshare",
        ("--user", "--map-root-user", "--map-auto"),
        ("unshare", "--user", "--map-root-user", "--map-auto", "--mount", "chroot", "{work}/root"),
    ),
    Container(
        "unshare",
        ("--user", "--map-root-user"),
        ("unshare", "--user", "--map-root-user", "--mount", "chroot", "{work}/root"),
    ),
)  # fmt: skip


def name_of(container: Container) -> str:
    """A container and its options."""
    return " ".join((container.name, *container.options))


def tried(container: Container, work: Path, profiles: dict[str, Path]) -> Found | str:
    """What was found in a container, or why it could not be tried."""
    for needed in filter(None, (container.command[0], container.runtime)):
        if shutil.which(needed) is None:
            return f"{needed} is not here"
    if container.profile and container.profile not in profiles:
        return "Docker's list of system calls is not here"
    filled = {
        "work": work,
        "kit": KIT,
        "runtime": container.runtime,
        "profile": profiles.get(container.profile, ""),
    }
    with own_files(work):
        done = subprocess.run(
            [
                *(word.format(**filled) for word in container.command),
                *("sh", "-c", f"cd {KIT} && PYTHONPATH={KIT} exec {sys.executable} -B tests/kernels/inside.py"),
            ],
            env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "XDG_RUNTIME_DIR": str(work / "run")},
            cwd="/",
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    try:
        return msgspec.json.decode(done.stdout.strip().splitlines()[-1], type=Found)
    except (IndexError, msgspec.DecodeError):
        return f"it did not come to an end: {(done.stdout + done.stderr).strip()[-600:]}"


class own_files:  # noqa: N801  # reads as a statement
    """This machine's files in `work`/root, to be written to in memory only, without what lies in /tmp and /run."""

    def __init__(self, work: Path) -> None:
        self._work = work

    def __enter__(self) -> None:
        work = self._work
        subprocess.run(["mount", "-t", "tmpfs", "none", work], check=True)
        for name in ("changed", "overlay", "root", "store", "run"):
            (work / name).mkdir()
        work.chmod(0o755)
        for name, mode in (("tmp", 0o1777), ("run", 0o755)):
            empty = work / "changed" / name
            empty.mkdir()
            empty.chmod(mode)
            os.setxattr(empty, "trusted.overlay.opaque", b"y")
        (work / "changed/run/.containerenv").touch()  # which Podman mounts over
        layers = f"lowerdir=/,upperdir={work}/changed,workdir={work}/overlay"
        subprocess.run(["mount", "-t", "overlay", "-o", layers, "none", work / "root"], check=True)
        (work / "root/root").chmod(0o755)  # where this machine's Python may be
        inside = work / "root" / KIT.relative_to("/")
        inside.mkdir(parents=True)
        for place in ("proc", "sys", "dev"):
            subprocess.run(["mount", "--rbind", f"/{place}", work / "root" / place], check=True)
        subprocess.run(["mount", "--bind", KIT, inside], check=True)

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", "--recursive", self._work], check=True)


def profiles_in(folder: Path, dockers: Path | None) -> dict[str, Path]:
    """The lists of system calls, by name."""
    found: dict[str, Path] = {}
    if dockers is not None:
        found["docker"] = folder / "docker.json"
        shutil.copy(dockers, found["docker"])
        listed = json.loads(dockers.read_text())
        for each in listed["syscalls"]:
            each["names"] = [name for name in each["names"] if not name.startswith("landlock_")]
        found["docker without Landlock"] = folder / "docker_without_landlock.json"
        found["docker without Landlock"].write_text(json.dumps(listed))
    return found


def row(name: str, options: Iterable[str], found: Found) -> str:
    """A line of the table."""
    layers = [layer for layer in found.layers if not layer.startswith("Landlock ")]
    cells = (
        name,
        "root" if found.user == 0 else f"uid {found.user}",
        " ".join(f"`{option}`" for option in options) or "none",
        found.kernel,
        str(found.landlock or "none"),
        "refused: " + found.refusal if found.refusal else ", ".join(layers),
        "none tried" if found.refusal else f"{found.refused} of {found.attempts} refused",
        f"{found.graded} notebooks: " + ("marks as they should be" if found.marks_hold else "WRONG MARKS")
        if found.graded
        else "none graded",
    )
    return "| " + " | ".join(cells) + " |"


def page(rows: list[str], found: Found) -> str:
    """results.md."""
    return f"""# What was run in containers

Each row was run by `tests/containers/run.py`; nothing else is in this table. {found.machine}, Python {found.python},
torch {found.torch}. "As Docker's" is runc with Docker's own list of system calls and capabilities: for Docker
itself see image.md. The class has right, wrong and hostile notebooks.

| container | user | options | kernel | Landlock | layers beside Landlock | attacks | class |
|:--|:--|:--|:--|:--|:--|:--|:--|
{chr(10).join(rows)}
"""


def main() -> None:
    """Try them all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--docker-profile", type=Path)
    parser.add_argument("words", nargs="*")
    chosen = parser.parse_args()
    if os.environ.get(NOT_OURS) is None:
        again = ["unshare", "--mount", "--propagation", "private", sys.executable, *sys.argv]
        os.execvpe(again[0], again, os.environ | {NOT_OURS: "1", "PYTHONPATH": str(KIT)})
    rows, good, last = [], True, None
    if UNIFIED.is_mount():  # beside the older control groups, which crun does not take
        subprocess.run(["umount", UNIFIED], check=True)
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        work = Path(folder, "work")
        work.mkdir()
        Path(folder).chmod(0o755)
        profiles = profiles_in(Path(folder), chosen.docker_profile)
        numbers = Path(folder, "numbers")
        numbers.write_text("root:100000:65536\n")
        for place in NUMBERS_OF_USERS:
            subprocess.run(["mount", "--bind", numbers, place], check=True)
        for container in each_wanted(chosen.words):
            found = tried(container, work, profiles)
            print(f"{name_of(container)}: {found}", flush=True)
            if isinstance(found, str):
                good = False
                continue
            good &= bool(found.refusal) if container.refused else found.holds
            rows.append(row(container.name, container.options, found))
            last = found
    for place in Path("/sys/fs/cgroup").glob("*/libpod_parent"):  # which Podman leaves
        with contextlib.suppress(OSError):
            place.rmdir()
    if last is not None and not chosen.words:
        _, by_hand, rest = RESULTS.read_text(encoding="utf-8").partition("\n## ")
        RESULTS.write_text(page(rows, last) + by_hand + rest, encoding="utf-8")
    sys.exit(0 if good else 1)


def each_wanted(words: list[str]) -> Iterator[Container]:
    """The containers whose names have all of the words."""
    return (each for each in CONTAINERS if all(word in name_of(each) for word in words))


if __name__ == "__main__":
    main()
