"""Fields that an installation defines at run time."""

from __future__ import annotations

from typing import Any

import pytest

from crmcore.entities import actions
from crmcore.errors import Duplicate
from tests.customers.desk import Desk


async def define(desk: Desk, key: str = "size", kind: str = "TEXT", **more: Any) -> Any:
    return await desk.create(
        "custom_field_definition", record_type="customer", key=key, label=key.title(), kind=kind, **more
    )


@pytest.mark.parametrize(
    ("kind", "value"),
    [("TEXT", "大"), ("NUMBER", 42), ("NUMBER", 4.5), ("BOOLEAN", False), ("DATE", "2026-01-31"), ("CHOICE", "M")],
)
async def test_values_of_the_right_kind_are_kept(desk: Desk, kind: str, value: object) -> None:
    """Each kind takes its values."""
    await define(desk, kind=kind, choices=["S", "M"] if kind == "CHOICE" else None)
    row = await desk.person(custom_fields={"size": value})
    assert {"size": value} == (await desk.get("customer", row["id"]))["custom_fields"]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("TEXT", 1),
        ("TEXT", "x" * 4001),
        ("NUMBER", "1"),
        ("NUMBER", True),
        ("BOOLEAN", 1),
        ("DATE", "31.1.2026"),
        ("DATE", "2026-02-30"),
        ("CHOICE", "XL"),
        ("CHOICE", ["M"]),
    ],
)
async def test_values_of_another_kind_are_refused(desk: Desk, kind: str, value: object) -> None:
    """And no others, on create and on update."""
    await define(desk, kind=kind, choices=["S", "M"] if kind == "CHOICE" else None)
    wrong = {("customFields.size", "WRONG_VALUE")}
    assert wrong == await desk.no("customer", kind="PERSON", display_name="X", custom_fields={"size": value})
    row = await desk.person()
    assert wrong == await desk.no_update("customer", row["id"], custom_fields={"size": value})


async def test_undefined_fields_are_refused(desk: Desk) -> None:
    """A key that nobody defined is a mistake."""
    no = await desk.no("customer", kind="PERSON", display_name="X", custom_fields={"sise": 1})
    assert {("customFields.sise", "UNKNOWN_FIELD")} == no


async def test_definitions_are_for_one_entity(desk: Desk) -> None:
    """A field of deals is no field of customers."""
    await desk.create("custom_field_definition", record_type="deal", key="size", label="Size", kind="TEXT")
    no = await desk.no("customer", kind="PERSON", display_name="X", custom_fields={"size": "M"})
    assert {("customFields.size", "UNKNOWN_FIELD")} == no


async def test_an_update_keeps_what_it_does_not_name(desk: Desk) -> None:
    """Keys that are absent stay, and null removes one."""
    await define(desk, "a")
    await define(desk, "b")
    row = await desk.person(custom_fields={"a": "1", "b": "2"})
    row = await desk.update("customer", row["id"], custom_fields={"a": "3"})
    assert {"a": "3", "b": "2"} == row["custom_fields"]
    row = await desk.update("customer", row["id"], custom_fields={"b": None})
    assert {"a": "3"} == row["custom_fields"]


async def test_required_fields_are_required(desk: Desk) -> None:
    """A record is not made without them, and they cannot be emptied."""
    await define(desk, is_required=True)
    missing = {("customFields.size", "REQUIRED")}
    assert missing == await desk.no("customer", kind="PERSON", display_name="X")
    row = await desk.person(custom_fields={"size": "M"})
    assert missing == await desk.no_update("customer", row["id"], custom_fields={"size": None})
    assert missing == await desk.no_update("customer", row["id"], custom_fields=None)


async def test_records_made_before_stay_as_they_are(desk: Desk) -> None:
    """A field that becomes required does not stop other changes to older records."""
    row = await desk.person()
    await define(desk, is_required=True)
    assert "Buyer" == (await desk.update("customer", row["id"], job_title="Buyer"))["job_title"]


async def test_custom_fields_are_an_object(desk: Desk) -> None:
    """A list has no keys."""
    assert {("customFields", "WRONG_TYPE")} == await desk.no(
        "customer", kind="PERSON", display_name="X", custom_fields=[1]
    )


@pytest.mark.parametrize("choices", [None, [], ["S", "S"], ["S", ""], "S,M", [1]])
async def test_a_choice_has_choices(desk: Desk, choices: object) -> None:
    """A list of different texts."""
    no = await desk.no(
        "custom_field_definition", record_type="customer", key="size", label="Size", kind="CHOICE", choices=choices
    )
    assert {("choices", "REQUIRED")} == no


async def test_only_a_choice_has_choices(desk: Desk) -> None:
    """A text is free."""
    no = await desk.no(
        "custom_field_definition", record_type="customer", key="size", label="Size", kind="TEXT", choices=["S"]
    )
    assert {("choices", "WRONG_KIND")} == no


@pytest.mark.parametrize(
    ("record_type", "key", "wrong"),
    [("tag", "a", "recordType"), ("nothing", "a", "recordType"), ("customer", "Shoe size", "key")],
)
async def test_a_definition_has_its_place(desk: Desk, record_type: str, key: str, wrong: str) -> None:
    """Only entities with custom fields take definitions, and keys are names."""
    no = await desk.no("custom_field_definition", record_type=record_type, key=key, label="X", kind="TEXT")
    assert {wrong} == {path for path, _ in no}


async def test_a_key_is_defined_once(desk: Desk) -> None:
    """Two definitions of one key would contradict each other."""
    await define(desk)
    again = {"record_type": "customer", "key": "size", "label": "Size", "kind": "NUMBER"}
    assert isinstance(await desk.refusal(actions.create, "custom_field_definition", again), Duplicate)
