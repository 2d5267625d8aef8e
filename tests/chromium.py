"""Chromium without a window, for the tests that look at a page and for the README's pictures."""

from __future__ import annotations

import shutil
from pathlib import Path

from selenium import webdriver

PROGRAM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
MISSING = "needs Debian's packages chromium and chromium-driver"


def start(profile: Path, width: int = 1400, height: int = 1000) -> webdriver.Chrome:
    """A browser with a new `profile` that calls nobody, keeps a log, and does not scroll smoothly."""
    options = webdriver.ChromeOptions()
    for argument in (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
        "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
        "--force-prefers-reduced-motion", f"--window-size={width},{height}", f"--user-data-dir={profile}",
    ):  # fmt: skip
        options.add_argument(argument)
    options.binary_location = PROGRAM
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
