"""What every table of the built-in entities keeps to."""

from __future__ import annotations

import pytest

from crmcore.customers.plugin import ENTITIES as CUSTOMERS
from crmcore.entities.columns import Facts
from crmcore.entities.entity import Entity
from crmcore.interactions.plugin import ENTITIES as INTERACTIONS
from crmcore.pipelines.plugin import ENTITIES as PIPELINES

EVERY = pytest.mark.parametrize("entity", [*CUSTOMERS, *PIPELINES, *INTERACTIONS], ids=lambda entity: entity.name)

#: Columns that say something about a human being, by what they are called.
_TELLING = {
    *("display_name", "salutation", "given_name", "middle_name", "family_name", "gender", "birth_date", "job_title"),
    *("tax_id", "avatar_url", "website", "locale", "timezone", "value", "normalized", "lines", "city", "postal_code"),
    *("latitude", "longitude", "raw_address", "subject", "body", "sentiment"),
}


@EVERY
def test_every_link_has_an_index(entity: Entity) -> None:
    """Each link, to one entity or to any, leads an index that covers every row, or every row that has it."""
    there = [index for index in entity.table.__indexes__ if not index.live]  # type: ignore[attr-defined]
    leading = {index.columns[0] for index in there if index.where in (None, f"{index.columns[0]} is not null")}
    assert {name for name, said in entity.facts.items() if said.target is not None} <= leading


@EVERY
def test_every_unique_key_ignores_the_deleted(entity: Entity) -> None:
    """What is deleted does not stand in the way."""
    assert all(index.live for index in entity.table.__indexes__ if index.unique)  # type: ignore[attr-defined]


@EVERY
def test_every_upsert_key_is_unique(entity: Entity) -> None:
    """A key that clients upsert on is guarded by a unique index over those columns, or over fewer."""
    unique = [set(index.columns) for index in entity.table.__indexes__ if index.unique and not index.where]  # type: ignore[attr-defined]
    unique += [set(index.columns) for index in entity.table.__indexes__ if index.name is None and index.unique]  # type: ignore[attr-defined]
    for key in entity.keys:
        columns = {"normalized" if column == "value" else column for column in key.columns}
        assert any(index <= columns for index in unique), key


@EVERY
def test_every_column_is_described(entity: Entity) -> None:
    """By a sentence."""
    assert [] == [name for name, said in entity.facts.items() if not _sentence(said)]


def _sentence(said: Facts) -> bool:
    return said.description[0].isupper() and said.description.endswith(".")


@EVERY
def test_personal_columns_are_classified(entity: Entity) -> None:
    """What tells something about a person says which category of personal data it is."""
    assert [] == [name for name, said in entity.facts.items() if name in _TELLING and said.personal is None]


@EVERY
def test_choices_are_described(entity: Entity) -> None:
    """Every member of a closed set has its sentence."""
    members = [member for said in entity.facts.values() if said.choices for member in said.choices]
    assert all(isinstance(m.value, str) and m.value.endswith(".") for m in members)
