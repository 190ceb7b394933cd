"""Where the browser tests find Chromium, and how it comes onto a machine that has none.

    python -m tests.chromium        finds one, or installs one, prints its path; otherwise says why not and exits with 1

Tried in this order: what FASHEN_CHROMIUM names, a browser on the PATH, Playwright's own download; then, to install,
Playwright's download and the system's package (as root, or with a sudo that asks no password).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",  # tests run as root in containers, on pages of our own
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",  # containers give /dev/shm 64 MB, too little for a page with a diagram
)
START_SECONDS = 120
"""A loaded machine has been seen to need 48 seconds for a first page."""


class NoChromium(Exception):
    """No Chromium was found and none could be installed; the message says what was tried."""


def find(playwright: Playwright) -> str | None:
    """The path of a Chromium on this machine, or None."""
    named = os.environ.get("FASHEN_CHROMIUM")
    for name in (named,) if named else NAMES:
        path = shutil.which(name)
        if path:
            return path
    own = playwright.chromium.executable_path
    return own if own and Path(own).exists() else None


@contextmanager
def launched() -> Iterator[Browser]:
    """A running headless Chromium until the block ends. Raises NoChromium when there is none."""
    with sync_playwright() as playwright:
        path = find(playwright)
        if path is None:
            raise NoChromium("no Chromium on this machine; `python -m tests.chromium` installs one")
        browser = playwright.chromium.launch(
            executable_path=path, headless=True, args=list(FLAGS), timeout=START_SECONDS * 1000
        )
        try:
            yield browser
        finally:
            browser.close()


def install() -> list[str]:
    """Try to bring a Chromium onto this machine; gives back what was tried and why each way failed."""
    failures = []
    for command in (_download(), *_system_package()):
        shown = " ".join(command)
        print(f"Chromium: {shown}", flush=True)
        try:
            done = subprocess.run(command, env=_quiet(), stdin=subprocess.DEVNULL, timeout=900, check=False,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            failures.append(f"{shown}: {error}")
            continue
        if done.returncode != 0:
            failures.append(f"{shown}: exit {done.returncode}: {done.stdout.strip()[-400:]}")
        elif _found():
            return []
    return failures


def _download() -> list[str]:
    return [sys.executable, "-m", "playwright", "install", "chromium"]


def _system_package() -> list[list[str]]:
    """The commands that install Debian's or Ubuntu's package, where this user may."""
    if not shutil.which("apt-get"):
        return []
    rights = [] if os.geteuid() == 0 else ["sudo", "-n"]
    return [
        [*rights, "apt-get", "update", "-qq"],
        [*rights, "apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-wqy-microhei"],
    ]


def _quiet() -> dict[str, str]:
    return {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}


def _found() -> str | None:
    with sync_playwright() as playwright:
        return find(playwright)


def main() -> int:
    """Make sure there is a Chromium that starts."""
    failures = [] if _found() else install()
    path = _found()
    if path is None:
        print("The browser tests need Chromium; none was found and none could be installed:", file=sys.stderr)
        for failure in failures:
            print(f"  - {failure}", file=sys.stderr)
        print("Install it by hand, or name one in FASHEN_CHROMIUM.", file=sys.stderr)
        return 1
    with launched() as browser:
        print(f"Chromium {browser.version}: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
