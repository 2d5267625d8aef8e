"""Random inputs follow from the seed and the check, and from nothing else."""

from __future__ import annotations

import pytest
import torch

from autograder.trusted.checking.random_inputs import RandomInputs, rng_of


def tensors(seed: int, name: str) -> tuple[float, ...]:
    return tuple(RandomInputs(seed, name).normal(4).tolist())


def arrays(seed: int, name: str) -> tuple[float, ...]:
    return tuple(rng_of(seed, name).normal(size=4).tolist())


both = pytest.mark.parametrize("drawn", [tensors, arrays])


@both
def test_every_seed_and_every_check_has_inputs_of_its_own(drawn):
    made = {drawn(seed, name) for seed in (0, 1, 7, 2**31 - 1) for name in ("test_a", "test_b")}
    assert len(made) == 8


@both
def test_the_same_seed_gives_a_check_the_same_inputs_whatever_else_is_drawn(drawn):
    before = drawn(7, "test_a")
    torch.rand(3)
    rng_of(7, "test_b").normal(size=3)
    RandomInputs(7, "test_b").normal(3)
    assert drawn(7, "test_a") == before
