"""A notebook that is as it was released is spared the repair; whatever is read so is read the same without it."""

from __future__ import annotations

from autograder.reading import repair
from autograder.reading.notebook import read_notebook
from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.submissions.reader import outline_of
from tests.damage.generator import DAMAGE, damaged

COURSE = Course(KIT)


def test_every_damaged_notebook_is_read_as_it_is_without_the_short_cut(monkeypatch):
    notebook = "logistic_regression"
    plan = outline_of(COURSE.notebooks[notebook], COURSE.released(notebook).stubs)
    whole = [(COURSE.release / f"{notebook}.ipynb").read_bytes(), damaged(notebook, [])]
    contents = [*whole, *(damaged(notebook, [kind]) for kind in DAMAGE)]
    with_it = [read_notebook(content, plan) for content in contents]
    spared: list[bool] = []
    is_as_released = repair._is_as_released

    def never(each: repair.Repair) -> bool:
        spared.append(is_as_released(each))
        return False

    monkeypatch.setattr(repair, "_is_as_released", never)
    assert [read_notebook(content, plan) for content in contents] == with_it
    assert spared[: len(whole)] == [True, True]
    assert not all(spared)
