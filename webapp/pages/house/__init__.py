"""The administrators' house: people and units, the calendar, rules, papers, settings and the ledger.

Three administrators use it (三员分立, docs/decisions/0020-administrators.md); the commands ask what each may do.
"""

from webapp.pages.house import people, posts, sessions, units

BLUEPRINTS = (people.blueprint, posts.blueprint, units.blueprint, sessions.blueprint)
"""The places of the house."""
