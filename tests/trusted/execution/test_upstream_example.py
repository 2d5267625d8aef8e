"""The workshop's worked example, typed as on the slide, runs in the worker with the slide's numbers."""

from __future__ import annotations

from autograder.trusted.execution.executed_notebook import ExecutedNotebook
from autograder.trusted.submissions.cells import NotebookCell

CELLS = (
    "import torch",
    "a = torch.tensor(2.0)\nb = torch.tensor(3.0)\ny = torch.tensor(10.0)",
    "w0 = torch.tensor(1.0, requires_grad=True)\n"
    "w1 = torch.tensor(1.0, requires_grad=True)\n"
    "v = torch.tensor(1.0, requires_grad=True)",
    "u = a * w0 + b * w1\nf = u * v\nprint(u.item(), f.item())",
    "loss_function = torch.nn.MSELoss()\nloss = loss_function(f, y)\nprint(loss.item())",
    "loss.backward()\nprint(w0.grad.item(), w1.grad.item(), v.grad.item())",
    "u = a * w0 + b * w1\nf = u * v\nloss = loss_function(f, y)\nloss.backward()\n"
    "print(w0.grad.item(), w1.grad.item(), v.grad.item())",
)


def test_the_worked_example_prints_the_workshops_numbers(workers):
    cells = [NotebookCell(f"slide {number}", source) for number, source in enumerate(CELLS)]
    notebook = ExecutedNotebook(workers, cells, 5.0, keep_outputs=True)
    notebook.worker()
    printed = "".join(output["text"] for index in range(len(CELLS)) for output in notebook.outputs[index])
    notebook.close()
    assert notebook.errors == {}
    assert printed == "5.0 5.0\n25.0\n-20.0 -30.0 -50.0\n-40.0 -60.0 -100.0\n"
