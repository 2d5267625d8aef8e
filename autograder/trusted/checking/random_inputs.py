"""Random inputs for checks: seeded, so that every student gets the same ones."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch
    from torch import Tensor


def rng_of(seed: int, name: str) -> np.random.Generator:
    """NumPy's generator for the check `name`, from the run's seed: for numbers and arrays."""
    return np.random.default_rng(list(_mixed(seed, name)))


class RandomInputs:
    """Makes random tensors for one check; imports torch.

    Args:
        seed: the run's seed, reported with the results.
        name: the check's name, so that each check has different numbers.
    """

    def __init__(self, seed: int, name: str) -> None:
        import torch

        # Of a larger seed, torch's generator takes the lowest 32 bits and no notice of the others.
        self._generator = torch.Generator().manual_seed(int.from_bytes(_mixed(seed, name)[:4], "little"))

    def normal(self, *shape: int, dtype: torch.dtype | None = None, scale: float = 1.0) -> Tensor:
        """Normal numbers with mean 0 and standard deviation `scale`, of the given shape."""
        import torch

        return _of_dtype(scale * torch.randn(shape, generator=self._generator, dtype=torch.float64), dtype)

    def integers(self, low: int, high: int, *shape: int) -> Tensor:
        """Integers in [low, high), int64."""
        import torch

        return torch.randint(low, high, shape, generator=self._generator)

    def small_integers(self, *shape: int, dtype: torch.dtype | None = None) -> Tensor:
        """Whole numbers from -4 to 4 as floats: sums and products of a few of them are exact in any order."""
        return _of_dtype(self.integers(-4, 5, *shape), dtype)

    def signs(self, *shape: int, dtype: torch.dtype | None = None) -> Tensor:
        """Labels -1 and +1."""
        return _of_dtype(2 * self.integers(0, 2, *shape) - 1, dtype)

    def bits(self, *shape: int, dtype: torch.dtype | None = None) -> Tensor:
        """Labels 0 and 1."""
        return _of_dtype(self.integers(0, 2, *shape), dtype)


def _of_dtype(tensor: Tensor, dtype: torch.dtype | None) -> Tensor:
    return tensor.float() if dtype is None else tensor.to(dtype)


def _mixed(seed: int, name: str) -> bytes:
    return hashlib.sha256(f"{seed} {name}".encode()).digest()
