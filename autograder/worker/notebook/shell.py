"""A notebook's code cells, run as Jupyter runs them, without a kernel.

IPython's own shell transforms magics, shows what a cell shows, and goes on after an error. Nothing
here waits for a person: `input()` raises, figures become pictures where outputs are kept.
"""

from __future__ import annotations

import ast
import builtins
import dis
import io
import linecache
import sys
import warnings
from contextlib import contextmanager, nullcontext
from importlib.machinery import EXTENSION_SUFFIXES
from typing import TYPE_CHECKING, Any, TypeGuard

import matplotlib
import matplotlib.pyplot
from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.history import HistoryManager
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type

from autograder.worker.notebook.error_reports import CELL_FILES, cell_file, report_of, safe_text, syntax_report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from types import CodeType, TracebackType

    from autograder.wire.messages import ErrorReport

    _Part = tuple[list[ast.stmt], CodeType]

MAX_OUTPUT_CHARACTERS = 2_000_000  # of a notebook; the figures of the longest take half of it
MAX_MODULE = 100  # characters of a module's name
_SAMPLE = "ab"
_IMPORT = dis.opmap["IMPORT_NAME"]

HistoryManager.enabled = False  # no database, no thread: nothing of a student's outlives the worker


class CellCompiler(CachingCompiler):
    """Names the code of cell `index` so that a traceback can be read back."""

    index = -1

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        """The cell's file name, in place of one made from its text."""
        return cell_file(self.index)


class _Published(DisplayPublisher):
    """Keeps what `display()` shows."""

    def publish(self, data: dict[str, Any], metadata: Any = None, **_: Any) -> None:
        self.shell.show({"output_type": "display_data", "data": dict(data), "metadata": metadata or {}})

    def clear_output(self, wait: bool = False) -> None:
        self.shell.outputs.clear()


class _Result(DisplayHook):
    """Keeps the value of a cell's last line."""

    def start_displayhook(self) -> None: ...

    def write_output_prompt(self) -> None: ...

    def write_format_data(self, format_dict: dict[str, Any], md_dict: Any = None) -> None:
        self.shell.show(
            {
                "output_type": "execute_result",
                "data": dict(format_dict),
                "metadata": md_dict or {},
                "execution_count": self.prompt_count,
            }
        )

    def log_output(self, format_dict: dict[str, Any]) -> None: ...

    def finish_displayhook(self) -> None: ...


class NotebookShell(InteractiveShell):
    """One notebook's namespace, and the cells that have been run in it."""

    compiler_class = Type(CellCompiler)
    displayhook_class = Type(_Result)
    display_pub_class = Type(_Published)

    def init_history(self) -> None:
        """No history is kept, in memory or on disk."""
        super().init_history()
        self.history_manager.enabled = False

    def _tee(self, channel: str) -> AbstractContextManager[None]:
        """IPython keeps all that is printed for its history, without end; here there is none."""
        return nullcontext()

    def enable_matplotlib(self, gui: str | None = None) -> tuple[None, str]:
        """`%matplotlib inline` and its like change nothing: whether figures are shown is decided outside."""
        return None, "agg"

    def show_figures(self) -> None:
        """Show figures as Jupyter does, at the end of the cell that draws them."""
        from matplotlib_inline.backend_inline import configure_inline_support

        backend = "module://matplotlib_inline.backend_inline"
        matplotlib.pyplot.switch_backend(backend)
        matplotlib.interactive(True)  # so that a figure is shown without plt.show()
        configure_inline_support(self, backend)

    def enable_gui(self, gui: str | None = None) -> None:
        """There is no window to look at."""

    def ask_exit(self) -> None:
        """`exit` ends a person's session; this is none."""

    def prepare(self) -> None:
        """Forget what the template was, once, in the worker."""
        self.outputs: list[dict[str, Any]] = []
        self.lacking: list[str] = []
        self.noted: Callable[[], None] | None = None
        self.keep_outputs = False
        self._room = MAX_OUTPUT_CHARACTERS
        self.user_ns["__name__"] = "__main__"
        self._customs = self._own_customs()
        builtins.input = _no_input
        sys.path.insert(0, "")  # as in Jupyter, what lies beside the notebook can be imported
        warnings.filterwarnings("ignore", message=".*non-interactive.*")

    def forget_cells(self) -> None:
        """Forget the text of every cell that has been run, which is kept for tracebacks and as history."""
        history = self.history_manager
        history.reset()
        for cache in (history.db_input_cache, history.db_output_cache, history.output_hist, history.output_hist_reprs):
            cache.clear()
        history._i00 = history._i = history._ii = history._iii = ""
        for name in [name for name in linecache.cache if name.startswith(CELL_FILES)]:
            del linecache.cache[name]
        self.compile.reset_compiler_flags()
        self.compile._filename_map.clear()

    def run_notebook_cell(self, index: int, source: str) -> ErrorReport | None:
        """Run one cell; whatever it raises, exits with or leaves open is its own.

        An import of a module that this machine lacks or cannot load stops nothing else: `lacking` then has the module.
        What is `noted` is called after each part of the cell that may bind an exercise's name.

        Returns the exception that ended it, as a ErrorReport, or None.
        """
        self.compile.index = index
        self.outputs.clear()
        self.lacking.clear()
        parts = None if self.keep_outputs else self._plain_parts(source)
        if parts is not None:
            return self._run_plain(parts, source)
        with self.captured():
            result = self.run_cell(source, store_history=True)
        if isinstance(result.error_before_exec, SyntaxError):
            return syntax_report(result.error_before_exec, index)
        error = result.error_before_exec or result.error_in_exec
        return None if error is None else report_of(error)

    def transform_cell(self, raw_cell: str) -> str:
        """A cell without what only IPython understands: magics, `!` and `?`.

        One of several lines that is Python as it stands is that already: IPython's own way there, line by line and
        token by token, takes longer than most cells take to run.
        """
        if _has_several_lines(raw_cell) and self._own_customs() == self._customs and _is_python(raw_cell):
            return raw_cell if raw_cell.endswith("\n") else raw_cell + "\n"
        return str(super().transform_cell(raw_cell))

    def transform_ast(self, node: ast.Module) -> ast.Module:
        """A cell's tree in which each import is a statement of its own, so that one may fail without the others."""
        transformed: ast.Module = super().transform_ast(node)
        transformed.body = _single_imports(transformed.body)
        return transformed

    async def run_code(self, code_obj: CodeType, result: Any = None, *, async_: bool = False) -> bool:
        """Run one statement of a cell. Returns whether the cell ends with it."""
        failed = bool(await super().run_code(code_obj, result, async_=async_))
        error = result.error_in_exec if failed and result is not None else None
        if error is not None and self._is_lacking(error):
            result.error_in_exec, failed = None, False
        if self.noted is not None:
            self.noted()
        return failed

    def _is_lacking(self, error: BaseException) -> bool:
        """Whether an error is that of a cell's own import of a module that cannot be had; `lacking` then has it."""
        frame = _frame_of_cell(error.__traceback__)
        if frame is None or not (isinstance(error, ModuleNotFoundError) or _cannot_be_loaded(error)):
            return False
        if frame.tb_frame.f_code.co_code[frame.tb_lasti] != _IMPORT:
            return False  # a function that was called imports it
        name = str(error.name)
        self.lacking.append((name if isinstance(error, ModuleNotFoundError) else name.partition(".")[0])[:MAX_MODULE])
        return True

    def _plain_parts(self, source: str) -> list[_Part] | None:
        """The code of a cell that any Python would run as IPython does; None if only IPython knows.

        Such a cell only defines, imports and assigns: it has no magic and awaits nothing, and its last line has no
        value to be shown. Most cells of an exercise are like that, and IPython's own way with them takes longer
        than they do. A part ends with each definition that something follows.
        """
        words = "await" in source or "async" in source or "__future__" in source
        if words or not _has_several_lines(source) or self._own_customs() != self._customs:
            return None
        try:
            tree = self.compile.ast_parse(source)
            if not tree.body or isinstance(tree.body[-1], ast.Expr):
                return None
            name = self.compile.cache(source, self.execution_count, raw_code=source)
            return [(part, self._compiled(part, name)) for part in _parts(_single_imports(tree.body))]
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None  # IPython runs what stands before the error, and tells of it

    def _compiled(self, part: list[ast.stmt], name: str) -> CodeType:
        code: CodeType = self.compile(ast.Module(part, []), name, "exec")
        return code

    def _run_plain(self, parts: list[_Part], source: str) -> ErrorReport | None:
        """Run the code of a cell as IPython would; returns as `run_notebook_cell`.

        Raises RuntimeError, which ends the worker, where the cell has left a Python in which no other can be run.
        """
        self.history_manager.store_inputs(self.execution_count, source, source)
        self.execution_count += 1
        waiting = parts[::-1]
        with self.captured(), self.builtin_trap:
            while waiting:
                part, code = waiting.pop()
                try:
                    exec(code, self.user_global_ns, self.user_ns)  # noqa: S102  # this is what a worker is for
                except BaseException as error:  # noqa: BLE001  # a student may raise SystemExit, or worse
                    rest = self._after_a_missing_import(part, error)
                    if rest is None:
                        return report_of(error)
                    if rest:
                        waiting.append((rest, self._compiled(rest, code.co_filename)))
                if self.noted is not None:
                    self.noted()
        if not _python_is_sound():  # the next cell would be blamed for it
            raise RuntimeError("a cell has put something else in the place of what Python is built on")
        return None

    def _after_a_missing_import(self, part: list[ast.stmt], error: BaseException) -> list[ast.stmt] | None:
        """What follows the import of a module that is not there; None if the error is another."""
        if not self._is_lacking(error):
            return None
        frame = _frame_of_cell(error.__traceback__)
        assert frame is not None
        line, _, column, _ = list(frame.tb_frame.f_code.co_positions())[frame.tb_lasti // 2]
        at = line or 0, column or 0
        for place, statement in enumerate(part):
            start, end = (
                (statement.lineno, statement.col_offset),
                (statement.end_lineno or 0, statement.end_col_offset or 0),
            )
            if start <= at < end:
                return part[place + 1 :]
        return None

    def _own_customs(self) -> tuple[Any, ...]:
        """What decides how a cell is run, which a notebook may change."""
        manager = self.input_transformer_manager
        return (
            [*manager.cleanup_transforms, *manager.line_transforms, *self.input_transformers_post],
            list(self.ast_transformers),
            {event: list(callbacks) for event, callbacks in self.events.callbacks.items()},
            self.ast_node_interactivity,
            self.custom_exceptions,
        )

    def should_run_async(self, raw_cell: str, **options: Any) -> bool:
        """Whether a cell awaits something at its top level; one without the words need not be compiled to know."""
        words = "await" in raw_cell or "async" in raw_cell
        return words and bool(super().should_run_async(raw_cell, **options))

    def show(self, output: dict[str, Any]) -> None:
        """Keep one nbformat output while there is room for it."""
        if not self.keep_outputs:
            return
        self._room -= len(repr(output))
        if self._room > 0:
            self.outputs.append(output)

    def showtraceback(self, *arguments: Any, **options: Any) -> None:
        """Format a traceback only where somebody will read it: it costs more than the cell."""
        if self.keep_outputs:
            super().showtraceback(*arguments, **options)

    def showsyntaxerror(self, *arguments: Any, **options: Any) -> None:
        """As `showtraceback`."""
        if self.keep_outputs:
            super().showsyntaxerror(*arguments, **options)

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        self.show(
            {"output_type": "error", "ename": etype.__name__, "evalue": safe_text(evalue), "traceback": list(stb)}
        )

    @contextmanager
    def captured(self) -> Iterator[None]:
        """Take what is printed meanwhile; it is kept where outputs are, and dropped elsewhere."""
        before = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = _Stream(self, "stdout"), _Stream(self, "stderr")
        try:
            yield
        finally:
            sys.stdout, sys.stderr = before


class _Stream(io.TextIOBase):
    """A standard stream of a cell."""

    encoding = "utf-8"

    def __init__(self, shell: NotebookShell, name: str) -> None:
        self._shell, self._name = shell, name

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        outputs = self._shell.outputs
        if not text:
            return 0
        if outputs and outputs[-1].get("name") == self._name and self._shell._room > len(text):
            self._shell._room -= len(text)
            outputs[-1]["text"] += text
        else:
            self._shell.show({"output_type": "stream", "name": self._name, "text": str(text)})
        return len(text)


def _frame_of_cell(traceback: TracebackType | None) -> TracebackType | None:
    """The entry of a traceback that is a cell's own statement."""
    while traceback is not None and not traceback.tb_frame.f_code.co_filename.startswith(CELL_FILES):
        traceback = traceback.tb_next
    return traceback


def _cannot_be_loaded(error: BaseException) -> TypeGuard[ImportError]:
    """Whether a module is there and its library cannot be loaded: for want of memory, or of another library."""
    return (
        isinstance(error, ImportError)
        and str(error.path).endswith(tuple(EXTENSION_SUFFIXES))
        and not str(error).startswith("cannot import name")
    )


def _single_imports(body: list[ast.stmt]) -> list[ast.stmt]:
    """Statements, in which `import a, b` is two."""
    single: list[ast.stmt] = []
    for statement in body:
        if isinstance(statement, ast.Import) and len(statement.names) > 1:
            single += [ast.copy_location(ast.Import([alias]), alias) for alias in statement.names]
        else:
            single.append(statement)
    return single


def _parts(body: list[ast.stmt]) -> list[list[ast.stmt]]:
    """Statements in parts, each of which ends with a definition that something else than a definition follows."""
    parts: list[list[ast.stmt]] = [[]]
    for statement, following in zip(body, [*body[1:], None], strict=True):
        parts[-1].append(statement)
        if following is not None and _defines(statement) and not _defines(following):
            parts.append([])
    return parts


def _defines(statement: ast.stmt) -> bool:
    """Whether a statement may bind a name to a function or class of the notebook's own."""
    if isinstance(statement, ast.Assign):
        return isinstance(statement.value, ast.Lambda)
    kinds = ast.FunctionDef | ast.ClassDef | ast.If | ast.Try | ast.With | ast.For | ast.While
    return isinstance(statement, kinds)


def _python_is_sound() -> bool:
    """Whether the functions that everything here is built on still do what they did."""
    try:
        return (
            isinstance(1, int)
            and not isinstance(1, str)
            and type(_SAMPLE) is str
            and len(_SAMPLE) == 2
            and getattr(_SAMPLE, "nothing", None) is None
            and hasattr(_SAMPLE, "join")
            and list(map(str, (1, 2))) == ["1", "2"]
            and any((False, True))
            and not all((False, True))
        )
    except BaseException:  # noqa: BLE001  # what stands in their place may raise anything
        return False


def _has_several_lines(source: str) -> bool:
    """Whether a cell is more than one line, which might be IPython's own, and begins with something."""
    return bool(source[:1].strip()) and "\n" in source.strip()


def _is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _no_input(prompt: object = "") -> str:
    raise EOFError("input() has nobody to ask while the notebook is graded")
