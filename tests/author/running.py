"""Start the kit's commands, and others, as a person does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def run(
    folder: Path, *words: object, program: str = "autograder", python: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program of this environment, or of that of another `python`, in a folder."""
    programs = [str(Path(each).parent) for each in (python, sys.executable) if each]
    environment = os.environ | {"PATH": os.pathsep.join([*programs, os.environ["PATH"]]), "COLUMNS": "200"}
    command = [str(python or sys.executable), "-m", program, *map(str, words)]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
