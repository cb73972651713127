"""Groups: the same on both databases whatever they are made by, days in any time zone, nothing told that is kept back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crmcore.access.actor import Access, Effect, Scope
from crmcore.database import instants
from crmcore.graphql.planner import Planner
from crmcore.graphql.planner.postgresql import Postgresql
from crmcore.graphql.planner.sqlite import Sqlite
from tests.graphql.planner.conftest import Desk
from tests.graphql.planner.totals import first_day, grouped, selection
from tests.graphql.planner.world import ANN, ENTITIES, Row, person, rows, schema

_ALL = {f"{name}:read": Scope.ALL for name in ENTITIES}
_DIALECTS = {"sqlite": Sqlite(), "postgresql": Postgresql()}
_ZONES = ["UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]


def _live(entity: str) -> list[Row]:
    return [row for row in rows()[entity] if row["deleted_at"] is None]


def _by(path: str, grain: str | None, zone: str) -> str:
    """Write a key as the argument has it."""
    *links, name = path.split(".")
    upper = "".join(f"_{c}" if c.isupper() else c.upper() for c in name)
    key = f"field: {upper}" + (f", grain: {grain}" if grain else "")
    key += f', timeZone: "{zone}"' if grain and zone != "UTC" else ""
    for link in reversed(links):
        key = f"{link}: {{{key}}}"
    return f"{{{key}}}"


_Keys = list[tuple[str, str | None, str]]
_GRAINS = ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR")
_CASES: list[tuple[str, _Keys]] = [
    ("deal", [("stageId", None, "")]),
    ("deal", [("stage.name", None, ""), ("buyer.phase", None, "")]),
    ("deal", [("buyer.parent.parent.name", None, "")]),
    ("buyer", [("vip", None, ""), ("mood", None, ""), ("rank", None, "")]),
    ("buyer", [("serial", None, ""), ("ratio", None, "")]),
    ("buyer", [("nameLength", None, ""), ("parent.nameLength", None, "")]),
    ("buyer", [("profile.motto", None, "")]),
    ("mark", [("subjectId", None, "")]),
    ("mark", [("key", None, ""), ("subjectId", None, "")]),
    ("call", [("at", "WEEK", "UTC"), ("buyer.seenAt", "DAY", "America/New_York"), ("buyer.createdAt", "YEAR", "UTC")]),
]
_CASES += [("buyer", [("bornOn", grain, "UTC")]) for grain in _GRAINS]
_CASES += [("buyer", [("seenAt", "DAY", zone)]) for zone in _ZONES]


@pytest.mark.parametrize(("entity", "keys"), _CASES, ids=str)
async def test_groups_are_what_sorting_the_rows_by_hand_gives(desk: Desk, entity: str, keys: _Keys) -> None:
    """Fields of every kind, linked records' too, days to years: keys, every figure, the order by keys, one statement."""
    by = ", ".join(_by(*key) for key in keys)
    text = f"{{ {ENTITIES[entity].plural}GroupBy(groupBy: [{by}]) {{ key {{ field value }} aggregate {{ {selection(entity)} }} }} }}"
    answer = await desk.ask(text)
    assert answer[f"{ENTITIES[entity].plural}GroupBy"] == grouped(entity, _live(entity), *keys)
    assert len(desk.statements) == 1


@cache
def _instants(zone: str) -> list[datetime]:
    """Return instants around every midnight and every change of the clocks that could be told apart wrongly."""
    place = ZoneInfo(zone)
    found = [
        datetime(1899, 12, 31, 23, 59, 59, 999999, UTC),
        datetime(1901, 1, 1, tzinfo=UTC),
        datetime(1969, 12, 31, 23, tzinfo=UTC),
    ]
    for year in (1940, 1986, 2026):
        hours = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(366 * 24)]
        offsets = [hour.astimezone(place).utcoffset() for hour in hours]
        changes = [hour for hour, (a, b) in zip(hours[1:], pairwise(offsets), strict=True) if a != b]
        for change in changes:
            found += [change + timedelta(minutes=minutes, microseconds=-1) for minutes in range(-60, 61, 15)]
            day = change.astimezone(place).date()
            for offset in (-1, 0, 1, 2):
                midnight = datetime.combine(day + timedelta(days=offset), datetime.min.time(), place).astimezone(UTC)
                found += [midnight - timedelta(microseconds=1), midnight]
    return found


def _listed(desk: Desk, type_: str, placeholder: str) -> str:
    if desk.database.dialect == "sqlite":
        return f"json_each({placeholder})"
    return f"unnest({placeholder}::{type_}[]) as value"


def _list(desk: Desk, values: list[Any]) -> Any:
    if desk.database.dialect == "postgresql":
        return values
    return json.dumps([instants.wire(v) if isinstance(v, datetime) else v.isoformat() for v in values])


@pytest.mark.parametrize("zone", _ZONES)
async def test_a_day_begins_at_midnight_of_its_time_zone(desk: Desk, zone: str) -> None:
    """Around every change of the clocks in some years, and when clocks went by the sun."""
    dialect = _DIALECTS[desk.database.dialect]
    moments = _instants(zone)
    sql = f"select {dialect.day('value', '$1')} from {_listed(desk, 'timestamptz', '$2')}"
    found = [str(day) for (day,) in await desk.database.fetch(sql, zone, _list(desk, moments))]
    assert found == [i.astimezone(ZoneInfo(zone)).date().isoformat() for i in moments]


@pytest.mark.parametrize("grain", _GRAINS)
async def test_a_period_begins_on_its_first_day(desk: Desk, grain: str) -> None:
    """Weeks on Monday, also across the years, and whatever the day of the month."""
    dialect = _DIALECTS[desk.database.dialect]
    days = [date(2023, 12, 20) + timedelta(days=n) for n in range(800)] + [date(1900, 2, 28), date(9999, 12, 30)]
    sql = f"select {dialect.period('value', grain.lower())} from {_listed(desk, 'date', '$1')}"
    found = [str(day) for (day,) in await desk.database.fetch(sql, _list(desk, days))]
    assert found == [first_day(day, grain).isoformat() for day in days]


async def test_days_are_those_of_the_crm_unless_a_time_zone_is_given(desk: Desk) -> None:
    """Both are bound: one plan serves every time zone."""
    desk.planner = Planner(ENTITIES, schema().graphql, desk.database.dialect, zone="America/New_York")
    text = "query ($zone: String) { buyersGroupBy(groupBy: {field: SEEN_AT, grain: DAY, timeZone: $zone}) { key { value } } }"
    own = "{ buyersGroupBy(groupBy: {field: SEEN_AT, grain: DAY}) { key { value } } }"

    def days(zone: str) -> list[Any]:
        return [
            {"key": [{"value": g["key"][0]["value"]}]}
            for g in grouped("buyer", _live("buyer"), ("seenAt", "DAY", zone))
        ]

    assert (await desk.ask(own))["buyersGroupBy"] == days("America/New_York")
    for zone in ("Asia/Shanghai", "Europe/Berlin"):
        assert (await desk.ask(text, {"zone": zone}))["buyersGroupBy"] == days(zone)
    assert len({sql for sql, _ in desk.statements[1:]}) == 1


def _groups(entity: str, path: str, test: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
    return [g for g in grouped(entity, _live(entity), (path, None, "")) if test(g["aggregate"])]


def _amount(figures: dict[str, Any], name: str, currency: str) -> float | None:
    return next((float(m["amount"]) for m in figures[name] if m["currency"] == currency), None)


@pytest.mark.parametrize(
    ("having", "test"),
    [
        ("count: {gte: 3, lt: 6}", lambda x: 3 <= x["count"] < 6),
        ('sumSize: {gt: "15"}', lambda x: int(x["sumSize"]) > 15),
        ('sumSerial: {lt: "-9223372036854775807"}', lambda x: int(x["sumSerial"]) < -(2**63) + 1),
        ("avgSize: {gte: 3.1}", lambda x: x["avgSize"] is not None and x["avgSize"] >= 3.1),
        (
            "countDistinctMood: {eq: 2}, countVip: {in: [1, 2]}",
            lambda x: x["countDistinctMood"] == 2 and x["countVip"] in (1, 2),
        ),
        ("maxSeenAt: {isNull: true}", lambda x: x["maxSeenAt"] is None),
        ('minBornOn: {gt: "1915-01-01"}', lambda x: x["minBornOn"] is not None and x["minBornOn"] > "1915-01-01"),
        ('sumCredit: {currency: {eq: "EUR"}, amount: {gt: "0"}}', lambda x: (_amount(x, "sumCredit", "EUR") or 0) > 0),
        ('maxCredit: {currency: {eq: "CLF"}}', lambda x: _amount(x, "maxCredit", "CLF") is not None),
        (
            'avgCredit: {currency: {eq: "JPY"}, amount: {isNull: true}}',
            lambda x: _amount(x, "avgCredit", "JPY") is None,
        ),
        (
            'maxCredit: {currency: {eq: "KWD"}, amount: {gte: "5"}}',
            lambda x: (_amount(x, "maxCredit", "KWD") or 0) >= 5,
        ),
        ('count: null, sumSize: {ne: "15"}', lambda x: x["sumSize"] != "15"),
    ],
)
async def test_having_keeps_groups_by_their_figures(
    desk: Desk, having: str, test: Callable[[dict[str, Any]], bool]
) -> None:
    """Whether the figures are shown or not."""
    shown = f"{{ buyersGroupBy(groupBy: {{field: RANK}}, having: {{{having}}}) {{ key {{ field value }} aggregate {{ {selection('buyer')} }} }} }}"
    hidden = f"{{ buyersGroupBy(groupBy: {{field: RANK}}, having: {{{having}}}) {{ key {{ value }} }} }}"
    expected = _groups("buyer", "rank", test)
    assert 0 < len(expected) < len(_groups("buyer", "rank", lambda _: True))
    assert (await desk.ask(shown))["buyersGroupBy"] == expected
    assert len((await desk.ask(hidden))["buyersGroupBy"]) == len(expected)


async def _ordered(desk: Desk, arguments: str, selected: str) -> list[Any]:
    text = f"{{ dealsGroupBy(groupBy: [{{field: NAME}}, {{stage: {{field: POSITION}}}}], {arguments}) {{ key {{ value }} {selected} }} }}"
    return [[k["value"] for k in group["key"]] for group in (await desk.ask(text))["dealsGroupBy"]]


async def test_groups_are_ordered_by_figures_and_keys(desk: Desk) -> None:
    """Either way, nulls at either end, amounts within a currency, equal ones by the keys."""
    every = grouped("deal", _live("deal"), ("name", None, ""), ("stage.position", None, ""))

    def expected(key: Callable[[dict[str, Any]], Any], *, descending: bool = False) -> list[Any]:
        return [[k["value"] for k in g["key"]] for g in sorted(every, key=key, reverse=descending)]

    by_count = await _ordered(desk, "orderBy: {figure: COUNT, direction: DESC}", "aggregate { count }")
    assert by_count == expected(lambda g: -g["aggregate"]["count"])
    by_position = await _ordered(desk, "orderBy: [{key: SECOND, direction: DESC}, {figure: MAX_NAME}]", "")
    assert by_position == expected(lambda g: (-g["key"][1]["value"], g["aggregate"]["maxName"]))

    def euros(g: dict[str, Any]) -> tuple[bool, int]:
        minor = next(
            (int(m["amount"].replace(".", "")) for m in g["aggregate"]["sumAmount"] if m["currency"] == "EUR"), None
        )
        return minor is not None, -(minor or 0)

    by_amount = await _ordered(desk, 'orderBy: {figure: SUM_AMOUNT, currency: "EUR", direction: DESC}', "")
    assert by_amount == expected(euros)
    last = await _ordered(desk, 'orderBy: {figure: SUM_AMOUNT, currency: "EUR", direction: DESC, nulls: LAST}', "")
    assert last == expected(lambda g: (not euros(g)[0], euros(g)[1]))
    assert await _ordered(desk, "first: 3", "") == expected(lambda _: 0)[:3]
    assert await _ordered(desk, "first: 0", "") == []


async def test_what_is_counted_is_chosen_as_in_lists(desk: Desk) -> None:
    """By filters, through relations too, and deleted records when asked for."""
    text = """{ a: buyersGroupBy(groupBy: {field: PHASE}, filter: {deals: {some: {name: {eq: "Deal 1"}}}}) { aggregate { count } }
        b: buyersGroupBy(groupBy: {field: PHASE}, deleted: ONLY) { aggregate { count } } all: buyersGroupBy(groupBy: {field: PHASE}, deleted: INCLUDE) { aggregate { count } }
        list: buyers(filter: {deals: {some: {name: {eq: "Deal 1"}}}}) { totalCount } }"""
    answer = await desk.ask(text)
    counts = {name: sum(g["aggregate"]["count"] for g in answer[name]) for name in ("a", "b", "all")}
    assert counts == {"a": answer["list"]["totalCount"], "b": 2, "all": 30}


async def test_groups_are_of_what_the_actor_may_see(desk: Desk) -> None:
    """Rows one may not see do not count, and a linked record one may not see is as none."""
    actor = person(Access(scopes=_ALL | {"buyer:read": Scope.OWN}))
    text = "{ dealsGroupBy(groupBy: {buyer: {field: OWNER_ID}}) { key { value } aggregate { count } } buyersGroupBy(groupBy: {field: OWNER_ID}) { key { value } aggregate { count } } }"
    answer = await desk.ask(text, actor=actor)
    mine = {row["id"] for row in _live("buyer") if row["owner_id"] == ANN}
    known = sum(row["buyer_id"] in mine for row in _live("deal"))
    assert answer["buyersGroupBy"] == [{"key": [{"value": f"user_{ANN}"}], "aggregate": {"count": len(mine)}}]
    assert [(g["key"][0]["value"], g["aggregate"]["count"]) for g in answer["dealsGroupBy"]] == [
        (f"user_{ANN}", known),
        (None, len(_live("deal")) - known),
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        "groupBy: {field: NICK}",
        "groupBy: {parent: {field: NICK}}",
        "groupBy: {owner: {field: NAME}}",
        "groupBy: {field: OWNER_ID}",
        "groupBy: {field: VIP}, having: {sumSize: {gt: 1}}",
        'groupBy: {field: VIP}, having: {sumCredit: {currency: {eq: "EUR"}, amount: {gt: "1"}}}',
        "groupBy: {field: VIP}, orderBy: {figure: MIN_NICK}",
        'groupBy: {field: VIP}, orderBy: {figure: SUM_CREDIT, currency: "EUR"}',
        'groupBy: {field: VIP}, filter: {nick: {eq: "Nick"}}',
    ],
)
@pytest.mark.parametrize("effect", [Effect.MASKED, Effect.HIDDEN])
async def test_no_group_tells_of_a_field_that_is_kept_back(desk: Desk, arguments: str, effect: Effect) -> None:
    """Not by a key, a condition or an order, through a relation neither."""
    hidden = {("buyer", name): effect for name in ("nick", "size", "credit", "owner")}
    result = await desk.read(
        f"{{ buyersGroupBy({arguments}) {{ aggregate {{ count }} }} }}",
        actor=person(Access(scopes=_ALL, effects=hidden)),
    )
    assert [e.extensions["code"] for e in result.errors] == ["FORBIDDEN"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("groupBy: []", "GROUP_KEYS"),
        (f"groupBy: [{'{field: VIP}, ' * 7}]", "GROUP_KEYS"),
        ("groupBy: {}", "GROUP_KEY"),
        ("groupBy: {field: VIP, parent: {field: VIP}}", "GROUP_KEY"),
        ('groupBy: {parent: {field: SEEN_AT, grain: DAY}, timeZone: "UTC"}', "GROUP_KEY"),
        ("groupBy: {parent: {parent: {parent: {parent: {field: VIP}}}}}", "GROUP_DEPTH"),
        ("groupBy: {field: SEEN_AT}", "GRAIN_NEEDED"),
        ("groupBy: {field: VIP, grain: DAY}", "NO_GRAIN"),
        ('groupBy: {field: BORN_ON, grain: DAY, timeZone: "UTC"}', "NO_TIME_ZONE"),
        ('groupBy: {field: SEEN_AT, grain: DAY, timeZone: "Mars/Base"}', "UNKNOWN_TIME_ZONE"),
        ('groupBy: {field: SEEN_AT, grain: DAY, timeZone: "CET"}', "UNKNOWN_TIME_ZONE"),
        ('groupBy: {field: SEEN_AT, grain: DAY, timeZone: "../../etc/passwd"}', "UNKNOWN_TIME_ZONE"),
        ('groupBy: {field: SEEN_AT, grain: DAY, timeZone: "Europe/Berlin\\u0000"}', "UNKNOWN_TIME_ZONE"),
        ("groupBy: {field: VIP}, orderBy: {}", "ORDER_KEY"),
        ("groupBy: {field: VIP}, orderBy: {key: FIRST, figure: COUNT}", "ORDER_KEY"),
        ("groupBy: {field: VIP}, orderBy: {key: SECOND}", "ORDER_KEY"),
        ("groupBy: {field: VIP}, orderBy: {figure: SUM_CREDIT}", "CURRENCY_NEEDED"),
        ('groupBy: {field: VIP}, having: {sumCredit: {amount: {gt: "1"}}}', "CURRENCY_NEEDED"),
        (
            'groupBy: {field: VIP}, having: {sumCredit: {currency: {in: ["EUR"]}, amount: {gt: "1"}}}',
            "CURRENCY_NEEDED",
        ),
        ("groupBy: {field: VIP}, first: 1001", "PAGE_SIZE"),
        ("groupBy: {field: VIP}, first: -1", "PAGE_SIZE"),
    ],
)
async def test_what_has_no_meaning_is_refused(desk: Desk, arguments: str, code: str) -> None:
    """With a code, and before the database is asked."""
    result = await desk.read(f"{{ buyersGroupBy({arguments}) {{ aggregate {{ count }} }} }}")
    assert [e.extensions["violations"][0]["code"] for e in result.errors] == [code]  # type: ignore[index]
    assert desk.statements == []
