"""The hidden checks: one file a notebook, read and run on the trusted side only.

A check is one test function. Its docstring is the sentence that the student reads; its mark says the
exercise and the points; it fails by CheckFailure, and lets everything that the student's code raises
pass through. `student` is the submission, `reference` the solution's module, `draw` makes inputs.

A check that asks for `device` is run once for each kind of device, on every machine: on the CPU and on a
simulated accelerator; and on the GPU where there is one, for comparison. `student.on(device)` then puts
the arguments there and wants the answer from there.
"""

from __future__ import annotations

import pytest
import torch

FLOATS = (torch.float32, torch.float64)


def check(exercise: str, points: float) -> pytest.MarkDecorator:
    """Mark a test function as a check of `exercise` that is worth `points`."""
    return pytest.mark.check(exercise=exercise, points=float(points))
