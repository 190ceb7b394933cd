"""A case with papers to read, whose check is on the form of the first legal review: for the tests of reading."""

from __future__ import annotations

import io
import struct
import zlib
from datetime import timedelta
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from tests.browser.conftest import LiveSite
from tests.browser.test_desk import person
from tests.browser.test_operators import Running
from tests.webapp import trial
from workflows.calendar import clock
from workflows.cases import commands as case_commands
from workflows.cases.file import lock_case
from workflows.desk import advance, commands
from workflows.desk.execute import execute
from workflows.diagrams import library
from workflows.engine.package import Package
from workflows.store import new_id

REVIEW = Path(__file__).parents[2] / "bpmn" / "legal_review" / "forms" / "initial_review.form"
PAGES = 12


def scan() -> bytes:
    """Twelve pages in a Chinese font that the file does not bring, as many offices' programs write them."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    made = io.BytesIO()
    canvas = Canvas(made)
    for number in range(1, PAGES + 1):
        canvas.setFont("STSong-Light", 18)
        canvas.drawString(90, 700, f"询问笔录第{number}页")
        canvas.showPage()
    canvas.save()
    return made.getvalue()


def photo() -> bytes:
    """A green picture of 60 by 40 points."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress((b"\0" + b"\x5a\x8c\x5a" * 60) * 40)
    head = struct.pack(">IIBBBBB", 60, 40, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


class Reading(Running):
    """A case with papers whose check, on the form of the first legal review, legal1 may claim."""

    papers: dict[str, str]

    @property
    def path(self) -> str:
        """The page of the check."""
        return f"/tasks/{self.task('legal').id}"

    def put(self, name: str, data: bytes, media_type: str) -> None:
        kept = self.live.files.put(io.BytesIO(data), 1 << 20)
        file = {"sha256": kept.sha256, "size": kept.size, "name": name, "media_type": media_type}
        officer = person(self.live, "officer1")
        made = execute(self.live.store, case_commands.add_material, officer, self.case_id, kind="other", file=file)
        self.papers[name] = made.id
        self.live.time.set(clock.now() + timedelta(minutes=1))  # papers lie in the order in which they came


def package() -> Package:
    """The process of the trial, whose steps ask what the first legal review asks."""
    plain = trial.package()
    return Package("trial", {**plain.files, "forms/opinion.form": REVIEW.read_bytes()})


def begin(live: LiveSite) -> Reading:
    """The case on a site, with three papers; the check waits to be claimed."""
    officer = person(live, "officer1")
    party = {"kind": "entity", "name": "鑫达附件厂", "id_number": "", "address": "演示路1号", "representative": "徐某"}
    lead = {"found_on": "2024-02-26", "conduct_on": "2024-02-26", "source": "inspection", "summary": "现场检查发现。",
            "parties": [party], "matters": [{"matter_code": "CF-AQF-097-1-07"}], "title": "焊工无证上岗作业案",
            "co_officer": person(live, "officer2").person_id}  # fmt: skip
    opened = execute(live.store, commands.open_case, officer, "penalty", lead, key=new_id())
    with live.store.work() as session:
        library.publish(session, package(), person(live, "admin"), "试行")
        case = lock_case(session, opened.case_id)
        signers = [person(live, login).person_id for login in trial.SIGNERS]
        instance = advance.start(session, case, "trial", {"signers": signers}, officer).id
    made = Reading(live, opened.case_id, instance)
    made.papers = {}
    made.put("询问笔录.pdf", scan(), "application/pdf")
    made.put("现场照片.png", photo(), "image/png")
    made.put("损坏.pdf", b"%PDF-1.7\nsmall\n", "application/pdf")
    points = [{"point": f"RP{n}", "result": "pass"} for n in range(1, 12)]
    made.answer("officer1", "draft", findings=points, opinion="agree", text="属实。")  # type: ignore[arg-type]
    return made
