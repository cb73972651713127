"""The values at the edges of what each kind can hold: one text of the answer for both databases, in every time zone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.graphql.planner.conftest import Desk
from tests.graphql.planner.world import uuid

_EMOJI = "👩\u200d👩\u200d👧 e\u0301 \u202e\ufeff"
_CONTROL = '\b\t\n\f\r\x01\x1f\x7f"\\/'
_STRANGE = "\u2028\u2029\ud7ff\ue000\U0010ffff"

#: Columns with what is stored, the field, and what an answer has there.
_EDGES: list[tuple[dict[str, Any], str, Any]] = [
    ({"credit": 2**63 - 1, "credit_currency": "EUR"}, "credit { amount }", {"amount": "92233720368547758.07"}),
    ({"credit": -(2**63), "credit_currency": "EUR"}, "credit { amount }", {"amount": "-92233720368547758.08"}),
    ({"credit": -(2**63), "credit_currency": "JPY"}, "credit { amount }", {"amount": "-9223372036854775808"}),
    ({"credit": -5, "credit_currency": "KWD"}, "credit { amount }", {"amount": "-0.005"}),
    ({"credit": -99, "credit_currency": "EUR"}, "credit { amount }", {"amount": "-0.99"}),
    ({"credit": 10_000, "credit_currency": "CLF"}, "credit { amount }", {"amount": "1.0000"}),
    ({"credit": 0, "credit_currency": "EUR"}, "credit { amount currency }", {"amount": "0.00", "currency": "EUR"}),
    ({"credit": None, "credit_currency": None}, "credit { amount }", None),
    ({"seen_at": datetime(1, 1, 1, tzinfo=UTC)}, "seenAt", "0001-01-01T00:00:00.000000Z"),
    ({"seen_at": datetime(1969, 12, 31, 23, 59, 59, 999999, UTC)}, "seenAt", "1969-12-31T23:59:59.999999Z"),
    ({"seen_at": datetime(2026, 3, 29, 1, 30, 0, 1, UTC)}, "seenAt", "2026-03-29T01:30:00.000001Z"),
    ({"seen_at": datetime(9999, 12, 31, 23, 59, 59, 999999, UTC)}, "seenAt", "9999-12-31T23:59:59.999999Z"),
    ({"born_on": date(1, 1, 1)}, "bornOn", "0001-01-01"),
    ({"born_on": date(1900, 2, 28)}, "bornOn", "1900-02-28"),
    ({"born_on": date(9999, 12, 31)}, "bornOn", "9999-12-31"),
    ({"serial": 2**63 - 1}, "serial", str(2**63 - 1)),
    ({"serial": -(2**63)}, "serial", str(-(2**63))),
    ({"serial": 0}, "serial", "0"),
    ({"rank": 2**31 - 1}, "rank", 2**31 - 1),
    ({"rank": -(2**31)}, "rank", -(2**31)),
    ({"ratio": 0.1 + 0.2}, "ratio", 0.1 + 0.2),
    ({"ratio": 1.7976931348623157e308}, "ratio", 1.7976931348623157e308),
    ({"ratio": 1e308}, "ratio", 1e308),
    ({"ratio": 5e-324}, "ratio", 5e-324),
    ({"ratio": 2.2250738585072011e-308}, "ratio", 2.2250738585072011e-308),
    ({"ratio": 123456789012345680.0}, "ratio", 123456789012345680.0),
    # SQLite keeps no sign of zero; the two are one number.
    ({"ratio": -0.0}, "ratio", 0.0),
    ({"nick": ""}, "nick", ""),
    ({"nick": None}, "nick", None),
    ({"nick": _EMOJI}, "nick", _EMOJI),
    ({"nick": _CONTROL}, "nick", _CONTROL),
    ({"nick": _STRANGE}, "nick", _STRANGE),
    ({"extra": '{"a":{"":"\\u0001","c":null},"b":[]}'}, "extra", {"a": {"": "\x01", "c": None}, "b": []}),
    ({"extra": "9007199254740993"}, "extra", 9007199254740993),
    ({"extra": '""'}, "extra", ""),
    ({"extra": "null"}, "extra", None),
]


@pytest.fixture(params=["Pacific/Kiritimati", "America/St_Johns"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Where the process is: fourteen hours before and three and a half after Greenwich."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


async def test_the_edges_of_every_kind_are_the_same_on_both_databases(own_desk: Desk, zone: str) -> None:
    """Whatever time zone the process and the session are in."""
    id = uuid(3, 4)
    found = []
    async with own_desk.database.transaction():
        if own_desk.database.dialect == "postgresql":
            await own_desk.database.execute(f"set local time zone '{zone}'")
        for stored, field, _ in _EDGES:
            sets = ", ".join(f"{column} = ${n}" for n, column in enumerate(stored, 2))
            await own_desk.database.execute(f"update buyer set {sets} where id = $1", id, *stored.values())
            answer = await own_desk.ask(f'{{ buyer(id: "buyer_{id}") {{ {field} }} }}')
            found.append(answer["buyer"][field.split()[0]])
    assert found == [shown for _, _, shown in _EDGES]


async def test_the_first_and_the_last_day_are_found_by_what_they_are(own_desk: Desk) -> None:
    """The last day of year 9999 stands for "for ever" in many systems; it is a day, and earlier than none."""
    for id, day in ((uuid(3, 4), date(9999, 12, 31)), (uuid(3, 5), date(1, 1, 1))):
        await own_desk.database.execute("update buyer set born_on = $1 where id = $2", day, id)
        [[read]] = await own_desk.database.fetch("select born_on from buyer where id = $1", id)
        assert str(read) == day.isoformat()
    text = "query ($d: Date) { buyers(filter: {bornOn: {eq: $d}}, orderBy: {field: BORN_ON}) { nodes { id bornOn } pageInfo { endCursor } } }"
    for number, day in ((4, "9999-12-31"), (5, "0001-01-01")):
        page = (await own_desk.ask(text, {"d": day}))["buyers"]
        assert page["nodes"] == [{"id": f"buyer_{uuid(3, number)}", "bornOn": day}]
        after = f'{{ buyers(after: "{page["pageInfo"]["endCursor"]}", orderBy: {{field: BORN_ON}}) {{ totalCount nodes {{ bornOn }} }} }}'
        assert day not in [n["bornOn"] for n in (await own_desk.ask(after))["buyers"]["nodes"]]
