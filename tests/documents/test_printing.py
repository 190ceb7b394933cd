"""Every kind as PDF: same bytes, embedded fonts, right text, inside the type area, worded as officials write."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pypdfium2
import pytest
from pypdf import PdfReader

from tests.documents.samples import KINDS, sample
from workflows.documents.fonts import Fonts
from workflows.documents.kinds.registry import KINDS as REGISTERED
from workflows.documents.layout import grid
from workflows.documents.printing import render
from workflows.errors import Invalid


def words(pdf: bytes) -> str:
    """The text as a reader would copy it, without line ends, spaces and page numbers."""
    document = pypdfium2.PdfDocument(pdf)
    pages = [page.get_textpage().get_text_bounded() for page in document]
    return re.sub(r"—\d+—", "", "".join("".join(pages).split()))


def boxes(pdf: bytes) -> Iterator[tuple[int, str, float, float, float, float]]:
    """Page, character and its box (left, bottom, right, top) in points."""
    document = pypdfium2.PdfDocument(pdf)
    for number, page in enumerate(document):
        text = page.get_textpage()
        for index in range(text.count_chars()):
            char = text.get_text_range(index, 1)
            if char.strip():
                yield number, char, *text.get_charbox(index)


def printed(kind: str, fonts: Fonts, **changes: Any) -> str:
    return words(render(kind, {**sample(kind), **changes}, fonts).pdf)


JUNK: list[Any] = [None, [], "text", 3, {"party": []}, {"party": {"kind": "cat"}, "penalty": {"types": "fine"}}]


def test_there_is_a_sample_of_every_kind() -> None:
    assert set(KINDS) == set(REGISTERED)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_content_gives_the_same_bytes(kind: str, fonts: Fonts) -> None:
    assert render(kind, sample(kind), fonts).pdf == render(kind, sample(kind), Fonts()).pdf


def test_another_process_gives_the_same_bytes(fonts: Fonts) -> None:
    program = (
        "import hashlib; from tests.documents.samples import sample; from workflows.documents.fonts import fonts_of;"
        "from workflows.documents.printing import render;"
        "print(hashlib.sha256(render('penalty_decision', sample('penalty_decision'), fonts_of()).pdf).hexdigest())"
    )
    own = hashlib.sha256(render("penalty_decision", sample("penalty_decision"), fonts).pdf).hexdigest()
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == own


@pytest.mark.parametrize("kind", KINDS)
def test_every_font_of_every_document_is_embedded(kind: str, fonts: Fonts) -> None:
    reader = PdfReader(io.BytesIO(render(kind, sample(kind), fonts).pdf))
    seen = 0
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            seen += 1
            assert "/FontFile2" in font.get_object()["/FontDescriptor"], font.get_object()["/BaseFont"]
    assert seen


@pytest.mark.parametrize("kind", KINDS)
def test_pages_are_a4_and_their_text_stands_inside_the_type_area(kind: str, fonts: Fonts) -> None:
    pdf = render(kind, sample(kind), fonts).pdf
    page = PdfReader(io.BytesIO(pdf)).pages[0]
    assert float(page.mediabox.width) == pytest.approx(595.28, abs=0.01)
    assert float(page.mediabox.height) == pytest.approx(841.89, abs=0.01)
    floor, ceiling = grid.PAGE_HEIGHT - grid.TOP - grid.HEIGHT, grid.PAGE_HEIGHT - grid.TOP
    for _, char, left, bottom, right, top in boxes(pdf):
        assert left >= grid.BINDING - 1, char
        assert right <= grid.BINDING + grid.WIDTH + 1, char
        assert top <= ceiling + 1, char
        assert bottom >= floor - 1 or (top < floor and char in "—0123456789"), char


def test_the_page_number_stands_right_on_odd_pages_and_left_on_even_ones(fonts: Fonts) -> None:
    pdf = render("penalty_decision", sample("penalty_decision"), fonts).pdf
    floor = grid.PAGE_HEIGHT - grid.TOP - grid.HEIGHT
    found = {number: left for number, char, left, _, _, top in boxes(pdf) if top < floor and char.isdigit()}
    middle = grid.BINDING + grid.WIDTH / 2
    assert found[0] > middle > found[1]


def test_rare_characters_are_read_back_right(fonts: Fonts) -> None:
    text = printed("penalty_decision", fonts)
    assert "王𬭎" in text
    assert "张㙍、李鄠" in text


def test_a_penalty_decision_holds_all_that_article_59_asks_for(fonts: Fonts) -> None:
    text = printed("penalty_decision", fonts)
    for part in (
        "宁波市鄞州区应急管理局行政处罚决定书（甬鄞）应急罚〔2024〕17号",
        "被处罚单位：宁波市鄞州鑫达车辆附件厂（普通合伙）",
        "以上事实违反了《中华人民共和国安全生产法》第三十条第一款的规定。",
        "第九十七条第七项的规定，决定给予你单位罚款人民币叁万元整（￥30,000.00）的行政处罚。",
        "罚款自收到本决定书之日起15日内缴至中国工商银行股份有限公司宁波鄞州支行",
        "每日按罚款数额的3%加处罚款，加处罚款的数额不超出罚款的数额。",
        "自收到本决定书之日起六十日内向宁波市鄞州区人民政府申请行政复议",
        "自收到本决定书之日起六个月内依法向宁波市鄞州区人民法院提起行政诉讼",
        "宁波市鄞州区应急管理局（印章）2024年4月19日",
    ):
        assert part in text


def test_a_decision_against_a_person_lists_several_penalties_and_the_discussion(fonts: Fonts) -> None:
    text = words(render("penalty_decision", sample("goods_decision"), fonts).pdf)
    assert "被处罚人：欧阳𫖯" in text
    assert "经本机关负责人2025年3月25日集体讨论，决定给予你以下行政处罚：" in text
    assert "1.罚款人民币肆万元整（￥40,000.00）；2.没收非法财物（烟花爆竹363箱、49件）。" in text
    assert "的规定的规定" not in text
    assert "你书面明确放弃陈述、申辩权利。" in text


def test_a_decision_without_money_says_how_else_it_is_performed(fonts: Fonts) -> None:
    warning = {**sample("penalty_decision"), "penalty": {"types": ["warning"]}, "payment": None}
    with pytest.raises(Invalid) as refused:
        render("penalty_decision", warning, fonts)
    assert [problem.place for problem in refused.value.problems] == ["performance"]
    text = words(render("penalty_decision", {**warning, "performance": "本决定自送达之日起生效。"}, fonts).pdf)
    assert "决定给予你单位警告的行政处罚。" in text
    assert "加处罚款" not in text


def test_a_notice_tells_of_the_hearing_only_where_there_is_a_right_to_one(fonts: Fonts) -> None:
    assert "要求听证的，应当自收到本告知书之日起五个工作日内向本机关提出" in printed("penalty_notice", fonts)
    assert "听证" not in printed("penalty_notice", fonts, hearing=False)


def test_a_first_and_slight_breach_is_not_punished_under_article_33(fonts: Fonts) -> None:
    text = printed("no_penalty_decision", fonts)
    assert "第三十三条第一款关于“初次违法且危害后果轻微并及时改正的，可以不予行政处罚”" in text
    assert "依据《中华人民共和国行政处罚法》第三十三条第三款的规定，本机关对你单位进行教育" in text


def test_what_is_not_proven_is_not_called_a_breach(fonts: Fonts) -> None:
    content = sample("no_penalty_decision")
    for name in ("violated", "correction", "education"):
        del content[name]
    text = words(render("no_penalty_decision", {**content, "ground": "unproven"}, fonts).pdf)
    assert "你单位违法事实不能成立。" in text
    assert "违法事实和证据" not in text
    assert "以上事实违反了" not in text


def test_a_referral_goes_to_the_police_with_its_lists_and_a_copy_to_the_procuratorate(fonts: Fonts) -> None:
    text = printed("referral_letter", fonts)
    assert text.index("杭州市公安局萧山区分局：") < text.index("涉嫌危险作业罪")
    assert "经本机关正职负责人于2021年3月8日批准" in text
    assert "溶解乙炔气瓶（40L）42只" in text
    assert "抄送：杭州市萧山区人民检察院。" in text


def test_only_agreement_opens_the_way_to_a_decision(fonts: Fonts) -> None:
    assert "审核结论为：建议纠正。审核未通过。" in printed("review_opinion", fonts)
    agreed = printed("review_opinion", fonts, opinion="agree", text="同意拟处理意见。")
    assert "审核结论为：同意。审核通过，可以提请本机关负责人作出决定。" in agreed
    assert "审核未通过的，不得作出" not in agreed


def test_a_discussion_records_attendance_recusal_and_every_vote(fonts: Fonts) -> None:
    text = printed("discussion_record", fonts)
    assert "2025年1月15日9时00分至10时40分" in text
    assert "应到6人，实到5人，其中回避1人。" in text
    assert "参加表决4人，同意3票，变更1票。" in text


def test_somebody_who_withdrew_cannot_have_voted(fonts: Fonts) -> None:
    content = sample("discussion_record")
    content["votes"].append({"name": "祝旻", "choice": "approve", "opinion": "同意。"})
    with pytest.raises(Invalid) as refused:
        render("discussion_record", content, fonts)
    assert [problem.place for problem in refused.value.problems] == ["votes"]


def test_every_missing_field_is_named_at_once(fonts: Fonts) -> None:
    content = sample("penalty_decision")
    del content["facts"], content["party"]["address"], content["relief"]
    content["evidence"][1] = {"name": " "}
    content["issued_on"] = "2024-13-01"
    with pytest.raises(Invalid) as refused:
        render("penalty_decision", content, fonts)
    assert refused.value.code == "document.content_invalid"
    places = {problem.place for problem in refused.value.problems}
    assert places == {"facts", "party.address", "relief", "evidence[1].name", "issued_on"}
    assert refused.value.facts["kind"] == "行政处罚决定书"


@pytest.mark.parametrize("junk", JUNK)
@pytest.mark.parametrize("kind", KINDS)
def test_junk_is_refused_and_never_breaks_anything(kind: str, junk: Any, fonts: Fonts) -> None:
    with pytest.raises(Invalid) as refused:
        render(kind, junk, fonts)
    assert refused.value.code == "document.content_invalid"


def test_invisible_characters_do_not_reach_the_paper(fonts: Fonts) -> None:
    text = printed("penalty_decision", fonts, violated="《某\u202e法》\ufeff第\u200b一条\t")
    assert "以上事实违反了《某法》第一条的规定。" in text


def test_sentences_of_forms_are_closed_and_line_ends_are_paragraphs(fonts: Fonts) -> None:
    text = printed("penalty_decision", fonts, facts="你单位安排二人上岗\n上述行为已改正", violated="《某法》\n第一条")
    assert "经查，你单位安排二人上岗。上述行为已改正。以上事实，有下列证据证明：" in text
    assert "以上事实违反了《某法》第一条的规定。" in text


def test_an_order_that_goes_along_is_said_once(fonts: Fonts) -> None:
    order = "责令你停止非法经营烟花爆竹的活动。"
    content = sample("goods_decision")
    content["penalty"]["measures"] = order
    content["performance"] = f"{order}\n没收的物品由本机关处理。"
    text = words(render("penalty_decision", content, fonts).pdf)
    assert text.count(order) == 1
    assert "没收的物品由本机关处理。" in text


def test_an_unknown_kind_is_refused(fonts: Fonts) -> None:
    with pytest.raises(Invalid) as refused:
        render("love_letter", {}, fonts)
    assert refused.value.code == "document.type_unknown"


def test_the_seal_has_its_place_on_the_last_page(fonts: Fonts) -> None:
    done = render("penalty_decision", sample("penalty_decision"), fonts)
    assert done.seal is not None
    assert done.seal.page == done.pages
    assert grid.BINDING + grid.WIDTH / 2 < done.seal.x < grid.BINDING + grid.WIDTH
    assert render("discussion_record", sample("discussion_record"), fonts).seal is None
