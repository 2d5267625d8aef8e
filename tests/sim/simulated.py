"""The simulated device: equal to the CPU in what it computes, equal to an accelerator in what it refuses."""

from __future__ import annotations

import copy
import inspect
import subprocess
import sys

import numpy as np
import pytest
import torch

from autograder import sim
from autograder.wire.values import NoObjects, encode
from tests.sim.mixtures import ALLOWED, MIXED, X, v
from tests.sim.operations import OPERATIONS, inputs

DEVICE = sim.enable()


def on(device, tensors):
    """Copies of tensors on a device, the floating ones with a gradient to come."""
    moved = [tensor.to(device, copy=True) for tensor in tensors]
    return [tensor.requires_grad_(tensor.is_floating_point()) for tensor in moved]


def test_at_least_100_operations_are_compared():
    assert len(OPERATIONS) >= 100


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_and_its_gradient_are_the_cpus(name):
    operation = OPERATIONS[name]
    chosen = [inputs()[parameter] for parameter in inspect.signature(operation).parameters]
    expected_of, found_of = on("cpu", chosen), on("sim", chosen)
    expected, found = operation(*expected_of), operation(*found_of)
    assert found.device == DEVICE
    assert isinstance(found, sim.SimTensor)
    torch.testing.assert_close(found.detach().cpu(), expected.detach(), rtol=0, atol=0)
    assert (found.shape, found.dtype, found.requires_grad) == (expected.shape, expected.dtype, expected.requires_grad)
    if not expected.requires_grad:
        return
    expected.sum().backward()
    found.sum().backward()
    for before, after in zip(expected_of, found_of, strict=True):
        assert (before.grad is None) == (after.grad is None)
        if before.grad is not None:
            assert after.grad.device == DEVICE
            torch.testing.assert_close(after.grad.cpu(), before.grad, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    "make",
    [
        lambda device: torch.zeros(2, 3, device=device),
        lambda device: torch.ones(2, device=device, dtype=torch.int64),
        lambda device: torch.full((2,), 3.0, device=device),
        lambda device: torch.eye(3, device=device),
        lambda device: torch.arange(2, 9, 3, device=device),
        lambda device: torch.linspace(0, 1, 4, device=device),
        lambda device: torch.tensor([[1, 2], [3, 4]], device=device),
        lambda device: torch.tensor(2.5, device=device),
        lambda device: torch.as_tensor([1.0], device=device),
        lambda device: torch.asarray([True, False], device=device),
        lambda device: torch.from_numpy(np.arange(3.0)).to(device),
        lambda device: torch.empty(0, 2, device=device),
        lambda device: torch.tril_indices(3, 3, device=device),
        lambda device: torch.logspace(0, 2, 3, device=device),
    ],
)
def test_what_is_made_on_the_device_is_what_is_made_on_the_cpu(make):
    found, expected = make("sim"), make("cpu")
    assert found.device == DEVICE
    assert (found.shape, found.dtype, found.stride()) == (expected.shape, expected.dtype, expected.stride())
    assert torch.equal(found.cpu(), expected)


@pytest.mark.parametrize(
    "draw",
    [
        lambda device, g: torch.rand(3, device=device, generator=g),
        lambda device, g: torch.randn(3, device=device, generator=g),
        lambda device, g: torch.randint(9, (3,), device=device, generator=g),
        lambda device, g: torch.randperm(5, device=device, generator=g),
        lambda device, g: torch.empty(3, device=device).normal_(generator=g),
        lambda device, g: torch.empty(3, device=device).uniform_(generator=g),
        lambda device, g: torch.bernoulli(torch.full((9,), 0.5, device=device), generator=g),
        lambda device, g: torch.multinomial(torch.ones(9, device=device), 4, generator=g),
    ],
)
def test_a_generator_of_the_device_draws_and_one_of_the_cpu_is_refused(draw):
    seeded = torch.Generator(device="sim").manual_seed(7)
    assert torch.equal(draw("sim", seeded).cpu(), draw("cpu", torch.Generator().manual_seed(7)))
    with pytest.raises(RuntimeError, match="Expected a 'sim' device type for generator but found 'cpu'"):
        draw("sim", torch.Generator())


def test_generators_are_what_they_say():
    assert torch.Generator("sim").device == DEVICE
    assert torch.Generator().device == torch.device("cpu")
    assert isinstance(torch.default_generator, torch.Generator)
    assert isinstance(torch.Generator("sim"), torch.Generator)


@pytest.mark.parametrize("mix", MIXED.values(), ids=MIXED)
def test_tensors_of_two_devices_do_not_mix(mix):
    with pytest.raises(
        RuntimeError, match=r"xpected (all tensors|self and mask) to be on the same device, but (got|found)"
    ):
        mix("sim")


def test_an_index_on_the_device_cannot_point_into_a_cpu_tensor():
    with pytest.raises(RuntimeError, match="indices should be either on cpu or on the same device"):
        X[torch.tensor([0], device="sim")]


@pytest.mark.parametrize("allowed", ALLOWED.values(), ids=ALLOWED)
def test_what_cuda_allows_is_allowed(allowed):
    assert allowed("sim").device == DEVICE


@pytest.mark.parametrize("convert", [lambda x: x.numpy(), np.asarray, np.array, np.exp, lambda x: np.stack([x])])
def test_numpy_cannot_have_it(convert):
    with pytest.raises(TypeError, match="can't convert sim:0 device type tensor to numpy"):
        convert(v.to("sim"))


def test_numpy_can_have_a_copy():
    assert v.to("sim").cpu().numpy().tolist() == [1.0, 1.0, 1.0]
    assert v.to("sim").requires_grad_().numpy(force=True).tolist() == [1.0, 1.0, 1.0]


def test_numbers_come_out_of_it():
    number = torch.tensor(2.0, device="sim")
    assert (number.item(), float(number), int(number), bool(number), f"{number:.1f}") == (2.0, 2.0, 2, True, "2.0")
    assert X.to("sim").tolist() == X.tolist()
    assert [row.device for row in X.to("sim")] == [DEVICE] * 4
    assert len(X.to("sim")) == 4


def test_views_share_memory_and_say_so():
    tensor = torch.zeros(2, 3, device="sim")
    tensor.view(-1)[0] = 1.0
    tensor[1].add_(2.0)
    tensor.T[2, 0] = 3.0
    assert tensor.tolist() == [[1.0, 0.0, 3.0], [2.0, 2.0, 2.0]]
    assert tensor.view(-1).data_ptr() == tensor.data_ptr() != tensor.clone().data_ptr()
    assert tensor[1]._base is tensor


def test_a_change_of_shape_in_place_is_one():
    tensor = torch.zeros(2, 3, device="sim")
    tensor.t_()
    assert (tensor.shape, (tensor + 1).shape) == ((3, 2), (3, 2))
    tensor.unsqueeze_(0)
    assert tensor.shape == (1, 3, 2)
    tensor.resize_(2)
    assert tensor.shape == (2,)


def test_data_that_is_assigned_takes_the_place_of_the_elements():
    w = torch.ones(2, device="sim", requires_grad=True)
    w.data = w.data - 0.5
    assert w.tolist() == w.detach().cpu().tolist() == [0.5, 0.5]
    assert w.requires_grad
    w.data[0] = 3.0
    assert w.tolist() == [3.0, 0.5]
    with pytest.raises(RuntimeError, match="incompatible tensor type"):
        w.data = torch.zeros(2)


def test_a_model_that_has_moved_changes_its_dtype_as_well():
    model = torch.nn.Linear(3, 1).to("sim").to(torch.float64)
    assert model(torch.ones(2, 3, dtype=torch.float64, device="sim")).dtype == torch.float64
    assert model.weight.detach().cpu().dtype == torch.float64


def test_it_is_known_before_it_is_available():
    script = (
        "import torch; from autograder import sim; sim.register(); print(torch.accelerator.is_available());"
        "torch.ones(2, requires_grad=True).sum().backward(); sim.enable(); print(torch.accelerator.is_available());"
        "torch.ones(2, device='sim', requires_grad=True).sum().backward();"
        "print(torch.accelerator.current_accelerator(), flush=True);"
        "import os; os._exit(0)"  # torch's thread for the device may not be done when Python shuts down at once
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True", "sim"]


def test_to_the_device_where_it_is_already_is_itself():
    tensor = v.to("sim")
    assert tensor.to("sim") is tensor
    assert tensor.to(DEVICE) is tensor
    assert tensor.cpu().device == torch.device("cpu")
    assert tensor.to(X).device == torch.device("cpu")


def test_it_is_written_with_its_device():
    assert repr(torch.tensor([1.0, 2.0], device="sim")) == "tensor([1., 2.], device='sim:0')"
    assert repr(torch.tensor(1.0, device="sim", requires_grad=True)) == "tensor(1., device='sim:0', requires_grad=True)"
    assert "device='sim:0', requires_grad=True" in repr(torch.nn.Linear(2, 1).to("sim").weight)
    assert "grad_fn=<MulBackward0>" in repr(torch.tensor(1.0, device="sim", requires_grad=True) * 2)


@pytest.mark.parametrize(
    "make",
    [
        lambda p: torch.optim.SGD(p, lr=0.1),
        lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01, nesterov=True),
        lambda p: torch.optim.Adam(p, lr=0.1),
        lambda p: torch.optim.AdamW(p, lr=0.1),
        lambda p: torch.optim.RMSprop(p, lr=0.1),
        lambda p: torch.optim.Adagrad(p, lr=0.1),
        lambda p: torch.optim.LBFGS(p, lr=0.1),
    ],
)
def test_a_model_learns_as_on_the_cpu(make):
    def trained(device):
        torch.manual_seed(0)
        model = torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.Tanh(), torch.nn.Linear(5, 1)).double().to(device)
        data, labels = inputs()["X"].to(device), ((inputs()["y"] + 1) / 2).to(device)
        optimiser = make(model.parameters())

        def loss():
            optimiser.zero_grad()
            value = torch.nn.functional.binary_cross_entropy_with_logits(model(data).squeeze(-1), labels)
            value.backward()
            return value

        for _ in range(5):
            optimiser.step(loss)
        return model

    on_cpu, on_sim = trained("cpu"), trained("sim")
    assert {parameter.device for parameter in on_sim.parameters()} == {DEVICE}
    for expected, found in zip(on_cpu.parameters(), on_sim.parameters(), strict=True):
        assert isinstance(found, torch.nn.Parameter)
        torch.testing.assert_close(found.detach().cpu(), expected.detach(), rtol=1e-10, atol=1e-12)


def test_a_constant_that_is_not_registered_stays_behind_and_a_buffer_does_not():
    class Scaled(torch.nn.Module):
        def __init__(self, *, registered):
            super().__init__()
            if registered:
                self.register_buffer("scale", torch.ones(3))
            else:
                self.scale = torch.ones(3)

        def forward(self, X):
            return X * self.scale

    assert Scaled(registered=True).to("sim")(X.to("sim")).device == DEVICE
    with pytest.raises(RuntimeError, match="same device"):
        Scaled(registered=False).to("sim")(X.to("sim"))


def test_models_are_copied_saved_and_loaded(tmp_path):
    model = torch.nn.Linear(3, 1).to("sim")
    twin = copy.deepcopy(model)
    assert twin.weight.device == DEVICE
    assert torch.equal(twin.weight.cpu(), model.weight.cpu())
    with torch.no_grad():
        twin.weight.zero_()
    assert model.weight.abs().sum() > 0
    twin.load_state_dict({name: value.cpu() for name, value in model.state_dict().items()})
    assert torch.equal(twin.weight.cpu(), model.weight.cpu())


def test_gradients_of_every_sort():
    w = torch.tensor([1.0, 2.0], device="sim", requires_grad=True)
    (gradient,) = torch.autograd.grad((w**3).sum(), w, create_graph=True)
    assert gradient.tolist() == [3.0, 12.0]
    (second,) = torch.autograd.grad(gradient.sum(), w)
    assert second.tolist() == [6.0, 12.0]
    assert torch.func.grad(lambda x: (x**2).sum())(w.detach()).tolist() == [2.0, 4.0]
    assert torch.vmap(lambda x: 2 * x)(w.detach()).device == DEVICE
    with torch.no_grad():
        w -= 0.5 * gradient
        w.grad = None
    assert w.tolist() == [-0.5, -4.0]


def test_the_default_device_and_the_context_make_tensors_there():
    with torch.device("sim"):
        assert torch.zeros(2).device == torch.tensor([1.0]).device == torch.nn.Linear(2, 1).weight.device == DEVICE
    assert torch.zeros(2).device == torch.device("cpu")


def test_a_retained_graph_and_accumulated_gradients():
    w = torch.ones(2, device="sim", requires_grad=True)
    loss = (w * 3).sum()
    loss.backward(retain_graph=True)
    loss.backward()
    assert w.grad.tolist() == [6.0, 6.0]
    w.grad.zero_()
    assert w.grad.tolist() == [0.0, 0.0]


def test_enabling_it_twice_is_enabling_it():
    assert sim.enable() == DEVICE


@pytest.mark.parametrize(
    ("mixture", "words"),
    [
        ("add", "but found at least two devices, sim:0 and cpu!"),
        ("product", "but got mat is on sim:0, different from other tensors on cpu "),
        ("a model moved, but not its data", "but got mat1 is on cpu, different from other tensors on sim:0 "),
        ("data moved, but not the model", "but got mat1 is on sim:0, different from other tensors on cpu "),
        ("concatenation", "but got tensors is on cpu, different from other tensors on sim:0 "),
        ("distances", "but got x2 is on cpu, different from other tensors on sim:0 "),
        ("gather", "but got index is on cpu, different from other tensors on sim:0 "),
        ("masked fill", "expected self and mask to be on the same device, but got mask on cpu and self on sim:0"),
    ],
)
def test_a_mixture_is_refused_in_the_words_that_cuda_has_for_it(mixture, words):
    with pytest.raises(RuntimeError) as refused:
        MIXED[mixture]("sim")
    assert words in str(refused.value)


def test_a_parameter_on_it_is_sent_as_one_and_a_tensor_is_not():
    sent = encode([torch.nn.Linear(2, 1).to(DEVICE).weight, torch.ones(2, device=DEVICE)], NoObjects())
    assert [(each.device, each.is_parameter) for each in sent.items] == [("sim:0", True), ("sim:0", False)]
