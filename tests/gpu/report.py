"""Every section on this machine's GPU, one after the other, into one file: see tests/gpu/run.

    PYTHONPATH=. python tests/gpu/report.py                                    writes tests/gpu/results.md
    PYTHONPATH=. python tests/gpu/report.py --device sim --output FILE         the rehearsal, without a GPU

Each section is a program of its own, as a GPU's error stays with the process; it prints Markdown, and ends with 1
where something is not as it should be.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
SECTIONS = (
    ("This machine", ("machine.py",)),
    ("The sandbox, tried by escaping", ("sandbox.py",)),
    ("The four notebooks, executed whole", ("whole_notebooks.py",)),
    ("The visible examples, on it", ("visible_examples.py",)),
    ("Every hidden check, with its arguments there", ("every_check.py",)),
    ("The simulated accelerator beside the real one", ("../sim/against_cuda.py",)),
    ("Students who misuse the GPU", ("misuse.py",)),
    ("A class, with and without", ("class_with_and_without.py",)),
)
SECONDS_EACH = 180


@dataclass(frozen=True)
class Outcome:
    """What a section said, whether all was well, and the seconds that it took."""

    said: str
    good: bool
    seconds: float


def outcome_of(arguments: tuple[str, ...], device: str) -> Outcome:
    """Run one section."""
    start = time.monotonic()
    script = str((HERE / arguments[0]).resolve())
    command = [sys.executable, script, *arguments[1:], "--device", device]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=SECONDS_EACH,
            env=os.environ | {"COLUMNS": "120"},
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        said = late.stdout.decode() if isinstance(late.stdout, bytes) else str(late.stdout or "")
        return Outcome(f"{said}\nNot done after {SECONDS_EACH} s.", good=False, seconds=SECONDS_EACH)
    said = done.stdout.strip()
    if done.returncode:
        said += f"\n\nEnded with {done.returncode}:\n\n```\n{done.stderr.strip()[-3000:]}\n```"
    return Outcome(said, done.returncode == 0, time.monotonic() - start)


def main() -> None:
    """Run the sections and write the file; the exit code is 1 where one of them found something."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda", choices=["cuda", "sim"])
    parser.add_argument("--output", default=HERE / "results.md", type=Path)
    parser.add_argument("--only", default="", metavar="FILE", help="this section only, such as misuse.py")
    options = parser.parse_args()
    text = "# The kit on a GPU\n\nWritten by `tests/gpu/run`.\n"
    good = True
    for title, arguments in SECTIONS:
        if options.only not in ("", arguments[0]):
            continue
        outcome = outcome_of(arguments, options.device)
        good = good and outcome.good
        verdict = "as it should be" if outcome.good else "**not as it should be**"
        text += f"\n## {title}\n\n{outcome.said}\n\n*{verdict}; {outcome.seconds:.0f} s*\n"
        print(f"{title}: {verdict}, {outcome.seconds:.0f} s", flush=True)
        options.output.write_text(text, encoding="utf-8")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
