"""The index is what the records are, whatever the door through which they were written."""

from __future__ import annotations

import pytest

from crmcore.access.actor import Actor
from crmcore.app import Crm
from crmcore.entities import actions
from crmcore.entities.work import Work
from crmcore.interchange.seed import seed
from crmcore.search.rebuilding import rebuild
from crmcore.search.state import outdated
from tests.search.conftest import Searcher


async def _entries(crm: Crm) -> dict[tuple[str, str], set[str]]:
    text = "terms" if crm.database.dialect == "sqlite" else "array_to_string(tsvector_to_array(terms), ' ')"
    rows = await crm.database.fetch(f"select entity, record_id, {text} from crm_search_entry")
    return {(entity, str(id)): set(terms.split()) for entity, id, terms in rows}


async def test_a_record_is_found_by_what_it_is_called_now(searcher: Searcher) -> None:
    """Changed, deleted, restored, destroyed: each at once."""
    ann = await searcher.customer("Ann")
    await searcher.act("update", "customer", ann, {"display_name": "Bea"})
    assert (await searcher.found("ann"), await searcher.found("bea")) == ([], [ann])
    await searcher.act("delete", "customer", ann)
    assert await searcher.found("bea") == []
    await searcher.act("restore", "customer", ann)
    assert await searcher.found("bea") == [ann]
    await searcher.act("destroy", "customer", ann)
    assert await _entries(searcher.crm) == {}


async def test_a_customer_is_found_by_the_contact_points_it_has_now(searcher: Searcher) -> None:
    """Added, changed, deleted, restored, destroyed."""
    ann = await searcher.customer("Ann")
    point = await searcher.act("create", "contact_point", {"customer_id": ann, "type": "EMAIL", "value": "one@x.org"})
    id = point["id"]
    assert await searcher.found("one@x.org") == [ann]
    await searcher.act("update", "contact_point", id, {"value": "two@x.org"})
    assert (await searcher.found("one@x"), await searcher.found("two@x")) == ([], [ann])
    await searcher.act("update", "customer", ann, {"display_name": "Bea"})
    assert await searcher.found("two@x bea") == [ann]
    await searcher.act("delete", "contact_point", id)
    assert await searcher.found("two@x") == []
    await searcher.act("restore", "contact_point", id)
    assert await searcher.found("two@x") == [ann]
    await searcher.act("destroy", "contact_point", id)
    assert await searcher.found("two@x") == []


async def test_what_is_rolled_back_is_not_found(searcher: Searcher) -> None:
    """The entry belongs to the transaction of the record."""

    async def unit(work: Work) -> None:
        await actions.create(work, "customer", {"kind": "PERSON", "display_name": "Ghost"})
        msg = "no"
        raise RuntimeError(msg)

    with pytest.raises(RuntimeError):
        await searcher.crm.run(Actor.system(), unit)
    assert await _entries(searcher.crm) == {}


async def test_demonstration_data_is_indexed_as_a_rebuild_would_do_it(crm: Crm) -> None:
    """And a rebuild mends whatever others than crmcore have written, loaded or removed."""
    await seed(crm, "b2b", seed=1, size=15)
    made = await _entries(crm)
    assert {"customer", "deal", "interaction"} == {entity for entity, _ in made}
    await crm.database.execute("update customer set display_name = 'Somebody else'")
    await crm.database.execute("delete from crm_search_entry where entity = 'deal'")
    await crm.database.execute("delete from interaction")
    told: list[tuple[int, int]] = []
    done = await rebuild(crm.database, crm.entities, lambda now, whole: told.append((now, whole)))
    assert told[-1] == (done, done)
    mended = await _entries(crm)
    assert {key for key in made if key[0] != "interaction"} == mended.keys()
    for (entity, id), found in mended.items():
        assert (found == made[entity, id]) is (entity == "deal")
    assert await outdated(crm.database, crm.entities) == []


async def test_the_start_says_which_records_are_not_indexed(
    searcher: Searcher, caplog: pytest.LogCaptureFixture
) -> None:
    """When a plugin has columns searched that were not; entities without records need nothing."""
    crm = searcher.crm
    await searcher.customer("Ann")
    await crm.database.execute("update crm_search_state set columns = 'others'")
    again = crm.like(crm.settings)
    await again.start()
    await again.stop()
    [said] = [record.getMessage() for record in caplog.records if record.name == "crmcore.search"]
    assert "lacks customer as declared" in said
    assert "crm search rebuild" in said
    assert await outdated(crm.database, crm.entities) == ["customer"]
