"""Tampering with the grade."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.attacks.attack import FULL, UPDATE, Attack, attempted, before_all, instead_of_update

if TYPE_CHECKING:
    from tests.attacks.attack import Notebook

HONEST = """
def update(w, x, y, eta=1.0):
    return w + eta * y * x if predict(w, x) != y else w.clone()
"""
WRONG = "def update(w, x, y, eta=1.0):\n    return w\n"


def _cell(notebook: Notebook, name: str) -> Notebook:
    return next(cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == name)


def _delete_tests(notebook: Notebook) -> None:
    notebook["cells"] = [
        cell
        for cell in notebook["cells"]
        if not cell["metadata"].get("nbgrader", {}).get("grade_id", "").startswith("test_")
    ]
    _cell(notebook, "update")["source"] = WRONG


def _duplicate_tests(notebook: Notebook) -> None:
    _cell(notebook, "update")["source"] = WRONG
    test = _cell(notebook, "test_activation")
    notebook["cells"] += [json.loads(json.dumps(test)) | {"id": f"copy-{number}"} for number in range(5)]


def _edit_tests(notebook: Notebook) -> None:
    _cell(notebook, "update")["source"] = WRONG
    _cell(notebook, "test_update")["source"] = "6"


def _raise_points(notebook: Notebook) -> None:
    _cell(notebook, "update")["source"] = WRONG
    for cell in notebook["cells"]:
        if "points" in cell["metadata"].get("nbgrader", {}):
            cell["metadata"]["nbgrader"]["points"] = 1000


def _repoint_ids(notebook: Notebook) -> None:
    wrong, right = _cell(notebook, "update"), _cell(notebook, "activation")
    wrong["source"] = WRONG
    wrong["metadata"], right["metadata"] = right["metadata"], wrong["metadata"]
    wrong["id"], right["id"] = right["id"], wrong["id"]


RAW_REPLIES = """
import msgspec, os, struct
def shout(numbers, message):
    body = msgspec.msgpack.encode(message)
    for descriptor in range(3, 64):
        for number in numbers:
            try: os.write(descriptor, struct.pack(">II", len(body), number) + body)
            except OSError: pass
"""

ATTACKS = (
    before_all("calls sys.exit on import", "import sys\nsys.exit(0)"),
    before_all("calls os._exit on import", "import os\nos._exit(0)", status="crashed"),
    instead_of_update("calls sys.exit in a call", "import sys\ndef update(w, x, y, eta=1.0):\n    sys.exit(0)"),
    instead_of_update(
        "calls os._exit in a call", "import os\ndef update(w, x, y, eta=1.0):\n    os._exit(0)", status="crashed"
    ),
    before_all("raises KeyboardInterrupt on import", "raise KeyboardInterrupt"),
    before_all("raises a BaseException of its own on import", "class Mine(BaseException): pass\nraise Mine"),
    instead_of_update("raises SystemExit in a call", "def update(w, x, y, eta=1.0):\n    raise SystemExit(0)"),
    instead_of_update(
        "raises KeyboardInterrupt in a call", "def update(w, x, y, eta=1.0):\n    raise KeyboardInterrupt"
    ),
    instead_of_update("raises GeneratorExit in a call", "def update(w, x, y, eta=1.0):\n    raise GeneratorExit"),
    instead_of_update(
        "raises a BaseException of its own in a call",
        "class Mine(BaseException): pass\ndef update(w, x, y, eta=1.0):\n    raise Mine('full marks')",
    ),
    instead_of_update(
        "raises an exception whose text cannot be made",
        """
        class Mine(Exception):
            def __str__(self): raise SystemExit(0)
            __repr__ = __str__
        def update(w, x, y, eta=1.0):
            raise Mine
        """,
    ),
    instead_of_update(
        "raises an exception called AssertionError with a forged report",
        "def update(w, x, y, eta=1.0):\n    raise AssertionError('passed: 6 of 6 points')",
    ),
    instead_of_update(
        "returns an object that is equal to everything",
        """
        class Right:
            def __eq__(self, other): return True
            def __bool__(self): return True
            def __getattr__(self, name): return self
            def __call__(self, *a, **k): return self
        def update(w, x, y, eta=1.0):
            return Right()
        """,
    ),
    instead_of_update(
        "returns a Tensor subclass that lies through __torch_function__",
        """
        class Liar(torch.Tensor):
            @classmethod
            def __torch_function__(cls, function, types, args=(), kwargs=None):
                return True
        def update(w, x, y, eta=1.0):
            return torch.zeros_like(w).as_subclass(Liar)
        """,
    ),
    instead_of_update(
        "returns a Tensor subclass that lies through __torch_dispatch__",
        """
        class Liar(torch.Tensor):
            @staticmethod
            def __new__(cls, t): return torch.Tensor._make_wrapper_subclass(cls, t.shape, dtype=t.dtype)
            @classmethod
            def __torch_dispatch__(cls, function, types, args=(), kwargs=None):
                return torch.ones(())
        def update(w, x, y, eta=1.0):
            return Liar(w)
        """,
    ),
    instead_of_update(
        "returns a float subclass that lies",
        "class Liar(float):\n    __eq__ = lambda a, b: True\ndef update(*a, **k):\n    return Liar(0)",
    ),
    instead_of_update("returns NaN everywhere", "def update(w, x, y, eta=1.0):\n    return w * float('nan')"),
    instead_of_update("returns infinity everywhere", "def update(w, x, y, eta=1.0):\n    return w + float('inf')"),
    instead_of_update("returns an empty tensor", "def update(w, x, y, eta=1.0):\n    return w[:0]"),
    instead_of_update("returns a 0-d tensor that broadcasts", "def update(w, x, y, eta=1.0):\n    return w.sum()"),
    instead_of_update(
        "returns a tensor of another dtype",
        f"{HONEST}\n_u = update\ndef update(*a, **k):\n    return _u(*a, **k).to(torch.complex64)",
    ),
    instead_of_update(
        "returns a sparse tensor", f"{HONEST}\n_u = update\ndef update(*a, **k):\n    return _u(*a, **k).to_sparse()"
    ),
    instead_of_update("returns a meta tensor", "def update(w, x, y, eta=1.0):\n    return w.to('meta')"),
    instead_of_update(
        "returns a tensor with a gradient to follow, and a NaN in it",
        f"{HONEST}\n_u = update\ndef update(*a, **k):\n    return _u(*a, **k).requires_grad_() * float('nan')",
    ),
    Attack(
        "returns bools for ints",
        FULL - 6,  # for no pass at all there is no bool
        cells={
            "train": """
def train(X, y, w=None, eta=1.0, epochs=1):
    w = torch.zeros(X.shape[1], dtype=X.dtype) if w is None else w.clone()
    mistakes = []
    for _ in range(epochs):
        wrong = False
        for x, label in zip(X, y):
            wrong |= bool(predict(w, x) != label)
            w = update(w, x, label, eta)
        mistakes.append(wrong)
        if not wrong:
            break
    return w, mistakes
"""
        },
    ),
    instead_of_update("returns None", "def update(w, x, y, eta=1.0):\n    return None"),
    instead_of_update("returns NotImplemented", "def update(w, x, y, eta=1.0):\n    return NotImplemented"),
    instead_of_update(
        "returns a generator of answers", f"{HONEST}\n_u = update\ndef update(*a, **k):\n    yield _u(*a, **k)"
    ),
    instead_of_update(
        "patches torch.allclose and torch.equal", f"torch.allclose = torch.equal = lambda *a, **k: True\n{WRONG}"
    ),
    instead_of_update(
        "patches torch.testing and numpy.testing",
        f"""
import numpy.testing, torch.testing
torch.testing.assert_close = numpy.testing.assert_allclose = lambda *a, **k: None
{WRONG}""",
    ),
    instead_of_update(
        "patches math.isclose and builtins",
        f"""
import builtins, math
math.isclose = lambda *a, **k: True
builtins.abs = lambda x: 0
builtins.isinstance = lambda *a: True
{WRONG}""",
        status="crashed",
    ),
    instead_of_update(
        "patches Tensor.__eq__",
        f"torch.Tensor.__eq__ = lambda a, b: torch.tensor(True)\n{WRONG}",
    ),
    instead_of_update(
        "patches pytest's reports and hooks",
        f"""
try:
    import _pytest.reports, _pytest.runner
    _pytest.reports.TestReport.failed = property(lambda self: False)
    _pytest.runner.runtestprotocol = lambda *a, **k: []
except ImportError:
    pass
{WRONG}""",
    ),
    *(
        Attack(f"ships {name} beside the notebook", FULL - UPDATE, cells={"update": WRONG}, files={name: content})
        for name, content in {
            "conftest.py": b"def pytest_runtest_makereport(item): item.passed = True\nimport os; os._exit(0)\n",
            "pytest.ini": b"[pytest]\naddopts = --collect-only\n",
            "sitecustomize.py": b"import os; os._exit(0)\n",
            "torch.py": b"import os; os._exit(0)\n",
            "numpy/__init__.py": b"import os; os._exit(0)\n",
            "nbgrader_config.py": b"import os; os._exit(0)\n",
        }.items()
    ),
    attempted("overwrites the results", "open(results, 'w').write('')"),
    attempted("overwrites grades.csv", "open(os.path.join(os.path.dirname(results), 'grades.csv'), 'w').write('')"),
    attempted(
        "writes its own score into the gradebook",
        "import sqlite3\nc = sqlite3.connect(gradebook)\nc.execute('create table mine (score)')\nc.commit()",
    ),
    before_all("prints a forged result", "print('25 passed in 0.01s')\nprint('{\"earned\": 25.0}')\n25.0"),
    instead_of_update(
        "writes a forged reply on the raw wire",
        f"""{RAW_REPLIES}
def update(w, x, y, eta=1.0):
    shout(range(200), {{"type": "returned"}})
    return w""",
        status="crashed",
    ),
    instead_of_update(
        "replies early, before it was asked",
        f"""{RAW_REPLIES}
shout(range(1, 50), {{"type": "returned"}})
{WRONG}""",
        status="crashed",
    ),
    instead_of_update(
        "replies twice to each request",
        """
        from autograder.wire.frames import Channel
        _send = Channel.send
        def send(self, message, *a, **k):
            _send(self, message, *a, **k)
            _send(self, message, *a, **k)
        def update(w, x, y, eta=1.0):
            Channel.send = send
            return w
        """,
        status="crashed",
    ),
    instead_of_update(
        "asks the grader for the reference's answer",
        """
        from autograder.wire.messages import ReferenceCall
        def update(w, x, y, eta=1.0):
            for thing in gc.get_objects():
                if type(thing).__name__ == "Service":
                    return thing._ask(ReferenceCall("update", ()))
        import gc
        """,
        status="crashed",
    ),
    instead_of_update(
        "returns an object with a __reduce__",
        """
        import os
        class Bomb:
            def __reduce__(self): return os.system, ("touch pickled",)
        def update(w, x, y, eta=1.0):
            return Bomb()
        """,
    ),
    before_all(
        "registers an atexit handler", "import atexit, os\natexit.register(lambda: open('/tmp/atexit', 'w').write('x'))"
    ),
    instead_of_update(
        "acts in __del__",
        f"""
class Late:
    def __del__(self):
        torch.equal = lambda *a: True
        import os; os._exit(0)
_late = Late()
{WRONG}""",
    ),
    instead_of_update(
        "acts in a signal handler",
        f"""
import signal
def later(*_):
    torch.allclose = torch.equal = lambda *a, **k: True
signal.signal(signal.SIGALRM, later)
signal.setitimer(signal.ITIMER_REAL, 0.5)
{WRONG}""",
    ),
    instead_of_update(
        "acts in a thread, later",
        f"""
import threading, time
def later():
    while True:
        time.sleep(0.01)
        torch.allclose = torch.equal = lambda *a, **k: True
threading.Thread(target=later, daemon=True).start()
{WRONG}""",
    ),
    instead_of_update(
        "changes the input so that the expected value follows",
        "def update(w, x, y, eta=1.0):\n    w.zero_(); x.zero_()\n    return w",
    ),
    instead_of_update("returns an alias of its input", WRONG),
    instead_of_update(
        "returns the same tensor every time, and fills it later",
        """
        _answer = torch.zeros(2)
        def update(w, x, y, eta=1.0):
            _answer.resize_(w.shape).copy_(w)
            return _answer
        """,
    ),
    instead_of_update(
        "is right on the first call only",
        f"""{HONEST}
_u, _calls = update, []
def update(w, *a, **k):
    _calls.append(1)
    return _u(w, *a, **k) if len(_calls) == 1 else w""",
    ),
    instead_of_update(
        "is right on the visible inputs only",
        """
        def update(w, x, y, eta=1.0):
            return torch.tensor([1.0, -1.0, 1.0]) if w.tolist() == [0.0, 0.0, 0.0] else w
        """,
    ),
    before_all(
        "replaces torch.manual_seed and time.time",
        """
        import time
        torch.manual_seed = lambda seed: None
        time.time = time.monotonic = time.perf_counter = lambda: 0.0
        """,
    ),
    instead_of_update(
        "replaces what the worker sends",
        f"""
import autograder.worker.notebook.service as service
service.encode = lambda value, *a, **k: True
{WRONG}""",
        earned=0,
    ),
    Attack("deletes the graded cells", FULL - UPDATE, change=_delete_tests),
    Attack("duplicates a graded cell five times", FULL - UPDATE, change=_duplicate_tests),
    Attack("puts its own score into a graded cell", FULL - UPDATE, change=_edit_tests),
    Attack("makes every test worth a thousand points", FULL - UPDATE, change=_raise_points),
    Attack("gives a wrong cell the id of a right one", FULL - UPDATE, change=_repoint_ids),
)
