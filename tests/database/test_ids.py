"""Record ids."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcore import clock
from crmcore.database import ids
from crmcore.errors import Invalid


def test_new_ids_are_uuid_version_7() -> None:
    """An id is a UUID of version 7, variant RFC 9562."""
    made = ids.new()

    assert (7, "specified in RFC 4122") == (made.version, made.variant)


def test_the_millisecond_stands_in_front() -> None:
    """The first 48 bits are the Unix time in milliseconds."""
    moment = datetime(2031, 5, 6, 7, 8, 9, 123000, tzinfo=UTC)
    with clock.at(lambda: moment):
        made = ids.new()

    assert int(moment.timestamp() * 1000) == made.int >> 80


def test_ids_of_threads_are_unique() -> None:
    """Threads that make ids at once never make the same."""
    with ThreadPoolExecutor(8) as threads:
        batches = list(threads.map(lambda _: [ids.new() for _ in range(2000)], range(8)))

    assert 16_000 == len({made for batch in batches for made in batch})


def test_ids_grow_while_the_clock_stands_still() -> None:
    """Within one millisecond, and when the clock goes back, ids still sort in the order they were made."""
    later, earlier = datetime(2999, 1, 1, tzinfo=UTC), datetime(2998, 1, 1, tzinfo=UTC)
    with clock.at(lambda: later):
        made = [ids.new() for _ in range(100)]
    with clock.at(lambda: earlier):
        made += [ids.new() for _ in range(100)]

    assert sorted(made) == made


def test_many_ids_are_as_new_ones() -> None:
    """They sort among those made before and after, and are made up like them."""
    made = [ids.new(), *ids.many(1000), ids.new(), *ids.many(0)]

    assert sorted(set(made)) == made
    assert {7} == {one.version for one in made}
    assert 1000 < len({one.int & 0xFFFFFFFF for one in made})


@pytest.fixture(autouse=True)
def _forget_the_future(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids, "_last", 0)


@given(st.uuids(), st.sampled_from(["customer", "contact_point", "deal"]))
def test_an_id_survives_the_way_out_and_in(value: UUID, entity: str) -> None:
    """What `encode` writes, `parse` reads."""
    assert value == ids.parse(ids.encode(entity, value), entity)


@given(st.text(max_size=80))
def test_nonsense_is_refused_and_not_a_crash(text: str) -> None:
    """Any text is either an id or refused."""
    try:
        entity, value = ids.split(text)
    except Invalid:
        return
    assert text.lower().endswith(str(value))
    assert entity


def test_an_id_of_another_entity_is_refused_by_name() -> None:
    """The refusal says what was expected and what came."""
    with pytest.raises(Invalid, match="Expected a customer id, got deal_"):
        ids.parse(ids.encode("deal", ids.new()), "customer")


@given(st.uuids())
def test_an_id_is_read_from_what_a_database_made_of_it(id: UUID) -> None:
    """As `UUID` reads it, with hyphens or without."""
    for text in (str(id), id.hex):
        read = ids.read(text)
        assert (id, hash(id), id.is_safe, repr(id)) == (read, hash(read), read.is_safe, repr(read))


@pytest.mark.parametrize(
    "written",
    [
        "+1900000-0000-7000-8000-000000000000",
        " 1900000-0000-7000-8000-000000000000",
        "0190000０-0000-7000-8000-000000000000",
        "01900000-0000-7000-8000-00000000000\n",
        "0190000-00000-7000-8000-000000000000",
        "{0190000000007000800000000000000000}",
        "0190000000007000800000000000000000-0",
    ],
)
def test_an_id_is_written_in_one_way(written: str) -> None:
    """Not in all those that Python reads as a number, or as a UUID."""
    with pytest.raises(Invalid, match="is not an id"):
        ids.parse(f"customer_{written}", "customer")
    with pytest.raises(Invalid, match="is not an id"):
        ids.parse("customer_0190_000-0000-7000-8000-000000000000", "customer")


def test_digits_may_be_of_either_case() -> None:
    """As other programs write them."""
    value = UUID("0190abcd-0000-7000-8000-00000000beef")
    assert value == ids.parse(f"customer_{str(value).upper()}", "customer")
