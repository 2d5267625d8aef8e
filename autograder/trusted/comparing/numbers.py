"""The numbers of a tensor, an array or a number, as NumPy has them: what is said of an answer is said of these."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.wire.values import is_tensor

if TYPE_CHECKING:
    from torch import Tensor


def as_numbers(thing: Tensor | np.ndarray | np.generic | float) -> np.ndarray[Any, Any]:
    """Its elements as float64, complex ones as complex128, in an array of its shape."""
    if is_tensor(thing):
        import torch

        plain = thing.detach().resolve_conj().resolve_neg()
        return (plain.to(torch.complex128) if plain.is_complex() else plain.double()).numpy()  # NumPy has no bfloat16
    array = np.asarray(thing)
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)
