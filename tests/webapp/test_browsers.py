"""What a browser says of itself, in two words."""

from __future__ import annotations

import pytest

from webapp.browsers import browser


@pytest.mark.parametrize(("agent", "told"), [
    ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
     "Chrome · Linux"),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
     "Edge · Windows"),
    ("curl/8.5.0", "curl/8.5.0"), (None, ""),
])  # fmt: skip
def test_a_browser_is_told_by_its_name_and_system(agent: str | None, told: str) -> None:
    assert browser(agent) == told
