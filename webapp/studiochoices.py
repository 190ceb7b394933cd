"""What an editor of the studio offers to choose from: roles, acts, forms … of this installation, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp import bar
from webapp.elementnames import words
from webapp.languages import language, pick
from webapp.studiowords import versions_named
from webapp.words import KINDS_OF_CASE
from workflows.actors import ADMINISTRATORS, ROLES, Person, Post
from workflows.calendar import clock
from workflows.cases import checklist, choices
from workflows.cases.acts import ACTS
from workflows.cases.further import FURTHER_GATES
from workflows.diagrams import description, library
from workflows.documents.kinds.registry import KINDS
from workflows.engine import packages
from workflows.engine.handlers import known_handlers, known_topics
from workflows.engine.package import Package
from workflows.engine.xml import safe_tree
from workflows.errors import FashenError

Option = dict[str, Any]
"""value, label; of a form or decision also url, of a group also people."""

GATES = {
    "G2": _("G2 已依法告知"), "G3": _("G3 听证已办理"), "G4": _("G4 法制审核已通过"), "G6": _("G6 已集体讨论"),
    "G7": _("G7 处罚种类、幅度合法"), "G8": _("G8 不重于告知的处罚"), "G9": _("G9 涉嫌犯罪已移送"),
}  # fmt: skip
OPERATORS = {"claim": _("认领"), "release": _("退回待认领"), "substitute": _("委托代理"), "add_signer": _("加签"),
             "remove_signer": _("减签")}  # fmt: skip
SOURCES = {
    "parties": _("当事人"), "matters": _("案由（事项目录）"), "stages": _("裁量阶次"), "officers": _("本案执法人员"),
    "unit_officers": _("本机构执法人员"), "leaders": _("主要负责人和分管领导"), "hearing_officers": _("听证主持人"),
    "members": _("集体讨论成员"), "meeting_members": _("集体讨论成员（会议）"), "meetings": _("集体讨论会议"),
    "materials": _("案件材料"), "open_findings": _("尚未答复的审核意见"), "checklist": _("送审材料清单"),
    "units": _("机构"), "review_points": _("审核要点"), "penalty_types": _("处罚种类"),
}  # fmt: skip


def choices_of(session: Session, draft_id: str, key: str, files: Mapping[str, bytes]) -> dict[str, list[Option]]:
    """Everything the editors of a draft offer, by name. files: of the draft, which may be broken."""
    return {
        "roles": _named({id: pick(pair) for id, pair in ROLES.items() if id not in ADMINISTRATORS}),
        "acts": _named({act.name: pick((act.zh, act.en)) for act in ACTS.values()}),
        "forms": [
            {"value": one, "label": form_label(one, files),
             "url": url_for("editing.form", draft_id=draft_id, file=f"{one}.form")}
            for one in _stems(files)
        ],
        "decisions": list(_decisions(draft_id, files)),
        "documents": _named({id: pick((kind.zh, kind.en)) for id, kind in KINDS.items()}),
        "handlers": _named({name: name for name in sorted(known_handlers())}),
        "topics": _named({name: name for name in sorted(known_topics())}),
        "gates": _named({gate: str(GATES.get(gate, gate)) for gate in FURTHER_GATES}),
        "processes": _named({one: title_of(session, one) for one in library.keys(session) if one != key}),
        "operators": _named({one: _operator(one) for one in sorted(description.OPERATORS)}),
        "sources": _named({one: str(SOURCES.get(one, one)) for one in choices.SOURCES}),
        "materials": _named({one: pick(said) for one, said in checklist.names().items()}),
        "kinds": _named({zh: pick((zh, en)) for zh, en in KINDS_OF_CASE.values()}),
        "people_groups": _people(session),
    }  # fmt: skip


def form_label(stem: str, files: Mapping[str, bytes]) -> str:
    """A form's name, and the steps of the diagram that show it, in the reader's language."""
    steps = [name for key, name in _forms_in_use(files) if key == stem]
    if not steps:
        return stem
    if language() == "zh":
        return f"{stem}（{'、'.join(steps)}）"
    said = words(files)
    return f"{stem} ({', '.join(said.get(name, name) for name in steps)})"


def title_of(session: Session, key: str) -> str:
    """The title of a published process in the reader's language; its key where it has none."""
    found = packages.current(session, key)
    title = library.process_yaml(session, found).get("title") if found else None
    return (pick(title) if isinstance(title, Mapping) else "") or key


def version_names(session: Session, key: str) -> dict[str, str]:
    """Hash → what the versions of a process with that content are called, by their numbers."""
    return {row.package_hash: versions_named(numbers) for row, numbers in library.contents(session, key)}


def draft_title(key: str, files: Mapping[str, bytes]) -> str:
    """The title that a draft's process.yaml says; its key where it can't be read."""
    title = description.read(Package(key, {description.FILE: files.get(description.FILE, b"{}")})).get("title")
    return (pick(title) if isinstance(title, Mapping) else "") or key


def _named(labels: Mapping[str, str]) -> list[Option]:
    return [{"value": value, "label": label} for value, label in labels.items()]


def _operator(name: str) -> str:
    return pick(bar.WORDS[name].title) if name in bar.WORDS else str(OPERATORS.get(name, name))


def _stems(files: Mapping[str, bytes]) -> list[str]:
    return [path.removeprefix("forms/").removesuffix(".form") for path in files if path.endswith(".form")]


def _forms_in_use(files: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """(form, name of the element) for each element that shows one."""
    for element in _elements(files, ".bpmn"):
        for name, value in element.attrib.items():
            if str(name).endswith("}formKey") and value:
                stem = str(value).removeprefix("camunda-forms:deployment:").removeprefix("forms/")
                yield stem.removesuffix(".form"), str(element.get("name") or element.get("id") or "")


def _decisions(draft_id: str, files: Mapping[str, bytes]) -> Iterator[Option]:
    for path in (one for one in files if one.endswith(".dmn")):
        url = url_for("editing.decision", draft_id=draft_id, file=path)
        for element in _elements({path: files[path]}, ".dmn"):
            if str(element.tag).endswith("}decision") and (id := element.get("id")):
                name = element.get("name")
                yield {"value": str(id), "label": f"{name} ({id})" if name else str(id), "url": url}


def _elements(files: Mapping[str, bytes], ending: str) -> Iterable[Any]:
    """All elements of the XML files with that ending; of what can't be read, none."""
    for path, data in files.items():
        if path.endswith(ending):
            try:
                yield from safe_tree(data, path).getroot().iter("*")
            except FashenError:
                continue


def _people(session: Session) -> list[Option]:
    """How many people hold each role today."""
    today = clock.today()
    held = select(Post.role, func.count(Post.person_id.distinct())).join(Person).where(
        Person.disabled_at.is_(None), Post.starts_on <= today, (Post.ends_on.is_(None)) | (Post.ends_on >= today)
    )  # fmt: skip
    count: dict[str, int] = dict(session.execute(held.group_by(Post.role)).all())
    return [{"value": role, "label": pick(pair), "people": count.get(role, 0)} for role, pair in ROLES.items()]
