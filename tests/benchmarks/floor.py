"""The floor: a class examined in one process that has torch already, with no sandbox at all.

    PYTHONPATH=. python tests/benchmarks/floor.py COURSE

Each submitted notebook is read as the grader reads it, its cells are run by plain `exec` in a new
namespace, and each of its checks is called once. Prints one JSON object: seconds and processor seconds of that
loop, and how many checks passed and failed. Never run it on notebooks that you do not trust.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import time
from pathlib import Path
from typing import Any

import torch
import torch._dynamo  # which the first optimiser would import

from autograder.errors import CheckFailure, StudentError
from autograder.trusted.assignment.course import Course
from autograder.trusted.submissions.notebook import read_notebook
from autograder.trusted.submissions.read import read_bytes
from tests.benchmarks.in_process import Case, checks_of, load_reference, run_check


def namespace_of(sources: list[str]) -> dict[str, Any]:
    """What the cells define; one that raises is left where it stopped."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for number, source in enumerate(sources):
        with contextlib.suppress(Exception):
            exec(compile(source, f"<cell {number}>", "exec"), namespace)
    return namespace


def passes(case: Case) -> bool:
    """Whether a check is content."""
    try:
        run_check(case)
    except (CheckFailure, StudentError):
        return False
    return True


def main() -> None:
    """Examine the class, and print the figures."""
    course = Course(Path(sys.argv[1]))
    torch.set_num_threads(1)
    checks = {name: checks_of(name) for name in course.notebooks}
    references = {name: load_reference(course.solutions / f"{name}.py") for name in course.notebooks}
    stubs = {name: course.released(name).stubs for name in course.notebooks}
    paths = sorted(course.submitted.glob(f"*/{course.assignment}/*.ipynb"))[
        : int(sys.argv[2]) if sys.argv[2:] else None
    ]
    verdicts: dict[str, dict[str, bool]] = {}
    wall, processor = time.perf_counter(), time.process_time()
    for path in paths:
        name = path.stem
        submitted = read_notebook(read_bytes(path, path.parent), course.notebooks[name], stubs[name])
        sources = [cell.source for cell in submitted.cells]
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            namespace = namespace_of(sources)
            verdicts[f"{path.parts[-3]}/{name}"] = {
                check.name: passes(Case(check, namespace, sources, references[name])) for check in checks[name]
            }
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    json.dump({"seconds": wall, "cpu": processor, "notebooks": len(paths), "verdicts": verdicts}, sys.stdout)


if __name__ == "__main__":
    main()
