"""One blueprint for each place a user goes."""

from webapp.pages import account, cases, casework, desk, files, meetings, public, tasks

BLUEPRINTS = (
    public.blueprint,
    desk.blueprint,
    tasks.blueprint,
    cases.blueprint,
    casework.blueprint,
    files.blueprint,
    meetings.blueprint,
    account.blueprint,
)
"""All places of the web."""
