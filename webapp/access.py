"""Who may call which endpoint. What is not in the table may be called by nobody.

This is the outer door: it asks for a login and, on some endpoints, for a role. Whether this person may see this case or
take this task is asked behind it, by `workflows.cases.access` and by the commands.
"""

from __future__ import annotations

from flask import Flask, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.api import machines
from workflows.errors import Forbidden

PUBLIC = frozenset({"public"})
"""Anybody on the network, logged in or not."""

PEOPLE = frozenset({"people"})
"""Everybody who is logged in, whatever their roles."""

MACHINES = frozenset({"machines"})
"""Programs with a machine account, by their token; no person, whatever their roles."""

HOLDERS = frozenset({"holders"})
"""Whoever holds a living session, like PEOPLE; the endpoint looks it up itself, together with what it is asked."""

STUDIO_READERS = frozenset({"sys_admin", "sec_admin", "auditor"})
"""Those who may look at drafts and releases; only the first of them changes anything (`workflows.diagrams.drafts`)."""

ADMINISTRATORS = frozenset({"sys_admin", "sec_admin", "auditor"})
"""The three administrators; which of them changes what is in the rows, and asked again by the commands."""

SYSTEM_ADMINISTRATOR = frozenset({"sys_admin"})
SECURITY_ADMINISTRATOR = frozenset({"sec_admin"})

TABLE: dict[str, frozenset[str]] = {
    "static": PUBLIC,
    "public.home": PUBLIC,
    "public.login": PUBLIC,
    "public.enter": PUBLIC,
    "public.choose_language": PUBLIC,
    "public.choose_appearance": PUBLIC,
    "public.healthz": PUBLIC,
    "public.readyz": PUBLIC,
    "external_tasks.fetch_and_lock": MACHINES,
    "external_tasks.complete": MACHINES,
    "external_tasks.bpmn_error": MACHINES,
    "external_tasks.failure": MACHINES,
    "external_tasks.extend_lock": MACHINES,
    "external_tasks.lock": MACHINES,
    "external_tasks.unlock": MACHINES,
    "external_tasks.index": MACHINES,
    "external_tasks.count": MACHINES,
    "external_tasks.show": MACHINES,
    "account.logout": PEOPLE,
    "account.show": PEOPLE,
    "account.sessions": PEOPLE,
    "account.revoke": PEOPLE,
    "account.revoke_others": PEOPLE,
    "account.change_password": PEOPLE,
    "desk.show": PEOPLE,
    "desk.bulk": PEOPLE,
    "desk.export": PEOPLE,
    "lists.columns": PEOPLE,
    "lists.choose_columns": PEOPLE,
    "lists.filters": PEOPLE,
    "lists.save": PEOPLE,
    "lists.share": PEOPLE,
    "lists.delete": PEOPLE,
    "lists.open_with": PEOPLE,
    "copies.show": PEOPLE,
    "copies.send": PEOPLE,
    "copies.acknowledge": PEOPLE,
    "tasks.show": PEOPLE,
    "tasks.preview": PEOPLE,
    "tasks.redraw": PEOPLE,
    "tasks.claim": PEOPLE,
    "tasks.release": PEOPLE,
    "tasks.draft": PEOPLE,
    "tasks.complete": PEOPLE,
    "tasks.hand_back": PEOPLE,
    "operators.show": PEOPLE,
    "operators.act": PEOPLE,
    "operators.show_case": PEOPLE,
    "operators.act_case": PEOPLE,
    "substitutes.index": PEOPLE,
    "substitutes.name": PEOPLE,
    "substitutes.end": PEOPLE,
    "search.show": PEOPLE,
    "cases.index": PEOPLE,
    "cases.new": frozenset({"case_officer"}),
    "cases.redraw": frozenset({"case_officer"}),
    "cases.create": frozenset({"case_officer"}),
    "cases.show": PEOPLE,
    "cases.diagram": PEOPLE,
    "casework.add_material": PEOPLE,
    "casework.supersede_material": PEOPLE,
    "casework.flag_suspicion": PEOPLE,
    "casework.add_officer": PEOPLE,
    "casework.add_party": PEOPLE,
    "casework.change_party": PEOPLE,
    "casework.allege_matter": PEOPLE,
    "casework.remove_officer": PEOPLE,
    "files.material": PEOPLE,
    "reading.show": PEOPLE,
    "reading.pin": PEOPLE,
    "reading.withdraw": PEOPLE,
    "remarks.make": PEOPLE,
    "remarks.answer": PEOPLE,
    "tasks.keep": PEOPLE,
    "files.document": PEOPLE,
    "live.look": HOLDERS,
    "notices.index": PEOPLE,
    "notices.mark_read": PEOPLE,
    "notifying.show": PEOPLE,
    "notifying.choose": PEOPLE,
    "notifying.trial": PEOPLE,
    "notifying.retry": PEOPLE,
    "notifying.failures": frozenset({"sys_admin"}),
    "catalogue.index": PEOPLE,
    "catalogue.show": PEOPLE,
    "catalogue.new": frozenset({"legal_reviewer", "sys_admin"}),
    "catalogue.end": frozenset({"legal_reviewer", "sys_admin"}),
    "catalogue.create": frozenset({"legal_reviewer", "sys_admin"}),
    "studio.index": STUDIO_READERS,
    "studio.process": STUDIO_READERS,
    "studio.compare": STUDIO_READERS,
    "studio.drawing_of": STUDIO_READERS,
    "studio.export": STUDIO_READERS,
    "drafts.show": STUDIO_READERS,
    "drafts.copy": STUDIO_READERS,
    "drafts.export": STUDIO_READERS,
    "editing.file": STUDIO_READERS,
    "editing.choices": STUDIO_READERS,
    "editing.check": STUDIO_READERS,
    "editing.diagram": STUDIO_READERS,
    "editing.description": STUDIO_READERS,
    "editing.decision": STUDIO_READERS,
    "editing.form": STUDIO_READERS,
    "releases.show": STUDIO_READERS,
    "migrations.plan": STUDIO_READERS,
    "migrations.show": STUDIO_READERS,
    "paths.show": STUDIO_READERS,
    "trying.index": STUDIO_READERS,
    "trying.begin": frozenset({"sys_admin"}),
    "trying.show": frozenset({"sys_admin"}),
    "trying.diagram": frozenset({"sys_admin"}),
    "trying.redraw": frozenset({"sys_admin"}),
    "trying.move": frozenset({"sys_admin"}),
    "trying.undo": frozenset({"sys_admin"}),
    "trying.discard": frozenset({"sys_admin"}),
    "replays.show": STUDIO_READERS,
    "replays.ask": frozenset({"sys_admin"}),
    "replays.stop": frozenset({"sys_admin"}),
    "trials.record": frozenset({"sys_admin"}),
    "trials.run": frozenset({"sys_admin"}),
    "trials.update": frozenset({"sys_admin"}),
    "trials.open_test": frozenset({"sys_admin"}),
    "drafts.new": frozenset({"sys_admin"}),
    "drafts.create": frozenset({"sys_admin"}),
    "drafts.rename": frozenset({"sys_admin"}),
    "drafts.discard": frozenset({"sys_admin"}),
    "drafts.undo": frozenset({"sys_admin"}),
    "drafts.upload": frozenset({"sys_admin"}),
    "drafts.rename_file": frozenset({"sys_admin"}),
    "drafts.remove_file": frozenset({"sys_admin"}),
    "drafts.take_copy": frozenset({"sys_admin"}),
    "drafts.drop_copy": frozenset({"sys_admin"}),
    "editing.save": frozenset({"sys_admin"}),
    "editing.reading": frozenset({"sys_admin"}),
    "editing.remove": frozenset({"sys_admin"}),
    "adding.create": frozenset({"sys_admin"}),
    "adding.in_editor": frozenset({"sys_admin"}),
    "mending.leftovers": frozenset({"sys_admin"}),
    "mending.in_editor": frozenset({"sys_admin"}),
    "upgrades.take_side": frozenset({"sys_admin"}),
    "releases.ask": frozenset({"sys_admin"}),
    "releases.approve": frozenset({"sys_admin"}),
    "releases.reject": frozenset({"sys_admin"}),
    "releases.withdraw": frozenset({"sys_admin"}),
    "migrations.ask": frozenset({"sys_admin"}),
    "migrations.approve": frozenset({"sys_admin"}),
    "migrations.reject": frozenset({"sys_admin"}),
    "migrations.withdraw": frozenset({"sys_admin"}),
    "migrations.undo": frozenset({"sys_admin"}),
    "operations.index": STUDIO_READERS,
    "operations.retry": frozenset({"sys_admin"}),
    "operations.stuck": STUDIO_READERS,
    "running.index": STUDIO_READERS,
    "running.show": STUDIO_READERS,
    "running.diagram": STUDIO_READERS,
    "running.step": STUDIO_READERS,
    "running.export": STUDIO_READERS,
    "running.suspend": frozenset({"sys_admin"}),
    "running.resume": frozenset({"sys_admin"}),
    "repairs.instance": STUDIO_READERS,
    "repairs.index": STUDIO_READERS,
    "repairs.show": STUDIO_READERS,
    "repairs.ask": frozenset({"sys_admin"}),
    "repairs.approve": frozenset({"sys_admin", "sec_admin"}),
    "repairs.reject": frozenset({"sys_admin", "sec_admin"}),
    "repairs.withdraw": frozenset({"sys_admin"}),
    "form_preview.show": frozenset({"sys_admin"}),
    "house_people.index": ADMINISTRATORS,
    "house_people.show": ADMINISTRATORS,
    "house_people.new": SYSTEM_ADMINISTRATOR,
    "house_people.enter": SYSTEM_ADMINISTRATOR,
    "house_people.rename": SYSTEM_ADMINISTRATOR,
    "house_people.disable": SYSTEM_ADMINISTRATOR | SECURITY_ADMINISTRATOR,
    "house_people.enable": SYSTEM_ADMINISTRATOR,
    "house_people.issue_password": SECURITY_ADMINISTRATOR,
    "house_people.end_sessions": SECURITY_ADMINISTRATOR,
    "house_posts.give": SECURITY_ADMINISTRATOR,
    "house_posts.end": SECURITY_ADMINISTRATOR,
    "house_posts.approve": SYSTEM_ADMINISTRATOR | SECURITY_ADMINISTRATOR,
    "house_posts.reject": SYSTEM_ADMINISTRATOR | SECURITY_ADMINISTRATOR,
    "house_posts.enter_certificate": SECURITY_ADMINISTRATOR,
    "house_posts.end_certificate": SECURITY_ADMINISTRATOR,
    "house_units.index": ADMINISTRATORS,
    "house_units.show": ADMINISTRATORS,
    "house_units.enter": SYSTEM_ADMINISTRATOR,
    "house_units.rename": SYSTEM_ADMINISTRATOR,
    "house_units.move": SYSTEM_ADMINISTRATOR,
    "house_units.end": SYSTEM_ADMINISTRATOR,
    "house_calendar.show": PEOPLE,
    "house_calendar.export": PEOPLE,
    "house_calendar.change": SYSTEM_ADMINISTRATOR,
    "house_calendar.load": SYSTEM_ADMINISTRATOR,
    "house_rules.index": PEOPLE,
    "house_rules.ask": SYSTEM_ADMINISTRATOR,
    "house_rules.approve": SYSTEM_ADMINISTRATOR,
    "house_rules.refuse": SYSTEM_ADMINISTRATOR,
    "house_papers.index": ADMINISTRATORS,
    "house_papers.show": ADMINISTRATORS,
    "house_papers.sample": ADMINISTRATORS,
    "house_papers.choose": SYSTEM_ADMINISTRATOR,
    "house_settings.index": ADMINISTRATORS,
    "house_ledger.index": SECURITY_ADMINISTRATOR | frozenset({"auditor"}),
    "house_ledger.verify": SECURITY_ADMINISTRATOR | frozenset({"auditor"}),
    "house_ledger.checkpoint": SECURITY_ADMINISTRATOR | frozenset({"auditor"}),
    "house_sessions.index": SECURITY_ADMINISTRATOR | frozenset({"auditor"}),
    "house_sessions.end": SECURITY_ADMINISTRATOR,
    "house_sessions.end_all": SECURITY_ADMINISTRATOR,
    "meetings.index": PEOPLE,
    "meetings.show": PEOPLE,
}
"""Endpoint → PUBLIC, PEOPLE, HOLDERS, MACHINES, or the roles of which one is needed."""


FIRST = frozenset({
    "account.show", "account.change_password", "account.logout", "static", "public.choose_language",
    "public.choose_appearance", "public.healthz", "public.readyz", "live.look",
})  # fmt: skip
"""What somebody may do whose password was given by an administrator, before it is changed."""


class LoginNeeded(Forbidden):
    """Nobody is logged in; the answer is the login page, not a refusal."""


def init_app(app: Flask) -> None:
    """Ask the table before every request."""
    app.before_request(_ask)


def allowed(endpoint: str, roles: frozenset[str] | None) -> bool:
    """Whether somebody with these roles may call the endpoint; roles None: nobody is logged in."""
    rule = TABLE.get(endpoint, frozenset())
    if rule == PUBLIC:
        return True
    return roles is not None and (rule in (PEOPLE, HOLDERS) or bool(rule & roles))


def _ask() -> ResponseReturnValue | None:
    endpoint = request.endpoint
    if endpoint is None:
        return None  # no such address: Flask answers 404 or 405 itself
    if TABLE.get(endpoint) == MACHINES:
        machines.authenticate()  # the cookie of a browser is not looked at
        return None
    if TABLE.get(endpoint) == HOLDERS:
        return None
    known = current_user.is_authenticated
    roles = current_user.actor.roles if known else None
    if known and current_user.must_change and endpoint not in FIRST:
        if request.method in ("GET", "HEAD"):
            return redirect(url_for("account.show"))
        raise Forbidden("password.must_change")
    if allowed(endpoint, roles):
        return None
    if roles is None and TABLE.get(endpoint):
        raise LoginNeeded("login.needed")
    raise Forbidden("page.forbidden", roles=sorted(TABLE.get(endpoint, frozenset())))
