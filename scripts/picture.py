"""Takes the pictures of README and guides: `make picture`, or `make picture ONLY="task note"` for some.

A bureau at work (`stage`) is served by the real application and looked at by a real browser (`shots`).
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page

from scripts import rehearsed, stage, studio
from scripts.admin_shots import ADMIN_SHOTS
from scripts.shots import README, SHOTS, Shot
from scripts.stage import Stage, Stop
from tests.chromium import launched
from workflows import bureau

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
GUIDE, ADMIN_GUIDE = PICTURES / "user-guide", PICTURES / "admin-guide"
COLOURS = 256
"""Enough for pages of text, and a third of the bytes."""

CHINESE_DATES = """() => document.querySelectorAll('input[type=date]').forEach((field) => {
  const value = field.value.replaceAll('-', '/');
  field.type = 'text';
  field.value = value || '年 /月/日';
})"""
"""Fields of dates as a Chinese browser draws them; the one at hand may have been installed without that language."""


def main(only: Collection[str]) -> None:
    """Set the stage and take the pictures, all or those named; of the administrator's guide as "admin/name"."""
    for_administrators = {f"admin/{shot.name}" for shot in ADMIN_SHOTS}
    unknown = set(only) - {shot.name for shot in (README, *SHOTS)} - for_administrators
    if unknown:
        sys.exit(f"no such picture: {', '.join(sorted(unknown))}")
    if not only or set(only) - for_administrators:
        with _opened(stage.STOPS) as (bureau_at_work, browser):
            take(bureau_at_work, browser, README, PICTURES, only)
            for shot in SHOTS:
                take(bureau_at_work, browser, shot, GUIDE, only)
    if not only or for_administrators.intersection(only):
        with _opened((*rehearsed.CLOSED, *stage.STOPS)) as (bureau_at_work, browser):
            studio.prepare(bureau_at_work)
            rehearsed.prepare(bureau_at_work)
            for shot in ADMIN_SHOTS:
                take(bureau_at_work, browser, shot, ADMIN_GUIDE, [one.removeprefix("admin/") for one in only])


@contextmanager
def _opened(stops: Iterable[Stop]) -> Iterator[tuple[Stage, Browser]]:
    """A bureau with cases, and a browser."""
    with (
        tempfile.TemporaryDirectory(prefix="fashen-picture-") as place,
        stage.opened(Path(place), stops) as bureau_at_work,
        launched() as browser,
    ):
        yield bureau_at_work, browser


def take(stage: Stage, browser: Browser, shot: Shot, folder: Path, only: Collection[str] = ()) -> None:
    """Take one picture, if it is wanted, into a folder."""
    if only and shot.name not in only:
        return
    page = _login(stage, browser, shot)
    page.goto(shot.address(stage))
    shot.press(page)
    page.evaluate(CHINESE_DATES)
    page.wait_for_timeout(300)  # transitions of the page have ended
    data = page.screenshot(animations="disabled", caret="hide")
    page.context.close()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{shot.name}.png"
    keep(data, path)
    print(f"{path.name}: {path.stat().st_size // 1000} kB", flush=True)


def keep(data: bytes, path: Path) -> None:
    """Write a picture with few colours."""
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    few = picture.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


def _login(stage: Stage, browser: Browser, shot: Shot) -> Page:
    context = browser.new_context(base_url=stage.site.address, locale="zh-CN", **shot.look)
    context.set_default_timeout(60_000)
    page = context.new_page()
    if shot.login:
        page.goto("/login")
        page.fill("#login", shot.login)
        page.fill("#password", bureau.demo_accounts()[1])
        page.press("#password", "Enter")
        page.wait_for_url("**/desk*")
    return page


if __name__ == "__main__":
    main(sys.argv[1:])
