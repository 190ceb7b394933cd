"""The administrators' house: people and units, the calendar, rules, papers, settings and the ledger.

Three administrators use it (三员分立, docs/decisions/0020-administrators.md); the commands ask what each may do.
"""

from webapp.pages.house import calendar, ledger, papers, people, posts, rules, sessions, settings, units

BLUEPRINTS = (
    people.blueprint, posts.blueprint, units.blueprint, sessions.blueprint, calendar.blueprint, rules.blueprint,
    papers.blueprint, settings.blueprint, ledger.blueprint,
)  # fmt: skip
"""The places of the house."""
