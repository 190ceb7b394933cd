"""The ways out of the house that an installation has, as its settings say."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.notices.hook import Hook
from workflows.notices.mail import Mail


@dataclass(frozen=True, slots=True)
class Channels:
    """address: under which people reach the house, for links; empty: no links. mail, hook: None where there is none."""

    address: str = ""
    mail: Mail | None = None
    hook: Hook | None = None

    @property
    def names(self) -> frozenset[str]:
        """The channels that are there."""
        return frozenset(
            name for name, way in (("email", self.mail), ("webhook", self.hook)) if way is not None
        )

    def hook_accepts(self, url: str) -> bool:
        """Whether somebody may have webhooks sent to this URL."""
        return self.hook is not None and self.hook.accepts(url)


NONE = Channels()
"""An installation that tells people on the page only."""
