"""One blueprint for each place a user goes."""

from webapp.pages import (
    account,
    cases,
    casework,
    catalogue,
    copies,
    desk,
    files,
    lists,
    live,
    meetings,
    notices,
    operators,
    public,
    search,
    reading,
    remarks,
    substitutes,
    tasks,
)

BLUEPRINTS = (
    public.blueprint,
    desk.blueprint,
    lists.blueprint,
    copies.blueprint,
    tasks.blueprint,
    operators.blueprint,
    substitutes.blueprint,
    search.blueprint,
    cases.blueprint,
    casework.blueprint,
    files.blueprint,
    reading.blueprint,
    remarks.blueprint,
    meetings.blueprint,
    live.blueprint,
    notices.blueprint,
    catalogue.blueprint,
    account.blueprint,
)
"""All places of the web."""
