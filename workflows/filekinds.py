"""Which kinds of files a case file takes, told by the ending of the name and by the first bytes together."""

from __future__ import annotations

from contextlib import suppress

from workflows.errors import Invalid

_OFFICE = ("[Content_Types].xml", "_rels/", "docProps/", "customXml/")
_ZIP = b"PK\x03\x04"
KINDS: dict[str, str] = {
    "pdf": "application/pdf",
    "ofd": "application/ofd",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "txt": "text/plain",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
}
"""Ending of the name → media type: the kinds of file that a case file holds.

Archives are not among them: each exhibit is a file of its own, with a hash of its own.
"""


def media_type(name: str, head: bytes) -> str:
    """The media type of a file, if its ending is one of KINDS and its first bytes agree.

    head: the first 512 bytes or more (all of a shorter file).
    Raises Invalid("file.kind_refused", name, kinds).
    """
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending not in KINDS or not _looks_like(ending, head):
        raise Invalid("file.kind_refused", name=name[-80:], kinds=sorted(KINDS))
    return KINDS[ending]


def _looks_like(ending: str, head: bytes) -> bool:
    match ending:
        case "pdf":
            return head.startswith(b"%PDF-")
        case "png":
            return head.startswith(b"\x89PNG\r\n\x1a\n")
        case "jpg" | "jpeg":
            return head.startswith(b"\xff\xd8\xff")
        case "tif" | "tiff":
            return head.startswith((b"II*\0", b"MM\0*"))
        case "mp4":
            return head[4:8] == b"ftyp"
        case "mp3":
            # An ID3 tag, or the sync word of an MPEG frame of layer III.
            return head.startswith(b"ID3") or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2)
        case "docx":
            return _first_entry(head).startswith((*_OFFICE, "word/"))
        case "xlsx":
            return _first_entry(head).startswith((*_OFFICE, "xl/"))
        case "ofd":
            return _first_entry(head).startswith(("OFD.xml", "Doc_"))
        case _:
            return _is_text(head)


def _first_entry(head: bytes) -> str:
    """The name of the first file in a zip archive, "" when it is none (ZIP application note, 4.3.7)."""
    if not head.startswith(_ZIP) or len(head) < 30:
        return ""
    length = int.from_bytes(head[26:28], "little")
    return head[30 : 30 + length].decode("utf-8", "replace")


def _is_text(head: bytes) -> bool:
    """Plain text in UTF-8 or GB18030 (what Chinese offices write), without control characters and no page of markup."""
    if not head or any(byte < 32 and byte not in b"\t\n\r\f" for byte in head):
        return False
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        return False
    for encoding in ("utf-8", "gb18030"):
        for cut in range(4):  # a character may be cut through at the end of the head
            with suppress(UnicodeDecodeError):
                head[: len(head) - cut].decode(encoding)
                return True
    return False
