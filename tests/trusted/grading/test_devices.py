"""Checks of devices: the same points on every machine, and a word where a GPU disagrees."""

from __future__ import annotations

import pytest
import torch

from autograder.errors import KitError, UsageError
from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.checking.recorded_calls import RecordedCalls
from autograder.trusted.checking.student import Student
from autograder.trusted.execution.executed_notebook import ExecutedNotebook
from autograder.trusted.execution.workers import opened_workers
from autograder.trusted.grading import devices
from autograder.trusted.grading.class_run import ClassRun
from autograder.trusted.grading.settings import Settings
from autograder.trusted.submissions.cells import NotebookCell
from tests.conftest import Grade

COURSE = Course(KIT)
POINTS = 0.5

KINDS = {  # what an accelerator finds, and a misconception of that kind
    "a tensor made on the default device": ("tensor_ops", "ones_on_the_default_device"),
    "hard-coded cuda": ("perceptron", "hard_coded_cuda"),
    "hard-coded cpu": ("chain_rule", "moved_to_the_cpu_first"),
    "cuda where there is one": ("perceptron", "moved_to_cuda_or_else_the_cpu"),
    "a result brought back to the CPU": ("tensor_ops", "brought_back_to_the_cpu"),
    "a Python list": ("tensor_ops", "by_way_of_lists"),
    "numpy": ("tensor_ops", "by_way_of_numpy"),
    "a model moved, but not its data": ("logistic_regression", "model_moved_but_not_its_data"),
    "data moved, and the model with them": ("logistic_regression", "model_moved_to_its_data"),
    "a constant that stays behind": ("logistic_regression", "constant_stays_behind"),
    "a dtype that changes silently": ("logistic_regression", "half_precision_on_an_accelerator"),
    "a default device left changed": ("tensor_ops", "default_device_changed"),
}


def variant(notebook: str, name: str):
    return next(each for each in COURSE.misconceptions(notebook) if each.name == name)


@pytest.mark.parametrize(("notebook", "name"), KINDS.values(), ids=KINDS)
def test_a_device_bug_shows_without_a_gpu(grade, notebook, name):
    wrong = variant(notebook, name)
    record = grade(notebook, {wrong.exercise: wrong.source})
    (check,) = [check for check in record.exercises[wrong.exercise].checks if check.devices]
    assert check.outcome != "passed"
    assert check.hint == wrong.hint
    if name != "hard_coded_cuda":  # which fails everywhere
        assert record.possible - record.earned == POINTS
        assert check.devices == {"cpu": "passed", "sim": check.outcome}
        assert check.message.startswith("On a simulated accelerator: ")


@pytest.mark.parametrize("notebook", COURSE.notebooks)
def test_every_exercise_has_one_check_of_devices(grade, notebook):
    record = grade(notebook)
    for exercise in record.exercises.values():
        (check,) = [check for check in exercise.checks if check.devices]
        assert (check.points, check.devices) == (POINTS, {"cpu": "passed", "sim": "passed"})


def test_an_accelerator_that_appears_with_the_device_checks_spoils_no_other_check(grade):
    source = """
def activation(s):
    here = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else torch.device("cpu")
    return torch.where(s.to(here) >= 0, 1.0, -1.0).to(s.dtype)
"""
    record = grade("perceptron", {"activation": source})
    assert record.possible - record.earned == POINTS
    (check,) = [check for check in record.exercises["activation"].checks if check.devices]
    assert check.devices == {"cpu": "failed"}
    assert "lies on a simulated accelerator, though what it was given lies on the CPU" in check.message


def test_a_later_exercise_keeps_its_device_points_where_an_earlier_one_lost_them(grade):
    wrong = variant("perceptron", "by_way_of_a_list")
    record = grade("perceptron", {"activation": wrong.source})
    assert {name: result.possible - result.earned for name, result in record.exercises.items() if result.checks} == {
        "activation": POINTS, "predict": 0, "update": 0, "train": 0, "margin": 0,
    }  # fmt: skip


@pytest.fixture(scope="module")
def grade_with_a_gpu(tmp_path_factory):
    """A grader for which a second simulated accelerator, in workers that may use a GPU, plays the GPU."""
    run = ClassRun(COURSE, Settings(gpu="sim"), jobs=1)
    with run.graders(1) as (connection,):
        assert connection.recv() is None
        yield Grade(COURSE, connection, tmp_path_factory.mktemp("graded"))
        connection.send(None)


@pytest.fixture(scope="module")
def gpu_workers():
    """Workers that may use a GPU, whether or not there is one."""
    with opened_workers([KIT], with_gpu=True, preload=["torch"]) as workers:
        yield workers


@pytest.mark.thorough
def test_a_gpu_that_agrees_is_no_matter(grade_with_a_gpu):
    record = grade_with_a_gpu("perceptron", {"margin": variant("perceptron", "moved_to_cuda_or_else_the_cpu").source})
    assert (record.earned, record.needs_review) == (25 - POINTS, ())


@pytest.mark.thorough
def test_a_gpu_that_disagrees_is_told_of_and_costs_nothing(grade_with_a_gpu):
    source = """
import os
def activation(s):
    labels = torch.where(s >= 0, 1.0, -1.0).to(s.dtype)
    return labels if os.environ.get("CUDA_VISIBLE_DEVICES") == "" else labels.cpu()
"""
    record = grade_with_a_gpu("perceptron", {"activation": source})
    assert record.earned == 25
    (doubt,) = record.needs_review
    assert doubt.startswith("`activation`: on a simulated accelerator its check of devices has the outcome failed")


@pytest.mark.thorough
def test_a_gpu_whose_memory_others_have_taken_says_nothing_of_the_code(grade_with_a_gpu):
    source = """
import os
def activation(s):
    if os.environ.get("CUDA_VISIBLE_DEVICES") != "":
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 MiB.")
    return torch.where(s >= 0, 1.0, -1.0).to(s.dtype)
"""
    record = grade_with_a_gpu("perceptron", {"activation": source})
    assert (record.earned, record.needs_review) == (25, ())


@pytest.mark.thorough
def test_a_worker_with_a_gpu_does_not_know_the_simulated_one(gpu_workers):
    """Torch differentiates on one accelerator of a process only."""
    source = """
import torch
def activation(s):
    if torch._C._get_privateuse1_backend_name() == "sim":
        raise ValueError
    return torch.where(s >= 0, 1.0, -1.0).to(s.dtype)
"""
    notebook = ExecutedNotebook(gpu_workers, [NotebookCell("activation", source)], 10.0)
    answer = Student(RecordedCalls(notebook)).activation(torch.zeros(2))
    assert answer.tolist() == [1.0, 1.0]
    notebook.close()


def test_a_gpu_that_is_asked_for_and_not_there_is_told_of_in_a_sentence(monkeypatch):
    monkeypatch.setattr(devices, "_DRIVERS", ())
    with pytest.raises(UsageError, match="finds no CUDA device here"):
        devices.with_devices(Settings(), "cuda")


def test_the_devices_of_a_run_are_chosen_by_a_word(monkeypatch):
    monkeypatch.setattr(devices, "_DRIVERS", ())
    chosen = {word: devices.with_devices(Settings(), word) for word in ("auto", "cpu", "sim")}
    assert {word: (each.devices, each.gpu) for word, each in chosen.items()} == {
        "auto": (("cpu", "sim"), ""), "cpu": (("cpu",), ""), "sim": (("cpu", "sim"), ""),
    }  # fmt: skip


@pytest.mark.thorough
def test_a_gpu_that_sandboxed_workers_cannot_use_is_left_out_unless_it_is_asked_for(gpu_workers):
    settings = Settings(gpu="cuda")
    if devices.has_gpu():
        pytest.skip("this machine has a GPU")
    assert devices.usable(settings, gpu_workers, required=False).gpu == ""
    with pytest.raises(KitError, match="grade with --device sim"):
        devices.usable(settings, gpu_workers, required=True)
