"""Bronze: what `quality.toml` claims can be understood."""

from __future__ import annotations

from collections.abc import AsyncIterator

from crmcore.contract.claims import FILE
from crmcore.contract.rule import RULES, Shortfall, Tier, rule
from crmcore.contract.subject import Subject

__all__ = ["claims_can_be_read"]


@rule(Tier.BRONZE)
async def claims_can_be_read(subject: Subject) -> AsyncIterator[Shortfall]:
    """A claim about a rule that does not exist, or an exemption without a reason, looks like quality and is none.

    The tier is one of three, each rule it names exists and is "done", "todo" or exempt for a reason that is given, and no
    rule of the claimed tier is still to do. A plugin without the file claims nothing, and is checked all the same.
    """
    for unread in subject.claims.unread:
        yield unread
    for unknown in subject.claims.unknown([each.name for each in RULES]):
        yield unknown
    if (tier := subject.claims.tier) is None:
        return
    for each in RULES:
        if each.tier <= tier and subject.claims.rules.get(each.name) == "todo":
            what = f"{FILE} claims {tier}, and says that {each.name}, which is {each.tier}, is to do."
            yield Shortfall(what, "Do it, or claim the tier that is reached.")
