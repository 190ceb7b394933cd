"""Which page a form stands on, from the address that it is sent to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from flask import current_app, request, url_for
from werkzeug.exceptions import HTTPException

from workflows.store import new_id


class _Answer(Protocol):
    @property
    def status(self) -> int: ...


KEY_LENGTH = 32
"""Characters of a page's key; a form among several on it adds letters of its own."""


def page_of_form() -> str:
    """The page of the form that is sent to the present address; empty where there is none.

    After a refused form the browser shows its address; opened again, or in the other language, it is the page.
    """
    adapter = current_app.create_url_adapter(request)
    if adapter is None:
        return ""
    try:
        endpoint, values = adapter.match(method="POST")
    except HTTPException:
        return ""
    place, _, name = endpoint.partition(".")
    if place == "tasks":
        return url_for("tasks.show", task_id=values["task_id"])
    if place == "operators":
        return url_for("operators.show" if "task_id" in values else "operators.show_case", **values)
    if place == "casework":
        return url_for("cases.show", case_id=values["case_id"], tab="materials" if "material" in name else None)
    if place == "cases":
        return url_for("cases.new", process=request.form.get("process") or None)
    if place == "remarks":
        return _told_at(values["case_id"], "cases.show", tab="talk")
    if place == "reading":
        return _told_at(values["case_id"], "reading.show", read=values.get("material_id"))
    if place == "drafts" and "draft_id" not in values:
        return url_for("drafts.new")
    if "replay_id" in values:
        return url_for("replays.show", **values)
    if place in ("trying", "trials", "replays"):
        return url_for("trying.show" if "play_id" in values else "trying.index", **values)
    if place in ("drafts", "editing") or (name == "ask" and place == "releases"):
        return url_for("drafts.show", draft_id=values["draft_id"])
    if place == "migrations":
        return url_for("migrations.plan" if "key" in values else "migrations.show", **values)
    if place == "releases":
        return url_for("releases.show", release_id=values["release_id"])
    if endpoint == "account.logout":
        return ""
    if place in ("desk", "lists"):
        return url_for("desk.show", list=request.form.get("list") or None)
    if place == "copies":
        return url_for("copies.show", case_id=values["case_id"]) if "case_id" in values else url_for("desk.show")
    if place.startswith("house_"):
        return _of_the_house(place, values)
    if place == "account":
        return url_for("account.sessions" if name.startswith("revoke") else "account.show")
    index = "public.home" if place == "public" else f"{place}.index"
    return url_for(index) if index in current_app.view_functions else ""


def _of_the_house(place: str, values: Mapping[str, Any]) -> str:
    """The page of a form of the administrators: that of the person or unit it is about, else the list."""
    if "person_id" in values:
        return url_for("house_people.show", person_id=values["person_id"])
    if "unit_id" in values:
        return url_for("house_units.show", unit_id=values["unit_id"])
    index = "house_people.index" if place == "house_posts" else f"{place}.index"
    return url_for(index if index in current_app.view_functions else f"{place}.show", year=request.form.get("year"))


def _told_at(case_id: str, page: str, **more: Any) -> str:
    """The page of a form that stands on the page of a task or on that of its case."""
    task_id = request.form.get("task", "")
    if task_id:
        return url_for("tasks.show", task_id=task_id, **more)
    return url_for(page, case_id=case_id, **more)


def form_key(trouble: _Answer | None) -> str:
    """The idempotency key that a page gives to its forms.

    trouble: why the page is drawn again, None for a page that is asked for. A fresh key, but after 503 the
    one that was sent: nobody knows whether the database committed before it fell silent, and the same form sent again
    must not be done twice.
    """
    sent = request.form.get("key", "")[:KEY_LENGTH] if trouble is not None and trouble.status == 503 else ""
    return sent if len(sent) == KEY_LENGTH else new_id()
