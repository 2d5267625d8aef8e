"""The sample class of `autograder demo`: one student for each situation that a tutor meets."""

from __future__ import annotations

from autograder.checking import NOT_HANDED_IN, RELEASED, TRUNCATED, Sample

CLASS = (
    Sample("ada", "solved everything", 100),
    Sample("bao", "handed in the empty stubs", 0, start=RELEASED),
    Sample(
        "carla", "did the first two notebooks", 50, notebooks={"perceptron": RELEASED, "logistic_regression": RELEASED}
    ),
    Sample(
        "deniz",
        "wrote `train` and nothing else",
        7,
        start=RELEASED,
        edits={
            "perceptron/train": """\
def train(X, y, w=None, eta=1.0, epochs=1):
    w = X.new_zeros(X.shape[1]) if w is None else w.clone()
    mistakes = []
    while len(mistakes) < epochs and (not mistakes or mistakes[-1] > 0):
        mistakes.append(0)
        for t in range(len(X)):
            mistakes[-1] += int(predict(w, X[t]) != y[t])
            w = update(w, X[t], y[t], eta)
    return w, mistakes
"""
        },
    ),
    Sample(
        "emil",
        "thinks that f(0) = 0",
        99,
        edits={"perceptron/activation": "def activation(s):\n    return torch.sign(s)\n"},
    ),
    Sample(
        "fatima",
        "forgot the 2 of the square",
        96.5,
        edits={
            "chain_rule/manual_gradients": """\
def manual_gradients(a, b, y, w0, w1, v):
    u = a * w0 + b * w1
    error = u * v - y
    return (error * v * a).mean(), (error * v * b).mean(), (error * u).mean()
"""
        },
    ),
    Sample(
        "goran",
        "loops for ever in `train`",
        93,
        edits={
            "perceptron/train": """\
def train(X, y, w=None, eta=1.0, epochs=1):
    while True:
        pass
"""
        },
    ),
    Sample(
        "hana",
        "has a syntax error in one cell",
        94,
        edits={"logistic_regression/bce_loss": "def bce_loss(logits, y)\n    return logits.mean(\n"},
    ),
    Sample("ivan", "handed in a truncated notebook", 75, notebooks={"perceptron": TRUNCATED}),
    Sample("june", "forgot one notebook", 75, notebooks={"logistic_regression": NOT_HANDED_IN}),
    Sample(
        "kofi",
        "ends the process to be left alone",
        96,
        edits={"perceptron/margin": "import os\n\ndef margin(w, X, y):\n    os._exit(0)\n"},
    ),
    Sample(
        "lena",
        "returns an object that equals everything",
        96,
        edits={
            "logistic_regression/predict": """\
class Right:
    def __eq__(self, other):
        return True

    def __getattr__(self, name):
        return self

def predict(model, X):
    return Right()
"""
        },
    ),
    Sample(
        "milan",
        "eats all memory",
        96,
        edits={
            "tensor_ops/pairwise_squared_distances": """\
def pairwise_squared_distances(A, B):
    every_pair_of_pairs = torch.zeros(len(A), len(B), 2**20, 2**20)
    return every_pair_of_pairs.sum(dim=(2, 3))
"""
        },
    ),
    Sample(
        "noor",
        "solved it in another style",
        100,
        edits={
            "tensor_ops/affine": "def affine(X, w, b):\n    return torch.einsum('nm,m->n', X, w) + b\n",
            "perceptron/activation": "def activation(s):\n    return (s >= 0).to(s.dtype) * 2 - 1\n",
            "logistic_regression/LogisticRegression": """\
class LogisticRegression(torch.nn.Module):
    def __init__(self, num_features):
        super().__init__()
        self.w = torch.nn.Parameter(torch.zeros(num_features))
        self.b = torch.nn.Parameter(torch.zeros(1))

    def forward(self, X):
        print("forward!")
        return X @ self.w + self.b
""",
        },
    ),
)
