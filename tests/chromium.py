"""Where the browser tests find Chromium, and how it comes onto a machine that has none.

    python -m tests.chromium        finds one, or installs one, prints its path; otherwise says why not and exits with 1

Tried in this order: what FASHEN_CHROMIUM names, a browser on the PATH, Playwright's own download; then, to install,
Playwright's download and the system's package (as root, or with a sudo that asks no password). Debian's headless shell
goes before all others, and is asked of the system where it is missing: it draws the same pages for half the work
(decision 0001).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Error, Playwright, sync_playwright

SHELL = "chromium-headless-shell"
NAMES = (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "/usr/bin/chromium")
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


def candidates(playwright: Playwright) -> list[str]:
    """Paths of Chromiums on this machine, the preferred first; what FASHEN_CHROMIUM names stands alone."""
    named = os.environ.get("FASHEN_CHROMIUM")
    found = [path for name in ((named,) if named else NAMES) if (path := shutil.which(name))]
    own = playwright.chromium.executable_path
    if not named and Path(own).exists():
        found.append(own)
    return list(dict.fromkeys(found))


@contextmanager
def launched() -> Iterator[Browser]:
    """A running headless Chromium until the block ends. Raises NoChromium when none is there or none starts."""
    with sync_playwright() as playwright:
        failures = []
        for path in candidates(playwright):
            try:
                browser = playwright.chromium.launch(
                    executable_path=path, headless=True, args=list(FLAGS), timeout=START_SECONDS * 1000
                )
            except Error as error:
                failures.append(f"{path}: {error.message.strip()[:400]}")
                continue
            try:
                yield browser
            finally:
                browser.close()
            return
        raise NoChromium("; ".join(failures) or "no Chromium on this machine; `python -m tests.chromium` installs one")


def lighten() -> None:
    """Install the headless shell where the system has packages and it is missing; any Chromium does where it fails."""
    if not os.environ.get("FASHEN_CHROMIUM") and not shutil.which(SHELL) and shutil.which("apt-get"):
        for command in ([*_rights(), "apt-get", "update", "-qq"], _packages(SHELL)):
            if reason := _tried(command, seconds=120):
                print(f"Chromium: {reason}; going on with another one", flush=True)
                return


def works() -> str:
    """The version of the Chromium that starts. Raises NoChromium."""
    with launched() as browser:
        return browser.version


def install() -> str:
    """Bring a Chromium onto this machine and try it; gives back its version.

    Raises NoChromium with every way that was tried and why it failed.
    """
    failures = []
    for commands in _ways():
        failed = next((reason for command in commands if (reason := _tried(command))), None)
        try:
            return works()
        except NoChromium as error:
            failures.append(failed or f"{' '.join(commands[-1])}: {error}")
    raise NoChromium("\n".join(f"  - {failure}" for failure in failures))


def _ways() -> list[list[list[str]]]:
    """Playwright's download, the same with the libraries it needs, the system's package; as far as this user may."""
    playwright = [sys.executable, "-m", "playwright"]
    ways = [[[*playwright, "install", "chromium"]]]
    if shutil.which("apt-get"):
        ways.append([[*_rights(), "apt-get", "update", "-qq"], _packages("chromium", "fonts-wqy-microhei")])
        if not _rights():
            ways.append([[*playwright, "install", "--with-deps", "chromium"]])
    return ways


def _rights() -> list[str]:
    return [] if os.geteuid() == 0 else ["sudo", "-n"]


def _packages(*names: str) -> list[str]:
    return [*_rights(), "apt-get", "install", "-y", "-qq", "--no-install-recommends", *names]


def _tried(command: list[str], seconds: int = 900) -> str | None:
    """Run one command for so many seconds at most; why it failed, or None."""
    shown = " ".join(command)
    print(f"Chromium: {shown}", flush=True)
    try:
        done = subprocess.run(command, env=_quiet(), stdin=subprocess.DEVNULL, timeout=seconds, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{shown}: {error}"
    return f"{shown}: exit {done.returncode}: {done.stdout.strip()[-400:]}" if done.returncode else None


def _quiet() -> dict[str, str]:
    return {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}


def main() -> int:
    """Make sure there is a Chromium that starts."""
    lighten()
    try:
        version = works()
    except NoChromium:
        try:
            version = install()
        except NoChromium as error:
            print("The browser tests need Chromium; none was found and none could be installed:", file=sys.stderr)
            print(error, file=sys.stderr)
            print("Install it by hand, or name one in FASHEN_CHROMIUM.", file=sys.stderr)
            return 1
    print(f"Chromium {version}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
