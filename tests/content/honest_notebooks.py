"""Whole notebooks as students hand them in: every exercise right, and all else as their tools and habits make it.

Each style takes a notebook that is solved, partly by right answers of another hand than the reference's, and changes
what a student would change. None of it may cost a mark.
"""

# ruff: noqa: E501  # a line of a student's is as long as it is

from __future__ import annotations

import ast
import random
from typing import TYPE_CHECKING

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbformat import NotebookNode

    from autograder.trusted.assignment.course import Course


def honest_notebook(course: Course, notebook: str, style: str) -> str:
    """The JSON of a notebook in one of the STYLES."""
    chance = random.Random(f"{style} {notebook}")
    made = nbformat.read(course.release / f"{notebook}.ipynb", as_version=4)
    solved = {name: [stub] for name, stub in course.notebooks[notebook].stubs.items()}
    for variant in course.right_answers(notebook):
        solved[variant.exercise].append(variant.source)
    for cell in made.cells:
        if exercise_of(cell) in solved:
            lines = chance.choice(solved[exercise_of(cell)]).splitlines(keepends=True)
            cell.source = "".join(line for line in lines if not line.strip().startswith("### "))
    STYLES[style](made, chance)
    return str(nbformat.writes(made))


def exercise_of(cell: NotebookNode) -> str:
    """The exercise of a cell that a student fills; "" for any other."""
    names = cell.metadata.get("nbgrader", {})
    return str(names["grade_id"]) if names.get("solution") else ""


def answers(made: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in made.cells if exercise_of(cell)]


def defined(source: str) -> str:
    """What a cell defines last, which is the exercise."""
    tree = ast.parse(source)
    return [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)][-1]


def begin(made: NotebookNode, *sources: str) -> None:
    """Put cells before all others."""
    made.cells[:0] = map(new_code_cell, sources)


def after_each(made: NotebookNode, source: Callable[[str], str]) -> None:
    """Put a cell after each exercise's."""
    for cell in answers(made):
        made.cells.insert(made.cells.index(cell) + 1, new_code_cell(source(defined(cell.source))))


def within_functions(source: str, *statements: str) -> str:
    """A cell with statements at the beginning of each function, behind its docstring."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            place = 1 if ast.get_docstring(node) else 0
            node.body[place:place] = ast.parse("\n".join(statements)).body
    return ast.unparse(tree)


# --- styles ---------------------------------------------------------------------------------------


def colab(made: NotebookNode, chance: random.Random) -> None:
    """Google Colab: packages installed, the drive mounted, metadata of its own, no ids, no execution counts."""
    begin(
        made,
        "!pip install -q torch torchvision\n%matplotlib inline",
        "from google.colab import drive\ndrive.mount('/content/drive')\n%cd /content/drive/MyDrive/week06",
    )
    made.metadata = {
        "colab": {"provenance": [], "gpuType": "T4"},
        "accelerator": "GPU",
        "kernelspec": {"name": "python3"},
    }
    for cell in made.cells:
        cell.metadata.update(
            {"id": "".join(chance.choices("abcdefghij0123", k=12)), "colab": {"base_uri": "https://x"}}
        )
        cell.pop("id", None)
    made.nbformat_minor = 0


def vscode(made: NotebookNode, chance: random.Random) -> None:
    """Visual Studio Code: new ids, its language tag, cell markers, no execution counts."""
    for cell in made.cells:
        cell.id = "".join(chance.choices("0123456789abcdef", k=8))
        cell.metadata["vscode"] = {"languageId": "python"}
    for cell in answers(made):
        cell.source = f"# %%\n{cell.source}\n# %%\n"
        cell.execution_count = None


def plots_everywhere(made: NotebookNode, chance: random.Random) -> None:
    """A picture after each exercise."""
    begin(made, "import matplotlib.pyplot as plt\nplt.style.use('ggplot')\nplt.rcParams['figure.figsize'] = (8, 5)")
    after_each(
        made,
        lambda name: (
            f"fig, axes = plt.subplots(1, 2)\nx = torch.linspace(-3, 3, 50)\naxes[0].plot(x, x ** 2)\n"
            f"axes[1].set_title('{name}')\nplt.legend(['x'])\nplt.savefig('{name}.png')\nplt.show()"
        ),
    )


def own_imports(made: NotebookNode, chance: random.Random) -> None:
    """The whole standard toolbox at the top, and once more in each cell."""
    begin(
        made,
        "import os, sys, math, copy, random, time\nfrom typing import *\nfrom collections import defaultdict\n"
        "import numpy as np\nimport torch\nimport torch.nn as nn\nimport torch.nn.functional as F\nfrom torch.optim import *",
    )
    for cell in answers(made):
        cell.source = f"import math\nimport numpy as np\nimport torch.nn.functional as F\n\n{cell.source}"


def own_helpers(made: NotebookNode, chance: random.Random) -> None:
    """The work in helpers, in cells of their own; the exercise's cell calls them."""
    for cell in answers(made):
        name = defined(cell.source)
        if f"class {name}" in cell.source:
            helper, call = f"class _{name}", f"class {name}(_{name}):\n    pass"
            source = cell.source.replace(f"class {name}", helper)
            source = source.replace(f"super({name}, self)", "super()")
        else:
            source = cell.source.replace(f"def {name}(", f"def _my_{name}(").replace(f" {name}(", f" _my_{name}(")
            call = f"def {name}(*args, **kwargs):\n    return _my_{name}(*args, **kwargs)"
            source = source.replace("def _my__my_", "def _my_")
        made.cells.insert(made.cells.index(cell), new_code_cell(f"# helper\n{source}"))
        cell.source = call


def prints_everywhere(made: NotebookNode, chance: random.Random) -> None:
    """Prints for debugging, left in each function and after each cell."""
    for cell in answers(made):
        name = defined(cell.source)
        cell.source = within_functions(cell.source, f"print('in {name}', flush=True)") + f"\nprint({name})\n{name}"


def other_languages(made: NotebookNode, chance: random.Random) -> None:
    """Comments, strings and names in other alphabets."""
    begin(made, "# 第六周 练习\nответ = 42\nπ = 3.14159\nprint(f'π = {π:.2f} — привет, שלום, 你好 🎉')")
    for cell in answers(made):
        tree = ast.parse(cell.source)
        own = {
            node.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and len(node.id) > 1
        }
        own -= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        own -= {word for node in ast.walk(tree) if isinstance(node, ast.Nonlocal | ast.Global) for word in node.names}
        own -= {exercise_of(cell)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and node.id in own:
                node.id = f"переменная_{node.id}"
        cell.source = f"# Мое решение: 感知机\n{ast.unparse(tree)}\n# конец — fertig, ¡listo!"


def out_of_order(made: NotebookNode, chance: random.Random) -> None:
    """Cells rerun in any order: the counts are mixed, and drafts that were wrong still stand above."""
    for cell in answers(made):
        name = exercise_of(cell)
        draft = new_code_cell(f"# first try\ndef {name}(*args):\n    return None  # TODO", execution_count=3)
        made.cells.insert(made.cells.index(cell), draft)
    for cell in made.cells:
        if cell.cell_type == "code":
            cell.execution_count = chance.choice([None, *range(1, 90)])


def split_and_merged(made: NotebookNode, chance: random.Random) -> None:
    """Every other cell begins with an experiment; the others have their experiment split off below."""
    for number, cell in enumerate(answers(made)):
        name = defined(cell.source)
        if number % 2:
            cell.source = f"x = torch.arange(6.0)\nx.reshape(2, 3)\n\n{cell.source}\n\ny = x + 1\nprint(y)\n"
        else:
            place = made.cells.index(cell) + 1
            made.cells[place:place] = [new_code_cell(f"# does it work?\n{name}"), new_markdown_cell("It works!")]


def main_guards(made: NotebookNode, chance: random.Random) -> None:
    """Scripts pasted in: a main function, guarded as in a file."""
    for cell in answers(made):
        name = defined(cell.source)
        cell.source += (
            f"\n\n\ndef main():\n    print({name}.__name__)\n    return 0\n\n\nif __name__ == '__main__':\n    main()\n"
        )


def magics(made: NotebookNode, chance: random.Random) -> None:
    """IPython's commands, in and between the cells."""
    begin(
        made, "%load_ext autoreload\n%autoreload 2\n%matplotlib inline\n%config InlineBackend.figure_format = 'retina'"
    )
    for cell in answers(made):
        name = defined(cell.source)
        made.cells.insert(made.cells.index(cell) + 1, new_code_cell(f"%time print('{name}')\n!ls -la\n{name}?\n%whos"))
        if chance.random() < 0.5:
            cell.source = f"%%time\n{cell.source}"


def seeds_and_paths(made: NotebookNode, chance: random.Random) -> None:
    """Seeds, paths, options and warnings set at the top, for good measure."""
    begin(
        made,
        "import os, sys, warnings, random\nsys.path.append('..')\nsys.path.insert(0, os.getcwd())\n"
        "os.environ['KMP_DUPLICATE_LIB_OK'] = 'TRUE'\nwarnings.filterwarnings('ignore')",
        "import numpy as np, torch, random\nSEED = 42\nrandom.seed(SEED)\nnp.random.seed(SEED)\ntorch.manual_seed(SEED)\n"
        "torch.set_printoptions(precision=4, sci_mode=False)\ntorch.backends.cudnn.deterministic = True\n"
        "device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')\nprint(device, torch.__version__)",
    )


def packages_that_are_missing(made: NotebookNode, chance: random.Random) -> None:
    """Packages that the student has and this machine has not, for progress bars and prettier pictures."""
    begin(
        made,
        "import seaborn as sns\nimport torch\nfrom tqdm.notebook import tqdm\nsns.set_theme()",
        "try:\n    from tqdm import tqdm\nexcept ImportError:\n    tqdm = lambda x, **k: x\nfor _ in tqdm(range(3)):\n    pass",
    )
    after_each(made, lambda name: f"import torchinfo\ntorchinfo.summary({name})")


def asserts_and_walruses(made: NotebookNode, chance: random.Random) -> None:
    """Careful hands: asserts with f-strings, a walrus, a context, in every function and below it."""
    for cell in answers(made):
        name = defined(cell.source)
        check = f"assert (n_checks := 1 + 1) == 2, f'{{n_checks=}} in {name}'"
        below = (
            f"with torch.no_grad():\n    assert callable({name}), f'{{{name}!r}} is not callable'\n"
            f"class TestOf{name}:\n    def test_it(self) -> None:\n        assert {name} is not None\n"
        )
        cell.source = f"{within_functions(cell.source, check)}\n\n{below}"


def names_used_up_at_the_end(made: NotebookNode, chance: random.Random) -> None:
    """A last cell that tries things out, and binds the exercises' names to the results."""
    names = [defined(cell.source) for cell in answers(made)]
    last = "\n".join(f"{name} = [{name}, 'tried']" for name in names)
    made.cells += [new_markdown_cell("## Playground"), new_code_cell(last), new_code_cell("w = X = y = torch.zeros(3)")]


STYLES: dict[str, Callable[[NotebookNode, random.Random], None]] = {
    style.__name__: style
    for style in (
        colab, vscode, plots_everywhere, own_imports, own_helpers, prints_everywhere, other_languages, out_of_order,
        split_and_merged, main_guards, magics, seeds_and_paths, packages_that_are_missing, asserts_and_walruses,
        names_used_up_at_the_end,
    )
}  # fmt: skip
