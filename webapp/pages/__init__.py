"""One blueprint for each place a user goes."""

from webapp.pages import account, cases, desk, files, meetings, public, tasks

BLUEPRINTS = (
    public.blueprint,
    desk.blueprint,
    tasks.blueprint,
    cases.blueprint,
    files.blueprint,
    meetings.blueprint,
    account.blueprint,
)
"""All places of the web."""
