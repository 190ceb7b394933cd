"""What of a text counts for the search, and how both a text and a question are cut into grams.

Chinese has no spaces, and neither database cuts it into words: SQLite's trigrams find no word of two characters. So the
program does it: every character and every two neighbours are one gram each. What has all grams of a question is then
looked through for the question itself.

Counted are letters, digits and characters, folded by NFKC (Unicode Standard Annex 15) and without case: full and half
width are one. Whatever stands between them parts them, whichever sign it is, so 应急罚[2026]12号 finds
应急罚〔2026〕12号; but a line that breaks between two characters parts nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import pairwise

LONGEST_QUESTION = 200
"""Characters of a question that are read."""
MOST_WORDS = 8
"""Words of a question that are looked for."""
BEGINNING = 5
"""Letters or digits from which on the last word of a question also finds longer ones that begin so: more than a year
has, as beginnings that stand everywhere are slow."""
LONGEST_GRAM = 40
"""Letters or digits of a word that its gram holds; the rest is found by looking through the text."""

_HAN = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c\u3041-\u30fa\u30fc-\u318f\u31a0-\u31ff"
    "\u3400-\u4dbf\u4e00-\ua4cf\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_BROKEN = re.compile(rf"(?<=[{_HAN}])\s+(?=[{_HAN}])")
_PIECES = re.compile(rf"[{_HAN}]+|(?:(?![{_HAN}])[^\W_])+")
_BETWEEN_WORDS = re.compile(r"[\s,，、;；。|]+")


def fold(text: str) -> str:
    """The text as it is looked through: runs of characters and words, one space between and around them."""
    plain = _BROKEN.sub("", unicodedata.normalize("NFKC", text).casefold())
    found = " ".join(_PIECES.findall(plain))
    return f" {found} " if found else ""


def asked(question: str) -> list[str]:
    """The words of a question, folded, each once. Of a question that is too long, what comes first."""
    parts = (fold(part).strip() for part in _BETWEEN_WORDS.split(question[:LONGEST_QUESTION]))
    return list(dict.fromkeys(part for part in parts if part))[:MOST_WORDS]


def within(word: str) -> str:
    """What stands in a folded text that has the word: a word of letters is not found in the middle of another."""
    pieces = word.split(" ")
    front = "" if is_han(pieces[0][0]) else " "
    back = "" if is_han(pieces[-1][0]) or len(pieces[-1]) >= BEGINNING else " "
    return f"{front}{word}{back}"


def grams(folded: str) -> set[str]:
    """The grams of a folded text, each made of the letters a–z and digits, so that no database reads more into them."""
    found: set[str] = set()
    for piece in folded.split():
        if is_han(piece[0]):
            found.update(_code(one) for one in piece)
            found.update(f"{_code(one)}x{_code(other)}" for one, other in pairwise(piece))
        else:
            found.add(_word(piece))
    return found


def required(word: str) -> Iterator[tuple[str, bool]]:
    """The grams that a text with the word has, and of each whether it is only the beginning of one."""
    pieces = word.split(" ")
    for place, piece in enumerate(pieces):
        if not is_han(piece[0]):
            yield _word(piece), place == len(pieces) - 1 and len(piece) >= BEGINNING
        elif len(piece) == 1:
            yield _code(piece), False
        else:
            yield from ((f"{_code(one)}x{_code(other)}", False) for one, other in pairwise(piece))


def is_one_gram(word: str) -> bool:
    """Whether the grams alone say that a text has the word."""
    pieces = word.split(" ")
    return len(pieces) == 1 and (len(word) <= 2 if is_han(word[0]) else len(word) <= LONGEST_GRAM)


def of_kind(kind: str) -> str:
    """The gram of all entries of one kind, which no text has."""
    return f"k{kind}"


def joined(codes: Iterable[str]) -> str:
    """Grams as both databases take them in."""
    return " ".join(sorted(codes))


def is_han(char: str) -> bool:
    """Whether a character of a folded text is one that stands without spaces beside the next."""
    return char >= "\u2e80"


def _code(char: str) -> str:
    return f"{ord(char):x}"


def _word(piece: str) -> str:
    """A word's gram: `w` and the word; other letters than a–z by their number."""
    short = piece[:LONGEST_GRAM]
    return "w" + "".join(one if one.isascii() else f"{_code(one)}x" for one in short)
