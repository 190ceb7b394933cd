"""Every character finds a font; a bureau's own faces win."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from workflows.documents.fonts import Fonts
from workflows.documents.fonts.build import RECIPES, SUMS, digest, gbk, recorded
from workflows.documents.fonts.faces import FACES, FANGSONG, HEI, KAI, PACKAGED, to_unicode_map
from workflows.errors import Invalid, Unavailable


@pytest.mark.parametrize("face", FACES)
def test_every_character_of_gb2312_has_a_font(face: str, fonts: Fonts) -> None:
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                char = bytes((high, low)).decode("gb2312")
            except UnicodeDecodeError:
                continue
            assert fonts.glyph(face, char).width > 0


@pytest.mark.parametrize("char", "𬭎鄠㙍𫖯堃喆昇瑒㛃翀旻焜〔〕〇￥√℃")
def test_rare_characters_of_names_have_a_font(char: str, fonts: Fonts) -> None:
    assert fonts.glyph(FANGSONG, char).full


def test_a_character_that_a_face_lacks_comes_from_the_next_one(fonts: Fonts) -> None:
    assert "FashenKai" in fonts.glyph(KAI, "安").font
    assert "NotoSerifSC-Regular" in fonts.glyph(KAI, "𬭎").font
    assert "NotoSerifSC-Regular" in fonts.glyph(KAI, "“").font


def test_a_character_without_any_font_is_named(fonts: Fonts) -> None:
    with pytest.raises(Invalid) as refused:
        fonts.glyph(FANGSONG, "\U00013000")
    assert refused.value.code == "document.glyph_missing"
    assert refused.value.facts == {"char": "\U00013000", "point": "U+13000"}


def test_a_bureaus_own_face_wins(tmp_path: Path) -> None:
    shutil.copyfile(PACKAGED / "FashenKai-Regular.ttf", tmp_path / "FangSong_gb2312.TTF")
    own = Fonts(tmp_path)
    assert own.glyph(FANGSONG, "安").font.startswith("FangSong_gb2312")
    assert "NotoSansSC" in own.glyph(HEI, "安").font
    assert "NotoSerifSC" in own.glyph(FANGSONG, "㙍").font


def test_a_face_with_postscript_outlines_is_refused_by_name(tmp_path: Path) -> None:
    broken = io.BytesIO()
    with TTFont(PACKAGED / "FashenKai-Regular.ttf", lazy=True) as font:
        del font["glyf"]
        font.sfntVersion = "OTTO"
        font.save(broken)
    (tmp_path / "仿宋_GB2312.otf").write_bytes(broken.getvalue())
    with pytest.raises(Invalid) as refused:
        Fonts(tmp_path)
    assert refused.value.code == "document.font_unusable"
    assert refused.value.facts["file"] == "仿宋_GB2312.otf"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as refused:
        Fonts(tmp_path / "nowhere")
    assert refused.value.code == "document.font_folder_missing"


def test_the_map_to_unicode_uses_surrogates_and_blocks_of_a_hundred() -> None:
    made = to_unicode_map("F", [0, 0x2CB4E, *range(0x4E00, 0x4E00 + 150)])
    assert "<01> <D872DF4E>" in made
    assert "100 beginbfchar" in made
    assert "51 beginbfchar" in made
    assert "<00>" not in made.replace("<00> <FF>", "")


def test_the_built_fonts_are_those_of_the_record() -> None:
    assert recorded() == {recipe.target: digest(PACKAGED / recipe.target) for recipe in RECIPES}
    assert SUMS.exists()


def test_every_font_has_its_licence_beside_it() -> None:
    for recipe in RECIPES:
        licence = PACKAGED / "licences" / f"{recipe.target.split('-')[0]}.txt"
        assert "SIL Open Font License" in licence.read_text("utf-8")


def test_gbk_holds_gb2312_and_the_unified_han_of_the_first_version() -> None:
    assert sum(1 for code in gbk() if 0x4E00 <= code <= 0x9FA5) == 20902
