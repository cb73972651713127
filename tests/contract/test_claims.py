"""Reading `quality.toml`."""

from __future__ import annotations

from pathlib import Path

import pytest

from crmcore.contract.claims import Claims, Exempt, claims_in
from crmcore.contract.rule import Tier


def read(folder: Path, text: str) -> Claims:
    """Read this text as the file."""
    (folder / "quality.toml").write_text(text, "utf-8")
    return claims_in(folder)


def test_no_file_claims_nothing(tmp_path: Path) -> None:
    """A plugin need not claim anything."""
    assert Claims() == claims_in(tmp_path)


def test_everything_can_be_claimed(tmp_path: Path) -> None:
    """A tier, an owner, and of each rule that it is done, to do, or does not apply for a reason."""
    text = """
        tier = "gold"
        owner = " Ada "
        [rules]
        one = "done"
        two = "todo"
        three = {exempt = "It has no tables."}
    """
    claims = Claims(Tier.GOLD, "Ada", {"one": "done", "two": "todo", "three": Exempt("It has no tables.")})
    assert claims == read(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("tier = 'platinum'", "quality.toml claims the tier 'platinum'."),
        ("tier = 3", "quality.toml claims the tier 3."),
        ("owner = 3", "quality.toml gives the owner as 3."),
        ("rules = 'done'", "quality.toml gives rules as 'done'."),
        ("[rules]\none = 'Done'", "quality.toml says 'Done' of the rule one."),
        ("[rules]\none = {exempt = ' '}", "quality.toml exempts the plugin from one without a reason."),
        ("[rules]\none = {exempt = true}", "quality.toml exempts the plugin from one without a reason."),
        ("[rules]\none = {because = 'I say so'}", "quality.toml says {'because': 'I say so'} of the rule one."),
        ("teir = 'gold'", "quality.toml has an entry 'teir' that means nothing."),
    ],
)
def test_what_cannot_be_meant_is_said(tmp_path: Path, text: str, what: str) -> None:
    """Nothing wrong is passed over, and each has a way out."""
    claims = read(tmp_path, text)
    assert [what] == [shortfall.what for shortfall in claims.unread]
    assert claims.unread[0].fix
    assert (None, None, {}) == (claims.tier, claims.owner, claims.rules)


def test_broken_toml_is_said(tmp_path: Path) -> None:
    """The file and the place are named."""
    (unread,) = read(tmp_path, "tier = ").unread
    assert f"{tmp_path / 'quality.toml'} cannot be read: Invalid value (at end of document)." == unread.what


def test_an_unknown_rule_has_a_closest_one(tmp_path: Path) -> None:
    """A typing error is not taken for a rule that is kept."""
    claims = read(tmp_path, "[rules]\na-test-uses-crm = 'done'")
    (unknown,) = claims.unknown(["a-test-uses-the-crm", "claims-can-be-read"])
    assert "quality.toml speaks of a rule 'a-test-uses-crm', which does not exist." == unknown.what
    assert "Did you mean a-test-uses-the-crm?" == unknown.fix
