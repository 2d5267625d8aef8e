"""A notebook is run as Jupyter ran it: what honest students really write costs no mark."""

from __future__ import annotations

import json

import pytest

from autograder.author.samples import edited


@pytest.fixture
def changed(course):
    """The right answer to an exercise, with a part of its text replaced."""

    def text(notebook, exercise, part, by):
        source = course.notebooks[notebook].stubs[exercise]
        assert part in source
        return source.replace(part, by)

    return text


@pytest.fixture
def with_last_cells(course, grade, tmp_path):
    """Grades a solved notebook with code cells behind all others."""

    def graded(notebook, *sources, edits=None):
        original = course.source / f"{notebook}.ipynb"
        content = json.loads(edited(original, edits or {}))
        content["cells"] += [
            {
                "cell_type": "code",
                "metadata": {},
                "source": source,
                "outputs": [],
                "execution_count": None,
                "id": f"z{k}",
            }
            for k, source in enumerate(sources)
        ]
        path = tmp_path / f"{notebook}.ipynb"
        path.write_text(json.dumps(content))
        return grade.file(path, notebook)

    return graded


@pytest.mark.parametrize(("exercise", "part"), [("sigmoid", "    return"), ("train", "    return losses")])
def test_an_import_at_the_top_of_a_solution_cell_is_there(grade, changed, exercise, part):
    source = changed("logistic_regression", exercise, part, f"    assert math.pi > 3\n{part}")
    assert grade("logistic_regression", {exercise: f"import math\n\n{source}"}).earned == 25


@pytest.mark.parametrize("line", ["plt.plot(mistakes)", "assert BLUE and follow and X_cloud.shape == (100, 3)"])
def test_what_the_courses_figures_define_is_there(grade, changed, line):
    part = "    return w.detach(), mistakes"
    record = grade("perceptron", {"train": changed("perceptron", "train", part, f"    {line}\n{part}")})
    assert record.earned == 25, record
