"""What is done with a task or a case besides completing it: a page for each operator, with its form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import bar, labels, onward, standing, wayahead
from webapp.errors import Trouble, redrawn
from webapp.formpages import form_key
from webapp.house import actor, house
from webapp.languages import language
from webapp.pages.cases import case_of
from webapp.sentences import tell
from workflows.actors import Actor, Person, Post
from workflows.cases.file import Case
from workflows.desk import advance, copies, fitting, locking, offers, places
from workflows.desk.execute import execute
from workflows.desk.operators import departing, halting, handing, presiding, recusing, registering, returning, signing
from workflows.desk.tasks import REGISTRATION, Task
from workflows.errors import Forbidden, Invalid, Problem
from workflows.store import Store

blueprint = Blueprint("operators", __name__)
onward.init(blueprint)

PEOPLE = ("reassign", "delegate", "sign", "round_add", "ask")
"""Operators that name somebody."""
LEAVING = ("reassign", "delegate", "return", "sign", "round_add")
"""Operators after which one's own step may be somebody else's, or wait for somebody."""
BESIDE_PERSON = (
    "task.unfit", "task.unfit_handles", "task.unfit_recused", "task.unfit_signs", "task.twice_excluded",
    "task.opener_excluded", "task.apart_excluded", "person.unknown", "sign.asked_already", "sign.signed_already",
    "sign.own_step", "task.to_oneself", "meeting.may_not_preside", "recusal.already", "recusal.no_part_of",
)  # fmt: skip
"""Refusals that are about the person chosen, and are told beside that field."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form of an operator sent."""

    person: str
    text: str
    kind: str
    target: str
    how: str
    before: bool
    signer: int
    seen: int
    key: str


def _typed() -> Typed:
    form = request.form
    return Typed(
        form.get("person", ""), form.get("text", ""), form.get("kind", ""), form.get("target", ""),
        form.get("how", ""), form.get("before") == "1", form.get("signer", -1, type=int),
        form.get("seen", 0, type=int), form.get("key", ""),
    )  # fmt: skip


@blueprint.get("/tasks/<task_id>/do/<name>")
def show(task_id: str, name: str) -> ResponseReturnValue:
    """The form of one operator of a task."""
    return _page(task_id, name)


@blueprint.post("/tasks/<task_id>/do/<name>")
@redrawn(lambda trouble, task_id, name: _page(task_id, name, trouble))
def act(task_id: str, name: str) -> ResponseReturnValue:
    """Do it, and go where one goes on from there."""
    if name not in COMMANDS:
        abort(404)
    typed = _typed()
    if name in PEOPLE and not typed.person:
        raise Invalid("form.invalid", [Problem("field.required", "person")])
    with house().store.read() as session:
        before = session.get(Task, task_id)
        mine = before is not None and before.assignee_id == actor().person_id
        on = onward.place(session, task_id)
    done = COMMANDS[name](house().store, actor(), task_id, typed)
    flash(str(done), "success")
    with house().store.read() as session:
        task = session.get_one(Task, task_id)
        if not (mine and name in LEAVING and _left(session, task, typed)):
            return redirect(_onward(session, name, task))
    return onward.go_on(task.case_id, on)


def _left(session: Session, task: Task, typed: Typed) -> bool:
    """Whether a step that was one's own is so no more, or waits for somebody. Whom one asked to sign beside oneself
    works at the same time, so one stays.
    """
    own = task.assignee_id == actor().person_id and task.state in advance.LIVE
    return not own or (typed.kind != "beside" and offers.held(session, task) is not None)


def _page(task_id: str, name: str, trouble: Trouble | None = None) -> str:
    who = actor()
    if name not in COMMANDS:
        abort(404)
    with house().store.read() as session:
        task = locking.visible_task(session, who, task_id)
        offer = next((one for one in offers.offers(session, who, task) if one.operator == name), None)
        if trouble is None:
            if offer is None:
                raise Forbidden("task.operator_not_offered", name=task.name)
            if offer.why is not None:
                raise offer.why
        people = fitting.people(session, who, task, name) if name in PEOPLE else []
        return render_template(
            "operators/task.html", task=task, case=task.case, name=name, words=bar.WORDS[name], trouble=trouble,
            step=labels.step_name(session, task), kind=standing.kind_name(task), key=form_key(trouble),
            typed=_typed(), errors=_errors(trouble), fits=_by_unit([one for one in people if not one.why]),
            unfit=[one for one in people if one.why], did=lambda part: labels.element_name(
                session, part.package_hash, part.element_id, part.name
            ), suspended=standing.suspended(task.case),
            earlier=_earlier(session, task) if name == "return" else [],
            signers=_signers(session, task) if name == "round_remove" else [],
            not_after=_not_after(session, task) if name == "sign" else "",
            presidents=presiding.could_preside(session, who, task) if name == "presiding" else [],
            gone=session.get(Person, departing.voter(task)) if name == "departed" else None,
            sequential=name == "round_add" and offers.in_sequence(session, task),
            **(_round(session, task) if name == "round_add" else {}), goes_on=onward.chosen(session),
            leaves=name in LEAVING and task.assignee_id == who.person_id,
        )  # fmt: skip


def _by_unit(people: Sequence[fitting.Fitting]) -> list[tuple[Any, list[fitting.Fitting]]]:
    units = {one.post.unit_id: one.post.unit for one in people}
    return [(unit, [one for one in people if one.post.unit_id == unit.id]) for unit in units.values()]


def _earlier(session: Session, task: Task) -> list[tuple[returning.Choice, str]]:
    """Where the step can go back to, with its name in the reader's language."""
    names = {row.element_id: row for row in session.execute(select(Task).where(Task.case_id == task.case_id)).scalars()}
    found = []
    for choice in returning.choices(session, task):
        known = names.get(choice.element_id)
        package = known.package_hash if known is not None else task.package_hash
        found.append((choice, labels.element_name(session, package, choice.element_id, choice.name)))
    return found


def _signers(session: Session, task: Task) -> list[tuple[int, str, bool]]:
    """Those of the round who have not signed, but oneself: number, name, whether they can be taken out of it."""
    added = places.added(session, task)
    left = places.left(session, task).items()
    return [(index, one.name, index in added) for index, one in left if index != places.number(task)]


def _round(session: Session, task: Task) -> dict[str, Any]:
    """How the round of the step ends, in words; counted: whether it rests on how many are in it."""
    rule = places.rule(session, task)
    counted = rule is not None and rule.counts == "share"
    return {"round_rule": wayahead.rule_of(rule) if rule is not None else "", "counted": counted}


def _not_after(session: Session, task: Task) -> str:
    """Why nobody can sign after the step, in words; empty where somebody can."""
    if returning.waits_for_signers(task.act):
        return ""
    return labels.told(session, task, Invalid("sign.not_after", name=task.name))


def _errors(trouble: Trouble | None) -> dict[str, str]:
    """What is wrong, by field of these forms; the commands call what is chosen and typed by names of their own."""
    if trouble is None:
        return {}
    places = {"to": "person", "reason": "text", "note": "text", "question": "text"}
    found = {places.get(one.place, one.place): tell(one, language()) for one in trouble.problems}
    if not found and trouble.code in BESIDE_PERSON:
        found["person"] = trouble.sentence
    return found


def _onward(session: Session, name: str, task: Task) -> str:
    """Where one goes on with what one still has, or had no part in: at what is one's own again, else at the case."""
    if name in ("take_back", "sign", "ask", "round_add", "round_remove"):
        return url_for("tasks.show", task_id=task.id)
    if name == "unask" and task.parent_id is not None:
        return url_for("tasks.show", task_id=task.parent_id)
    if name == "withdraw":
        mine = session.execute(select(Task.id).where(
            Task.instance_id == task.instance_id, Task.element_id == task.element_id, Task.ended_at.is_(None),
            Task.assignee_id == actor().person_id,
        ).limit(1)).scalar_one_or_none()  # fmt: skip
        if mine is not None:
            return url_for("tasks.show", task_id=mine)
    return url_for("cases.show", case_id=task.case_id)


def _reassign(store: Store, who: Actor, task_id: str, typed: Typed) -> str:
    task = execute(store, handing.reassign_task, who, task_id, typed.person, reason=typed.text, seen=typed.seen,
                   key=typed.key)  # fmt: skip
    return str(_("“%(step)s”已转办。", step=_name(store, task)))


def _delegate(store: Store, who: Actor, task_id: str, typed: Typed) -> str:
    task = execute(store, handing.delegate_task, who, task_id, typed.person, reason=typed.text, seen=typed.seen,
                   key=typed.key)  # fmt: skip
    return str(_("“%(step)s”已委派，交回后由您办结。", step=_name(store, task)))


def _take_back(store: Store, who: Actor, task_id: str, typed: Typed) -> str:
    task = execute(store, handing.hand_back_task, who, task_id, note=typed.text, draft={}, seen=typed.seen,
                   key=typed.key)  # fmt: skip
    return str(_("“%(step)s”已收回，由您继续办理。", step=_name(store, task)))


def _ask(store: Store, who: Actor, task_id: str, typed: Typed) -> str:
    execute(store, signing.ask, who, task_id, typed.person, kind="advice", question=typed.text, seen=typed.seen,
            key=typed.key)  # fmt: skip
    return str(_("征询已发出，答复会显示在本页。"))


def _sign(store: Store, who: Actor, task_id: str, typed: Typed) -> str:
    kind = typed.kind if typed.kind in ("before", "beside", "after") else ""
    execute(store, signing.ask, who, task_id, typed.person, kind=kind, question=typed.text, seen=typed.seen,
            key=typed.key)  # fmt: skip
    return str(_("加签已发出。"))


def _unask(store: Store, who: Actor, task_id: str, typed: Typed) -> str:
    execute(store, signing.unask, who, task_id, reason=typed.text, key=typed.key)
    return str(_("请求已撤销。"))


def _round_add(store: Store, who: Actor, task_id: str, typed: Typed) -> str:
    execute(store, signing.add_signer, who, task_id, typed.person, before=typed.before, reason=typed.text,
            seen=typed.seen, key=typed.key)  # fmt: skip
    return str(_("本轮会签已增加一名签署人。"))


def _round_remove(store: Store, who: Actor, task_id: str, typed: Typed) -> str:
    if typed.signer < 0:
        raise Invalid("form.invalid", [Problem("field.required", "signer")])
    execute(store, signing.remove_signer, who, task_id, typed.signer, reason=typed.text, seen=typed.seen,
            key=typed.key)  # fmt: skip
    return str(_("本轮会签已减去一名签署人。"))


def _return(store: Store, who: Actor, task_id: str, typed: Typed) -> str:
    if not typed.target:
        raise Invalid("form.invalid", [Problem("field.required", "target")])
    execute(store, returning.return_task, who, task_id, typed.target, how=typed.how, reason=typed.text,
            seen=typed.seen, key=typed.key)  # fmt: skip
    if typed.how == returning.RESUME:
        return str(_("已退回补正，补正后直送您办理。"))
    return str(_("已退回，后续环节将重新办理。"))


def _departed(store: Store, who: Actor, task_id: str, typed: Typed) -> str:
    execute(store, departing.record_departure, who, task_id, reason=typed.text, seen=typed.seen, key=typed.key)
    return str(_("退席已记入会议记录。"))


def _presiding(store: Store, who: Actor, task_id: str, typed: Typed) -> str:
    if typed.how == presiding.ANOTHER and not typed.person:
        raise Invalid("form.invalid", [Problem("field.required", "person")])
    execute(store, presiding.appoint_presiding, who, task_id, typed.person, how=typed.how, reason=typed.text,
            seen=typed.seen, key=typed.key)  # fmt: skip
    if typed.how == presiding.ANOTHER:
        return str(_("已另行指定主持人，讨论结论由其形成。"))
    return str(_("已重新列入议程，本案将重新讨论、表决。"))


def _urge(store: Store, who: Actor, task_id: str, typed: Typed) -> str:
    execute(store, handing.urge_task, who, task_id, note=typed.text, key=typed.key)
    return str(_("催办已发出。"))


def _withdraw(store: Store, who: Actor, task_id: str, typed: Typed) -> str:
    execute(store, returning.withdraw_task, who, task_id, reason=typed.text, key=typed.key)
    return str(_("已撤回，请重新办理。"))


COMMANDS: dict[str, Callable[[Store, Actor, str, Typed], str]] = {
    "reassign": _reassign, "delegate": _delegate, "take_back": _take_back, "sign": _sign, "ask": _ask,
    "unask": _unask, "round_add": _round_add, "round_remove": _round_remove, "return": _return, "urge": _urge,
    "withdraw": _withdraw, "departed": _departed, "presiding": _presiding,
}  # fmt: skip
"""Operator of a task → what its form does; gives back what the next page says."""


def _name(store: Store, task: Task) -> str:
    with store.read() as session:
        return labels.bare_name(session, task)


CASE_COMMANDS = {
    "suspend": halting.suspend_case, "resume": halting.resume_case, "terminate": halting.terminate_case,
    "recall": registering.withdraw_lead, "recuse": recusing.declare_recusal,
}  # fmt: skip
"""Operator of a case → its command, where a reason is all that it takes."""
ORDER = "order_recusal"


@blueprint.get("/cases/<case_id>/do/<name>")
def show_case(case_id: str, name: str) -> ResponseReturnValue:
    """The form that holds a case up, lets it go on or ends it."""
    return _case_page(case_id, name)


@blueprint.post("/cases/<case_id>/do/<name>")
@redrawn(lambda trouble, case_id, name: _case_page(case_id, name, trouble))
def act_case(case_id: str, name: str) -> ResponseReturnValue:
    """Do it, and go back to the case."""
    if name not in (*CASE_COMMANDS, ORDER):
        abort(404)
    typed = _typed()
    if name == ORDER:
        if not typed.person:
            raise Invalid("form.invalid", [Problem("field.required", "person")])
        execute(house().store, recusing.order_recusal, actor(), case_id, typed.person, reason=typed.text,
                key=typed.key)  # fmt: skip
    else:
        execute(house().store, CASE_COMMANDS[name], actor(), case_id, reason=typed.text, key=typed.key)
    told = {"suspend": _("案件已中止办理。"), "resume": _("案件已恢复办理。"), "terminate": _("案件已终止办理。"),
            "recall": _("已撤回，请修改后重新提交。"),
            "recuse": _("您已回避本案；未办结的环节改由其他人员办理，没有合适人员的等待指定。"),
            ORDER: _("回避决定已记入案卷；其未办结的环节改由其他人员办理，没有合适人员的等待指定。")}  # fmt: skip
    flash(told[name], "success")
    if name == "recall":  # the form is back: on to it
        with house().store.read() as session:
            mine = session.execute(select(Task.id).where(
                Task.case_id == case_id, Task.kind == REGISTRATION, Task.ended_at.is_(None)
            )).scalar_one_or_none()  # fmt: skip
        if mine is not None:
            return redirect(url_for("tasks.show", task_id=mine))
    return redirect(url_for("cases.show", case_id=case_id))


def _case_page(case_id: str, name: str, trouble: Trouble | None = None) -> str:
    who = actor()
    if name not in (*CASE_COMMANDS, ORDER):
        abort(404)
    with house().store.read() as session:
        case = case_of(session, who, case_id)
        offer = next((one for one in offers.case_offers(session, who, case) if one.operator == name), None)
        if trouble is None:
            if offer is None:
                raise Forbidden("case.operator_not_offered")
            if offer.why is not None:
                raise offer.why
        return render_template(
            "operators/case.html", case=case, name=name, words=bar.WORDS[name], trouble=trouble, typed=_typed(),
            key=form_key(trouble), errors=_errors(trouble), suspended=standing.suspended(case),
            people=_could_withdraw(session, who, case) if name == ORDER else [],
        )  # fmt: skip


def _could_withdraw(session: Session, who: Actor, case: Case) -> list[tuple[Person, Post]]:
    """On whose recusal one could decide, each with the post that comes first."""
    ids = {one.id for one in recusing.could_order(session, who, case)}
    return [(person, post) for person, post in copies.readers(session, who, case) if person.id in ids]
