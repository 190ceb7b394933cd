"""A package is published when engine, forms, acts, roles and process.yaml fit; a bureau's own is never overwritten."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
import yaml

from workflows import ledger
from workflows.actors import SYSTEM, Actor
from workflows.diagrams import library
from workflows.engine.package import Package
from workflows.errors import DiagramRefused, Forbidden, Invalid, NotFound
from workflows.store import Store

ADMIN = replace(SYSTEM, person_id="a" * 32, name="系统管理员", units={"sys_admin": frozenset({"u"})})
OFFICER: Actor = replace(SYSTEM, person_id="b" * 32, name="办案人员", units={"case_officer": frozenset({"u"})})


def changed(key: str, **files: Callable[[str], str]) -> Package:
    """A shipped package of which files were rewritten; `bpmn` is the diagram, `yaml` the description."""
    package = library.shipped()[key]
    names = {"bpmn": f"{key}.bpmn", "yaml": "process.yaml", "form": "forms/vote.form"}
    texts = {names[name]: rewrite(package.files[names[name]].decode()) for name, rewrite in files.items()}
    return Package(key, {**package.files, **{name: text.encode() for name, text in texts.items()}})


def described(**entries: Any) -> Package:
    """The collective decision with other entries in its process.yaml."""

    def rewrite(text: str) -> str:
        said: dict[str, Any] = yaml.safe_load(text)
        for name, value in entries.items():
            said[name] = {**said[name], **value} if isinstance(value, Mapping) and name == "labels" else value
        return yaml.safe_dump(said, allow_unicode=True)

    return changed("collective_decision", yaml=rewrite)


def refused(package: Package) -> list[tuple[str, str]]:
    with pytest.raises(DiagramRefused) as caught:
        library.check(package, library.shipped())
    return [(problem.code, problem.place) for problem in caught.value.problems]


def test_what_is_shipped_is_published_once(store: Store) -> None:
    with store.work() as session:
        assert library.publish_shipped(session) == [
            "collective_decision",
            "criminal_referral",
            "legal_review",
            "penalty",
        ]
    with store.work() as session:
        assert library.publish_shipped(session) == []
        events = [entry for entry in ledger.history(session, "bureau") if entry.event == "PackagePublished"]
        assert len(events) == 4
        assert library.current(session, "penalty").start_form == "lead"


def test_a_published_form_and_description_are_found_again(sqlite_store: Store) -> None:
    with sqlite_store.work() as session:
        library.publish_shipped(session)
        hash = library.current(session, "penalty").hash
        assert library.form(session, hash, "lead")["components"][0]["key"] == "title"
        assert library.process_yaml(session, hash)["title"]["zh"] == "行政处罚普通程序"
        assert library.definition(session, hash).calls == {"legal_review", "collective_decision"}
        with pytest.raises(NotFound):
            library.form(session, hash, "nothing")
        with pytest.raises(NotFound):
            library.current(session, "nothing")


def test_a_bureau_s_own_version_stays_when_the_program_ships_another(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = changed("collective_decision", bpmn=lambda text: text.replace("制作会议记录", "整理会议记录"))
    newer = {
        key: Package(key, {**package.files, "notes.yaml": b"{}"}) for key, package in library.shipped().items()
    }
    with store.work() as session:
        library.publish_shipped(session)
        library.publish(session, own, ADMIN, "按本局习惯改名")
    monkeypatch.setattr(library, "shipped", lambda: newer)
    with store.work() as session:
        assert library.publish_shipped(session) == ["criminal_referral", "legal_review", "penalty"]
        assert library.current(session, "collective_decision").hash == own.hash


def test_the_same_package_again_is_no_new_version(sqlite_store: Store) -> None:
    own = changed("collective_decision", bpmn=lambda text: text.replace("制作会议记录", "整理会议记录"))
    with sqlite_store.work() as session:
        library.publish_shipped(session)
        first = library.publish(session, own, ADMIN, "改名")
        before = len(ledger.history(session, "bureau"))
        assert library.publish(session, own, ADMIN, "改名") == first
        assert len(ledger.history(session, "bureau")) == before


def test_a_version_can_be_taken_back(sqlite_store: Store) -> None:
    own = changed("collective_decision", bpmn=lambda text: text.replace("制作会议记录", "整理会议记录"))
    with sqlite_store.work() as session:
        library.publish_shipped(session)
        library.publish(session, own, ADMIN, "改名")
        original = library.shipped()["collective_decision"]
        library.publish(session, original, ADMIN, "恢复原名")
        assert library.current(session, "collective_decision").hash == original.hash
        assert library.definition(session, own.hash).elements["sign_minutes"].name == "整理会议记录"


def test_only_a_system_administrator_publishes_and_says_why(sqlite_store: Store) -> None:
    own = changed("collective_decision", bpmn=lambda text: text.replace("制作会议记录", "整理会议记录"))
    with sqlite_store.work() as session:
        library.publish_shipped(session)
        with pytest.raises(Forbidden):
            library.publish(session, own, OFFICER, "改名")
        with pytest.raises(Invalid):
            library.publish(session, own, ADMIN, " ")
        assert library.current(session, "collective_decision").hash != own.hash


def test_a_refused_package_leaves_nothing_behind(sqlite_store: Store) -> None:
    wrong = changed("collective_decision", bpmn=lambda text: text.replace('value="vote"', 'value="voting"'))
    with sqlite_store.work() as session:
        library.publish_shipped(session)
        before = len(ledger.history(session, "bureau"))
        with pytest.raises(DiagramRefused):
            library.publish(session, wrong, ADMIN, "试")
        assert len(ledger.history(session, "bureau")) == before
        with pytest.raises(NotFound):
            library.definition(session, wrong.hash)


def test_an_act_outside_the_closed_list_is_refused() -> None:
    package = changed("collective_decision", bpmn=lambda text: text.replace('value="vote"', 'value="fine_at_once"'))
    assert refused(package) == [("diagram.act_unknown", "collective_decision.bpmn#vote")]


def test_a_role_that_nobody_can_hold_is_refused() -> None:
    package = changed("collective_decision", bpmn=lambda text: text.replace('"legal_reviewer"', '"mayor"'))
    assert ("diagram.role_unknown", "collective_decision") in refused(package)


def test_a_form_that_is_not_there_is_refused() -> None:
    package = changed("collective_decision", bpmn=lambda text: text.replace('formKey="vote"', 'formKey="ballot"'))
    assert refused(package) == [("diagram.form_missing", "collective_decision.bpmn#vote")]


def test_a_form_that_is_no_form_is_refused() -> None:
    assert refused(changed("collective_decision", form=lambda text: text[:-5])) == [
        ("form.unreadable", "forms/vote.form")
    ]

    def unknown_kind(text: str) -> str:
        schema = json.loads(text)
        schema["components"][0]["type"] = "iframe"
        return json.dumps(schema)

    assert refused(changed("collective_decision", form=unknown_kind)) == [
        ("form.component_unknown", "forms/vote.form#choice")
    ]


def test_a_called_process_that_nobody_published_is_refused() -> None:
    package = changed("penalty", bpmn=lambda text: text.replace('calledElement="legal_review"', 'calledElement="gone"'))
    assert {code for code, _place in refused(package)} == {"diagram.called_missing"}


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        ({"colour": "red"}, ("process.key_unknown", "process.yaml#colour")),
        ({"roles": "everybody"}, ("process.value_bad", "process.yaml#roles")),
        ({"roles": ["mayor"]}, ("process.value_unknown", "process.yaml#roles")),
        ({"title": {"zh": "集体讨论"}}, ("process.title_missing", "process.yaml#title")),
        ({"key": "meeting"}, ("process.key_differs", "process.yaml#key")),
        ({"start_form": "lead"}, ("process.start_form_differs", "process.yaml#start_form")),
        ({"documents": ["poem"]}, ("process.value_unknown", "process.yaml#documents")),
        ({"gates": ["no_review_needed"]}, ("process.value_bad", "process.yaml#gates[0]")),
        ({"starts": ["war"]}, ("process.value_unknown", "process.yaml#starts")),
        ({"operators": {"vote": ["skip"]}}, ("process.value_unknown", "process.yaml#operators.vote")),
        ({"operators": {"quorate": ["claim"]}}, ("process.element_unknown", "process.yaml#operators.quorate")),
        ({"labels": {"vote": {"zh": "表决"}}}, ("process.label_missing", "process.yaml#labels.vote")),
    ],
)
def test_a_description_that_does_not_fit_is_refused(entries: dict[str, Any], problem: tuple[str, str]) -> None:
    assert refused(described(**entries)) == [problem]


def test_a_description_that_is_no_yaml_is_refused() -> None:
    package = changed("collective_decision", yaml=lambda text: "key: [")
    assert refused(package) == [("package.yaml", "process.yaml")]


