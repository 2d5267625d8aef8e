"""Tensors of two devices in one operation: what an accelerator refuses, and what it allows.

Each is a function of the accelerator's name. `X` is (4, 3) and `v` is (3,), on the CPU.
"""

from __future__ import annotations

import torch

X, v = torch.ones(4, 3), torch.ones(3)
MIXED = {
    "add": lambda device: X.to(device) + v,
    "add the other way": lambda device: X + v.to(device),
    "product": lambda device: X.to(device) @ v,
    "compare": lambda device: X.to(device) > v,
    "in place": lambda device: X.to(device).add_(v),
    "into a CPU tensor": lambda device: X.clone().add_(v.to(device)),
    "into a CPU number": lambda device: torch.tensor(1.0).add_(torch.tensor(1.0, device=device)),
    "choose": lambda device: torch.where(X.to(device) > 0, X.to(device), v),
    "concatenation": lambda device: torch.cat([X.to(device), X]),
    "stack of numbers": lambda device: torch.stack([torch.tensor(1.0, device=device), torch.tensor(1.0)]),
    "a model moved, but not its data": lambda device: torch.nn.Linear(3, 1).to(device)(X),
    "data moved, but not the model": lambda device: torch.nn.Linear(3, 1)(X.to(device)),
    "a loss": lambda device: torch.nn.functional.mse_loss(v.to(device), v),
    "labels left behind": lambda device: torch.nn.functional.binary_cross_entropy_with_logits(v.to(device), v),
    "distances": lambda device: torch.cdist(X.to(device), X),
    "out": lambda device: torch.add(v.to(device), v.to(device), out=torch.empty(3)),
    "gather": lambda device: X.to(device).gather(0, torch.zeros(1, 3, dtype=torch.int64)),
    "masked fill": lambda device: X.to(device).masked_fill(X > 0, 1.0),
}

ALLOWED = {
    "a CPU number among tensors": lambda device: X.to(device) * torch.tensor(2.0),
    "a CPU number first": lambda device: torch.tensor(2.0) * X.to(device),
    "a CPU number to choose": lambda device: torch.where(X.to(device) > 0, X.to(device), torch.tensor(0.0)),
    "an index on the CPU": lambda device: X.to(device)[torch.tensor([0, 1])],
    "a mask on the CPU": lambda device: X.to(device)[X[:, 0] > 0],
    "a copy from the CPU": lambda device: torch.empty(3, device=device).copy_(v),
    "an assigned row from the CPU": lambda device: X.to(device).index_put_((torch.tensor([0]),), torch.tensor(5.0)),
}
