"""案件移送书, from the case and its suspicion."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.cases.catalogue import Matter
from workflows.cases.file import Case, Draft, Party
from workflows.cases.papers import parts
from workflows.cases.proceedings import Decision, Referral, Seizure

MATERIALS: dict[str, tuple[str, str]] = {
    "referral_letter": ("涉嫌犯罪案件移送书", "Letter of referral"),
    "investigation_report": ("涉嫌犯罪案件情况的调查报告", "Report of the investigation"),
    "goods_list": ("涉案物品清单", "List of goods involved"),
    "appraisal": ("有关检验报告或者鉴定结论", "Test report or expert opinion"),
    "penalty_decision": ("行政处罚决定书（已作出的）", "Penalty decision, if made"),
    "site_photos": ("现场照片、勘验笔录", "Photos and survey of the site"),
    "statements": ("询问笔录、陈述材料", "Records of inquiry, statements"),
    "rectification_order": ("责令整改通知书", "Order to correct"),
    "other": ("其他有关涉嫌犯罪的材料", "Other material on the suspicion"),
}
"""What goes to the police: 310号令 6; 应急〔2019〕54号 8. Chinese and English."""

_ARTICLE = re.compile(r"(?:《?(?:中华人民共和国)?刑法》?)?(第[一二三四五六七八九十百零]+条(?:之[一二三四五六])?)")


def referral_letter(
    session: Session, case: Case, referral: Referral, *, to: str, copied_to: str, materials: list[str], goods: str,
    approved_on: date, on: date,
) -> dict[str, Any]:  # fmt: skip
    """The content of the letter. materials: keys of MATERIALS; goods: remarks beside the list of what was seized."""
    draft = session.get(Draft, case.draft_id) if case.draft_id else None
    offence = offence_name(referral.offence)
    return {
        "issued_on": on.isoformat(), "to": to, "cause": parts.names(case) + parts.cause(case), "offence": offence,
        "suspects": [parts.party_part(party) for party in case.parties],
        "offence_basis": offence_basis(session, case, referral.offence), "source": parts.origin(case),
        "facts": draft.facts if draft is not None else referral.grounds, "approved_on": approved_on.isoformat(),
        "penalties": _penalties(session, case), "goods": _goods(session, case, goods),
        "materials": [{"name": MATERIALS[key][0]} for key in materials if key in MATERIALS],
        "handler": parts.lead_officer(session, case), "phone": parts.setting(case, "phone"), "copied_to": copied_to,
    }  # fmt: skip


def offence_name(text: str) -> str:
    """The offence without the article that may stand behind it in brackets."""
    name = re.split(r"[(\uff08]", text, maxsplit=1)[0].strip()
    return name or text


def offence_basis(session: Session, case: Case, offence: str) -> str:
    """The article of the Criminal Law: as stated with the offence, else as the catalogue maps the case's matters."""
    stated = _ARTICLE.search(offence)
    if stated:
        return f"《中华人民共和国刑法》{stated[1]}"
    codes = [matter.matter_code for matter in case.matters]
    for spec in session.execute(select(Matter.spec).where(Matter.code.in_(codes))).scalars():
        for crime in spec.get("crimes", []):
            mapped = _ARTICLE.search(crime)
            if mapped and offence_name(offence) in crime:
                return f"《中华人民共和国刑法》{mapped[1]}"
    return "《中华人民共和国刑法》的有关规定"


def _penalties(session: Session, case: Case) -> str:
    decided = session.execute(
        select(Decision, Party).join(Party).where(Decision.case_id == case.id, Decision.outcome == "penalty")
    )
    told = [f"对{party.name}：{parts.penalty_words(row.content['penalty'])}" for row, party in decided]
    return "；".join(told)


def _goods(session: Session, case: Case, remarks: str) -> list[dict[str, str]]:
    held = session.execute(select(Seizure).where(Seizure.case_id == case.id, Seizure.state == "in_force")).scalars()
    listed = [
        {"name": str(one["name"]), "quantity": str(one["quantity"]), "place": str(one.get("place") or ""),
         "note": str(one.get("note") or "")}
        for seizure in held for one in seizure.goods
    ]  # fmt: skip
    if remarks and not listed:
        return [{"name": remarks, "quantity": "见清单"}]
    return listed
