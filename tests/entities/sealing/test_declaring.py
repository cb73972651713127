"""Who seals what is said once, before the start; what cannot be sealed stops it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from crmcore import Crm, Entity, Settings, hookimpl
from crmcore.assembly import assemble
from crmcore.database.declared import table_spec
from crmcore.database.migrations.drift import drift
from crmcore.entities.sealing import SealedColumn
from tests.plugins.conftest import refused
from tests.plugins.with_sealing import Toy, ToySeal


class _Other(Toy):
    plugin_name = "other"


def test_entities_know_what_is_sealed() -> None:
    """Those that are sealed have a seal and differ from what was declared, so that no statement is taken for another."""
    sealed, plain = (assemble(Settings(), plugins, installed=False) for plugins in ([Toy("customer.given_name")], []))
    customer = sealed.entities["customer"]
    assert (frozenset({"given_name"}), True) == (customer.sealed, customer.seal is not None)
    assert (frozenset(), None) == (sealed.entities["deal"].sealed, sealed.entities["deal"].seal)
    assert customer != plain.entities["customer"]
    assert (True, False) == (sealed.entities.sealed, plain.entities.sealed)


def test_one_plugin_seals() -> None:
    """A second one is refused, and both are named."""
    (problem,) = refused(Toy("customer.given_name"), _Other("customer.family_name"))
    assert "Plugin 'toy' (given to Crm) and Plugin 'other' (given to Crm) both seal columns" in problem
    assemble(Settings(), [Toy("customer.given_name"), _Other()], installed=False)


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ("customer.nickname", "customer has no such column"),
        ("customer.owner_id", "records are found, joined and ruled by it."),
        ("customer.created_by", "records are found, joined and ruled by it."),
        ("external_id.record_type", "records are found, joined and ruled by it."),
        ("customer.industry", "it is not said to hold anything about a person"),
        ("user.email", "statements of the plugin 'access' read it as it is."),
        ("deal.amount", "it is not said to hold anything about a person"),
    ],
)
def test_what_the_database_has_to_understand_is_not_sealed(field: str, reason: str) -> None:
    """Keys, links, money, order, and what is nobody's business anyway."""
    (problem,) = refused(Toy(field))
    assert f"seals {field}, which cannot be: {reason}" in problem


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ("contact_point.normalized", "has to refuse what is there already, so it needs equality."),
        ("contact_point.value", "records are found again by the key VALUE, so it needs equality."),
    ],
)
def test_what_records_are_found_by_needs_equality(field: str, reason: str) -> None:
    """Unique indexes and keys for upsert."""
    (problem,) = refused(Toy(field, equality=False))
    assert reason in problem


class _Wrong(Toy):
    """Seals what is not there, and finds whose it is by what is not there."""

    @hookimpl
    def crm_sealing(self, entities: Mapping[str, Entity]) -> Mapping[str, ToySeal]:  # type: ignore[override]
        columns = {"given_name": SealedColumn()}
        return {
            "visitor": ToySeal(entities["customer"], columns),
            "customer": ToySeal(entities["customer"], columns, link="visit_id"),
        }


def test_all_that_is_wrong_is_told_at_once() -> None:
    """An entity that nobody declares, and a column that is none."""
    unknown, nowhere = refused(_Wrong())
    assert "seals columns of 'visitor', which no plugin declares" in unknown
    assert "finds whose data customer is by 'visit_id', which is no column of customer." in nowhere


async def test_a_sealed_column_may_be_a_text(crm: Crm) -> None:
    """Dates become texts on PostgreSQL, which is no drift where they are sealed, and is one elsewhere."""
    assert [] == await crm.migrator.drift()
    if crm.database.dialect == "postgresql":
        told = await drift(crm.database, [table_spec(crm.entities["customer"].table)])
        assert 1 == sum("Column customer.birth_date is declared" in sentence for sentence in told)
