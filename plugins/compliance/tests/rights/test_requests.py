"""The way of a request: received, verified, decided, carried out, or held up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from crmcore_compliance.rights.deciding import ACTIONS
from crmcore_compliance.rights.holding import compliance_place_hold, compliance_release_hold
from crmcore_compliance.rights.receiving import compliance_receive_request
from crmcore_compliance.tables.requests import ComplianceRegime, ComplianceRequestKind
from rights_world import ada_of, approve, asked, extend_time, request_of, row_of

from crmcore import Actor, errors
from crmcore.testing import TestCrm

SYSTEM = Actor.system("tests")


async def status_of(crm: TestCrm, id: Any) -> str:
    """Where a request stands."""
    return str((await row_of(crm, "compliance_request", id))["status"])


async def act(crm: TestCrm, action: Any, *args: Any, **more: Any) -> Any:
    """Do an action as the system."""
    return await crm.run(SYSTEM, lambda work: action(work, *args, **more))


async def test_nothing_is_done_before_it_is_known_who_asks(crm: TestCrm) -> None:
    """An unverified request cannot be approved."""
    ada = await crm.make("customer")
    kind, regime = ComplianceRequestKind.ERASURE, ComplianceRegime.GDPR
    request = await act(crm, compliance_receive_request, ada["id"], kind, regime)

    with pytest.raises(errors.Invalid, match="IDENTITY_UNVERIFIED"):
        await act(crm, approve, request["id"])


async def test_a_request_delivered_twice_is_kept_once(crm: TestCrm) -> None:
    """The key of the other system counts."""
    ada = await crm.make("customer")
    said = (ada["id"], ComplianceRequestKind.ACCESS, ComplianceRegime.CCPA)
    first = await act(crm, compliance_receive_request, *said, external_key="drp-1")
    again = await act(crm, compliance_receive_request, *said, external_key="drp-1")

    assert first["id"] == again["id"]


async def test_a_second_erasure_is_a_duplicate_while_the_first_waits(crm: TestCrm) -> None:
    """One of them is enough."""
    ada = await crm.make("customer")
    await request_of(crm, ada["id"])
    said = (ada["id"], ComplianceRequestKind.ERASURE, ComplianceRegime.GDPR)

    assert "DUPLICATE" == (await act(crm, compliance_receive_request, *said))["status"]


async def test_time_is_extended_once_and_not_too_late(crm: TestCrm) -> None:
    """GDPR: by two months, told before the first is over."""
    ada = await crm.make("customer")
    request = await request_of(crm, ada["id"])
    before = await row_of(crm, "compliance_request", request)
    after = await act(crm, extend_time, request, "Many requests.")

    assert timedelta(days=58) < after["due_at"] - before["due_at"] < timedelta(days=63)
    with pytest.raises(errors.Invalid, match="already"):
        await act(crm, extend_time, request, "Still many.")


async def test_a_law_without_more_time_gives_none(crm: TestCrm) -> None:
    """PIPL knows no extension."""
    ada = await crm.make("customer")
    request = await request_of(crm, ada["id"], regime="PIPL")

    with pytest.raises(errors.Invalid, match="no more time"):
        await act(crm, extend_time, request, "Many requests.")


async def test_a_legal_hold_stops_an_erasure_and_its_release_lets_it_go_on(crm: TestCrm) -> None:
    """The clock goes on, nothing is erased meanwhile, and nobody has to approve again."""
    ada = await ada_of(crm)
    hold = await act(crm, compliance_place_hold, "A lawsuit.", ada)
    request = await asked(crm, ada)
    assert "ON_HOLD" == await status_of(crm, request)
    assert "Ada" == (await row_of(crm, "customer", ada))["given_name"]

    await act(crm, compliance_release_hold, hold["id"], "It was settled.")
    await crm.work_off()
    assert "COMPLETE" == await status_of(crm, request)
    assert (await row_of(crm, "customer", ada))["given_name"] is None


async def test_a_hold_for_everybody_holds_each(crm: TestCrm) -> None:
    """Nobody is erased while it stands; it ends by its own time."""
    ada = await ada_of(crm)
    until = crm.clock.now() + timedelta(days=2)
    await act(crm, compliance_place_hold, "An order of a court.", until=until)
    request = await asked(crm, ada)
    assert "ON_HOLD" == await status_of(crm, request)

    crm.clock.move(days=3)
    await crm.work_off()
    assert "COMPLETE" == await status_of(crm, request)


async def test_requests_of_which_nobody_proves_to_be_theirs_expire(crm: TestCrm) -> None:
    """After identity_days."""
    ada = await crm.make("customer")
    said = (ada["id"], ComplianceRequestKind.ACCESS, ComplianceRegime.GDPR)
    request = await act(crm, compliance_receive_request, *said)
    crm.clock.move(days=31)
    await crm.work_off()

    assert "EXPIRED" == await status_of(crm, request["id"])


async def test_a_step_that_fails_is_tried_again_and_then_shown(crm: TestCrm, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was done stays done; the task says what failed, without naming anybody."""
    ada = await ada_of(crm)
    request = await request_of(crm, ada)
    from crmcore_compliance.keys import Keyring

    whole = Keyring.destroy

    async def away(*_: object) -> None:
        raise OSError(2, "no keystore for Ada")

    monkeypatch.setattr(Keyring, "destroy", away)
    await act(crm, approve, request)
    await crm.work_off(failed=True)
    tasks = await crm.run(SYSTEM, lambda work: work.find("compliance_task", request_id=request))
    assert {"rows": "DONE", "keys": "FAILED"} == {task["step"]: task["state"] for task in tasks}
    assert ["keys: FileNotFoundError"] == [task["error"] for task in tasks if task["error"]]

    monkeypatch.setattr(Keyring, "destroy", whole)
    crm.clock.move(hours=2)
    await crm.work_off()
    assert "COMPLETE" == await status_of(crm, request)


async def test_who_may_not_handle_requests_handles_none(crm: TestCrm) -> None:
    """The permission compliance.requests is needed, for plans too."""
    answer = await crm.execute('{ complianceErasurePlan(customerId: "customer_x") { hold } }', as_="sales")

    assert "compliance.requests" in str(answer["errors"])


async def test_what_a_person_said_is_wrong_is_put_right(crm: TestCrm) -> None:
    """By the same rules as any change; what is about somebody else is refused."""
    from crmcore import ids

    ada, bob = await ada_of(crm), await crm.make("customer", kind="PERSON", family_name="Other")
    change = '[{"record": "%s", "values": {"familyName": "Byron", "birthDate": "1815-12-10"}}]'
    await asked(crm, ada, "RECTIFICATION", changes=change % ids.encode("customer", ada))
    row = await row_of(crm, "customer", ada)
    assert ("Byron", 1815) == (row["family_name"], row["birth_date"].year)

    wrong = await request_of(crm, ada, "RECTIFICATION", changes=change % ids.encode("customer", bob["id"]))
    await act(crm, approve, wrong)
    await crm.work_off(failed=True)
    assert "Other" == (await row_of(crm, "customer", bob["id"]))["family_name"]


async def test_what_people_do_is_noted_by_people(crm: TestCrm) -> None:
    """A human review is completed by hand, an erasure is not."""
    ada = await crm.make("customer")
    review, erasure = await request_of(crm, ada["id"], "HUMAN_REVIEW"), await request_of(crm, ada["id"])
    await act(crm, ACTIONS[7], review, "The score was wrong.")

    assert "COMPLETE" == await status_of(crm, review)
    with pytest.raises(errors.Invalid, match="A job carries out"):
        await act(crm, ACTIONS[7], erasure)


async def test_a_request_that_is_not_there_is_not_carried_out(crm: TestCrm) -> None:
    """The job of a request that was taken away meanwhile ends, and is not tried again and again."""
    from uuid import uuid4

    from crmcore_compliance.rights.processing import carry_out, process

    gone = uuid4()
    assert await process(crm, gone) is None

    await crm.put(carry_out(request_id=gone))
    await crm.work_off()
    assert await crm.database.fetch_value("select count(*) from compliance_task") == 0
