"""What several documents say in the same words: the party, the origin, the evidence, the law, the penalty."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.calendar import clock
from workflows.cases.catalogue import Matter
from workflows.cases.file import PENALTY_TYPES, Case, CaseOfficer, Draft, DraftPenalty, Party
from workflows.cases.materials import EVIDENCE, Material
from workflows.documents.kinds.parts import amount

SOURCES = {
    "inspection": "检查时发现",
    "report": "接到举报后发现",
    "transfer": "接到移送线索后发现",
    "accident": "事故调查中发现",
    "monitoring": "非现场监管中发现",
}
"""How a lead came up, as a document tells it."""

_BREACHED = re.compile(
    r"违反了?(?P<violated>.+?)(?:的规定|之规定)?[,\uff0c;\uff1b。]\s*(?:应当)?(?:依据|依照|根据)(?P<basis>.+)"
)
_NUMBERING = re.compile(r"^\s*(?:[(\uff08]?[0-9\uff10-\uff19一二三四五六七八九十]+[)\uff09、.\uff0e]|[-•·])\s*")
_PROVES = re.compile(r"^(?P<name>.+?)[,\uff0c、:\uff1a]?(?:用于|用以)?证明(?P<proves>.+)$")
_SAME_LAW = re.compile(r"^(?:该|同一?)(?:法|条例|规定|办法)")
_ENUMERATED = re.compile(r"、(?![^(\uff08]*[)\uff09])")  # not inside brackets
_STOPS = " ,;。\uff0c\uff1b"


def party_part(party: Party) -> dict[str, Any]:
    """The party as it stands at the head of a document."""
    return {
        "kind": party.kind, "name": party.name, "address": party.address, "id_number": party.id_number,
        "representative": party.representative if party.kind == "entity" else "", "phone": party.phone,
        "role": party.role if party.kind == "person" else "",
        "employer": "" if party.kind == "entity" else _employer(party),
    }  # fmt: skip


def _employer(party: Party) -> str:
    """The entity in the same case for which a responsible person acted."""
    return next((other.name for other in party.case.parties if other.kind == "entity"), "") if party.role else ""


def cause(case: Case) -> str:
    """案由 as it follows a party's name in a document: without the name and without the closing 案."""
    told = case.title.strip()
    for party in case.parties:
        told = told.removeprefix(party.name)
    return re.sub(r"案+$", "", told) or case.title


def origin(case: Case) -> str:
    """How the matter came up and was filed."""
    how = SOURCES.get(case.source, SOURCES["inspection"])
    told = f"{day(case.found_on)}，本机关{how}{names(case)}涉嫌{cause(case)}"
    if case.filed_at is None:
        return f"{told}。"
    return f"{told}，于{day(clock.local(case.filed_at).date())}立案调查，立案号为{case.number}。"


def names(case: Case) -> str:
    """The parties' names."""
    return "、".join(party.name for party in case.parties)


def day(value: date) -> str:
    """A day as documents write it: 2024年3月5日."""
    return f"{value.year}年{value.month}月{value.day}日"


def evidence(session: Session, case: Case, draft: Draft) -> list[dict[str, str]]:
    """The pieces of evidence: a line of the draft each, what it proves apart; else the evidence files by title."""
    lines = [_NUMBERING.sub("", line).strip(_STOPS) for line in re.split(r"[\n;\uff1b]", draft.evidence)]
    lines = [line for line in lines if line]
    if len(lines) == 1 and "证明" not in lines[0]:
        # A single sentence that enumerates: 检查记录、照片、笔录，相互印证.
        lines = _ENUMERATED.split(re.split(r"[,\uff0c]", lines[0])[0])
    found = [_piece(line) for line in lines]
    if found:
        return found
    wanted = select(Material.title).where(
        Material.case_id == case.id, Material.kind.in_(EVIDENCE), Material.superseded_by_id.is_(None)
    )
    return [{"name": title} for title in session.execute(wanted.order_by(Material.added_at)).scalars()]


def _piece(line: str) -> dict[str, str]:
    split = _PROVES.match(line)
    return {"name": split["name"].rstrip(_STOPS), "proves": split["proves"]} if split else {"name": line}


def law(session: Session, draft: Draft, penalties: Iterable[DraftPenalty]) -> tuple[str, str]:
    """The norm that was breached and the norm that punishes.

    An officer writes both in one field: 违反……,依据……. Without these words the field is the norm breached, and the
    catalogue says which norm punishes.
    """
    split = _BREACHED.search(draft.law.replace("\n", ""))
    if split:
        violated = _bare(split["violated"])
        named = re.findall(r"《[^》]+》", violated)
        basis = _bare(split["basis"])
        return violated, _SAME_LAW.sub(named[-1], basis) if named else basis
    codes = list(dict.fromkeys(penalty.matter_code for penalty in penalties))
    cited = session.execute(select(Matter.legal_basis).where(Matter.code.in_(codes))).scalars().all()
    return _bare(draft.law), "、".join(dict.fromkeys(cited)) or _bare(draft.law)


def _bare(text: str) -> str:
    return re.sub(r"[的之]规定(?:给予|予以|进行)?(?:行政)?(?:处罚)?$", "", text.strip().rstrip(_STOPS)).strip()


def penalty_part(penalties: Iterable[DraftPenalty]) -> dict[str, Any]:
    """All that one party has to bear, over all its matters; amounts in fen."""
    rows = list(penalties)
    types = [one for one in PENALTY_TYPES if any(one in row.types for row in rows)]
    fine = sum(row.fine_fen or 0 for row in rows)
    gains = sum(row.confiscation_fen or 0 for row in rows if "confiscate_gains" in row.types)
    part: dict[str, Any] = {
        "types": types,
        "confiscation": "；".join(dict.fromkeys(row.confiscation for row in rows if row.confiscation)),
        "measures": "\n".join(dict.fromkeys(row.measures for row in rows if row.measures)),
    }
    if fine:
        part["fine_fen"] = fine
    if gains:
        part["confiscation_fen"] = gains
    return part


def penalty_words(part: dict[str, Any]) -> str:
    """A penalty part in one line, amounts as in the decision: 罚款人民币叁万元整（￥30,000.00）、没收非法财物."""
    words = []
    for one in part["types"]:
        fen = {"fine": part.get("fine_fen"), "confiscate_gains": part.get("confiscation_fen")}.get(one)
        words.append(f"{PENALTY_TYPES[one][0]}{amount(fen) if fen else ''}")
    return "、".join(words)


def by_party(draft: Draft) -> dict[str, list[DraftPenalty]]:
    """The draft's penalties by party, in the draft's order."""
    found: dict[str, list[DraftPenalty]] = {}
    for penalty in draft.penalties:
        found.setdefault(penalty.party_id, []).append(penalty)
    return found


def lead_officer(session: Session, case: Case) -> str:
    """The name of the first officer who handles the case now."""
    wanted = select(CaseOfficer).where(CaseOfficer.case_id == case.id, CaseOfficer.until.is_(None))
    officer = session.execute(wanted.order_by(CaseOfficer.position).limit(1)).scalar_one_or_none()
    return officer.person.name if officer is not None else ""


def setting(case: Case, name: str) -> str:
    """A setting of the bureau, "" when it has none; the document then names the missing field."""
    return str(case.bureau.settings.get(name) or "")
