"""Where a function is to be written by hand, a ready one is found by what is called, and nobody is docked for a name."""

# ruff: noqa: E501  # a cell a line

from __future__ import annotations

import textwrap

import pytest

STABLE = """
    positive = z >= 0
    t = torch.exp(torch.where(positive, -z, z))
    return torch.where(positive, 1.0, t) / (1 + t)
"""

SIGMOIDS = {
    "by its name": "def sigmoid(z):\n    return torch.sigmoid(z)",
    "by a method": "def sigmoid(z):\n    return z.sigmoid()",
    "in place on a copy": "def sigmoid(z):\n    return z.clone().sigmoid_()",
    "by another name": "def sigmoid(z):\n    return torch.special.expit(z)",
    "by an import inside": "def sigmoid(z):\n    from torch.special import expit as own\n    return own(z)",
    "by an import outside": "from torch import sigmoid as s\ndef sigmoid(z):\n    return s(z)",
    "by a module's alias": "import torch.nn.functional as F\ndef sigmoid(z):\n    return F.logsigmoid(z).exp()",
    "by an alias": "ready = torch.sigmoid\ndef sigmoid(z):\n    return ready(z)",
    "by getattr": "def sigmoid(z):\n    return getattr(torch, 'sig' + 'moid')(z)",
    "by a name that is made while it runs": "def sigmoid(z):\n    return getattr(torch, ''.join(map(chr, [115, 105, 103, 109, 111, 105, 100])))(z)",
    "by a name that is turned round": "def sigmoid(z):\n    return getattr(torch, 'diomgis'[::-1])(z)",
    "by a module": "layer = torch.nn.Sigmoid()\ndef sigmoid(z):\n    return layer(z)",
    "by a module of a made name": "def sigmoid(z):\n    return getattr(torch.nn, 'Sigmoid'.upper().capitalize())()(z)",
    "by a distribution": "def sigmoid(z):\n    return torch.distributions.Binomial(logits=z).probs",
    "by a transform": "import torch.distributions.transforms as T\ndef sigmoid(z):\n    return getattr(T, 'Sig' + 'moidTransform')()(z)",
    "by softmax": "def sigmoid(z):\n    return torch.stack([z, torch.zeros_like(z)]).softmax(0)[0]",
    "by an operator": "def sigmoid(z):\n    return torch.ops.aten.sigmoid(z)",
    "by eval": "def sigmoid(z):\n    return eval('torch.sig' 'moid(z)')",
    "by vars": "def sigmoid(z):\n    return vars(torch)['sigmoid'.lower()](z)",
    "by a table": "table = {'s': torch.sigmoid}\ndef sigmoid(z):\n    return table['s'](z)",
    "by a helper": "def helper(z):\n    return torch.sigmoid(z)\ndef sigmoid(z):\n    return helper(z)",
    "by a helper's attribute": "class Own:\n    act = torch.sigmoid\ndef sigmoid(z):\n    return Own.act(z)",
    "by a default": "def sigmoid(z, f=torch.sigmoid):\n    return f(z)",
    "by partial": "from functools import partial\nready = partial(torch.sigmoid)\ndef sigmoid(z):\n    return ready(z)",
    "by a method under its own name": "class M:\n    def expit(self, z):\n        return torch.special.expit(z)\ndef sigmoid(z):\n    return M().expit(z)",
}  # fmt: skip

BCE_TERMS = (
    "torch.maximum(logits, torch.zeros_like(logits)) + torch.log1p(torch.exp(-logits.abs())) - logits * y.to(logits)"
)
OTHERS = {
    "a loss by getattr": ("logistic_regression", "bce_loss", "def bce_loss(logits, y):\n    name = '_'.join(['binary', 'cross', 'entropy', 'with', 'logits'])\n    return vars(torch.nn.functional)[name](logits, y.to(logits))"),
    "a loss by a distribution": ("logistic_regression", "bce_loss", "def bce_loss(logits, y):\n    return -torch.distributions.Bernoulli(logits=logits, validate_args=False).log_prob(y.to(logits)).mean()"),
    "a loss by a module": ("logistic_regression", "bce_loss", "import torch.nn as nn\nloss = nn.BCEWithLogitsLoss()\ndef bce_loss(logits, y):\n    return loss(logits, y.to(logits))"),
    "a loss of two classes": ("logistic_regression", "bce_loss", "def bce_loss(logits, y):\n    both = torch.stack([torch.zeros_like(logits), logits], dim=1)\n    return torch.nn.functional.cross_entropy(both, y.long())"),
    "an error by a module": ("chain_rule", "mse_loss", "from torch import nn as layers\ndef mse_loss(y_hat, y):\n    return layers.MSELoss()(y_hat, y)"),
    "an error by another loss": ("chain_rule", "mse_loss", "import torch.nn.functional as G\ndef mse_loss(y_hat, y):\n    return G.l1_loss(y_hat, y, reduction='none').square().mean()"),
    "an error by a made name": ("chain_rule", "mse_loss", "import importlib\nF = importlib.import_module('torch.' + 'nn.functional')\ndef mse_loss(y_hat, y):\n    return getattr(F, 'm' + 'SE_LOSS'[0:].lower())(y_hat, y)"),
    "gradients by backward": ("chain_rule", "manual_gradients", "def manual_gradients(a, b, y, w0, w1, v):\n    ws = [w.detach().clone().requires_grad_() for w in (w0, w1, v)]\n    mse_loss(forward(a, b, *ws)[1], y).backward()\n    return tuple(w.grad for w in ws)"),
    "gradients by a made name": ("chain_rule", "manual_gradients", "def manual_gradients(a, b, y, w0, w1, v):\n    ws = [torch.tensor(w.item(), dtype=w.dtype, device=w.device, requires_grad=True) for w in (w0, w1, v)]\n    getattr(mse_loss(forward(a, b, *ws)[1], y), 'drawkcab'[::-1])()\n    return tuple(w.grad for w in ws)"),
    "gradients by torch.func": ("chain_rule", "manual_gradients", "from torch import func as calculus\ndef manual_gradients(a, b, y, w0, w1, v):\n    return calculus.grad(lambda *ws: mse_loss(forward(a, b, *ws)[1], y), argnums=(0, 1, 2))(w0, w1, v)"),
    "gradients of the next exercise": ("chain_rule", "manual_gradients", "def manual_gradients(*arguments):\n    return autograd_gradients(*arguments)"),
}  # fmt: skip

HONEST = {
    "a comment and a string": ("sigmoid", 'def sigmoid(z):\n    """Not torch.sigmoid(z), nor F.softmax."""\n    # torch.sigmoid would do\n    print("like z.sigmoid()")' + STABLE),
    "a variable": ("sigmoid", "def sigmoid(z):\n    expit = torch.exp(torch.where(z >= 0, -z, z))\n    return torch.where(z >= 0, 1.0, expit) / (1 + expit)"),
    "a parameter": ("sigmoid", "def sigmoid(z, softmax=1.0):" + STABLE),
    "a helper of one's own": ("sigmoid", "def expit(z):" + STABLE + "\ndef sigmoid(z):\n    return expit(z)"),
    "a method of one's own": ("sigmoid", "class Maths:\n    def expit(self, z):" + textwrap.indent(STABLE, "    ") + "\ndef sigmoid(z):\n    return Maths().expit(z)"),
    "a static method of one's own": ("sigmoid", "class Maths:\n    @staticmethod\n    def sigmoid(z):" + textwrap.indent(STABLE, "    ") + "\ndef sigmoid(z):\n    return Maths.sigmoid(z)"),
    "an import that is not used": ("sigmoid", "from torch.special import expit\nfrom torch import sigmoid\ndef sigmoid(z):\n    from torch.nn.functional import softmax" + STABLE),
    "a comparison in the cell": ("sigmoid", "def sigmoid(z):" + STABLE + "\nz = torch.linspace(-3, 3, 7)\nassert torch.allclose(sigmoid(z), torch.sigmoid(z))"),
    "a comparison in another function": ("sigmoid", "def sigmoid(z):" + STABLE + "\ndef compare(z):\n    return sigmoid(z) - torch.sigmoid(z)"),
    "by tanh": ("sigmoid", "def sigmoid(z):\n    return 0.5 + 0.5 * torch.tanh(z / 2)"),
    "a plot": ("sigmoid", "def sigmoid(z):" + STABLE + "\nimport matplotlib.pyplot as plt\nx = torch.linspace(-5, 5, 50)\nplt.plot(x, sigmoid(x), label='sigmoid'); plt.plot(x, torch.sigmoid(x), label='torch.sigmoid'); plt.legend(); plt.show()"),
    "an inner function": ("sigmoid", "def sigmoid(z):\n    def silu(t):\n        return torch.where(z >= 0, 1.0, t) / (1 + t)\n    return silu(torch.exp(torch.where(z >= 0, -z, z)))"),
    "a loss's name": ("bce_loss", f"def bce_loss(logits, y):\n    cross_entropy = {BCE_TERMS}\n    return cross_entropy.mean()"),
    "a loss of one's own": ("bce_loss", f"def binary_cross_entropy(logits, y):\n    return {BCE_TERMS}\ndef bce_loss(logits, y):\n    return binary_cross_entropy(logits, y).mean()"),
    "softplus, which is no loss": ("bce_loss", "import torch.nn.functional as F\ndef bce_loss(logits, y):\n    y = y.to(logits)\n    return (F.softplus(logits) - logits * y).mean()"),
    "a module that was imported whole": ("mse_loss", "import torch.nn\nimport torch.nn.functional\ndef mse_loss(y_hat, y):\n    return torch.mean((y - y_hat) ** 2)"),
    "an error of one's own": ("mse_loss", "class Loss:\n    def mse_loss(self, p, t):\n        return ((p - t) ** 2).mean()\ndef mse_loss(y_hat, y):\n    return Loss().mse_loss(y_hat, y)"),
    "a look at requires_grad": ("manual_gradients", "def manual_gradients(a, b, y, w0, w1, v):\n    assert not w0.requires_grad\n    with torch.no_grad():\n        u = a * w0 + b * w1\n        df = 2 * (u * v - y)\n        return (df * v * a).mean(), (df * v * b).mean(), (df * u).mean()"),
    "a function called backward": ("manual_gradients", "def backward(df, *factors):\n    return tuple((df * each).mean() for each in factors)\ndef manual_gradients(a, b, y, w0, w1, v):\n    u = a * w0 + b * w1\n    return backward(2 * (u * v - y), v * a, v * b, u)"),
    "a variable called grad": ("manual_gradients", "def manual_gradients(a, b, y, w0, w1, v):\n    u = a * w0 + b * w1\n    grad = func = autograd = 2 * (u * v - y)\n    return (grad * v * a).mean(), (func * v * b).mean(), (autograd * u).mean()"),
    "a vectorised map": ("manual_gradients", "def manual_gradients(a, b, y, w0, w1, v):\n    def one(a, b, y):\n        u = a * w0 + b * w1\n        df = 2 * (u * v - y)\n        return torch.stack([df * v * a, df * v * b, df * u])\n    g = one(a, b, y) if a.dim() == 0 else torch.vmap(one)(a, b, y).mean(0)\n    return g[0], g[1], g[2]"),
}  # fmt: skip
NOTEBOOK_OF = {"sigmoid": "logistic_regression", "bce_loss": "logistic_regression"}

CAUGHT = {name: ("logistic_regression", "sigmoid", source) for name, source in SIGMOIDS.items()} | OTHERS


@pytest.fixture
def record_of(grade):
    """The record of a notebook in which one exercise is written like that, and the others as it needs them."""

    def record_of(notebook, exercise, source):
        return grade(notebook, {exercise: source}, start="release" if exercise == "sigmoid" else "source")

    return record_of


def every_third(ways):
    """Of many ways, those that are tried every day; `pytest -m thorough` tries the others."""
    return [pytest.param(way, marks=pytest.mark.thorough if place % 3 else ()) for place, way in enumerate(ways)]


@pytest.mark.parametrize("way", every_third(CAUGHT))
def test_a_ready_function_is_found_however_it_is_called(record_of, way):
    notebook, exercise, source = CAUGHT[way]
    record = record_of(notebook, exercise, source)
    told = [check.message for check in record.exercises[exercise].checks if check.outcome == "failed"]
    assert [text for text in told if "not allowed here" in text or "for the next exercise" in text]


@pytest.mark.parametrize("way", every_third(HONEST))
def test_nobody_is_docked_for_a_name(record_of, way):
    exercise, source = HONEST[way]
    record = record_of(NOTEBOOK_OF.get(exercise, "chain_rule"), exercise, source)
    lost = [f"{each.name}: {each.message}" for each in record.exercises[exercise].checks if each.outcome != "passed"]
    assert lost == []
    assert record.needs_review == ()


ONLY_WRITTEN = {
    "a branch that is never taken": ("sigmoid", "def sigmoid(z):\n    if not isinstance(z, torch.Tensor):\n        return torch.sigmoid(torch.tensor(z))" + STABLE),
    "after the return": ("sigmoid", "def sigmoid(z):" + STABLE + "    return torch.sigmoid(z)"),
    "a flag": ("sigmoid", "READY = False\ndef sigmoid(z):\n    if READY:\n        from torch.special import expit\n        return expit(z)" + STABLE),
    "a name for comparison": ("sigmoid", "def sigmoid(z):\n    other = torch.nn.Sigmoid" + STABLE),
    "an error that never comes": ("bce_loss", f"def bce_loss(logits, y):\n    try:\n        return ({BCE_TERMS}).mean()\n    except TypeError:\n        return torch.nn.functional.binary_cross_entropy_with_logits(logits, y)"),
    "another default": ("mse_loss", "def mse_loss(y_hat, y, ready=False):\n    return torch.nn.functional.mse_loss(y_hat, y) if ready else ((y_hat - y) ** 2).mean()"),
    "only where asked to": ("manual_gradients", "def manual_gradients(a, b, y, w0, w1, v, check=False):\n    u = a * w0 + b * w1\n    d = 2 * (u * v - y)\n    if check:\n        torch.autograd.grad(d, w0)\n    return (d * v * a).mean(), (d * v * b).mean(), (d * u).mean()"),
}  # fmt: skip


@pytest.mark.parametrize("way", every_third(ONLY_WRITTEN))
def test_a_ready_function_that_no_call_uses_is_left_to_a_person_and_costs_nothing(record_of, way):
    exercise, source = ONLY_WRITTEN[way]
    for _ in range(2):  # as a verdict of its own, and as one of the verdict cache
        record = record_of(NOTEBOOK_OF.get(exercise, "chain_rule"), exercise, source)
        assert record.exercises[exercise].earned == record.exercises[exercise].possible
        (doubt,) = record.needs_review
        assert doubt.startswith(f"`{exercise}`: its code has `") and "look whether" in doubt


@pytest.mark.parametrize(
    "hidden", ["torch.jit.script(torch.nn.Sigmoid())(z)", "torch._C._VariableFunctions.sigmoid(z)"]
)
def test_a_ready_function_where_the_watch_sees_nothing_is_found_by_its_name(grade, hidden):
    record = grade("logistic_regression", {"sigmoid": f"def sigmoid(z):\n    return {hidden}"})
    assert record.exercises["sigmoid"].earned < record.exercises["sigmoid"].possible


def test_autograd_by_a_made_name_is_autograd(grade):
    source = """
    def autograd_gradients(a, b, y, w0, w1, v):
        ws = [w.detach().clone().requires_grad_() for w in (w0, w1, v)]
        getattr(mse_loss(forward(a, b, *ws)[1], y), "drawkcab"[::-1])()
        return tuple(w.grad for w in ws)
    """
    record = grade("chain_rule", {"autograd_gradients": textwrap.dedent(source)})
    assert record.exercises["autograd_gradients"].earned == record.exercises["autograd_gradients"].possible


def test_an_error_under_the_watch_alone_costs_nothing(grade):
    source = "def sigmoid(z):\n    assert not torch._C._len_torch_function_stack()" + STABLE
    record = grade("logistic_regression", {"sigmoid": source})
    assert record.exercises["sigmoid"].earned == record.exercises["sigmoid"].possible


def test_what_the_watch_says_is_no_evidence_for_anybody(grade):
    """Whoever hides from it is still read: nothing is earned by a watch that sees nothing."""
    source = "def sigmoid(z):\n    with torch._C.DisableTorchFunction():\n        return torch.sigmoid(z)"
    record = grade("logistic_regression", {"sigmoid": source})
    assert [check.name for check in record.exercises["sigmoid"].checks if check.outcome == "failed"] == [
        "test_sigmoid_is_your_own_and_differentiable"
    ]
