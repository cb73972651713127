"""Checks that plugins are bronze, one after the other, on databases that they share; run in the environment that has them."""

from __future__ import annotations

import asyncio
import sys

from crmcore.contract.grounds import Grounds
from crmcore.contract.report import lines_of
from crmcore.contract.rule import Tier
from crmcore.contract.run import check
from crmcore.contract.subject import Subject

if __name__ == "__main__":
    wrong = []
    with Grounds() as grounds:
        for name in sys.argv[1:]:
            report = asyncio.run(check(Subject.installed(name, grounds, dialects=("sqlite",)), Tier.BRONZE))
            wrong += [f"{name}: {line}" for o in report.outcomes if not o.state.counts for line in lines_of(o)]
    sys.exit("\n".join(wrong) or None)
