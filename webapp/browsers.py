"""What a browser says of itself, in two words: Chrome · Linux."""

from __future__ import annotations

_BROWSERS = (
    ("MicroMessenger", "微信"), ("DingTalk", "钉钉"), ("Edg", "Edge"), ("OPR", "Opera"), ("QQBrowser", "QQ 浏览器"),
    ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
"""Part of a User-Agent → browser; the first that is found, for most call themselves Chrome and Safari beside."""
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iOS"), ("iPad", "iPadOS"), ("Windows", "Windows"),
    ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


def browser(agent: str | None) -> str:
    """The browser and the system of a User-Agent; the text itself, cut short, where neither is known."""
    said = agent or ""
    found = [next((name for part, name in kinds if part in said), "") for kinds in (_BROWSERS, _SYSTEMS)]
    return " · ".join(name for name in found if name) or said[:40]
