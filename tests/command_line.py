"""The command line without a new process: what `autograder WORDS` says in a folder, a second sooner."""

from __future__ import annotations

import gc
import subprocess
from contextlib import chdir
from pathlib import Path

from click.testing import CliRunner

from autograder.faces.commands.main import main
from autograder.trusted.assignment.course import KIT


def autograder(*words: object, cwd: Path = KIT) -> subprocess.CompletedProcess[str]:
    """Run a command as if it were typed in `cwd`. Raises what the command does not explain."""
    typed = list(map(str, words))
    with chdir(cwd):
        done = CliRunner(catch_exceptions=False).invoke(main, typed, prog_name="autograder", env={"COLUMNS": "140"})
    gc.unfreeze()  # a command takes its imports to last as long as the process, which goes on here
    return subprocess.CompletedProcess(typed, done.exit_code, done.stdout, done.stderr)
