"""What is learnt from the reference where it stands in for a wrong exercise."""

from __future__ import annotations

import textwrap
from typing import Any

from tests.attacks.attack import FULL, MARGIN, UPDATE, Attack

TRAIN, PREDICT, ACTIVATION = 7, 4, 4
NONE = "def {0}(*arguments, **options):\n    return None\n"
HONEST_TRAIN = """
def train(X, y, w=None, eta=1.0, epochs=1):
    w = X.new_zeros(X.shape[1]) if w is None else w.clone()
    mistakes = []
    for _ in range(epochs):
        wrong = 0
        for x_t, y_t in zip(X, y):
            wrong += int(predict(w, x_t) != y_t)
            w = update(w, x_t, y_t, eta)
        mistakes.append(wrong)
        if not wrong:
            break
    return w, mistakes
"""


def _wrong(name: str, lost: int, cells: dict[str, str], **more: Any) -> Attack:
    sources = {exercise: textwrap.dedent(source).lstrip("\n") for exercise, source in cells.items()}
    return Attack(name, FULL - lost, cells=sources, **more)


ATTACKS = (
    _wrong(
        "keeps the substitute of an exercise for that exercise itself",
        UPDATE,
        {
            "update": """
                kept = []
                def update(w, x, y, eta=1.0):
                    return kept[-1](w, x, y, eta) if kept else None
            """,
            "train": HONEST_TRAIN.replace("    w = X.new", "    kept.append(update)\n    w = X.new"),
        },
    ),
    _wrong(
        "asks for the reference's answers and keeps them for the device checks of that exercise",
        UPDATE,
        {
            "update": """
                answers = {}
                def update(w, x, y, eta=1.0):
                    key = (tuple(x.tolist()), float(y))
                    return answers[key].to(w.device) if key in answers else None
            """,
            "train": HONEST_TRAIN.replace(
                "            w = update(w, x_t, y_t, eta)",
                "            for weights in (-3 * x_t, 3 * x_t, w):\n"
                "                answers[tuple(x_t.tolist()), float(y_t)] = update(weights, x_t, y_t, eta)\n"
                "            w = update(w, x_t, y_t, eta)",
            ),
        },
    ),
    _wrong(
        "learns what the reference says to numbers that follow from a seed that everybody knows",
        UPDATE,
        {
            "update": """
                import zlib
                answers = {}
                def inputs(check):
                    generator = torch.Generator().manual_seed((90051 << 32) ^ zlib.crc32(check.encode()))
                    x = torch.randn(4, generator=generator, dtype=torch.float64).float()
                    return x, (2 * torch.randint(0, 2, (), generator=generator) - 1).float()
                known = [inputs("test_update_leaves_w_alone"), inputs("test_update_on_a_right_answer")]
                def update(w, x, y, eta=1.0):
                    return answers.get(tuple(x.tolist()))
            """,
            "train": HONEST_TRAIN.replace(
                "    w = X.new",
                "    for x, label in known:\n        answers[tuple(x.tolist())] = update(-label * x, x, label, 0.5)\n"
                "    w = X.new",
            ),
        },
    ),
    _wrong(
        "asks the reference of an exercise for a later one that is not said to build on it",
        TRAIN + MARGIN,
        {
            "train": NONE.format("train"),
            "margin": """
                def margin(w, X, y):
                    w, _ = train(X, y, w, 1.0, 1)
                    return (y * (X @ w)).min() / w.norm()
            """,
        },
    ),
    _wrong(
        "gives the reference a whole day's work",
        UPDATE + TRAIN,
        {
            "update": NONE.format("update"),
            "train": """
                def train(X, y, w=None, eta=1.0, epochs=1):
                    large = torch.zeros(1_000)
                    while True:
                        update(large, large + torch.rand(1_000), 1.0)
            """,
        },
        status="timeout",
    ),
    _wrong(
        "gives the reference more than its memory can hold",
        PREDICT + TRAIN,
        {
            "predict": NONE.format("predict"),
            "train": """
                def train(X, y, w=None, eta=1.0, epochs=1):
                    return predict(torch.zeros(1, 100_000), torch.zeros(100_000, 1))
            """,
        },
        status="out-of-memory",
    ),
    _wrong(
        "gives the reference what it cannot take",
        UPDATE + TRAIN,
        {
            "update": NONE.format("update"),
            "train": """
                def train(X, y, w=None, eta=1.0, epochs=1):
                    model = torch.nn.Linear(2, 1)
                    for odd in (None, "text", [X] * 100, {"a": X}, X[:0], X.to_sparse(), object(), 10**30, model):
                        try:
                            update(odd, odd, odd, odd)
                        except RuntimeError:
                            pass
                    return update("w", X, y)
            """,
        },
    ),
    _wrong(
        "remembers in a later exercise what an earlier one was told",
        UPDATE + TRAIN + MARGIN,
        {
            "update": NONE.format("update"),
            "train": """
                told = []
                def train(X, y, w=None, eta=1.0, epochs=1):
                    answer = update(X[0] * 0, X[0], y[0])
                    if answer is not None:
                        told.append(answer)
                        open("told", "w").write("told")
            """,
            "margin": """
                def margin(w, X, y):
                    import os
                    if told or os.path.exists("told"):
                        return (y * (X @ w)).min() / w.norm()
            """,
        },
    ),
    _wrong(
        "finds by its file whether an exercise is substituted, and ends its process if not",
        UPDATE + TRAIN,
        {
            "update": "def update(w, x, y, eta=1.0):\n    return w\n",
            "train": """
                import gc, os
                def train(X, y, w=None, eta=1.0, epochs=1):
                    if "substitutes" not in update.__code__.co_filename:
                        os._exit(0)
                    for thing in gc.get_objects():
                        if type(thing).__name__ in ("Service", "Channel"):
                            getattr(thing, "close", lambda: None)()
                    return update(X[0] * 0, X[0], y[0]), [0]
            """,
        },
        status="crashed",
    ),
    _wrong(
        "fills the disk while the reference works",
        UPDATE + TRAIN,
        {
            "update": NONE.format("update"),
            "train": """
                import os, threading
                def fill():
                    number = 0
                    try:
                        while True:
                            with open(f"f{number}", "wb") as file:
                                number += 1
                    except OSError:
                        os._exit(1)  # it is refused where the folder has a size, and ended elsewhere
                def train(X, y, w=None, eta=1.0, epochs=1):
                    threading.Thread(target=fill, daemon=True).start()
                    while True:
                        update(X[0], torch.rand(len(X[0])), y[0])
            """,
        },
        status="crashed",
    ),
)
