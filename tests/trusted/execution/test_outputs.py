"""What cells show: outputs of a notebook without hidden checks, run in a sandboxed worker."""

from __future__ import annotations

from autograder.trusted.execution.outputs import run_for_outputs
from autograder.trusted.submissions.cells import NotebookCell


def shown(workers, *sources, seconds=2.0, files=None):
    cells = [NotebookCell(f"cell {number}", source) for number, source in enumerate(sources, start=1)]
    return run_for_outputs(workers, cells, seconds, files)


def kinds(outputs):
    return [output["output_type"] for output in outputs]


def test_each_cell_has_what_it_shows_in_order(workers):
    first, second, third = shown(workers, "print('one')", "x = 1", "x + 1")
    assert first == [{"output_type": "stream", "name": "stdout", "text": "one\n"}]
    assert second == []
    assert third[0]["data"] == {"text/plain": "2"}


def test_an_error_in_one_cell_is_its_output_and_the_next_cell_runs(workers):
    first, second = shown(workers, "1 / 0", "print('on')")
    assert (first[0]["ename"], second[0]["text"]) == ("ZeroDivisionError", "on\n")


def test_a_warning_goes_to_stderr(workers):
    (only,) = shown(workers, "import sys; print('careful', file=sys.stderr)")
    assert (only[0]["name"], only[0]["text"]) == ("stderr", "careful\n")


def test_an_endless_cell_is_an_error_and_the_others_have_their_outputs(workers):
    first, second, third = shown(workers, "print('a')", "while True: pass", "print('b')", seconds=0.5)
    assert (first[0]["text"], second[0]["ename"], third[0]["text"]) == ("a\n", "CellTimeoutError", "b\n")


def test_endless_output_is_cut_and_the_cell_ends_in_time(workers):
    first, second = shown(workers, "while True: print('x' * 1000)", "print('b')", seconds=1.0)
    assert first[0]["ename"] == "CellTimeoutError"
    assert second[0]["text"] == "b\n"


def test_a_cell_that_ends_the_process_is_an_error(workers):
    first, second = shown(workers, "import os; os._exit(3)", "print('b')")
    assert (first[0]["ename"], second[0]["text"]) == ("DeadKernelError", "b\n")


def test_a_cell_that_could_not_be_reached_is_an_error_too(workers):
    *loops, last = shown(workers, *["import os; os._exit(3)"] * 11, "print('b')")
    assert all(outputs[0]["ename"] == "DeadKernelError" for outputs in loops)
    assert last[0]["output_type"] == "error"


def test_switching_tracebacks_off_hides_no_error(workers):
    silence = "get_ipython().showtraceback = lambda *args, **kwargs: None"
    _, second = shown(workers, silence, "assert False")
    assert second[0]["ename"] == "AssertionError"


def test_a_figure_becomes_a_picture_with_and_without_show(workers):
    import_it = "import matplotlib.pyplot as plt"
    _, plain, with_show = shown(workers, import_it, "plt.plot([1, 2]);", "plt.plot([1, 2]); plt.show()")
    assert [list(output["data"]) for output in plain + with_show] == [["text/plain", "image/png"]] * 2


def test_a_cell_reads_the_files_beside_its_notebook_but_no_link_and_no_notebook(workers, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x.csv").write_text("1,2\n")
    (tmp_path / "other.ipynb").write_text("{}")
    (tmp_path / "link").symlink_to("/etc/passwd")
    first, second = shown(
        workers, "print(open('data/x.csv').read())", "import os; print(sorted(os.listdir()))", files=tmp_path
    )
    assert first[0]["text"] == "1,2\n\n"
    assert second[0]["text"] == "['data']\n"
