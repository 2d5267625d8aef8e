"""A course in a temporary folder, and nbgrader's own commands in it, as a tutor and as students run them."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from autograder.author.samples import copy_assignment, edited
from autograder.trusted.assignment.course import KIT, Course

# nbgrader asks the operating system for the user's name, but on JupyterHub, where everybody is jovyan.
AS_ON_JUPYTERHUB = """
import sys
sys.modules["rfc3987_syntax"] = None  # see tests/conftest.py
import nbgrader.utils
nbgrader.utils.get_osusername = lambda: "jovyan"
nbgrader.utils.find_owner = lambda path: "jovyan"
from {module} import main
sys.argv[0] = "{module}"
main()
"""


def as_on_jupyterhub(module: str) -> str:
    """A program that runs the `main` of a module, in which nbgrader takes the user's name from JUPYTERHUB_USER."""
    return AS_ON_JUPYTERHUB.format(module=module)


@dataclass(frozen=True)
class GradingClient:
    """Somebody at a computer: a name, the folder that they work in, and what they have asked of nbgrader."""

    name: str
    folder: Path
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def nbgrader(self, *arguments: str, code: int = 0) -> str:
        """Run an nbgrader command here; what it said."""
        self.asked.append(arguments)
        return self._run([sys.executable, "-c", as_on_jupyterhub("nbgrader.apps.nbgraderapp"), *arguments], code)

    def autograder(self, *arguments: str, code: int = 0) -> str:
        """Run an autograder command here; what it said."""
        return self._run([sys.executable, "-m", "autograder", *arguments], code)

    def environment(self) -> dict[str, str]:
        """What programs that they start find in their environment."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "IPYTHON"))},
            "HOME": str(self.folder.parent / f"home-{self.name}"),
            "JUPYTERHUB_USER": self.name,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }

    def _run(self, command: list[str], code: int) -> str:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == code, f"{command[-3:]} ended with {done.returncode}:\n{done.stdout}"
        return done.stdout


def make_course(folder: Path) -> Path:
    """A course folder with the source, the release, the solutions, the checks and the settings of the kit's own."""
    copy_assignment(Course(KIT), folder)
    return folder


def solved(notebook: str, edits: dict[str, str] | None = None, extra: tuple[str, ...] = ()) -> str:
    """The text of a solved notebook, with some cells replaced, and extra cells before all others."""
    return edited(KIT / "source" / "week06" / f"{notebook}.ipynb", edits or {}, extra)


def hand_in(folder: Path, notebooks: dict[str, str]) -> None:
    """Put notebooks, by name, into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in notebooks.items():
        (folder / f"{name}.ipynb").write_text(text, encoding="utf-8")
