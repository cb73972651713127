"""Tags and external ids, on any record that carries them."""

from __future__ import annotations

import pytest

from crmcore.access.actor import Access, Actor, ActorType, Scope
from crmcore.customers.actions import add_tags, remove_tags
from crmcore.entities import actions
from crmcore.entities.action import RecordRef
from crmcore.errors import Duplicate, Forbidden
from tests.customers.desk import Desk, said


async def test_tags_are_made_as_they_are_needed(desk: Desk) -> None:
    """addTags makes the tags it does not find, and gives all tags of the record in alphabetical order."""
    row = await desk.person()
    done = await desk.do(add_tags, RecordRef("customer", row["id"]), ["VIP", "ask first"])
    assert ["ask first", "VIP"] == done.names


@pytest.mark.parametrize("again", ["vip", "ＶＩＰ", " VIP "])
async def test_letters_make_no_difference(desk: Desk, again: str) -> None:
    """Capital, small and full-width letters are the same tag."""
    row = await desk.person()
    await desk.do(add_tags, RecordRef("customer", row["id"]), ["VIP"])
    done = await desk.do(add_tags, RecordRef("customer", row["id"]), [again])
    assert (["VIP"], 1) == (done.names, len(await desk.find("tagging")))


async def test_letters_beyond_ascii_make_no_difference(desk: Desk) -> None:
    """É and é, ß and SS are the same, on both databases."""
    await desk.create("tag", name="Été Straße")
    assert isinstance(await desk.refusal(actions.create, "tag", {"name": "ÉTÉ STRASSE"}), Duplicate)


async def test_a_renamed_tag_is_compared_by_its_new_name(desk: Desk) -> None:
    """The compared form follows the name."""
    tag = await desk.create("tag", name="old")
    await desk.update("tag", tag["id"], name="NEW")
    await desk.create("tag", name="old")
    assert isinstance(await desk.refusal(actions.create, "tag", {"name": "new"}), Duplicate)


async def test_tags_come_off(desk: Desk) -> None:
    """removeTags takes off what is there, passes over the rest, and leaves the tag itself."""
    row = await desk.person()
    await desk.do(add_tags, RecordRef("customer", row["id"]), ["a", "b"])
    done = await desk.do(remove_tags, RecordRef("customer", row["id"]), ["A", "unknown"])
    assert (["b"], 2) == (done.names, len(await desk.find("tag")))


async def test_a_tag_needs_a_name(desk: Desk) -> None:
    """Blanks are no name."""
    row = await desk.person()
    no = await desk.refusal(add_tags, RecordRef("customer", row["id"]), ["  "])
    assert {("names", "REQUIRED")} == said(no)


async def test_not_everything_carries_tags(desk: Desk) -> None:
    """A tag carries no tags."""
    tag = await desk.create("tag", name="a")
    no = await desk.refusal(add_tags, RecordRef("tag", tag["id"]), ["b"])
    assert {("record", "WRONG_ID_TYPE")} == said(no)


def _somebody(**scopes: Scope) -> Actor:
    given = {name.replace("__", ":"): scope for name, scope in scopes.items()}
    return Actor(ActorType.USER, "user_2", "Ben", access=Access(scopes=given))


async def test_marking_needs_the_right_to_change_the_record(desk: Desk) -> None:
    """Who may only read a customer does not mark it."""
    row = await desk.person()
    ben = _somebody(customer__read=Scope.ALL, tag__read=Scope.ALL, tag__create=Scope.ALL)
    for names in (["a"], []):
        assert isinstance(await desk.refusal(add_tags, RecordRef("customer", row["id"]), names, by=ben), Forbidden)
        assert isinstance(await desk.refusal(remove_tags, RecordRef("customer", row["id"]), names, by=ben), Forbidden)


async def test_a_new_tag_needs_the_right_to_make_tags(desk: Desk) -> None:
    """Who may change the customer uses the tags there are, and makes none without tag:create."""
    row = await desk.person()
    await desk.create("tag", name="known")
    ben = _somebody(customer__read=Scope.ALL, customer__update=Scope.ALL, tag__read=Scope.ALL)
    record = RecordRef("customer", row["id"])
    assert ["known"] == (await desk.do(add_tags, record, ["known"], by=ben)).names
    assert isinstance(await desk.refusal(add_tags, record, ["unknown"], by=ben), Forbidden)


async def test_tags_and_ids_go_with_their_record(desk: Desk) -> None:
    """Destroying a record leaves neither taggings nor external ids."""
    row = await desk.person()
    await desk.do(add_tags, RecordRef("customer", row["id"]), ["a"])
    await desk.create("external_id", system="sap", external_id="1", record_id=row["id"], record_type="customer")
    await desk.do(actions.destroy, "customer", row["id"])
    assert ([], []) == (await desk.find("tagging"), await desk.find("external_id"))


async def test_an_external_id_names_one_record(desk: Desk) -> None:
    """Within a system and an entity an external id is unique; another system may use it too."""
    a, b = await desk.person("A"), await desk.person("B")
    named = {"system": "sap", "external_id": "4711", "record_type": "customer"}
    await desk.create("external_id", **named, record_id=a["id"])
    assert isinstance(await desk.refusal(actions.create, "external_id", {**named, "record_id": b["id"]}), Duplicate)
    await desk.create("external_id", **{**named, "system": "shopify"}, record_id=b["id"])


async def test_a_deleted_external_id_is_free(desk: Desk) -> None:
    """Unique keys ignore deleted rows."""
    a, b = await desk.person("A"), await desk.person("B")
    named = {"system": "sap", "external_id": "4711", "record_type": "customer"}
    row = await desk.create("external_id", **named, record_id=a["id"])
    await desk.do(actions.delete, "external_id", row["id"])
    await desk.create("external_id", **named, record_id=b["id"])


async def test_an_external_id_is_upserted(desk: Desk) -> None:
    """The key EXTERNAL_ID finds what an import wrote before."""
    row = await desk.person()
    values = {"system": "sap", "external_id": "4711", "record_id": row["id"], "record_type": "customer"}
    _, first = await desk.do(actions.upsert, "external_id", values, on="EXTERNAL_ID")
    _, second = await desk.do(actions.upsert, "external_id", values, on="EXTERNAL_ID")
    assert (True, False) == (first, second)
