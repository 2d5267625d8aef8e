"""`autograder container`: an image in which this kit grades a mounted course, for machines that have no sandbox.

The sandbox is inside the container, which needs no privilege for it: Docker's and Podman's own lists of system calls
let Landlock and seccomp through.
"""

from __future__ import annotations

import platform
import shlex
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.errors import UsageError
from autograder.faces.gradescope.archive import kit_files, packages

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTAINERFILE, KIT_IN_IT, TAG = "Containerfile", "kit", "autograder"

_TEMPLATE = Path(__file__).with_name(CONTAINERFILE)

# The container reaches no network and has no power; what it writes belongs to whoever starts it.
RUN = (
    "docker run --rm --network none --cap-drop all --security-opt no-new-privileges --read-only --tmpfs /tmp "
    f'--user "$(id -u):$(id -g)" --volume "$PWD:/course" {TAG} grade'
)


def write_container(folder: Path) -> list[str]:
    """Write what the image is built from; returns what to say: how it is built, and how it grades.

    Raises UsageError if the folder holds something else, or cannot be written to.
    """
    if folder.exists() and not (folder / CONTAINERFILE).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is there already, and is no folder of this command's: name another --output.")
    try:
        if (folder / KIT_IN_IT).is_dir():
            shutil.rmtree(folder / KIT_IN_IT)  # an older kit may have had more files
        for place, content in files_of(folder):
            path = folder / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written to ({error.strerror}): name another --output.") from error
    return [
        f"{folder}: written. Build the image once, with Docker or Podman:",
        f"    docker build --tag {TAG} --file {shlex.quote(str(folder / CONTAINERFILE))} {shlex.quote(str(folder))}",
        "Then, in your course's folder, grade what is in submitted/ (any other command of the kit's goes as well):",
        f"    {RUN}",
        "Podman takes the same with --userns=keep-id. On a kernel without Landlock, take --cap-add SYS_ADMIN "
        "--security-opt apparmor=unconfined in place of --cap-drop, --security-opt and --user.",
    ]


def files_of(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The files in `folder` that the image is built from."""
    filled = _TEMPLATE.read_text(encoding="utf-8")
    for name, value in {
        "{tag}": TAG,
        "{folder}": folder.name,
        "{python}": ".".join(platform.python_version_tuple()[:2]),
    }.items():
        filled = filled.replace(name, value)
    yield CONTAINERFILE, filled.encode()
    yield from packages(with_torch=find_spec("torch") is not None)
    for place, content in kit_files():
        yield f"{KIT_IN_IT}/{place}", content
