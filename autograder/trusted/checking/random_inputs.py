"""Random inputs for checks: seeded, so that every student gets the same ones."""

from __future__ import annotations

import hashlib

import torch
from torch import Tensor


class RandomInputs:
    """Makes random tensors for one check.

    Args:
        seed: the run's seed, reported with the results.
        name: the check's name, so that each check has different numbers.
    """

    def __init__(self, seed: int, name: str) -> None:
        mixed = hashlib.sha256(f"{seed} {name}".encode()).digest()
        # Of a larger seed, torch's generator takes the lowest 32 bits and no notice of the others.
        self._generator = torch.Generator().manual_seed(int.from_bytes(mixed[:4], "little"))

    def normal(self, *shape: int, dtype: torch.dtype = torch.float32, scale: float = 1.0) -> Tensor:
        """Normal numbers with mean 0 and standard deviation `scale`, of the given shape."""
        return (scale * torch.randn(shape, generator=self._generator, dtype=torch.float64)).to(dtype)

    def integers(self, low: int, high: int, *shape: int) -> Tensor:
        """Integers in [low, high), int64."""
        return torch.randint(low, high, shape, generator=self._generator)

    def small_integers(self, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
        """Whole numbers from -4 to 4 as floats: sums and products of a few of them are exact in any order."""
        return self.integers(-4, 5, *shape).to(dtype)

    def signs(self, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
        """Labels -1 and +1."""
        return (2 * self.integers(0, 2, *shape) - 1).to(dtype)

    def bits(self, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
        """Labels 0 and 1."""
        return self.integers(0, 2, *shape).to(dtype)
