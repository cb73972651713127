"""Demonstration data: members who have earned and spent, in a ledger that is whole."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from click.testing import CliRunner

from crmcore.cli import main

_COUNTS = "programs members accruals redemptions tiers purchases tickets"
_SQL = """
    select (select count(*) from loyalty_program), (select count(*) from loyalty_member), (select count(*) from loyalty_transaction where kind = 'ACCRUAL'),
    (select count(*) from loyalty_transaction where kind in ('REDEMPTION', 'RESERVATION') and status = 'POSTED'),
    (select count(*) from loyalty_standing where tier_id is not null), (select count(*) from loyalty_reward_purchase),
    (select count(*) from loyalty_ticket where status = 'REGISTERED')
"""


def test_the_demonstration_shows_a_program_at_work(tmp_path: Path) -> None:
    """Orders have earned, members stand in tiers, have taken rewards and go out; the books are right, and made once."""
    url = f"sqlite:///{tmp_path / 'crm.db'}"
    for words in (
        ["migrate"],
        ["seed", "--size", "150"],
        ["seed", "--size", "9", "--seed", "2"],
        ["loyalty", "verify"],
    ):
        done = CliRunner().invoke(main, [*words, "--database", url])
        assert (0, words) == (done.exit_code, words), done.output
    with closing(sqlite3.connect(tmp_path / "crm.db")) as database:
        counts = dict(zip(_COUNTS.split(), database.execute(_SQL).fetchone(), strict=True))

    assert 1 == counts["programs"]
    assert {} == {what: count for what, count in counts.items() if not count}
    assert counts["accruals"] > counts["members"] > counts["redemptions"]
