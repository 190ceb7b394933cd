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
    meetings,
    notices,
    operators,
    public,
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
    cases.blueprint,
    casework.blueprint,
    files.blueprint,
    meetings.blueprint,
    notices.blueprint,
    catalogue.blueprint,
    account.blueprint,
)
"""All places of the web."""
