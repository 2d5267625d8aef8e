"""A class graded beside busy processes gets the marks that it gets on a quiet machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from autograder.author.samples import copy_assignment, edited
from autograder.trusted.assignment.course import KIT, Course

LOAD = 8
SECONDS = "1"  # so little that what others take would show
ENDLESS = "def margin(w, X, y):\n    while True: pass\n"
SLOW = """
import time
def margin(w, X, y):
    end = time.process_time() + 0.08
    while time.process_time() < end: pass
"""


def class_of_a_few(root) -> None:
    copy_assignment(Course(KIT), root)
    right = "    return (y * (X @ w)).min() / w.norm()\n"
    students = {"right": {}, "endless": {"margin": ENDLESS}, "slow": {"margin": SLOW + right}}
    for student, cells in students.items():
        for notebook in ("perceptron", "logistic_regression", "tensor_ops", "chain_rule"):
            folder = root / "submitted" / student / "week06"
            folder.mkdir(parents=True, exist_ok=True)
            own = cells if notebook == "perceptron" else {}
            text = edited(KIT / "source" / "week06" / f"{notebook}.ipynb", own)
            (folder / f"{notebook}.ipynb").write_text(text, encoding="utf-8")


def marks(root) -> dict[tuple[str, str], object]:
    """What the class gets, check by check."""
    command = [sys.executable, "-m", "autograder", "grade", "--force", "--jobs", "2", "--timeout", SECONDS]
    subprocess.run(command, cwd=root, env=os.environ | {"TMPDIR": str(root)}, check=True, capture_output=True)
    lines = (root / "graded" / "week06" / "results.jsonl").read_text(encoding="utf-8").splitlines()
    return {
        (record["student"], record["notebook"]): (
            record["status"],
            {
                check["name"]: (check["outcome"], check["points"])
                for exercise in record["exercises"].values()
                for check in exercise["checks"]
            },
        )
        for record in map(json.loads, lines)
    }


@pytest.mark.thorough
def test_a_class_gets_the_same_marks_beside_eight_busy_processes(tmp_path):
    tmp_path.chmod(0o755)
    class_of_a_few(tmp_path)
    quiet = marks(tmp_path)
    beside = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(LOAD)]
    try:
        busy = marks(tmp_path)
    finally:
        for each in beside:
            each.kill()
            each.wait()
    assert busy == quiet
    assert quiet["endless", "perceptron"][0] == "timeout"
    assert quiet["slow", "perceptron"][0] == quiet["right", "perceptron"][0] == "graded"
