"""The watch sees which of torch's functions a call goes through, and nothing that it was not asked for."""

from __future__ import annotations

import pytest
import torch

from autograder.worker.notebook.watch import NN, TRACKED, Watch

Z = torch.tensor([1.0, -2.0])
WAYS = {
    "a function": lambda: torch.sigmoid(Z),
    "a method": lambda: Z.sigmoid(),
    "a layer": lambda: torch.nn.Sigmoid()(Z),
    "a distribution": lambda: torch.distributions.Bernoulli(logits=Z).probs,
    "an operator": lambda: torch.ops.aten.sigmoid(Z),
    "an overload": lambda: torch.ops.aten.sigmoid.default(Z),
    "a map": lambda: torch.vmap(torch.sigmoid)(Z),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_function_is_seen_by_whichever_way(way):
    watch = Watch(["sigmoid", "mse_loss"])
    with watch:
        WAYS[way]()
    assert watch.seen == {"sigmoid"}


def test_only_what_was_asked_for_is_told():
    watch = Watch(["mse_loss"])
    with watch:
        torch.sigmoid(Z.clone().requires_grad_())
    assert watch.seen == set()


def test_nothing_is_seen_before_and_afterwards():
    watch = Watch(["sigmoid"])
    torch.sigmoid(Z)
    with watch:
        torch.exp(Z)
    torch.sigmoid(Z)
    assert watch.seen == set()


@pytest.mark.parametrize("function", [torch.nn.functional.l1_loss, torch.nn.L1Loss(), torch.nn.functional.mse_loss])
def test_all_of_torch_nn_goes_by_one_name(function):
    watch = Watch([NN])
    with watch:
        function(Z, Z)
    assert watch.seen == {NN}


@pytest.mark.parametrize(
    "tracking",
    [
        lambda: Z.clone().requires_grad_(),
        lambda: torch.tensor(1.0, requires_grad=True),
        lambda: torch.func.grad(lambda z: (z * z).sum())(Z),
        lambda: torch.nn.Parameter(Z) * 2,
    ],
)
def test_autograd_is_seen_by_what_it_tracks(tracking):
    watch = Watch([TRACKED])
    with watch:
        tracking()
    assert watch.seen == {TRACKED}


def test_arithmetic_is_not_taken_for_autograd():
    watch = Watch([NN, TRACKED])
    with watch, torch.no_grad():
        (Z * Z).mean().exp().tolist()
        torch.vmap(lambda z: z * 2)(Z).numpy()
    assert watch.seen == set()
