"""Characters that nobody types: the one list of them, for forms, names of files, and what programs send.

They come from broken programs, from pages that are copied from, and from people who want a text to look like another
one (Unicode Technical Report 36, section 2.8): a name with U+202E in it turns the rest of its line around.
"""

from __future__ import annotations

import re

FOREIGN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control characters but tab and line ends
    "\u2028\u2029\u202a-\u202e\u2066-\u206f"  # separators, embeddings, overrides, isolates and their like
    "\ufff9-\ufffb\ufffe\uffff\ud800-\udfff"  # notes between lines, no characters, halves of characters
    "\U000e0000-\U000e00ff]"  # tags, which say in secret what nobody reads
)
"""What is refused wherever somebody types."""

_UNSEEN = re.compile("[\u00ad\u061c\u200b-\u200f\u2060-\u2065\ufeff]")
"""Without width and without meaning in Chinese or English; they come along when one copies from a page or a mail."""


def visible(text: str) -> str:
    """The text without the marks that take no place on the page, so that two names that look alike are alike."""
    return _UNSEEN.sub("", text)


def hidden(text: str) -> str:
    """The first character of a text that turns others around or takes no place on the page; empty where it has none."""
    found = FOREIGN.search(text) or _UNSEEN.search(text)
    return found[0] if found else ""
