"""nbgrader's own tests of autograde, run with this kit's engine.

As a script, `python tests/faces/nbgrader/peer.py`, it runs them all and says which ones pass; as a
pytest plugin, `-p peer`, it lets every `nbgrader autograde` of a test use the engine. The notebooks of
those tests have no hidden checks, so each is run in a sandboxed worker and graded by its own asserts.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import nbgrader.tests.apps
from nbgrader.converters import Autograde
from traitlets.config import Config

from autograder.faces.nbgrader import install

PEER_TESTS = Path(nbgrader.tests.apps.__file__).parent / "test_nbgrader_autograde.py"

# Behaviours that differ on purpose, by test.
EXPECTED_FAILURES = {
    "test_side_effects": "what a notebook writes stays in the worker's scratch folder, and goes with it",
    "test_handle_failure": "a notebook with cells that the source does not know is graded without them, not refused",
}


def pytest_configure() -> None:
    """Make the engine nbgrader's default, as `install` makes it that of a course."""
    c = Config()
    install(c)
    for name in ("sanitize_preprocessors", "autograde_preprocessors"):
        Autograde.class_traits()[name].default_args = (c.Autograde[name],)


def run_peer_tests(*names: str, engine: bool = True) -> dict[str, str]:
    """The outcome (passed, failed, skipped) of nbgrader's tests, by name; with nbgrader's own Execute on wish."""
    chosen = [f"{PEER_TESTS}::TestNbGraderAutograde::{name}" for name in names] or [str(PEER_TESTS)]
    plugin = ["-p", "peer"] if engine else []
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", "--tb=short", "-p", "no:cacheprovider", "-W", "ignore", "-c", os.devnull,
         "--rootdir", str(PEER_TESTS.parent), *plugin, *chosen],
        env={
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parent),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        },
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    outcomes = dict(re.findall(r"::(test_\S+) (PASSED|FAILED|SKIPPED|ERROR)", done.stdout))
    if not outcomes:
        raise RuntimeError(done.stdout + done.stderr)
    sys.stderr.write(done.stdout if any(word in ("FAILED", "ERROR") for word in outcomes.values()) else "")
    return {name: outcome.lower() for name, outcome in outcomes.items()}


def main() -> None:
    """Print a line for each test, and how many pass."""
    outcomes = run_peer_tests(*sys.argv[1:])
    for name, outcome in outcomes.items():
        print(f"{outcome:8} {name}  {EXPECTED_FAILURES.get(name, '')}")
    passed = sum(outcome == "passed" for outcome in outcomes.values())
    print(f"{passed} of {len(outcomes)} of nbgrader's own tests of autograde pass with this engine.")


if __name__ == "__main__":
    main()
