"""What files say is found once the worker has read them, by a process that can at worst fail by itself."""

from __future__ import annotations

import io
import tempfile
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas
from sqlalchemy import select

from tests.desk.conftest import Bureau
from tests.search.conftest import Ask
from workflows.calendar.clock import SimulatedClock
from workflows.cases import commands as case_commands
from workflows.cases.materials import Material
from workflows.desk.execute import execute
from workflows.documents.fonts.faces import fonts_of
from workflows.documents.sheet import plain_sheet
from workflows.files import Files
from workflows.search import entries, materials, reading
from workflows.search.entries import SearchEntry


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(str(tmp_path / "files"))


def text_of(data: bytes, ending: str) -> str:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        return reading.text_of(file, ending)


def archive(parts: dict[str, str]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return data.getvalue()


def docx(body: str) -> bytes:
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    return archive({"word/document.xml": f'<w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>'})


def add(bureau: Bureau, files: Files, case_id: str, data: bytes, name: str) -> str:
    """A material of the case with a file; its id."""
    stored = files.put(io.BytesIO(data), 10**7)
    paper = {"sha256": stored.sha256, "size": stored.size, "name": name, "media_type": "application/octet-stream"}
    officer = bureau.actor("officer1")
    made: Material = execute(
        bureau.store, case_commands.add_material, officer, case_id, kind="evidence", file=paper
    )  # fmt: skip
    return made.id


def test_texts_of_every_kind_of_file_are_read() -> None:
    sheet = "".join(f"<si><t>{word}</t></si>" for word in ("设备台账", "压力容器"))
    page = "<ofd:Page xmlns:ofd='x'><ofd:TextObject><ofd:TextCode>签收单</ofd:TextCode></ofd:TextObject></ofd:Page>"
    files = {
        "txt": "消防通道".encode("gb18030"),
        "docx": docx("<w:p><w:r><w:t>应急</w:t></w:r><w:r><w:t>预案</w:t></w:r></w:p><w:p><w:t>次段</w:t></w:p>"),
        "xlsx": archive({"xl/sharedStrings.xml": f"<sst xmlns='x'>{sheet}</sst>", "xl/other.xml": "<t>无关</t>"}),
        "ofd": archive({f"Doc_0/Pages/Page_{n}/Content.xml": page.replace("单", f"单{n}") for n in (10, 2)}),
        "pdf": plain_sheet("现场检查记录", "灭火器过期", fonts_of()),
    }
    read = {ending: text_of(data, ending) for ending, data in files.items()}
    assert read["txt"] == "消防通道"
    assert read["docx"].split() == ["应急预案", "次段"]
    assert read["xlsx"].split() == ["设备台账", "压力容器"]
    assert read["ofd"].split() == ["签收单2", "签收单10"]
    assert "灭火器过期" in read["pdf"]
    assert set(files) == set(reading.READERS)


def test_hostile_files_end_in_a_refusal_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    bred = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    laughs = f'<!DOCTYPE d [<!ENTITY e0 "哈">{bred}]>'
    outside = '<!DOCTYPE d [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    for head, entity in ((laughs, "&e9;"), (outside, "&f;")):
        try:
            said = text_of(archive({"word/document.xml": f"{head}<d><p><t>前{entity}</t></p></d>"}), "docx")
        except reading.Unreadable:
            continue
        assert "root:" not in said and len(said) < 100
    for data, ending in ((b"%PDF-1.7 broken", "pdf"), (b"PK\x03\x04 broken", "docx"), (docx("<w:p>"), "docx")):
        with pytest.raises(reading.Unreadable):
            text_of(data, ending)
    bomb = archive({"word/document.xml": " " * (reading.LARGEST_PART + 1)})
    assert len(bomb) < 100_000
    with pytest.raises(reading.Unreadable):
        text_of(bomb, "docx")
    monkeypatch.setattr(reading, "MOST_SECONDS", 0)
    with pytest.raises(reading.Unreadable, match="time"):
        text_of(b"x", "txt")
    with pytest.raises(KeyError):
        text_of(b"x", "exe")


def test_a_reading_process_knows_nothing_of_the_house(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHEN_DATABASE_URL", "postgresql://secret")
    known: dict[str, object] = {}
    run = reading.subprocess.run
    monkeypatch.setattr(reading.subprocess, "run", lambda *given, **told: known.update(told) or run(*given, **told))
    assert text_of("字".encode(), "txt") == "字"
    assert "secret" not in str(known["env"])


def test_what_a_material_says_is_found_after_the_worker_read_it(bureau: Bureau, files: Files, ask: Ask) -> None:
    case_id = bureau.open()
    canvas = Canvas(data := io.BytesIO())
    canvas.drawString(100, 700, "Serial QX20240227")
    canvas.save()
    material = add(bureau, files, case_id, data.getvalue(), "压力容器检验报告.pdf")
    assert ask("officer1", "检验报告").counts["material"].number == 1
    assert ask("officer1", "QX20240227").total.number == 0
    assert materials.read_waiting(bureau.store, files, 10) == 1
    assert [(hit.row_id, hit.part) for hit in ask("officer1", "qx20240227").hits] == [(material, 0)]
    assert materials.read_waiting(bureau.store, files, 10) == 0
    assert ask("officer1", "检验报告").counts["material"].number == 1
    assert ask("admin", "qx20240227").counts == {}


def test_a_long_text_is_found_to_its_end_and_between_its_parts(bureau: Bureau, files: Files, ask: Ask) -> None:
    case_id = bureau.open()
    edge = "跨" * (entries.LONGEST - 30) + "两部分之间" * 9 + "续" * entries.LONGEST + "末尾之词"
    add(bureau, files, case_id, edge.encode(), "长文.txt")
    materials.read_waiting(bureau.store, files, 10)
    for text, part in (("长文", 0), ("两部分之间", 1), ("末尾之词", 2)):
        assert part in [hit.part for hit in ask("officer1", text).hits], text


def test_a_file_that_cant_be_read_is_tried_again_later_and_given_up_at_last(
    bureau: Bureau, files: Files, ask: Ask, time: SimulatedClock
) -> None:
    add(bureau, files, bureau.open(), b"%PDF-1.7 broken", "残损.pdf")
    for attempt in range(1, materials.MOST_ATTEMPTS + 1):
        assert materials.read_waiting(bureau.store, files, 10) == 1
        assert materials.read_waiting(bureau.store, files, 10) == 0
        with bureau.store.read() as session:
            row = session.scalars(select(SearchEntry).where(SearchEntry.kind == "material")).one()
        assert (row.attempts, row.awaits is None) == (attempt, attempt == materials.MOST_ATTEMPTS)
        time.set(time.now() + timedelta(days=1))
    assert ask("officer1", "残损").total.number == 1


def test_a_text_that_was_read_for_an_entry_that_is_gone_is_dropped(bureau: Bureau, files: Files, ask: Ask) -> None:
    """The material was renamed, or the index made anew, while its file was being read."""
    material = add(bureau, files, bureau.open(), "旧内容".encode(), "说明.txt")
    with bureau.store.read() as session:
        entry_id = session.scalars(select(SearchEntry.id).where(SearchEntry.kind == "material")).one()
    with bureau.store.work() as session:
        session.get_one(Material, material).title = "新标题"
    with bureau.store.work() as session:
        materials._keep(session, materials._Waiting(entry_id, material, "说明.txt", "0" * 64), "旧内容")
    assert ask("officer1", "旧内容").total.number == 0
    assert materials.read_waiting(bureau.store, files, 10) == 1
    assert ask("officer1", "旧内容").total.number == 1
    assert ask("officer1", "新标题").total.number == 1
