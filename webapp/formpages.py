"""Which page a form stands on, from the address that it is sent to."""

from __future__ import annotations

from flask import current_app, request, url_for
from werkzeug.exceptions import HTTPException


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
    if place == "casework":
        return url_for("cases.show", case_id=values["case_id"], tab="materials" if "material" in name else None)
    if place == "cases":
        return url_for("cases.new", process=request.form.get("process") or None)
    if endpoint == "account.logout":
        return ""
    if place == "account":
        return url_for("account.sessions" if name.startswith("revoke") else "account.show")
    index = "public.home" if place == "public" else f"{place}.index"
    return url_for(index) if index in current_app.view_functions else ""
