"""下一环节: where a step leads, in officials' words: on which condition, to which step, to whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp import labels, standing
from webapp.languages import bilingual, pick
from workflows.actors import ROLES
from workflows.desk import ahead, inbox, places
from workflows.desk.tasks import STEP, Task

ASKS = ("是否", "有无", "何", "如何", "能否", "可否")
"""How a question begins that stands as it is in 视……而定."""
NAMES = ("意见", "结论", "结果", "处理")
"""How a gateway ends that is named by what it looks at, and asks nothing that is answered by yes or no."""


@dataclass(frozen=True, slots=True)
class Next:
    """A step that can come next and who would get it, or the end of the process."""

    step: str
    who: Sequence[str]
    ends: bool


@dataclass(frozen=True, slots=True)
class Way:
    """What can come next on one condition. open: several steps of which the rules choose later; rests: on what."""

    condition: str
    steps: Sequence[Next]
    open: bool
    rests: Sequence[str]


def of(session: Session, task: Task) -> list[Way]:
    """What can come after the task, in words."""
    found: dict[tuple[str, bool], tuple[list[Next], list[str]]] = {}
    for way in ahead.ways(session, task):
        condition = _condition(session, way.words[-1]) if way.words else ""  # the last one says it most closely
        step = labels.element_name(session, way.package_hash, way.element.id, way.element.name)
        who = way.people or tuple(pick(ROLES[role]) for role in way.roles if role in ROLES)
        one = Next(step, who or _lane(session, way), way.ends)
        steps, rests = found.setdefault((condition, way.beyond), ([], []))
        if one not in steps:
            steps.append(one)
        own = _rest(session, way.words[-1]) if way.words else ""  # what the condition says is not open any more
        rests += [told for word in way.rests if (told := _rest(session, word)) not in (own, *rests)]
    return [
        Way(condition, steps, beyond and len(steps) > 1, rests) for (condition, beyond), (steps, rests) in found.items()
    ]


def meanwhile(session: Session, task: Task) -> list[Next]:
    """What others do at the same time in the process: where branches or signers meet, they have to finish too."""
    found: dict[str, list[str]] = {}
    for one in inbox.live_tasks(session, task.case_id):
        if one.instance_id == task.instance_id and one.kind == STEP and one.id != task.id:
            who = found.setdefault(labels.bare_name(session, one), [])
            names = inbox.waiting_for(session, one) or [_("等待 %(names)s", names=standing.missing(session, one))]
            who += [name for name in names if name not in who]
    return [Next(step, sorted(who), False) for step, who in found.items()]


def round_rule(session: Session, task: Task) -> str:
    """How the round of a step ends, in words; empty where it is none."""
    found = places.rule(session, task)
    return rule_of(found) if found is not None else ""


def in_turn(session: Session, task: Task) -> list[str]:
    """Who signs after the holder of a step of a round in which one signs after the other, in their order."""
    found, own = places.rule(session, task), places.number(task)
    if found is None or not found.sequential or own is None or task.act == "vote":
        return []
    left = places.left(session, task)
    return [left[number].name for number in [*left][[*left].index(own) + 1:]] if own in left else []


def rule_of(rule: places.Rule) -> str:
    """How a round of signers ends, in words: when it is over for those who have not signed, and what passes it."""
    if rule.counts == "all":
        told = _("须全部同意：有一人不同意的，会签即以不通过结束，其余人员不再签署。")
    elif rule.counts == "any":
        told = _("有一人同意即通过，会签结束，其余人员不再签署；全部不同意的，不通过。")
    elif rule.counts == "share":
        told = _("%(total)d 人中有 %(needed)d 人同意即通过，不足的不通过；结果一经确定即结束，其余人员不再签署。",
                 total=rule.total, needed=rule.needed)  # fmt: skip
    elif rule.counts == "until":
        told = _("符合流程规定的条件时会签即结束，其余人员不再签署。")
    else:
        told = _("每名签署人均须签署。")
    return str(told) if not rule.sequential else "".join((_("按顺序依次签署。"), bilingual("", " "), told))


def condition_of(question: str, answer: str) -> str:
    """The name of a flow behind the question of its gateway, as a condition in Chinese.

    申请听证？是: 申请听证的; 申请听证？否: 不申请听证的; 是否齐全？需补充: 需补充的;
    初审意见？同意: 初审意见为“同意”的.
    """
    asked = question.rstrip("？?")
    bare = asked.removeprefix("是否")
    if answer == "是":
        return f"{bare}的"
    if answer == "否":
        return f"不{bare}的"
    if asked.endswith(NAMES) and not asked.startswith(ASKS):
        return f"{asked}为“{answer}”的"
    if not asked or asked.startswith(ASKS) or bare in answer:
        return f"{answer}的"
    return f"{asked}：{answer}"


def rest_of(question: str) -> str:
    """A gateway's question as what something rests on, in Chinese: 申请听证？ 视是否申请听证而定."""
    asked = question.rstrip("？?")
    return asked if asked.startswith(ASKS) or asked.endswith(NAMES) else f"是否{asked}"


def _condition(session: Session, word: ahead.Word) -> str:
    name = labels.element_name(session, word.package_hash, word.id, word.name)
    asked = _question(session, word).rstrip("?")
    return bilingual(condition_of(word.question, word.name), name if asked in ("", name) else f"{asked}: {name}")


def _rest(session: Session, word: ahead.Word) -> str:
    asked = _question(session, word).rstrip("?")
    return bilingual(rest_of(word.question), f"{asked[:1].lower()}{asked[1:]}")


def _question(session: Session, word: ahead.Word) -> str:
    return labels.element_name(session, word.package_hash, word.gateway, word.question) if word.question else ""


def _lane(session: Session, way: ahead.Way) -> tuple[str, ...]:
    """The lane in which a step stands, where the diagram names nobody yet."""
    return (labels.word(session, way.package_hash, way.element.lane),) if way.element.lane and not way.ends else ()
