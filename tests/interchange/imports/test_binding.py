"""A mapping that does not fit this CRM or this file is refused before the first row, with everything that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from crmcore.access.actor import EVERYTHING
from crmcore.app import Crm
from crmcore.errors import SetupError
from crmcore.interchange.imports.binding import bind
from crmcore.interchange.imports.load import load_mapping

_WRONG = """
title = "Wrong"
[columns]
clean = { column = "nowhere" }
[[setup]]
entity = "pipelin"
key = "KEY"
[[records]]
entity = "customer"
key = ["legalName", "domain"]
when = { kind = "x" }
values = { kind = "ALIEN", version = 3, annualRevenue = { amount = "1", currency = "XXX" } }
fields.legalName = "nam"
fields.parent = "name"
fields.ownerId = { record = "user" }
fields.teamId = { column = "name", find = "tem" }
fields.externalIds = "name"
fields.lastInteractionAt = "name"
fields.parentId = { column = "name", find = "address" }
custom.size = "clean"
moves = [{ stage = "Won" }]
[[records]]
entity = "address"
key = "KEY"
custom.x = "name"
"""


def test_everything_that_does_not_fit_is_said_at_once(crm_model: Crm, tmp_path: Path) -> None:
    """Columns, entities, fields, keys, records and constants, each with its place and what was meant."""
    (tmp_path / "mapping.toml").write_text(_WRONG, encoding="utf-8")
    with pytest.raises(SetupError) as refused:
        bind(load_mapping(tmp_path / "mapping.toml"), crm_model.entities, ["name", "industry"], EVERYTHING)
    said = [p.removeprefix("Mapping mapping.toml: ") for p in refused.value.problems]
    expected = [
        "setup.1 (pipelin) names the entity 'pipelin', which no plugin declares; did you mean 'pipeline'?.",
        "columns.clean reads the column 'nowhere', which the file does not have",
        "records.1 (customer) reads the column 'kind', which the file does not have",
        "records.1 (customer).values.kind 'ALIEN' is not one of PERSON, ORGANIZATION",
        "records.1 (customer).values.version names Customer.version, which the server keeps.",
        "records.1 (customer).values.annualRevenue 'XXX' is not an ISO 4217 currency code",
        "records.1 (customer).fields.legalName reads the column 'nam', which the file does not have; did you mean 'name'?.",
        "records.1 (customer).fields.parent names Customer.parent, which is no field a file can give; did you mean parentId?.",
        "records.1 (customer).fields.ownerId names the record 'user'; written before this one are none.",
        "records.1 (customer).fields.teamId names the entity 'tem', which no plugin declares; did you mean 'team'?.",
        "records.1 (customer).fields.externalIds names Customer.externalIds, which is no field a file can give",
        "records.1 (customer).fields.parentId must say by which field of address to look.",
        "records.1 (customer).key names domain, which stands neither in fields nor in values.",
        "records.1 (customer).moves.1 is for deals; customers have no stages.",
        "records.2 (address).key names Address.KEY, which is no field a file can give",
        "records.2 (address).custom.x is not possible: addresses have no custom fields.",
    ]
    for sentence in expected:
        assert any(s.startswith(sentence.rstrip(".")) for s in said), (sentence, said)
    # An instant of the past is for imports to tell; nothing else was found wrong.
    assert not any(s.startswith("records.1 (customer).fields.lastInteractionAt") for s in said)
    assert len(expected) + 1 == len(said), said
