"""Which font draws which character.

GB/T 9704-2012 asks for 仿宋 in the body, 小标宋 in titles, 黑体 and 楷体 in headings of the first and second level. A
bureau owns these as 仿宋_GB2312, 方正小标宋 and so on: files of its folder win over the open fonts that come with the
program. A character that a face lacks is drawn by the next face of its chain: rare names never become empty boxes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from reportlab.pdfbase import pdfmetrics, ttfonts

from workflows.errors import Invalid, Unavailable

PACKAGED = Path(__file__).parent
FANGSONG, TITLE, HEI, KAI, SONG = "fangsong", "title", "hei", "kai", "song"


@dataclass(frozen=True, slots=True)
class Face:
    """One face of the standard: file names (without ending, any case) a bureau may have it under; the open stand-in."""

    own: tuple[str, ...]
    packaged: str


FACES: dict[str, Face] = {
    FANGSONG: Face(
        ("仿宋_GB2312", "FangSong_GB2312", "simfang", "仿宋", "FangSong",
         "方正仿宋_GBK", "方正仿宋简体", "FZFSK", "FZFSJW", "STFANGSO"),
        "NotoSerifSC-Regular.ttf",
    ),
    TITLE: Face(
        ("方正小标宋_GBK", "方正小标宋简体", "方正小标宋", "小标宋", "FZXBSK", "FZXBSJW", "FZXiaoBiaoSong-B05S"),
        "NotoSerifSC-Bold.ttf",
    ),
    HEI: Face(
        ("黑体", "simhei", "方正黑体_GBK", "方正黑体简体", "FZHTK", "FZHTJW", "STHEITI"),
        "NotoSansSC-Medium.ttf",
    ),
    KAI: Face(
        ("楷体_GB2312", "KaiTi_GB2312", "simkai", "楷体", "KaiTi",
         "方正楷体_GBK", "方正楷体简体", "FZKTK", "FZKTJW", "STKAITI"),
        "FashenKai-Regular.ttf",
    ),
    SONG: Face(("宋体", "simsun", "SimSun", "方正书宋_GBK", "FZSSK", "STSONG"), "NotoSerifSC-Regular.ttf"),
}
"""The faces of GB/T 9704-2012. No open 仿宋 could be had as a package: Noto Serif SC stands in (decision 0005)."""

LAST_RESORT = ("NotoSerifSC-Regular.ttf", "NotoSansSC-Medium.ttf", "FashenKai-Regular.ttf")


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character as it will be drawn: font is reportlab's name, width in ems (1.0 is a full-width character)."""

    char: str
    font: str
    width: float

    @property
    def full(self) -> bool:
        """Whether it fills a cell of the character grid."""
        return self.width >= 0.95


def to_unicode_map(font_name: str, subset: list[int]) -> str:
    """The ToUnicode CMap of an embedded subset (PDF 32000-1, 9.10.3).

    reportlab writes characters beyond U+FFFF with five digits, which readers take for two characters; here they are
    UTF-16BE surrogate pairs, and no block is longer than the 100 entries the CMap format allows.
    """
    pairs = [(code, char) for code, char in enumerate(subset) if char]
    lines = [
        "/CIDInit /ProcSet findresource begin", "12 dict begin", "begincmap",
        f"/CIDSystemInfo << /Registry ({font_name}) /Ordering ({font_name}) /Supplement 0 >> def",
        f"/CMapName /{font_name} def", "/CMapType 2 def",
        "1 begincodespacerange", "<00> <FF>", "endcodespacerange",
    ]
    for start in range(0, len(pairs), 100):
        block = pairs[start : start + 100]
        lines.append(f"{len(block)} beginbfchar")
        lines += [f"<{code:02X}> <{chr(char).encode('utf-16-be').hex().upper()}>" for code, char in block]
        lines.append("endbfchar")
    return "\n".join([*lines, "endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"])


ttfonts.makeToUnicodeCMap = to_unicode_map  # the only place where reportlab lets the map be replaced


@lru_cache(maxsize=64)
def _load(path: Path) -> Any:
    name = f"{path.stem}-{sha256(str(path).encode()).hexdigest()[:8]}"
    try:
        font = ttfonts.TTFont(name, str(path), asciiReadable=False, shapable=False)
    except FileNotFoundError:
        raise Unavailable("document.font_missing", file=path.name) from None
    except ttfonts.TTFError as error:
        raise Invalid("document.font_unusable", file=path.name, reason=str(error)) from None
    pdfmetrics.registerFont(font)
    return font


class Fonts:
    """The faces of one installation.

    folder: where a bureau keeps its own standard faces; None for the open ones only.
    Raises Unavailable("document.font_missing") when the packaged fonts were never built, and
    Invalid("document.font_unusable") when a file of the folder is no TrueType font (reportlab draws no CFF outlines).
    """

    def __init__(self, folder: Path | None = None) -> None:
        own = _own_files(folder)
        last = [PACKAGED / name for name in LAST_RESORT]
        self.sources: dict[str, tuple[Path, ...]] = {}
        for face, what in FACES.items():
            found = [own[name.casefold()] for name in what.own if name.casefold() in own][:1]
            self.sources[face] = tuple(dict.fromkeys([*found, PACKAGED / what.packaged, *last]))
        self._chains = {face: [_load(path) for path in paths] for face, paths in self.sources.items()}
        self._glyphs: dict[tuple[str, str], Glyph] = {}

    def glyph(self, face: str, char: str) -> Glyph:
        """How `char` is drawn in `face` or the first of its chain that has it.

        Raises Invalid("document.glyph_missing") with the character and its code point when no font has it.
        """
        known = self._glyphs.get((face, char))
        if known is not None:
            return known
        code = ord(char)
        for font in self._chains[face]:
            if code in font.face.charToGlyph:
                glyph = Glyph(char, font.fontName, font.face.getCharWidth(code) / 1000)
                self._glyphs[face, char] = glyph
                return glyph
        raise Invalid("document.glyph_missing", char=char, point=f"U+{code:04X}")


def _own_files(folder: Path | None) -> dict[str, Path]:
    if folder is None:
        return {}
    if not folder.is_dir():
        raise Unavailable("document.font_folder_missing", folder=str(folder))
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in {".ttf", ".ttc", ".otf"})
    return {path.stem.casefold(): path for path in files}


@lru_cache(maxsize=8)
def fonts_of(folder: Path | None = None) -> Fonts:
    """The faces for a folder, loaded once per process."""
    return Fonts(folder)
