"""The image of `autograder container`, built by Docker itself and run in it, without an image from anywhere.

    .venv/bin/python tests/containers/image.py

It takes root, Docker (`apt-get install --no-install-recommends docker.io`) and debootstrap. A daemon of its own is
started, with no bridge and no firewall's rules, and ended. In place of the base image that the Containerfile names
stands one of Debian's packages, with this machine's certificates and wheels; the rest is built as it is written.

Then `tests/kernels/inside.py` runs in the container, doctor and a small class, and the line that `autograder container`
prints grades a course: the marks have to be those of this machine. image.md is written.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from autograder.faces.commands.container import RUN, write_container
from autograder.trusted.assignment.course import KIT
from tests.containers.run import UNIFIED, row
from tests.kernels.inside import Found

if TYPE_CHECKING:
    from collections.abc import Iterator

RESULTS = Path(__file__).with_name("image.md")
BASE = f"python:{sys.version_info.major}.{sys.version_info.minor}-slim"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
WHEELS = Path(os.environ.get("PIP_FIND_LINKS", "/opt/wheels"))
USERS = ("0:0", "1000:1000")
SECONDS = 1_000


class Options(msgspec.Struct, frozen=True):
    """How a container is started: its name in the table, and Docker's own options."""

    name: str
    options: tuple[str, ...]


HARDENED = ("--user=1000", "--cap-drop=all", "--read-only", "--security-opt=no-new-privileges", "--tmpfs=/tmp")
TRIED = (
    Options("Docker", ()),
    Options("Docker", ("--user=1000",)),
    Options("Docker", HARDENED),
    Options("Docker", ("--cap-drop=all",)),
    Options("Docker", ("--cap-add=SYS_ADMIN", "--security-opt=apparmor=unconfined")),
)


@contextmanager
def daemon(work: Path) -> Iterator[None]:
    """Docker's daemon, for as long as this lasts; `DOCKER_HOST` names it."""
    socket = work / "socket"
    os.environ["DOCKER_HOST"] = f"unix://{socket}"
    places = [f"--data-root={work}/data", f"--exec-root={work}/exec", f"--pidfile={work}/pid"]
    alone = ["--iptables=false", "--ip6tables=false", "--bridge=none", "--ip-forward=false", "--ip-masq=false"]
    with (work / "said").open("w") as said:
        running = subprocess.Popen(["dockerd", *places, *alone, f"--host=unix://{socket}"], stdout=said, stderr=said)
    try:
        for _ in range(60):
            if running.poll() is not None:
                sys.exit((work / "said").read_text()[-1_000:])
            if subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0:
                break
            time.sleep(1)  # it tells nobody when it is ready
        yield
    finally:
        running.terminate()
        running.wait()
        subprocess.run(["umount", "--recursive", work], capture_output=True, check=False)


def build(work: Path) -> None:
    """Make the base image, and the kit's on it."""
    root = work / "root"
    packages = "python3,python3-pip,ca-certificates"
    subprocess.run(["debootstrap", "--variant=minbase", f"--include={packages}", "bookworm", root], check=True)
    for marker in root.glob("usr/lib/python3*/EXTERNALLY-MANAGED"):  # as in the image that it stands for
        marker.unlink()
    shutil.copy(CERTIFICATES, root / CERTIFICATES.relative_to("/"))
    if WHEELS.is_dir():
        shutil.copytree(WHEELS, root / WHEELS.relative_to("/"))
    settings = f"[global]\ncert = {CERTIFICATES}\nfind-links = {WHEELS}\nretries = 0\n"  # an index may be out of reach
    (root / "etc/pip.conf").write_text(settings, encoding="utf-8")
    with subprocess.Popen(["tar", "-C", root, "-c", "."], stdout=subprocess.PIPE) as archive:
        subprocess.run(["docker", "import", "-", BASE], stdin=archive.stdout, check=True)
    folder = work / "image"
    (said,) = (line for line in write_container(folder) if "docker build" in line)
    words = [*shlex.split(said), "--network=host"]
    subprocess.run(words, env=os.environ | {"DOCKER_BUILDKIT": "0"}, check=True)  # a plugin that few have


def tried(each: Options) -> Found:
    """What is found in a container. Raises an error if it does not come to its end."""
    inside = f"cd {KIT} && PYTHONPATH={KIT} exec python3 -B tests/kernels/inside.py"
    words = ["docker", "run", "--rm", "--network=none", f"--volume={KIT}:{KIT}:ro", "--entrypoint=sh", *each.options]
    done = subprocess.run(
        [*words, "autograder", "-c", inside], capture_output=True, text=True, timeout=SECONDS, check=False
    )
    return msgspec.json.decode(done.stdout.strip().splitlines()[-1], type=Found)


def marks(course: Path) -> dict[tuple[str, str], tuple[str, float]]:
    """The status and the points of each notebook."""
    lines = (course / "graded/week06/results.jsonl").read_text(encoding="utf-8").splitlines()
    records = map(json.loads, lines)
    return {(each["student"], each["notebook"]): (each["status"], each["earned"]) for each in records}


def graded(course: Path, user: str) -> dict[tuple[str, str], tuple[str, float]]:
    """The marks of a course that the printed line grades, as a user of this machine's."""
    shutil.rmtree(course / "graded")
    subprocess.run(["chown", "-R", user, course], check=True)
    line = RUN.replace('"$(id -u):$(id -g)"', user)
    subprocess.run(["sh", "-c", line], cwd=course, stdout=subprocess.DEVNULL, timeout=SECONDS, check=True)
    return marks(course)


def page(rows: list[str], lines: list[str], found: Found) -> str:
    """image.md."""
    version = subprocess.run(
        ["docker", "version", "--format", "{{.Server.Version}}"], capture_output=True, text=True, check=True
    ).stdout.strip()
    return f"""# What was run in Docker

Each row was run by `tests/containers/image.py`; nothing else is in this table. Docker {version}, with its own list of
system calls and capabilities; {found.machine}, Python {found.python}, torch {found.torch}. The image is that of
`autograder container`, over a base of Debian's packages.

| container | user | options | kernel | Landlock | layers beside Landlock | attacks | class |
|:--|:--|:--|:--|:--|:--|:--|:--|
{chr(10).join(rows)}

The line that `autograder container` prints, over `autograder demo`'s course:

{chr(10).join(lines)}
"""


def main() -> None:
    """Build it, and try it."""
    if os.environ.get("AUTOGRADER_IN_OWN_MOUNTS") is None:
        again = ["unshare", "--mount", "--propagation", "private", sys.executable, *sys.argv]
        os.execvpe(again[0], again, os.environ | {"AUTOGRADER_IN_OWN_MOUNTS": "1", "PYTHONPATH": str(KIT)})
    if UNIFIED.is_mount():  # beside the older control groups
        subprocess.run(["umount", UNIFIED], check=True)
    good = True
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder, daemon(Path(folder)):
        work = Path(folder)
        work.chmod(0o755)
        build(work)
        rows, lines = [], []
        for each in TRIED:
            found = tried(each)
            print(each, found, flush=True)
            good &= found.holds
            rows.append(row(each.name, each.options, found))
        demo = [sys.executable, "-m", "autograder", "demo", "--keep", work / "course"]
        subprocess.run(demo, stdout=subprocess.DEVNULL, check=True)
        wanted = marks(work / "course")
        for user in USERS:
            same = graded(work / "course", user) == wanted
            good &= same
            lines.append(f"- as {user}: {len(wanted)} records, {'each as on this machine' if same else 'NOT AS HERE'}")
            print(lines[-1], flush=True)
        RESULTS.write_text(page(rows, lines, found), encoding="utf-8")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
