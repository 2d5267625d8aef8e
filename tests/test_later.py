"""Parts of torch are imported by who needs them, and by nobody else."""

from __future__ import annotations

import pytest
import torch

from autograder.errors import StudentError
from autograder.trusted.checking.recorded_calls import RecordedCalls
from autograder.trusted.checking.student import Student
from autograder.trusted.execution.executed_notebook import ExecutedNotebook
from autograder.trusted.submissions.cells import NotebookCell

PLAIN = """
import sys, torch
def compiler_is_there():
    return hasattr(vars(sys.modules["torch._dynamo"]).get("config"), "suppress_errors")
"""

OPTIMISED = """
def steps(names):
    w = torch.nn.Parameter(torch.ones(2, 3))
    for name in names:
        optimiser = getattr(torch.optim, name)([w], lr=0.1)
        optimiser.zero_grad()
        w.sum().backward()
        optimiser.step()
    torch.optim.lr_scheduler.StepLR(optimiser, 1).step()
    return compiler_is_there()
"""

NEEDED = {
    "compile": "return torch.compile(lambda x: 2 * x)(x)",
    "a module of it": "import torch._dynamo.config as config\nconfig.suppress_errors = True\nreturn 2 * x",
    "a name of it": "from torch._dynamo import optimize\nreturn 2 * x",
    "an attribute of it": "torch._dynamo.reset()\nreturn 2 * x",
    "an import by name": "import importlib\nimportlib.import_module('torch._dynamo.utils')\nreturn 2 * x",
    "a module of it by name": "from torch._dynamo import config\nconfig.suppress_errors = True\nreturn 2 * x",
    "a class of a part of it": "torch._dynamo.compiled_autograd.AutogradCompilerInstance\nreturn 2 * x",
    "after an optimiser": "steps(['SGD'])\nreturn torch.compile(lambda x: 2 * x)(x)",
}


@pytest.fixture
def student(workers):
    def of(*sources: str) -> Student:
        opened.append(ExecutedNotebook(workers, [NotebookCell(f"c{n}", each) for n, each in enumerate(sources)], 20.0))
        return Student(RecordedCalls(opened[-1]))

    opened: list[ExecutedNotebook] = []
    yield of
    for notebook in opened:
        notebook.close()


def test_optimisers_step_without_the_compiler(student):
    names = ["SGD", "Adam", "AdamW", "Adagrad", "RMSprop", "Rprop", "NAdam", "RAdam", "Adamax", "Adadelta", "ASGD"]
    assert student(PLAIN, OPTIMISED).steps(names) is False


def test_a_gradient_by_torch_func_is_taken_without_the_compiler(student):
    body = "return torch.func.grad(lambda x: (x**2).sum())(x)"
    asked = student(PLAIN, OPTIMISED, f"def double(x):\n    {body}")
    assert torch.equal(asked.double(torch.tensor([1.0, 3.0])), torch.tensor([2.0, 6.0]))
    assert asked.compiler_is_there() is False


def test_a_gradient_that_is_told_where_to_begin_is_taken_without_symbolic_algebra(student):
    body = """
import sys, torch
def from_there(w, g):
    (2 * w).backward(g)
    return w.grad, "sympy" in sys.modules
def symbols(n):
    from torch.fx.experimental.symbolic_shapes import ShapeEnv, sym_eq
    return ShapeEnv.__name__, sym_eq.__module__, "sympy" in sys.modules
"""
    asked = student(body)
    w, g = torch.ones(3, requires_grad=True), torch.tensor([1.0, 2.0, 3.0])
    gradient, imported = asked.from_there(w, g)
    assert (gradient.tolist(), imported) == ([2.0, 4.0, 6.0], False)
    with pytest.raises(StudentError, match="Mismatch in shape"):
        asked.from_there(w, torch.ones(2))
    assert asked.symbols(3) == ("ShapeEnv", "torch.fx.experimental.symbolic_shapes", True)


def test_the_simulated_accelerator_and_a_comparison_do_without_distributed_tensors(workers):
    notebook = ExecutedNotebook(
        workers,
        [
            NotebookCell(
                "c0",
                """
import sys, torch
def f():
    x = torch.ones(3, device="sim:0")
    part = sys.modules["torch.distributed.tensor"]
    torch.testing.assert_close(torch.ones(3), torch.ones(3))
    alone = "distribute_tensor" not in vars(part), (2 * x).sum().item(), isinstance(x, part.DTensor)
    part.distribute_tensor
    return *alone, issubclass(part.DTensor, torch.Tensor)
""",
            )
        ],
        20.0,
    )
    student = Student(RecordedCalls(notebook))

    assert student.f() == (True, 6.0, False, True)
    notebook.close()


@pytest.mark.parametrize(
    "how",
    [pytest.param(how, marks=() if how == "a module of it" else pytest.mark.thorough) for how in NEEDED],
)
def test_who_needs_the_compiler_has_it(student, how):
    body = NEEDED[how].replace("\n", "\n    ")
    asked = student(PLAIN, OPTIMISED, f"def double(x):\n    {body}")

    assert asked.compiler_is_there() is False
    assert torch.equal(asked.double(torch.tensor([1.0, 3.0])), torch.tensor([2.0, 6.0]))
    assert asked.compiler_is_there() is True


MODULES = """
import importlib, sys, torch
def imported(name):
    return importlib.import_module(name).__spec__.name
def same_settings():
    import torch._dynamo.config as config
    return sys.modules["torch._dynamo.convert_frame"].config is config
def nodes_of_the_exported(X):
    return len(list(torch.export.export(torch.nn.Linear(2, 1), (X,)).graph.nodes))
"""


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["torch._dynamo.decorators", "torch._dynamo.pgo", "torch.utils.debug_log"])
def test_a_module_that_can_run_but_once_can_be_the_first_of_a_part_that_is_imported(student, name):
    assert student(MODULES).imported(name) == name


@pytest.mark.thorough
def test_the_settings_of_a_part_that_are_imported_first_are_those_that_it_reads(student):
    assert student(MODULES).same_settings()


@pytest.mark.thorough
def test_a_model_can_be_exported(student):
    assert student(MODULES).nodes_of_the_exported(torch.ones(3, 2)) == 5
