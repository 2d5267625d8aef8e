"""JupyterLab on loopback, as somebody has it open, and what one does there with a browser."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from selenium.common.exceptions import (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    NoSuchElementException,
    StaleElementReferenceException,
)
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.faces.nbgrader.desks import as_on_jupyterhub

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faces.nbgrader.desks import GradingClient

SECONDS = 60
TOKEN = "open-sesame"


@contextmanager
def jupyterlab(who: GradingClient) -> Iterator[str]:
    """JupyterLab in somebody's folder, under their name; its address."""
    process = subprocess.Popen(
        [
            sys.executable, "-c", as_on_jupyterhub("jupyterlab.labapp"), "--no-browser", "--allow-root",
            "--ip=127.0.0.1", "--port=0", f"--IdentityProvider.token={TOKEN}",
        ],
        cwd=who.folder,
        env=who.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        if found:
            break
    else:
        pytest.fail("Jupyter did not start:\n" + "".join(said))
    drain = subprocess.Popen(["cat"], stdin=process.stderr, stdout=subprocess.DEVNULL)  # its pipe must not fill up
    try:
        yield found.group()
    finally:
        process.terminate()
        process.wait()
        drain.wait()
        process.stderr.close()


def wait(browser, condition):
    """What `condition` says of the browser, as soon as it is true."""
    moved = (
        NoSuchElementException,
        StaleElementReferenceException,
        ElementClickInterceptedException,
        ElementNotInteractableException,
    )
    return WebDriverWait(browser, SECONDS, ignored_exceptions=moved).until(condition)


def press(browser, xpath):
    """Click on an element as soon as it is to be seen; tabs of other notebooks may have one as well, out of sight."""

    def click(_):
        seen = [element for element in browser.find_elements(By.XPATH, xpath) if element.is_displayed()]
        return bool(seen) and seen[0].click() is None

    wait(browser, click)


def wait_for_kernel(browser):
    """Wait until a notebook's kernel is there and has nothing to do."""
    wait(browser, lambda _: "Idle" in browser.find_element(By.TAG_NAME, "body").get_attribute("innerHTML"))
