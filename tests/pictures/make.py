"""The README's pictures, made from the real program; one command makes them all anew:

    PYTHONPATH=. python tests/pictures/make.py

report.png and students.png are the class report of the sample class, terminal.svg is `autograder demo`, and
notebook.png is a notebook in JupyterLab, after all of its cells have run. Chromium is needed. (speed.png takes some
minutes of a quiet machine, so tests/benchmarks/class_in_seconds.py makes it, with --plot.)
"""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from PIL import Image
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from autograder.trusted.assignment.course import KIT
from tests import chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selenium.webdriver import Chrome

HERE = Path(__file__).parent
PICTURES = ("report.png", "students.png", "terminal.svg", "notebook.png")
MEASURED = "speed.png"  # by tests/benchmarks/class_in_seconds.py
MAX_BYTES = 250_000  # of a picture, so that the repository stays small
COLUMNS = 104  # of the terminal
SECONDS = 120  # that the slowest cell of a notebook may take

NOTEBOOK, SHOWN = "perceptron", ("playground", "figure_updates")  # the first of these cells that it has


def main() -> None:
    """Make every picture."""
    with tempfile.TemporaryDirectory(prefix="autograder-pictures-") as folder:
        work = Path(folder)
        picture_terminal(work)
        browser = chromium.start(work / "profile", 1280, 1080)
        browser.set_script_timeout(SECONDS)
        try:
            picture_report(browser, work / "course" / "graded" / "week06" / "report.html")
            picture_notebook(browser, work / "course")
        finally:
            browser.quit()
    for name in PICTURES:
        print(f"{HERE / name}: {(HERE / name).stat().st_size // 1000} kB")


def picture_terminal(work: Path) -> None:
    """`autograder demo`, as it stands on a terminal when it is done; leaves the sample course in `work`."""
    words = ["autograder", "demo", "--keep", "course"]
    said = _on_a_terminal([sys.executable, "-m", *words], work)
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), color_system="truecolor", force_terminal=True)
    console.print(Text(f"$ {' '.join(words)}", style="bold"))
    console.print(Text.from_ansi(said))
    drawn = console.export_svg(title="autograder demo", theme=MONOKAI)
    drawn = re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL)  # they would be fetched from elsewhere
    (HERE / "terminal.svg").write_text(drawn.replace("Fira Code", "DejaVu Sans Mono"), encoding="utf-8")


def _on_a_terminal(command: list[str], folder: Path) -> str:
    ours, theirs = pty.openpty()
    variables = os.environ | {"TERM": "xterm-256color", "COLUMNS": str(COLUMNS), "PYTHONPATH": str(KIT)}
    process = subprocess.Popen(command, cwd=folder, stdout=theirs, env=variables, stderr=subprocess.DEVNULL)
    os.close(theirs)
    said = b""
    try:
        while more := os.read(ours, 2**16):
            said += more
    except OSError:  # Linux says so when the other end is closed
        pass
    os.close(ours)
    if process.wait():
        sys.exit(f"{' '.join(command)} failed: run it by hand to see why.")
    return said.decode().replace("\r\n", "\n")


def picture_report(browser: Chrome, report: Path) -> None:
    """The top of the report, and the map of its students."""
    browser.get(report.as_uri())
    _keep(browser.get_screenshot_as_png(), "report.png")
    browser.execute_script("document.getElementById('students-title').scrollIntoView()")
    _keep(browser.get_screenshot_as_png(), "students.png")


def picture_notebook(browser: Chrome, course: Path) -> None:
    """A solved notebook in JupyterLab, where its last figure or playground stands."""
    notebook = course / "source" / "week06" / f"{NOTEBOOK}.ipynb"
    names = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in nbformat.read(notebook, as_version=4).cells]
    place = next(names.index(name) for name in SHOWN if name in names)
    with _jupyterlab(course) as address:
        browser.get(f"{address}/doc/tree/source/week06/{NOTEBOOK}.ipynb?token=picture")
        wait = WebDriverWait(browser, SECONDS)
        wait.until(lambda _: browser.find_elements(By.CSS_SELECTOR, ".jp-Notebook h1"))
        wait.until(lambda _: browser.execute_script("return !!jupyterapp.shell.currentWidget?.sessionContext?.session"))
        browser.execute_async_script("jupyterapp.commands.execute('notebook:run-all-cells').then(arguments[0])")
        browser.execute_async_script(
            """
            const [place, done] = arguments, notebook = jupyterapp.shell.currentWidget.content;
            notebook.activeCellIndex = place;
            notebook.activeCell.inputHidden = true;
            const show = () => notebook.scrollToItem(place, "start");
            show().then(() => setTimeout(() => show().then(done), 2000));  // when what stands before it is drawn
            """,
            place,
        )
        _play(browser)
        _keep(browser.get_screenshot_as_png(), "notebook.png")


def _play(browser: Chrome) -> None:
    """Move the slider of a playground to its end, and wait for the picture that belongs there."""
    handles = browser.find_elements(By.CSS_SELECTOR, ".jp-mod-active .noUi-handle")
    if handles:
        before = _drawn(browser)
        browser.execute_script("arguments[0].focus()", handles[0])
        ActionChains(browser).send_keys(Keys.END).perform()
        WebDriverWait(browser, SECONDS).until(lambda _: _drawn(browser) != before)


def _drawn(browser: Chrome) -> str | None:
    return browser.find_element(By.CSS_SELECTOR, ".jp-mod-active img").get_attribute("src")


@contextmanager
def _jupyterlab(folder: Path) -> Iterator[str]:
    """The address of a JupyterLab in `folder`, on loopback."""
    home = folder.parent / "home"
    settings = home / ".jupyter/lab/user-settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"fetchNews": "false", "checkForUpdates": false}', encoding="utf-8")
    process = subprocess.Popen(
        [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0",
            "--IdentityProvider.token=picture", "--expose-app-in-browser",
        ],
        cwd=folder,
        env=os.environ | {"HOME": str(home), "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert process.stderr is not None
    drain = None
    try:
        found = next(filter(None, (re.search(r"http://127\.0\.0\.1:\d+", line) for line in process.stderr)))
        drain = subprocess.Popen(["cat"], stdin=process.stderr, stdout=subprocess.DEVNULL)  # its pipe must not fill up
        yield found.group()
    finally:
        process.terminate()
        process.wait()
        if drain is not None:
            drain.wait()
        process.stderr.close()


def _keep(png: bytes, name: str) -> None:
    """Write a screenshot; one with many colours gets along with 256."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.save(HERE / name, optimize=True)
    if (HERE / name).stat().st_size > MAX_BYTES:
        picture.quantize(256).save(HERE / name, optimize=True)


if __name__ == "__main__":
    main()
