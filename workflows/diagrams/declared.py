"""What a package has that fits its diagram no more: entries of elements that are gone, lists left empty, forms that
no step uses.

None of it keeps a process from running: they are warnings, and the other checks go on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflows.actors import ROLES
from workflows.diagrams import description, leftovers, statutory
from workflows.diagrams.proof import WARNING, Finding
from workflows.diagrams.statutory_deeds import act_of
from workflows.diagrams.statutory_rules import law
from workflows.documents.kinds.registry import KINDS
from workflows.engine.definition import Definition
from workflows.engine.plain_yaml import line_of

ISSUED: Mapping[str, tuple[str, ...]] = {
    "notice": ("penalty_notice",), "review_conclusion": ("review_opinion",), "minutes": ("discussion_record",),
    "decision": ("penalty_decision", "no_penalty_decision"), "transfer": ("referral_letter",),
}  # fmt: skip
"""Act → the kinds of documents that it issues."""


def check(definition: Definition) -> Iterator[Finding]:
    """One warning for all entries of elements that are not drawn, one for each empty list of what it has, and one for
    each form that no step uses.
    """
    said = description.read(definition.package)
    told = leftovers.told(definition.package, said)
    if told is not None and not told.binding:
        file, _, entry = told.problem.place.partition("#")
        yield Finding(told.problem.code, definition.key, entry, WARNING, facts=told.problem.facts, file=file,
                      line=told.problem.line)  # fmt: skip
    for key, lacks in _used(definition).items():
        if said.get(key) == [] and lacks:
            words = {lang: "、".join(pair[number] for pair in lacks) for number, lang in enumerate(("zh", "en"))}
            yield _warned("process.list_empty", definition, (key,), lacks=words)
    used = {element.form_key for element in definition.elements.values()}
    for path in definition.package.named(".form"):
        if path.removeprefix("forms/").removesuffix(".form") not in used:
            yield Finding("lint.form_unused", definition.key, severity=WARNING, facts={"form": path}, file=path)


def _used(definition: Definition) -> dict[str, list[tuple[str, str]]]:
    """List of `process.yaml` → what would have to stand in it, in Chinese and English."""
    opens, acts = statutory.opens_cases(definition), {act_of(node) for node in definition.nodes.values()}
    beside = sorted(law().begins.keys() - {""}) if opens else []
    issued = [kind for act in ISSUED if act in acts for kind in ISSUED[act]]
    return {
        "kinds": [(kind, kind) for kind in statutory.kinds_of(definition, ())],
        "roles": [ROLES[role] for role in ROLES if role in definition.roles],
        "documents": [(KINDS[kind].zh, KINDS[kind].en) for kind in issued],
        "starts": [(key, key) for key in beside if key != definition.key],
    }


def _warned(code: str, definition: Definition, keys: tuple[str, ...], **facts: object) -> Finding:
    file = description.FILE
    line, entry = line_of(definition.package.files[file], *keys), ".".join(keys)
    return Finding(code, definition.key, entry, WARNING, facts={"entry": entry, **facts}, file=file, line=line)
