"""The buttons beside completing a task: what each is called, what it does in one sentence, and why it is greyed out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from sqlalchemy.orm import Session

from webapp import labels
from webapp.languages import language, pick
from webapp.sentences import tell
from workflows.actors import Actor
from workflows.cases.file import Case
from workflows.desk import offers
from workflows.desk.offers import Offer
from workflows.desk.tasks import Task
from workflows.errors import FashenError


@dataclass(frozen=True, slots=True)
class Words:
    """title: Chinese, English; explains: what it does; button: what the last one says; heavy: think twice."""

    title: tuple[str, str]
    explains: LazyString
    button: LazyString
    heavy: bool = False


WORDS: Mapping[str, Words] = {
    "reassign": Words(
        ("转办", "Reassign"), _("由接收人办理并负责到底，您不再承担本环节。须说明理由，接收人会收到通知。"),
        _("确认转办"),
    ),
    "delegate": Words(
        ("委派", "Delegate"), _("请同事代拟内容，由其交回后您核对并办结，责任仍在您。"),
        _("确认委派"),
    ),
    "take_back": Words(
        ("收回委派", "Take back"), _("收回后由您继续办理；代拟人尚未交回的草稿不会带回。"),
        _("确认收回"),
    ),
    "sign": Words(
        ("加签", "Add a signer"), _("请其他人员就本环节签署意见，本环节在签署完成后才能办结。"),
        _("确认加签"),
    ),
    "round_add": Words(
        ("加签", "Add a signer"), _("在本轮会签中增加一名签署人。"),
        _("确认加签"),
    ),
    "round_remove": Words(
        ("减签", "Remove a signer"), _("减去一名尚未签署的会签人，须说明理由。"),
        _("确认减签"), heavy=True,
    ),
    "ask": Words(
        ("征询", "Ask for advice"), _("向专家或者同事征询意见，不影响您办结，责任仍在您。"),
        _("发出征询"),
    ),
    "unask": Words(
        ("撤销请求", "Take the request back"),
        _("对方尚未答复的加签、征询可以撤销，对方会收到通知。后加签须说明撤销理由；签署过不同意的，不能撤销。"),
        _("确认撤销"),
    ),
    "return": Words(
        ("退回", "Return"), _("退回到之前的环节，须说明理由；原办理人会收到通知。"),
        _("确认退回"), heavy=True,
    ),
    "departed": Words(
        ("中途退席", "Left the meeting"),
        _("到会人员中途退席、不能表决的，记入会议记录，不再等待其表决；其仍计入应表决人数。不足法定人数的，重新列入议程。"),
        _("确认退席"), heavy=True,
    ),
    "presiding": Words(
        ("另行指定主持人", "Appoint who presides"),
        _("主持人表决后不能继续主持的，由会议记录人在已表决的成员中另行指定；已投的票仍然有效，理由记入会议记录。"),
        _("确认"), heavy=True,
    ),
    "urge": Words(
        ("催办", "Remind"), _("提醒办理人尽快办理，同一环节四小时内只能催办一次。"),
        _("发出催办"),
    ),
    "copy": Words(
        ("抄送", "Send a copy"), _("请他人阅知本案，不承担办理责任。"),
        _("发送抄送"),
    ),
    "withdraw": Words(
        ("撤回", "Take back"), _("后续环节尚无人认领、办理时，可以撤回本人刚办结的环节重新办理。"),
        _("确认撤回"), heavy=True,
    ),
    "recall": Words(
        ("撤回", "Take back"),
        _("后续环节尚无人认领、办理时，可以撤回本人登记的线索；已填写的内容回到您的待办，修改后重新提交，或者终止办理。"),
        _("确认撤回"), heavy=True,
    ),
    "recuse": Words(
        ("自行回避", "Withdraw from the case"),
        _("与本案有直接利害关系或者其他可能影响公正执法的关系的，应当回避（行政处罚法第四十三条）。回避后您不再参与本案，未办结的环节改由其他人员办理，不能恢复。"),
        _("确认回避"), heavy=True,
    ),
    "order_recusal": Words(
        ("决定回避", "Order a withdrawal"),
        _("当事人申请回避或者发现应当回避的，经审查作出决定（行政处罚法第四十三条）。回避人员不再参与本案，其未办结的环节改由其他人员办理，不能恢复。"),
        _("确认决定"), heavy=True,
    ),
    "suspend": Words(
        ("中止办理", "Suspend"), _("中止期间任何人不能办结本案环节，流程计时暂停；法定期限照常计算。"),
        _("确认中止"), heavy=True,
    ),
    "resume": Words(
        ("恢复办理", "Resume"), _("恢复后各环节继续办理。"),
        _("确认恢复"),
    ),
    "terminate": Words(
        ("终止办理", "End the case"), _("本案不作决定即告结束，所有环节取消，案卷和记录保留。终止后不能恢复。"),
        _("确认终止"), heavy=True,
    ),
}  # fmt: skip
"""Operator → its words, in the reader's language when they are shown."""


@dataclass(frozen=True, slots=True)
class Button:
    """One button: what it is called, what it does, and the page on which it is done."""

    operator: str
    title: str
    explains: str
    address: str


@dataclass(frozen=True, slots=True)
class Bar:
    """Buttons that work, and those that don't by the reason why they don't; halted: those that wait for a case that is
    held up, and why: the note above the page tells it once for all of them.
    """

    ready: Sequence[Button]
    held: Sequence[tuple[str, Sequence[Button]]]
    halted: Sequence[tuple[str, Sequence[Button]]]


def of_task(session: Session, who: Actor, task: Task) -> Bar:
    """The buttons on a task's page."""
    return _bar(
        offers.offers(session, who, task), lambda name: address(task, name),
        lambda error: labels.told(session, task, error),
    )  # fmt: skip


def address(task: Task, name: str) -> str:
    """The page of an operator that a task's page offers; some are the case's."""
    if name in ("recall", "recuse"):
        return url_for("operators.show_case", case_id=task.case_id, name=name)
    if name == "copy":
        return url_for("copies.show", case_id=task.case_id)
    return url_for("operators.show", task_id=task.id, name=name)


def of_case(session: Session, who: Actor, case: Case) -> Bar:
    """The buttons on a case's page."""
    return _bar(
        offers.case_offers(session, who, case), lambda name: url_for("operators.show_case", case_id=case.id, name=name),
        lambda error: tell(error, language()),
    )  # fmt: skip


def _bar(found: Sequence[Offer], address: Callable[[str], str], told: Callable[[FashenError], str]) -> Bar:
    ready: list[Button] = []
    held: dict[str, list[Button]] = {}
    halted: dict[str, list[Button]] = {}
    for one in found:
        words = WORDS[one.operator]
        button = Button(one.operator, pick(words.title), str(words.explains), address(one.operator))
        if one.why is None:
            ready.append(button)
        else:
            waits = halted if one.why.code == "case.suspended" else held
            waits.setdefault(told(one.why), []).append(button)
    return Bar(ready, list(held.items()), list(halted.items()))
