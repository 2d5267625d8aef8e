"""A notebook in its worker: what a cell does costs what that cell defines, and no more."""

from __future__ import annotations

import pytest
import torch

from autograder.errors import MissingName, StudentError, WorkerCrashed, WorkerLost, WorkerTimeout
from autograder.trusted.checking.recorded_calls import RecordedCalls
from autograder.trusted.checking.student import RemoteModule, Student
from autograder.trusted.execution import executed_notebook
from autograder.trusted.execution.executed_notebook import ExecutedNotebook
from autograder.trusted.submissions.cells import NotebookCell
from autograder.wire.frames import HEADER, encode_message
from autograder.wire.messages import ReferenceResult
from autograder.wire.values import NoObjects, Opaque, decode, encode

PLAIN = NoObjects()


class Doubling:
    """A reference whose only function doubles, with its gradient."""

    def prepare(self):
        """It needs nothing."""

    def modules(self, exercises):
        return ()

    def answer(self, question, asked, deadline, watch):
        (x,) = (decode(value, PLAIN) for value in question.values.values())
        if question.output_gradient is not None:
            (gradient,) = decode(question.output_gradient, PLAIN)
            return encode_message(ReferenceResult(gradients={"0": encode(2 * gradient, PLAIN)}))
        return encode_message(ReferenceResult(encode(2 * x, PLAIN)))


@pytest.fixture
def execute(workers):
    """Execute cells, called c0, c1, ...; gives the notebook and its student."""
    opened = []

    def execute(*sources: str, seconds: float = 2.0, keep_outputs: bool = False):
        cells = [NotebookCell(f"c{index}", source) for index, source in enumerate(sources)]
        notebook = ExecutedNotebook(workers, cells, seconds, substitution=Doubling(), keep_outputs=keep_outputs)
        opened.append(notebook)
        return notebook, Student(RecordedCalls(notebook))

    yield execute
    for notebook in opened:
        notebook.close()


def test_a_function_is_called_with_real_tensors_and_answers_with_one(execute):
    _, student = execute("def add(a, b):\n    return a + b")
    assert torch.equal(student.add(torch.tensor([1.0, 2.0]), torch.tensor(3.0)), torch.tensor([4.0, 5.0]))


def test_numbers_text_and_containers_keep_their_exact_types(execute):
    _, student = execute("def same(x):\n    return x")
    for thing in (True, 1, 1.0, "text", None, [1, [2.0]], (1, True), {"a": [None]}, float("inf")):
        assert student.same(thing) == thing
        assert type(student.same(thing)) is type(thing)


def test_a_function_that_changes_its_argument_is_seen_to_and_changes_nothing_here(execute):
    _, student = execute("def spoil(x):\n    x += 1\n    return x.sum()")
    x = torch.zeros(3)
    student.spoil(x)
    assert torch.equal(x, torch.zeros(3))
    assert torch.equal(student.arguments[0], torch.ones(3))


def test_gradients_come_back_with_the_arguments(execute):
    _, student = execute("def square(x):\n    return x * x")
    value, (gradient,) = student.square.differentiate(torch.tensor([1.0, -3.0], requires_grad=True))
    assert torch.equal(value.detach(), torch.tensor([1.0, 9.0]))
    assert torch.equal(gradient, torch.tensor([2.0, -6.0]))


@pytest.mark.parametrize("before", ["", "\n\n", "%%capture\n", "\n%%capture\n\n"])
def test_a_line_has_the_number_that_the_student_counts(execute, before):
    source = before + "def f(x):\n    y = x\n    return 1 / 0\n"
    _, student = execute("def g():\n    return 1", source)
    with pytest.raises(StudentError) as caught:
        student.f(1)
    where = caught.value.innermost
    assert (where.cell, where.text) == ("c1", "return 1 / 0")
    assert source.splitlines()[where.line - 1].strip() == where.text


@pytest.mark.parametrize(
    "frame",
    ["1, 10**15, 'f', ''", "1, 0, 'f', ''", "1, -3, 'f', ''", "99, 1, 'f', ''", "-1, 1, 'f', ''", "1, 7, 'f', 'x = 1'"],
)
def test_a_line_that_no_cell_has_is_left_out(execute, frame):
    _, student = execute(
        "import autograder.worker.notebook.service as service\n"
        "from autograder.wire.messages import ReportedFrame, ErrorReport\n"
        "def f():\n"
        f"    frames = (ReportedFrame({frame}),)\n"
        "    service.report_of = lambda _: ErrorReport('E', ('E', 'LookupError'), 'seven', frames, True)\n"
        "    raise ValueError",
        "x = 1",
    )
    with pytest.raises(StudentError) as caught:
        student.f()
    assert (str(caught.value), caught.value.frames) == ("LookupError", ())


def test_an_error_in_one_cell_leaves_the_functions_of_the_others(execute):
    notebook, student = execute("def f():\n    return 1", "1 / 0", "def g():\n    return f() + 1")
    assert student.g() == 2
    assert notebook.errors["c1"].kind == "ZeroDivisionError"


def test_a_syntax_error_costs_only_its_own_cell(execute):
    notebook, student = execute("def f(:\n    pass", "def g():\n    return 2")
    assert student.g() == 2
    assert (notebook.errors["c0"].kind, notebook.errors["c0"].innermost.line) == ("SyntaxError", 1)


def test_an_exception_comes_with_type_message_and_the_students_own_line(execute):
    _, student = execute("x = 1", "def f(x):\n    y = x\n    return torch.zeros(y)", "import torch")
    with pytest.raises(StudentError) as caught:
        student.f("three")
    error = caught.value
    assert error.kind == "TypeError"
    assert (error.innermost.cell, error.innermost.line, error.innermost.text) == ("c1", 3, "return torch.zeros(y)")
    assert error.is_a(Exception)
    assert not error.is_a(ValueError)


@pytest.mark.parametrize("name", ["SystemExit", "KeyboardInterrupt", "GeneratorExit", "BaseException"])
def test_an_exception_that_means_to_end_the_process_is_only_an_exception(execute, name):
    _, student = execute(f"def f():\n    raise {name}('out')", "def g():\n    return 1")
    with pytest.raises(StudentError) as caught:
        student.f()
    assert caught.value.kind == name
    assert student.g() == 1


def test_an_exception_whose_text_raises_is_still_reported(execute):
    _, student = execute(
        "class Bad(Exception):\n    def __str__(self):\n        raise SystemExit\ndef f():\n    raise Bad"
    )
    with pytest.raises(StudentError) as caught:
        student.f()
    assert caught.value.message == "(the exception's text could not be read)"


def test_a_megabyte_of_exception_text_is_shortened(execute):
    _, student = execute("def f():\n    raise ValueError('x' * 2**20)")
    with pytest.raises(StudentError) as caught:
        student.f()
    assert len(caught.value.message) <= 500


def test_a_name_that_is_not_there_is_missing(execute):
    _, student = execute("def f():\n    return 1")
    with pytest.raises(MissingName) as caught:
        student.g()
    assert caught.value.name == "g"


def test_a_call_that_loops_for_ever_is_killed_and_the_next_call_works(execute):
    notebook, student = execute("def f():\n    while True: pass", "def g():\n    return 1", seconds=0.5)
    with pytest.raises(WorkerTimeout):
        student.f()
    assert student.g() == 1
    assert notebook.executions == 2


def test_many_slow_calls_share_the_limit_of_their_check(execute):
    notebook, student = execute("import time\ndef f():\n    time.sleep(0.2)\n    return 1", seconds=0.5)
    with pytest.raises(WorkerTimeout):
        [student.f() for _ in range(5)]
    assert Student(RecordedCalls(notebook)).f() == 1


def test_one_huge_matmul_that_no_signal_interrupts_is_killed(execute):
    _, student = execute(
        "import torch, signal\n"
        "for s in (signal.SIGTERM, signal.SIGINT, signal.SIGXCPU): signal.signal(s, signal.SIG_IGN)",
        "def f():\n    a = torch.ones(6000, 6000)\n    while True: a = (a @ a) * 0",
        seconds=0.5,
    )
    with pytest.raises(WorkerTimeout):
        student.f()


def test_a_cell_that_loops_for_ever_costs_only_what_it_defines(execute):
    notebook, student = execute(
        "def f():\n    return 1", "while True: pass", "def g():\n    return f() + 1", seconds=0.5
    )
    assert student.g() == 2
    assert isinstance(notebook.fatal_cell("c1"), WorkerTimeout)


def test_a_notebook_of_endless_cells_is_given_up(execute):
    notebook, student = execute(*["while True: pass"] * 5, "def f(): return 1", seconds=0.2)
    with pytest.raises(WorkerTimeout):
        student.f()
    assert len(notebook.losses) == 3


def test_a_cell_that_ends_the_process_where_another_was_left_out_is_left_out_itself(execute):
    spoils = """
import os
from autograder.worker.notebook.service import Service
reply = Service._reply
Service._reply = lambda self, said: os._exit(1) if getattr(said, "index", None) == 2 else reply(self, said)
"""
    notebook, student = execute("def f():\n    return 1", spoils, "x = 1", "def g():\n    return 2")
    assert (student.f(), student.g()) == (1, 2)
    assert notebook.executions == 3


@pytest.mark.thorough
def test_a_notebook_of_slow_cells_is_given_up_when_its_time_is_used_up(execute, monkeypatch):
    monkeypatch.setattr(executed_notebook, "MOST_TIMES", 2)
    slow = "import time; time.sleep(0.3)"
    _, student = execute("def f(): return 1", slow, seconds=0.5)
    assert student.f() == 1
    _, student = execute("def f(): return 1", *[slow] * 10, seconds=0.5)
    with pytest.raises(WorkerTimeout, match="the notebook used up its time"):
        student.f()


def test_a_file_that_is_written_again_and_again_is_one_file(execute):
    _, student = execute("for n in range(1_100): open('a', 'w').write('x')\ndef f(): return 1")
    assert student.f() == 1


@pytest.mark.parametrize(
    ("how", "word"),
    [
        ("import os; os._exit(0)", "it left Python"),
        ("import ctypes; ctypes.string_at(0)", "SIGSEGV"),
        ("import os; os.abort()", "SIGABRT"),
    ],
)
def test_a_call_that_ends_the_process_is_a_crash_and_no_answer(execute, how, word):
    _, student = execute(f"def f():\n    {how}", "def g():\n    return 1")
    with pytest.raises(WorkerCrashed, match=word):
        student.f()
    assert student.g() == 1


def test_recursion_without_end_stays_in_the_worker(execute):
    _, student = execute("def f():\n    return f()", "def g():\n    return 1")
    with pytest.raises((StudentError, WorkerLost)):
        student.f()
    assert student.g() == 1


def test_too_much_memory_is_the_students_error(execute):
    _, student = execute("import torch\ndef f():\n    return [torch.ones(2**33) for _ in range(100)]")
    with pytest.raises(StudentError, match="allocate memory"):
        student.f()


def test_prints_input_magics_and_figures_never_block(execute):
    notebook, student = execute(
        "print('hello'); 6 * 7",
        "input('name? ')",
        "%time 1 + 1",
        "!ls",
        "%%bash\necho no",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()",
        "display('shown')",
        "def f():\n    print('called')\n    return 1",
        keep_outputs=True,
    )
    assert student.f() == 1
    assert notebook.errors["c1"].kind == "EOFError"
    assert "c5" not in notebook.errors
    assert notebook.outputs[0][0] == {"output_type": "stream", "name": "stdout", "text": "hello\n"}
    assert notebook.outputs[0][1]["data"]["text/plain"] == "42"
    assert notebook.outputs[6][0]["data"]["text/plain"] == "'shown'"


def test_magics_and_exits_that_students_leave_in_do_not_stop_a_cell(execute):
    notebook, student = execute(
        "%matplotlib inline\nimport matplotlib.pyplot as plt",
        "def f():\n    plt.plot([1, 2])\n    plt.show()\n    return 1",
        "import asyncio\nawait asyncio.sleep(0)\ng = lambda: 2",
        "exit()\nh = lambda: 3",
        "?print",
        "%load_ext autoreload\n%autoreload 2",
    )
    assert (student.f(), student.g(), student.h()) == (1, 2, 3)
    assert notebook.executions == 1
    assert notebook.errors == {}


@pytest.mark.parametrize("keep_outputs", [False, True])  # cells of plain Python take a shorter way without them
def test_a_cell_is_run_until_what_is_wrong_with_it(execute, keep_outputs):
    notebook, student = execute(
        "def f():\n    return 1\n\nreturn 2\n\ndef g():\n    return 3", keep_outputs=keep_outputs
    )
    assert student.f() == 1
    assert notebook.errors["c0"].kind == "SyntaxError"
    with pytest.raises(MissingName):
        student.g()


@pytest.mark.parametrize("keep_outputs", [False, True])
def test_a_cell_may_ask_for_the_shell_and_for_what_was_entered(execute, keep_outputs):
    _, student = execute(
        "x = 1\ny = 2",
        "shell = get_ipython()\nentered = In[1]\nlatest = _i",
        "def f():\n    return entered, latest, type(shell).__name__",
        keep_outputs=keep_outputs,
    )
    assert student.f() == ("x = 1\ny = 2", "x = 1\ny = 2", "NotebookShell")


@pytest.mark.parametrize("keep_outputs", [False, True])
def test_a_notebook_may_change_how_its_cells_are_run(execute, keep_outputs):
    _, student = execute(
        "import ast\nclass Doubled(ast.NodeTransformer):\n    def visit_Constant(self, node):\n"
        "        return ast.Constant(2 * node.value) if type(node.value) is int else node\n"
        "get_ipython().ast_transformers.append(Doubled())",
        "x = 21\ny = x",
        "def f():\n    return y",
        keep_outputs=keep_outputs,
    )
    assert student.f() == 42


@pytest.mark.parametrize("keep_outputs", [False, True])
def test_the_future_holds_for_later_cells_as_well(execute, keep_outputs):
    _, student = execute(
        "from __future__ import annotations\nimport torch",
        "def f(x: Nobody = 0) -> Nowhere:\n    return 1",
        keep_outputs=keep_outputs,
    )
    assert student.f() == 1


@pytest.mark.parametrize("keep_outputs", [False, True])
def test_an_error_in_a_cell_comes_with_its_line(execute, keep_outputs):
    notebook, student = execute("x = 1\ny = x / 0\nz = 2", "def f(): return 1", keep_outputs=keep_outputs)
    assert student.f() == 1
    (frame,) = notebook.errors["c0"].frames
    assert (frame.cell, frame.line, frame.text) == ("c0", 2, "y = x / 0")


def test_endless_output_is_cut_short(execute):
    notebook, student = execute("for _ in range(300): print('x' * 10_000)", "def f(): return 1", keep_outputs=True)
    assert student.f() == 1
    assert 10_000 < len("".join(output["text"] for output in notebook.outputs[0])) <= 2_000_000


def test_random_numbers_are_the_same_whatever_was_drawn_before(execute):
    source = (
        "import torch, random, numpy as np\n"
        "def f():\n    return [torch.rand(()).item(), random.random(), np.random.rand()]"
    )
    _, one = execute(source)
    _, other = execute(source, "torch.rand(7)")
    first = one.f()
    assert first == one.f() == other.f()


def test_what_does_not_travel_is_named_and_never_unpickled(execute):
    _, student = execute(
        "class Evil:\n"
        "    def __reduce__(self):\n        import os\n        return os.system, ('true',)\n"
        "    def __eq__(self, other):\n        return True\n"
        "def f():\n    return Evil()"
    )
    assert student.f() == Opaque("Evil")


@pytest.mark.parametrize(
    ("forged", "word"),
    [
        (HEADER.pack(1, 2) + b"\xc0", "not an answer"),
        (HEADER.pack(1, 1) + b"\xc0", "not asked"),
        (HEADER.pack(2**32 - 1, 2), "not an answer"),
        (HEADER.pack(8, 2) + b"half", "exit"),
    ],
)
def test_forged_bytes_on_the_raw_wire_end_the_worker(execute, forged, word):
    _, student = execute(
        "def f():\n    import os\n    for fd in range(3, 60):\n"
        f"        try: os.write(fd, {forged!r})\n        except OSError: pass\n    os._exit(0)",
        "def g():\n    return 1",
    )
    with pytest.raises(WorkerCrashed, match=word):
        student.f()
    assert student.g() == 1


# --- models ---------------------------------------------------------------------------------------

MODEL = """\
import torch
class Model(torch.nn.Module):
    def __init__(self, m):
        super().__init__()
        self.linear = torch.nn.Linear(m, 1)
        self.drop = torch.nn.Dropout(0.5)
    def forward(self, X):
        return self.linear(X).squeeze(-1)
def train(model, X):
    model(X).sum().backward()
    with torch.no_grad():
        for p in model.parameters():
            p -= p.grad
    return model
"""


def test_a_model_is_constructed_called_described_and_passed_to_another_function(execute):
    _, student = execute(MODEL)
    model = student.Model(2)
    assert isinstance(model, RemoteModule)
    model.set_parameters(**{"linear.weight": torch.tensor([[1.0, 2.0]]), "linear.bias": torch.tensor([0.5])})
    X = torch.tensor([[1.0, 1.0], [0.0, 2.0]])
    assert torch.equal(model(X).detach(), torch.tensor([3.5, 4.5]))
    same = student.train(model, X)
    weight = same.describe().parameters["linear.weight"]
    assert torch.equal(weight.grad, torch.tensor([[1.0, 3.0]]))
    assert torch.equal(weight.detach(), torch.tensor([[0.0, -1.0]]))


def test_a_model_can_be_moved_and_switched(execute):
    _, student = execute(MODEL)
    model = student.Model(2)
    model.to(torch.float64)
    assert model(torch.ones(1, 2, dtype=torch.float64)).dtype == torch.float64
    model.eval()
    assert model.describe().training == {"": False, "linear": False, "drop": False}


# --- what is substituted --------------------------------------------------------------------------


def test_a_substitute_answers_in_the_place_of_the_students_own(execute):
    notebook, student = execute("def double(x):\n    raise NotImplementedError", "def f(x):\n    return double(x) + 1")
    notebook.substitute(["double"])
    assert torch.equal(student.f(torch.tensor([1.0, 2.0])), torch.tensor([3.0, 5.0]))


def test_gradients_flow_through_a_substitute(execute):
    notebook, student = execute("def f(x):\n    return (double(x * x)).sum()")
    notebook.substitute(["double"])
    _, (gradient,) = student.f.differentiate(torch.tensor([1.0, 3.0], requires_grad=True))
    assert torch.equal(gradient, torch.tensor([4.0, 12.0]))


def test_nothing_is_substituted_unless_it_is_asked_for(execute):
    _, student = execute("def f(x):\n    return double(x)")
    with pytest.raises(StudentError, match="double"):
        student.f(torch.ones(1))


def test_a_worker_that_held_a_substitute_is_asked_nothing_else(execute):
    notebook, student = execute("kept = []\ndef f(x):\n    kept.append(double(x))\n    return len(kept)")
    x = torch.ones(1)
    for _ in range(2):  # the same substitute again has another worker as well
        notebook.substitute(["double"])
        assert [student.f(x), student.f(x)] == [1, 2]
    notebook.substitute([])
    with pytest.raises(StudentError, match="double"):
        student.f(x)
    assert notebook.executions == 3


def test_a_notebook_without_help_keeps_its_worker(execute):
    notebook, student = execute("kept = []\ndef f():\n    kept.append(1)\n    return len(kept)")
    for calls in (1, 2, 3):
        notebook.substitute([])
        assert student.f() == calls
