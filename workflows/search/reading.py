"""The text of a file, read by a process of its own: whatever somebody uploaded can at worst make that one fail.

`text_of` starts `python -m workflows.search.reading ENDING` and gives it the file: without the environment in which
passwords stand, with a limit of memory, of time and of what it may say. Office files and OFD (GB/T 33190) are archives
of XML: the parts that hold text are read one element at a time, without entities, and only so far.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import IO, BinaryIO

from lxml import etree

LONGEST_TEXT = 1_000_000
"""Characters of a file's text that are read; some 600 pages."""
LARGEST_PART = 64 * 1024 * 1024
"""Bytes of one part of an archive, unpacked."""
MOST_PARTS = 2_000
"""Parts of an archive that are read: the pages of an OFD."""
MOST_MEMORY = 1 << 30
"""Bytes of memory that the reading process may take."""
MOST_SECONDS = 30
"""Of computing; twice as much by the clock on the wall."""


PAGES = "pages"
"""Asks the reading process for the number of a PDF's pages instead of its text."""


class Unreadable(Exception):
    """The file's text can't be had: damaged, locked by a password, or too much for the limits."""


def ending_of(file_name: str) -> str:
    """The ending of a file's name, in small letters."""
    return file_name.rpartition(".")[2].lower()


def text_of(file: IO[bytes], ending: str) -> str:
    """The text of a file, at most LONGEST_TEXT characters; "" where it holds none, as a scan.

    Raises Unreadable, and KeyError for an ending that is not one of READERS.
    """
    if ending not in READERS:
        raise KeyError(ending)
    return _read(file, ending)[:LONGEST_TEXT]


def pages_of(file: IO[bytes]) -> int:
    """How many pages a PDF has. Raises Unreadable."""
    return int(_read(file, PAGES))


def _read(file: IO[bytes], ending: str) -> str:
    """What the reading process says of a file. Raises Unreadable."""
    own = [sys.executable, "-m", __spec__.name if __name__ == "__main__" else __name__, ending]
    told = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"}
    told |= {name: os.environ[name] for name in ("SYSTEMROOT", "LD_LIBRARY_PATH") if name in os.environ}
    try:
        done = subprocess.run(  # noqa: S603 (our own program and a word of our own table)
            own, stdin=file, capture_output=True, env=told, timeout=2 * MOST_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Unreadable("time") from error
    if done.returncode != 0:
        raise Unreadable(done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2][:200] or "ended")
    return done.stdout.decode("utf-8", "replace")


def _plain(file: BinaryIO) -> Iterator[str]:
    """Text as Chinese offices write it: UTF-8, else GB 18030."""
    data = file.read(4 * LONGEST_TEXT)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            yield data.decode(encoding)
            return
        except UnicodeDecodeError as error:
            if error.start > len(data) - 4:  # cut through a character at the end
                yield data[: error.start].decode(encoding)
                return
    yield data.decode("gb18030", "replace")


def _pdf(file: BinaryIO) -> Iterator[str]:
    import pypdfium2  # here, as only the reading process needs it

    document = pypdfium2.PdfDocument(file)
    for number in range(len(document)):
        page = document[number]
        words = page.get_textpage()
        yield words.get_text_bounded()
        words.close()
        page.close()


def _count(file: BinaryIO) -> Iterator[str]:
    import pypdfium2

    yield str(len(pypdfium2.PdfDocument(file)))


def _archive(parts: str, words: str, ends: str) -> Callable[[BinaryIO], Iterator[str]]:
    """Reads archives of XML. parts: which parts; words: the elements that hold text; ends: those that end a line."""

    def read(file: BinaryIO) -> Iterator[str]:
        with zipfile.ZipFile(file) as archive:
            wanted = [one for one in archive.infolist() if re.fullmatch(parts, one.filename)][:MOST_PARTS]
            for part in sorted(wanted, key=lambda one: [int(n) for n in re.findall(r"[0-9]{1,9}", one.filename)]):
                if part.file_size > LARGEST_PART:
                    raise Unreadable("size")
                with archive.open(part) as opened:
                    yield from _texts(opened, words, ends)

    return read


def _texts(part: IO[bytes], words: str, ends: str) -> Iterator[str]:
    tree = etree.iterparse(
        part, events=("end",), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False
    )
    for _event, element in tree:
        name = etree.QName(element).localname if isinstance(element.tag, str) else ""
        if name == words and element.text:
            yield element.text
        if name in ends.split():
            yield "\n"
            element.clear()


READERS: Mapping[str, Callable[[BinaryIO], Iterator[str]]] = {
    "txt": _plain,
    "pdf": _pdf,
    "docx": _archive(r"word/(document|header[0-9]*|footer[0-9]*|footnotes|endnotes|comments)\.xml", "t", "p tab br"),
    "xlsx": _archive(r"xl/sharedStrings\.xml", "t", "si"),
    "ofd": _archive(r"Doc_[0-9]+/Pages/Page_[0-9]+/Content\.xml", "TextCode", "TextObject"),
}
"""Ending of the name → the texts in such a file, in their order."""


def main() -> None:
    """What the reading process does: the file from its input, the text to its output."""
    _bind()
    left = LONGEST_TEXT
    read = _count if sys.argv[1] == PAGES else READERS[sys.argv[1]]
    for said in read(sys.stdin.buffer):
        sys.stdout.write(said[:left])
        left -= len(said)
        if left <= 0:
            break
    sys.stdout.flush()


def _bind() -> None:
    """Take the limits on, where the system knows such."""
    try:
        import resource
    except ImportError:  # Windows; the limit of time still holds there
        return
    for what, most in (
        (resource.RLIMIT_AS, MOST_MEMORY), (resource.RLIMIT_CPU, MOST_SECONDS), (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):  # fmt: skip
        resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    main()
