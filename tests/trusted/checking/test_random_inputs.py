"""Random inputs follow from the seed and the check, and from nothing else."""

from __future__ import annotations

import torch

from autograder.trusted.checking.random_inputs import RandomInputs


def drawn(seed: int, name: str) -> tuple[float, ...]:
    return tuple(RandomInputs(seed, name).normal(4).tolist())


def test_every_seed_and_every_check_has_inputs_of_its_own():
    made = {drawn(seed, name) for seed in (0, 1, 7, 2**31 - 1) for name in ("test_a", "test_b")}
    assert len(made) == 8


def test_the_same_seed_gives_a_check_the_same_inputs_whatever_else_is_drawn():
    before = drawn(7, "test_a")
    torch.rand(3)
    RandomInputs(7, "test_b").normal(3)
    assert drawn(7, "test_a") == before
