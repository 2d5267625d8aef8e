"""`autograder doctor` here, and what a worker with the GPU and one without may do with the driver."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys

from autograder.trusted.assignment.course import KIT
from autograder.trusted.checking.recorded_calls import RecordedCalls
from autograder.trusted.checking.student import Student
from autograder.trusted.execution.executed_notebook import ExecutedNotebook
from autograder.trusted.execution.workers import opened_workers
from autograder.trusted.grading.devices import try_the_gpu
from autograder.trusted.grading.escape_test import attempt_escapes
from autograder.trusted.submissions.cells import NotebookCell

LOOK = """
import os, torch
def look():
    seen = {"torch sees a GPU": torch.cuda.is_available()}
    os.environ.pop("CUDA_VISIBLE_DEVICES", None)
    try:
        with open("/dev/nvidiactl", "r+b"):
            seen["opens the driver"] = True
    except OSError as refused:
        seen["opens the driver"] = type(refused).__name__
    try:
        seen["computes there"] = float(torch.ones(2, device="cuda").sum()) == 2.0
    except (AssertionError, RuntimeError):
        seen["computes there"] = False
    return seen
"""


def looked(workers):
    """What a worker finds of the GPU, by what it tries."""
    notebook = ExecutedNotebook(workers, [NotebookCell("look", LOOK)], 60.0)
    try:
        return Student(RecordedCalls(notebook)).call("look", ())
    finally:
        notebook.close()


def doctor() -> dict[str, object]:
    """What `autograder doctor` finds."""
    command = [sys.executable, "-m", "autograder", "doctor", "--json"]
    said = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return {
        "good": said["good"],
        "attempts": len(said["findings"]),
        "namespaces": "of its own" if said["namespaces"] else "none",
    }


def main() -> None:
    """Print what was found; the exit code is 1 where a worker may do what it must not, or cannot what it must."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cuda", choices=["cuda", "sim"])
    options = parser.parse_args()
    there = options.device == "cuda"
    said = doctor()
    print(f"`autograder doctor`: the sandbox {'holds' if said['good'] else 'DOES NOT HOLD'}.")
    print(f"{said['attempts']} things tried; namespaces: {said['namespaces']}.\n")
    good = bool(said["good"])
    with opened_workers([KIT], preload=["torch"]) as workers:
        without = looked(workers)
    with opened_workers([KIT], with_gpu=True, preload=["torch"]) as workers:
        why = try_the_gpu(workers)
        within = looked(workers)
        breaches = [finding.attempt for finding in attempt_escapes(workers, with_torch=True) if not finding.good]
    print("| a worker | " + " | ".join(without) + " |\n|:--|" + ":--|" * len(without))
    print("| that needs no GPU | " + " | ".join(map(str, without.values())) + " |")
    print("| that is to use it | " + " | ".join(map(str, within.values())) + " |\n")
    print(f"A worker that is to use it can{f' not: {why}' if why else ''}.")
    print(f"Of doctor's attempts it brings off {', '.join(breaches) or 'none'}.")
    good = good and not breaches and not any(each is True for each in without.values())
    sys.exit(0 if good and (not there or (not why and within["computes there"] is True)) else 1)


if __name__ == "__main__":
    main()
