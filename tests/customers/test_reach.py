"""Contact points, addresses and relations."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from crmcore.customers.actions.normal import normalized
from crmcore.customers.tables import ContactType
from crmcore.entities import actions
from crmcore.errors import Duplicate
from tests.customers.desk import Desk


@pytest.mark.parametrize(
    ("type", "given", "kept"),
    [
        ("EMAIL", "Ana.Ruiz@Example.COM", "ana.ruiz@example.com"),
        ("EMAIL", "ana@BÜCHER.example", "ana@xn--bcher-kva.example"),
        ("EMAIL", "ana@xn--bcher-kva.example", "ana@xn--bcher-kva.example"),
        ("EMAIL", "ana@straße.example", "ana@xn--strae-oqa.example"),
        ("EMAIL", "用户@例子。中国".replace("。", "."), "用户@xn--fsqu00a.xn--fiqs8s"),
        ("PHONE", "+86 (10) 1234-5678", "+861012345678"),
        ("PHONE", "0049 30 1234", "+49301234"),
        ("PHONE", "+44 20 7946 0000 ext. 12", "+442079460000"),
        ("MOBILE", "138 0013 8000", "13800138000"),
        ("MOBILE", "1380013800０", "13800138000"),
        ("WEB", "HTTPS://Shop.Example/Bags/", "https://shop.example/Bags"),
        ("SOCIAL", "@AnaRuiz", "anaruiz"),
        ("MESSENGER", "WeiXin_88", "weixin_88"),
    ],
)
def test_one_thing_has_one_compared_form(type: str, given: str, kept: str) -> None:
    """Spellings that reach the same place compare equal."""
    assert kept == normalized(ContactType[type], given)


@pytest.mark.parametrize(
    ("type", "given"),
    [
        ("EMAIL", "ana"),
        ("EMAIL", "ana@"),
        ("EMAIL", "a na@example.com"),
        ("EMAIL", "ana@localhost"),
        ("PHONE", "call me"),
        ("PHONE", "12"),
        ("WEB", "shop"),
        ("WEB", "javascript:alert(1)"),
    ],
)
async def test_what_reaches_nobody_is_refused(desk: Desk, type: str, given: str) -> None:
    """A value must look like what its type says."""
    row = await desk.person()
    assert {("value", "MALFORMED")} == await desk.no("contact_point", customer_id=row["id"], type=type, value=given)


async def test_both_spellings_are_kept(desk: Desk) -> None:
    """What people typed stays beside the compared form, and follows it."""
    row = await desk.person()
    point = await desk.create("contact_point", customer_id=row["id"], type="EMAIL", value="Ana@Example.com")
    assert ("Ana@Example.com", "ana@example.com") == (point["value"], point["normalized"])
    point = await desk.update("contact_point", point["id"], value="Ana@Other.com")
    assert "ana@other.com" == point["normalized"]


async def test_a_customer_has_a_contact_point_once(desk: Desk) -> None:
    """The same address in another spelling is a duplicate; with another customer it is not."""
    row, other = await desk.person("A"), await desk.person("B")
    await desk.create("contact_point", customer_id=row["id"], type="EMAIL", value="ana@example.com")
    again = {"customer_id": row["id"], "type": "EMAIL", "value": "ANA@example.com"}
    assert isinstance(await desk.refusal(actions.create, "contact_point", again), Duplicate)
    await desk.create("contact_point", customer_id=other["id"], type="EMAIL", value="ana@example.com")


async def test_a_new_value_has_yet_to_be_seen_to_work(desk: Desk) -> None:
    """What was known about the old value does not hold for the new one."""
    row = await desk.person()
    seen = {"state": "VALID", "verified_at": datetime(2026, 1, 1, tzinfo=UTC)}
    point = await desk.create("contact_point", customer_id=row["id"], type="EMAIL", value="a@example.com", **seen)
    point = await desk.update("contact_point", point["id"], value="b@example.com")
    assert ("UNKNOWN", None) == (point["state"], point["verified_at"])


async def _primaries(desk: Desk, entity: str) -> list[bool]:
    return [row["is_primary"] for row in await desk.find(entity)]


async def test_one_primary_a_type(desk: Desk) -> None:
    """A new primary e-mail takes over from the old one; the telephone stays."""
    row = await desk.person()
    for type, value in (("EMAIL", "a@example.com"), ("PHONE", "12345"), ("EMAIL", "b@example.com")):
        await desk.create("contact_point", customer_id=row["id"], type=type, value=value, is_primary=True)
    assert [False, True, True] == await _primaries(desk, "contact_point")


async def test_choosing_another_primary_by_update(desk: Desk) -> None:
    """Update takes over like create, and the one that lost it has a new version."""
    row = await desk.person()
    a = await desk.create("contact_point", customer_id=row["id"], type="EMAIL", value="a@example.com", is_primary=True)
    b = await desk.create("contact_point", customer_id=row["id"], type="EMAIL", value="b@example.com")
    await desk.update("contact_point", b["id"], is_primary=True)
    assert [False, True] == await _primaries(desk, "contact_point")
    assert 2 == (await desk.get("contact_point", a["id"]))["version"]


async def test_a_change_of_type_takes_over_there(desk: Desk) -> None:
    """A primary number that becomes a mobile number is the primary mobile number."""
    row = await desk.person()
    a = await desk.create("contact_point", customer_id=row["id"], type="PHONE", value="11111", is_primary=True)
    await desk.create("contact_point", customer_id=row["id"], type="MOBILE", value="22222", is_primary=True)
    await desk.update("contact_point", a["id"], type="MOBILE")
    assert [True, False] == await _primaries(desk, "contact_point")


async def test_a_restored_primary_takes_over(desk: Desk) -> None:
    """What comes back as primary is primary."""
    row = await desk.person()
    a = await desk.create("contact_point", customer_id=row["id"], type="EMAIL", value="a@example.com", is_primary=True)
    await desk.do(actions.delete, "contact_point", a["id"])
    await desk.create("contact_point", customer_id=row["id"], type="EMAIL", value="b@example.com", is_primary=True)
    await desk.do(actions.restore, "contact_point", a["id"])
    assert [True, False] == await _primaries(desk, "contact_point")


async def test_one_primary_address_a_type(desk: Desk) -> None:
    """Addresses keep one primary of each type."""
    row = await desk.person()
    for city in ("上海", "北京"):
        await desk.create("address", customer_id=row["id"], type="HOME", city=city, country="cn", is_primary=True)
    assert [False, True] == await _primaries(desk, "address")


async def test_a_place_has_two_coordinates(desk: Desk) -> None:
    """Half a coordinate is nowhere."""
    row = await desk.person()
    assert {("latitude", "INCOMPLETE")} == await desk.no("address", customer_id=row["id"], type="HOME", latitude=48.2)


async def test_an_address_keeps_its_lines(desk: Desk) -> None:
    """An address may have several lines."""
    row = await desk.person()
    address = await desk.create("address", customer_id=row["id"], type="OFFICE", lines="No. 8\n长安街 1 号")
    assert "No. 8\n长安街 1 号" == address["lines"]


async def test_nobody_relates_to_themselves(desk: Desk) -> None:
    """A relation has two ends."""
    row = await desk.person()
    no = await desk.no("customer_relation", from_id=row["id"], to_id=row["id"], type="PARTNER")
    assert {("toId", "SAME_RECORD")} == no


async def test_a_relation_is_made_once(desk: Desk) -> None:
    """From, to, type and role together are unique; another role is another relation."""
    a, b = await desk.person("A"), await desk.organization("B")
    ends = {"from_id": a["id"], "to_id": b["id"], "type": "EMPLOYED_BY"}
    await desk.create("customer_relation", **ends)
    assert isinstance(await desk.refusal(actions.create, "customer_relation", ends), Duplicate)
    await desk.create("customer_relation", **ends, role="chief buyer")


async def test_a_relation_does_not_end_before_it_begins(desk: Desk) -> None:
    """Dates of a relation are in order."""
    a, b = await desk.person("A"), await desk.organization("B")
    dates = {"started_on": date(2025, 1, 2), "ended_on": date(2025, 1, 1)}
    no = await desk.no("customer_relation", from_id=a["id"], to_id=b["id"], type="EMPLOYED_BY", **dates)
    assert {("endedOn", "BEFORE_START")} == no


async def test_one_main_employer(desk: Desk) -> None:
    """A new main relation of a type takes over from the old one."""
    a, b, c = await desk.person("A"), await desk.organization("B"), await desk.organization("C")
    for employer in (b, c):
        await desk.create(
            "customer_relation", from_id=a["id"], to_id=employer["id"], type="EMPLOYED_BY", is_primary=True
        )
    assert [False, True] == await _primaries(desk, "customer_relation")


async def test_children_go_with_their_customer(desk: Desk) -> None:
    """Destroying a customer destroys its contact points, addresses and relations."""
    a, b = await desk.person("A"), await desk.organization("B")
    await desk.create("contact_point", customer_id=a["id"], type="PHONE", value="12345")
    await desk.create("address", customer_id=a["id"], type="HOME")
    await desk.create("customer_relation", from_id=b["id"], to_id=a["id"], type="PARTNER")
    await desk.do(actions.destroy, "customer", a["id"])
    for entity in ("contact_point", "address", "customer_relation"):
        assert [] == await desk.find(entity)
