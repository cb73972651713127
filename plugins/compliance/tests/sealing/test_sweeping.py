"""Sealing columns that have values already, opening them for good, sealing them anew: online, and from where it stopped."""

from __future__ import annotations

from typing import Any

import pytest
from crmcore_compliance.sealing import sweeping
from crmcore_compliance.sealing.actions import work_on
from crmcore_compliance.sealing.standing import begin, pause, standing_of
from crmcore_compliance.sealing.sweeping import sweep
from crmcore_compliance.state import compliance_of
from crmcore_compliance.tables.sealing import ComplianceColumnState, ComplianceWork
from sealed_acts import create, get, raw, update

from crmcore import Actor, errors, sealing
from crmcore.testing import TestCrm

NAME, BIRTH, VALUE = "customer.family_name", "customer.birth_date", "contact_point.normalized"
_STATE = ComplianceColumnState


async def _people(crm: TestCrm, *names: str) -> list[Any]:
    return [(await create(crm, "customer", kind="PERSON", given_name="A", family_name=name))["id"] for name in names]


async def _find(crm: TestCrm, name: str) -> list[Any]:
    seal = crm.entities["customer"].seal
    assert seal is not None
    return await seal.find(crm.database, "family_name", [name])


async def _sealed(crm: TestCrm) -> list[bool]:
    return [sealing.is_sealed(value) for value in await raw(crm, "customer", "family_name")]


async def test_what_was_there_before_is_sealed_and_found_all_the_while(crm: TestCrm, again: Any) -> None:
    """Plain and sealed values are read and found side by side; at the end a plain one is refused, the past is sealed too."""
    roe, doe = await _people(crm, "Roe", "Doe")
    twin = await again(crm, sealed=["customer.familyName"])
    li = (await _people(twin, "李"))[0]
    assert [False, False, True] == await _sealed(twin)
    assert _STATE.SEALING is (await standing_of(twin.database, NAME)).state
    assert [[roe], [doe], [li]] == [await _find(twin, name) for name in ("Roe", "Doe", "李")]
    standing = await sweep(twin, NAME)
    assert (None, _STATE.SEALED, 3) == (standing.work, standing.state, standing.done)
    assert [True] * 3 == await _sealed(twin)
    assert [[roe], [doe], [li]] == [await _find(twin, name) for name in ("Roe", "Doe", "李")]
    assert "Roe" == (await get(twin, "customer", roe))["family_name"]
    feed = await twin.database.fetch("select row, was, details from crm_event where entity = 'customer'")
    assert not [row for row in feed if '"family_name":"Roe"' in str(row) or '"family_name":"Doe"' in str(row)]


async def test_the_index_of_search_forgets_what_it_was_told(crm: TestCrm, again: Any) -> None:
    """A name that was plain could be found by its parts; once it is sealed, nothing of it is in the index."""
    await _people(crm, "Canary")
    twin = await again(crm, sealed=["customer.familyName", "customer.displayName"])
    before = str(await twin.database.fetch("select terms from crm_search_entry where entity = 'customer'"))

    await sweep(twin, NAME)
    await sweep(twin, "customer.display_name")

    terms = str(await twin.database.fetch("select terms from crm_search_entry where entity = 'customer'"))
    assert (True, False) == ("canary" in before, "canary" in terms)


async def test_it_goes_on_where_it_stopped(crm: TestCrm, again: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each batch is final: who stops after one and starts again does not do it twice, and forgets none."""
    monkeypatch.setattr(sweeping, "BATCH", 2)
    await _people(crm, "A", "B", "C", "D", "E")
    twin = await again(crm, sealed=["customer.familyName"])
    standing = await sweep(twin, NAME, seconds=0.0)
    assert 0 == standing.done

    class Stopped(Exception):
        """The process ends."""

    async def stop(_: object) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        await sweep(twin, NAME, heard=stop)
    assert [True, True, False, False, False] == await _sealed(twin)
    standing = await sweep(twin, NAME)
    assert (5, _STATE.SEALED) == (standing.done, standing.state)
    assert [True] * 5 == await _sealed(twin)


async def test_paused_work_waits(crm: TestCrm, again: Any) -> None:
    """Nothing happens until somebody has it go on."""
    await _people(crm, "Roe")
    twin = await again(crm, sealed=["customer.familyName"])
    await pause(twin.database, NAME, paused=True)
    await sweep(twin, NAME)
    assert [False] == await _sealed(twin)
    await pause(twin.database, NAME, paused=False)
    await sweep(twin, NAME)
    assert [True] == await _sealed(twin)


async def test_the_schedule_carries_it_out(crm: TestCrm, again: Any) -> None:
    """No command is needed: the job of the minute seals what a start has found plain."""
    await _people(crm, "Roe")
    twin = await again(crm, sealed=["customer.familyName"])
    from crmcore_compliance.sealing.jobs import seal_columns

    await twin.run(Actor.system("test"), lambda work: work.put(seal_columns()))
    await twin.work_off()
    assert _STATE.SEALED is (await standing_of(twin.database, NAME)).state


async def test_two_who_share_a_key_stop_it_by_name(crm: TestCrm, again: Any) -> None:
    """A unique key that was not one is told of, and the work waits until somebody has put it right."""
    (id,) = await _people(crm, "Roe")
    for value in ("a@example.com", "b@example.com"):
        await create(crm, "contact_point", customer_id=id, type="EMAIL", value=value)
    twin = await again(crm, sealed=["contactPoint.normalized"])
    # As a writer of an earlier version might have left it.
    await twin.database.execute("drop index contact_point_customer_id_type_normalized_key")
    await twin.database.execute("update contact_point set normalized = 'a@example.com'")
    standing = await sweep(twin, VALUE)
    assert standing.paused
    assert "customer_id, type, normalized" in str(standing.problem)


async def test_fields_can_be_stored_plain_again(crm: TestCrm, again: Any) -> None:
    """Unsealing is online too; afterwards nothing of it is sealed, in the past neither, and no token is left."""
    twin = await again(crm, sealed=["customer.familyName", "customer.birthDate"])
    roe, doe = await _people(twin, "Roe", "Doe")
    await begin(twin.database, NAME, ComplianceWork.UNSEAL)
    assert "Roe" == (await get(twin, "customer", roe))["family_name"]
    await sweep(twin, NAME)
    assert ["Roe", "Doe"] == await raw(twin, "customer", "family_name")
    await update(twin, "customer", doe, family_name="Eve")
    assert ["Roe", "Eve"] == await raw(twin, "customer", "family_name")
    assert [[roe], [doe]] == [await _find(twin, name) for name in ("Roe", "Eve")]
    assert 0 == await twin.database.fetch_value("select count(*) from compliance_token")
    feed = await twin.database.fetch("select row, was from crm_event where entity = 'customer'")
    assert not [row for row in feed if sealing.MARK in str(row)]


async def test_a_field_that_is_sealed_cannot_be_left_out(crm: TestCrm, again: Any) -> None:
    """A start without the field in `sealed` would show ciphertext; it is refused, with the way out."""
    await again(crm, sealed=["customer.familyName"])
    with pytest.raises(errors.SetupError, match=r"crm compliance unseal customer\.familyName"):
        await again(crm, sealed=[])


async def test_values_move_to_a_new_key(crm: TestCrm, again: Any) -> None:
    """After a subject's key was rotated all its values are sealed anew, in the past too, and open as before."""
    twin = await again(crm, sealed=["customer.familyName"])
    (roe,) = await _people(twin, "Roe")
    (before,) = await raw(twin, "customer", "family_name")
    await compliance_of(twin).keyring.rotating.subject(roe)
    await begin(twin.database, NAME, ComplianceWork.RESEAL)
    await sweep(twin, NAME)
    (after,) = await raw(twin, "customer", "family_name")
    key = slice(len(sealing.MARK), len(sealing.MARK) + 6)
    assert before[key] != after[key]
    assert "Roe" == (await get(twin, "customer", roe))["family_name"]
    feed = await twin.database.fetch("select row from crm_event where entity = 'customer'")
    assert not [row for row in feed if before[: key.stop] in str(row)]


async def test_an_index_is_made_anew(crm: TestCrm, again: Any) -> None:
    """Tokens under a new key take the place of the old ones; records are found before, during and after."""
    twin = await again(crm, sealed=["customer.familyName"])
    roe, _ = await _people(twin, "Roe", "Doe")
    old = {t for (t,) in await twin.database.fetch("select token from compliance_token")}
    await twin.run(Actor.system("test"), lambda work: work_on(work, NAME, ComplianceWork.INDEX))
    compliance_of(twin).knowing.forget()
    (late,) = await _people(twin, "Late")
    assert [[roe], [late]] == [await _find(twin, name) for name in ("Roe", "Late")]
    await sweep(twin, NAME)
    assert [[roe], [late]] == [await _find(twin, name) for name in ("Roe", "Late")]
    new = {t for (t,) in await twin.database.fetch("select token from compliance_token")}
    assert (3, set()) == (len(new), old & new)


async def test_a_prefix_index_can_be_added_later(crm: TestCrm, again: Any) -> None:
    """Its tokens are made by the job; until then `startsWith` says so, afterwards it finds."""
    twin = await again(crm, sealed=["customer.familyName"])
    roe, doe = await _people(twin, "Röhrich", "Doe")
    third = await again(crm, sealed=["customer.familyName"], prefix=["customer.familyName"])
    seal = third.entities["customer"].seal
    assert seal is not None
    with pytest.raises(errors.Unavailable):
        await seal.find(third.database, "family_name", ["RÖH"], prefix=True)
    from crmcore_compliance.sealing.jobs import seal_columns

    await third.run(Actor.system("test"), lambda work: work.put(seal_columns()))
    await third.work_off()
    assert [roe] == await seal.find(third.database, "family_name", ["RÖH"], prefix=True)
    assert [roe] == await seal.find(third.database, "family_name", ["Röhrich"], prefix=True)
    with pytest.raises(errors.Invalid, match="needs 3 characters"):
        await seal.find(third.database, "family_name", ["Rö"], prefix=True)
    (li,) = await _people(third, "李小龙")
    assert [li] == await seal.find(third.database, "family_name", ["李"], prefix=True)
    assert [doe] == await _find(third, "doe")
