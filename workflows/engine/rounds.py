"""The rule by which a round of signers (会签) decides: read from the diagram, asked after each signature.

Data on a multi-instance user task (camunda:properties): `signing` is `all`, `any`, `share:0.66` or `sequential`;
`outcome` names the variable that tells gateways "accepted" or "rejected"; `vote` names the answer's variable
("vote" where it is not said), `agrees` the value that consents ("yes"). The round ends when its outcome can no
longer change, which is not at the first refusal unless all have to agree.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from lxml import etree

from workflows.engine.reader import Reader
from workflows.engine.variables import may_name

ACCEPTED, REJECTED = "accepted", "rejected"
PROPERTIES = ("signing", "outcome", "vote", "agrees")
_SHARE = re.compile(r"share:(0\.[0-9]{1,4}|1(?:\.0{1,4})?)")


@dataclass(frozen=True, slots=True)
class Signing:
    """share: of those asked now who must agree; None where one is enough."""

    share: Fraction | None
    outcome: str
    vote: str
    agrees: str

    def consents(self, value: object) -> bool:
        """Whether a vote is one for it."""
        return value is True or (isinstance(value, str) and value == self.agrees)

    def needed(self, total: int) -> int:
        """How many of so many in the round must agree."""
        return 1 if self.share is None else max(1, -(-total * self.share.numerator // self.share.denominator))

    def decided(self, total: int, agreed: int, done: int) -> str | None:
        """The outcome, as soon as nobody who is still to sign can change it; None until then.

        total: those in the round now; agreed, done: who agreed, and who signed. A round of nobody accepts nothing.
        """
        needed = self.needed(total)
        if agreed >= needed:
            return ACCEPTED
        return REJECTED if agreed + total - done < needed else None


def read(reader: Reader, node: etree._Element, own: Mapping[str, str], *, sequential: bool, conditional: bool
         ) -> Signing | None:  # fmt: skip
    """The rule of an activity with several instances, if it names one; what does not fit is noted.

    conditional: whether it has a completion condition too, which would be a second rule.
    """
    said = own.get("signing")
    if said is None:
        return None
    share, outcome, vote = _share(said), own.get("outcome", ""), own.get("vote", "vote")
    fits = node.tag.endswith("}userTask") and not conditional and (said != "sequential" or sequential)
    if share is None or not fits or not may_name(outcome) or not may_name(vote) or outcome == vote:
        reader.refuse("diagram.signing", node, value=said)
        return None
    return Signing(None if said == "any" else share, outcome, vote, own.get("agrees", "yes"))


def _share(said: str) -> Fraction | None:
    if said in ("all", "any", "sequential"):
        return Fraction(1)
    found = _SHARE.fullmatch(said)
    return Fraction(found[1]) if found and Fraction(found[1]) > 0 else None
