"""What the timeline tells of a round of signers (会签): how each voted, and with the last one how it came out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy.orm import Session

from webapp.languages import bilingual
from workflows.desk import offering, places
from workflows.desk.tasks import Task
from workflows.engine import packages
from workflows.engine.rounds import ACCEPTED, Signing
from workflows.ledger import Entry

Labels = Mapping[str, str]
"""Value of a vote → how it reads on the form."""


def of_rounds(session: Session, entries: Iterable[Entry], tasks: Mapping[str, Task]) -> dict[tuple[str, int], str]:
    """What stands behind the completions of signers, by stream and number of the entry: the vote; behind the one that
    ended its round, how many voted what, and the outcome by the rule of the process.

    Of rounds with a rule; votes of a discussion have entries of their own. An entry that tells no vote (of an earlier
    version, or of a round without one) has nothing behind it.
    """
    found: dict[tuple[str, int], str] = {}
    cast: dict[tuple[str, ...], list[str | bool]] = {}
    read: dict[tuple[str, str | None], Labels] = {}
    for entry in sorted(entries, key=lambda one: (one.stream, one.seq)):
        task = tasks.get(str(entry.data.get("task_id"))) if entry.event == "TaskCompleted" else None
        rule = _rule(session, task) if task is not None else None
        vote = entry.data.get("variables", {}).get(rule.vote) if rule is not None else None
        if task is None or rule is None or not isinstance(vote, (str, bool)):
            continue
        form = (task.package_hash, task.form_key)
        if form not in read:
            read[form] = _labels(session, task, rule)
        votes = cast.setdefault((task.instance_id, task.process_key, task.element_id), [])
        votes.append(vote)
        said, outcome = _word(vote, read[form]), _outcome(entry, task, rule, votes, read[form])
        found[entry.stream, entry.seq] = bilingual(f"，{said}", f", {said}") + outcome
    return found


def _rule(session: Session, task: Task) -> Signing | None:
    if task.act == "vote" or not places.is_round(session, task):
        return None
    multi = packages.definition(session, task.package_hash).nodes[task.element_id].multi
    return multi.signing if multi is not None else None


def _labels(session: Session, task: Task, rule: Signing) -> Labels:
    form = offering.whole_form(session, task)
    options = next((item.options for item in form.fields if item.key == rule.vote), ())
    return {one.value: bilingual(one.label, one.label_en) for one in options}


def _word(vote: str | bool, labels: Labels) -> str:
    """A vote as one reads it: the choice as the form has it; a box that is ticked or not."""
    if isinstance(vote, bool):
        return bilingual("同意", "agreed") if vote else bilingual("不同意", "did not agree")
    return labels.get(vote, vote)


def _outcome(entry: Entry, task: Task, rule: Signing, votes: list[str | bool], labels: Labels) -> str:
    """How a round came out that ended with an entry: its last votes, as many as it says."""
    passed = entry.data.get("passed", ())
    whole = (one for one in passed if (one.get("kind"), one.get("element_id")) == ("multiInstance", task.element_id))
    ended = next(whole, None)
    count = ended["inputs"].get("nrOfCompletedInstances") if ended is not None else None
    if ended is None or not isinstance(count, int) or not 0 < count <= len(votes):
        return ""
    last = votes[-count:]
    agreed = sum(rule.consents(one) for one in last)
    outcome = rule.decided(int(ended["inputs"].get("nrOfInstances", count)), agreed, count)
    words = [_word(one, labels) for one in last]
    tally = [f"{one} {words.count(one)}" for one in dict.fromkeys([*labels.values(), *words]) if one in words]
    went = outcome == ACCEPTED
    return bilingual(
        f"（会签结果：{'、'.join(tally)}，{'通过' if went else '未通过'}）",
        f" (the round: {', '.join(tally)}; {'passed' if went else 'not passed'})",
    )
