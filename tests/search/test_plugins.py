"""A plugin's records are found as the core's own are, by nothing but a declaration."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from crmcore.app import Crm
from crmcore.entities.entity import Entity
from crmcore.entities.registry import Entities
from crmcore.errors import SetupError
from crmcore.settings import Settings
from tests.search import remarks
from tests.search.conftest import Searcher


@pytest.fixture(scope="session")
def crm_plugins() -> Sequence[object]:
    """The plugin of remarks."""
    return (remarks,)


async def test_a_record_is_found_by_its_own_and_by_what_belongs_to_it(searcher: Searcher) -> None:
    """The answer has the record, and names the field of the line."""
    ann = await searcher.customer("Ann")
    remark = await searcher.act("create", "remark", {"customer_id": ann, "title": "Complaint"})
    await searcher.act("create", "remark_line", {"remark_id": remark["id"], "text": "The parcel was broken."})
    assert await searcher.found("compl", types=["REMARK"]) == [remark["id"]]
    [edge] = await searcher.edges("parcel")
    assert (edge["node"]["__typename"], edge["field"], edge["snippet"]) == (
        "Remark",
        "lines.text",
        "The parcel was broken.",
    )


async def test_what_goes_with_a_destroyed_record_leaves_the_index_too(searcher: Searcher) -> None:
    """Although the database itself removes it: the remarks of a customer."""
    ann = await searcher.customer("Ann")
    await searcher.act("create", "remark", {"customer_id": ann, "title": "Complaint"})
    await searcher.act("destroy", "customer", ann)
    assert await searcher.crm.database.fetch("select entity from crm_search_entry") == []


def test_what_cannot_be_searched_is_said_at_the_start() -> None:
    """A column that is none, and records found as something they do not belong to."""
    wrong = [
        Entity(remarks.Remark, plural="remarks", searched=("size",), plugin="remarks"),
        Entity(remarks.RemarkLine, plural="remarkLines", searched=("text",), found_as="remark_id", plugin="remarks"),
    ]
    core = Crm(Settings(), installed=False).entities
    with pytest.raises(SetupError) as refused:
        Entities([*core.values(), *wrong])
    assert [
        "Plugin 'remarks' has remarks searched by 'size', which is no text column of remarks_remark; name one that is.",
        "Plugin 'remarks' has remarkLines searched and found as 'remark_id'; that must be its guarded_by, lead to one entity, "
        "and be all that narrows who sees them.",
    ] == list(refused.value.problems)
