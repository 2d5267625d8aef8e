"""A worker holds no answer: whatever of the kit's it can reach is worth nothing under any exercise's name.

torch's and numpy's own functions are there for everybody; what is walked is what the kit brought along or made: from
modules of the kit's, from the warm-up's cells, or from nowhere.
"""

from __future__ import annotations

import pytest

from autograder.trusted.checking.recorded_calls import RecordedCalls
from autograder.trusted.checking.student import Student
from autograder.trusted.execution.executed_notebook import ExecutedNotebook
from autograder.trusted.submissions.cells import NotebookCell

# Every function, class and bare code object of the kit's in a worker, always in the same order.
WALK = """
import gc as _gc, linecache as _linecache, sys as _sys, types as _types

def _of_the_kit(thing):
    module = str(getattr(thing, "__module__", None))
    code = thing if isinstance(thing, _types.CodeType) else getattr(thing, "__code__", None)
    file = getattr(code, "co_filename", "")
    ours = module.startswith("autograder") or module == "None" or "/autograder/" in file or file.startswith("<cell")
    ours &= getattr(thing, "__name__", "") != "<module>" and "-packages" not in file  # a body is no function
    return ours and getattr(thing, "__globals__", None) is not globals() and module != "__main__"

def _below(kind):
    found, waiting = {}, [kind]
    while waiting:
        for each in type.__subclasses__(waiting.pop()):
            if id(each) not in found:
                found[id(each)] = each
                waiting.append(each)
    return list(found.values())

def _everything():
    _gc.unfreeze()  # what the template has put out of the collector's sight
    things = [each for each in _gc.get_objects() if isinstance(each, (type, _types.FunctionType, _types.MethodType))]
    things += [value for module in list(_sys.modules.values()) for value in list(vars(module).values())]
    things += _below(object)
    for function in [each for each in things if isinstance(each, _types.FunctionType) and _of_the_kit(each)]:
        waiting = [function.__code__]
        while waiting:
            code = waiting.pop()
            inner = [each for each in code.co_consts if isinstance(each, _types.CodeType)]
            waiting += inner
            things += [_types.FunctionType(each, function.__globals__) for each in inner if not each.co_freevars]
    callables = (type, _types.FunctionType, _types.MethodType, _types.BuiltinFunctionType)
    found = {}
    for each in things:
        if isinstance(each, callables) and not isinstance(each, _types.BuiltinFunctionType) and _of_the_kit(each):
            code = getattr(each, "__code__", None)
            where = (code.co_filename, code.co_firstlineno) if code else ()
            key = (str(getattr(each, "__module__", "")), str(getattr(each, "__qualname__", "")), str(where))
            found.setdefault(key, each)
    return [(key, found[key]) for key in sorted(found)]

_reached = _everything()
"""
LEFT = """
def left():
    texts = [name for name in _linecache.cache if "autograder" in name or "warmup" in name]
    return texts + [str(key) for key, _ in _reached if "<cell" in str(key) or "warmup_" in str(key)]

def names():
    return ["|".join(key) for key, _ in _reached]

def directly():
    found = []
    for (module, name, _), thing in _reached:
        try: direct = eval(f"_sys.modules[{module!r}].{name}")
        except (SyntaxError, AttributeError, KeyError): direct = None
        found.append(direct is thing)
    return found
"""


@pytest.fixture
def reached(workers):
    notebook = ExecutedNotebook(workers, [NotebookCell("walk", WALK), NotebookCell("left", LEFT)], 20.0)
    yield Student(RecordedCalls(notebook))
    notebook.close()


def test_nothing_of_the_warm_up_and_no_text_of_the_kits_is_left_in_a_worker(reached):
    assert reached.left() == []


def test_the_walk_finds_what_there_is(reached):
    names = reached.names()
    assert any("Service._call" in name for name in names)
    assert any("SimTensor" in name for name in names)


EXHAUSTIVE = ("chain_rule", "logistic_regression", "tensor_ops")  # minutes each


@pytest.mark.parametrize(
    "notebook",
    [
        pytest.param("perceptron", marks=pytest.mark.thorough),
        *(pytest.param(name, marks=pytest.mark.exhaustive) for name in EXHAUSTIVE),
    ],
)
def test_nothing_that_a_worker_reaches_earns_a_point_under_any_exercises_name(grade, course, reached, notebook):
    exercises = course.notebooks[notebook].exercises
    earned = {}
    for number, (key, direct) in enumerate(zip(reached.names(), reached.directly(), strict=True)):
        module, name, _ = key.split("|")
        before = f"import sys\n_it = sys.modules[{module!r}].{name}\n"
        if not direct:  # it has no name to be reached by, so that all is walked again
            before = f"{WALK}\n_it = _reached[{number}][1]\n"
        edits = {exercise: f"{exercise} = _it\n\n" for exercise in exercises}
        record = grade(notebook, edits, start="release", extra=(before,))
        if record.earned:
            earned[key] = {name: each.earned for name, each in record.exercises.items() if each.earned}
    assert earned == {}
