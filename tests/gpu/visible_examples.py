"""The examples that students see, on the GPU: each solved exercise with the test cell below it.

What the cells make lies on the GPU, as PyTorch's default device. The dtypes are those that the examples name, float32
and float64 among them.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import subprocess
import sys
from typing import Any

import nbformat
import torch

from autograder.trusted.assignment.course import KIT, Course


def examples_of(path) -> list[tuple[str, str]]:
    """The name and source of the imports, of what examples ask with, of each exercise and of each test."""
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    marked = [(cell.metadata["nbgrader"], cell.source) for cell in cells if "nbgrader" in cell.metadata]
    return [
        (mark["grade_id"], source)
        for mark, source in marked
        if mark["solution"] or mark["grade"] or mark["grade_id"] in {"imports", "examples"}
    ]


def run_examples(notebook: str, device: str) -> int:
    """Run them in this process; how many tests there are. An example that fails raises AssertionError."""
    if device == "sim":
        from autograder import sim

        sim.enable()
    torch.set_default_device(device)
    namespace: dict[str, object] = {}
    examples = examples_of(Course(KIT).source / f"{notebook}.ipynb")
    with contextlib.redirect_stdout(io.StringIO()):
        for name, source in examples:
            exec(compile(source, name, "exec"), namespace)  # the author's own cells
            if name == "examples" and device == "sim":
                _take_simulated_tensors_for_tensors(namespace["Expect"])
    assert torch.ones(1).device.type == device
    return sum(name.startswith("test_") for name, _ in examples)


def _take_simulated_tensors_for_tensors(expect: Any) -> None:
    """Let the examples ask for a tensor where one of the simulated device's is a subclass."""
    from autograder.sim import SimTensor

    asked = expect.kind

    def kind(self: Any, received: object, wanted: type, what: str, more: str = "") -> None:
        plain = received.inner if isinstance(received, SimTensor) else received
        asked(self, plain, torch.Tensor if wanted is SimTensor else wanted, what, more)

    expect.kind = kind


def main() -> None:
    """Run every notebook's examples in a process of its own; the exit code is 1 where one fails."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda", choices=["cuda", "sim"])
    parser.add_argument("--notebook", default="", help="in this process, this notebook's only")
    options = parser.parse_args()
    if options.notebook:
        print(f"all of {run_examples(options.notebook, options.device)} test cells pass")
        return
    good = True
    print("| notebook | on the device |\n|:--|:--|")
    for notebook in Course(KIT).notebooks:
        again = [sys.executable, __file__, "--notebook", notebook, "--device", options.device]
        done = subprocess.run(again, capture_output=True, text=True, check=False)
        good = good and done.returncode == 0
        print(f"| `{notebook}` | {done.stdout.strip() or done.stderr.strip().splitlines()[-1]} |")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
