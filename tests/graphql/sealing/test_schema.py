"""What the schema offers of sealed fields: the operators that work, and no others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLObjectType, is_non_null_type

from crmcore import Crm
from crmcore.settings import Settings
from tests.graphql.sealing.conftest import SORTABLE
from tests.plugins.with_sealing import Toy


def _fields(crm: Crm, name: str) -> dict[str, Any]:
    type_ = crm.schema.graphql.get_type(name)
    assert isinstance(type_, GraphQLInputObjectType | GraphQLObjectType)
    return dict(type_.fields)


def _values(crm: Crm, name: str) -> set[str]:
    type_ = crm.schema.graphql.get_type(name)
    assert isinstance(type_, GraphQLEnumType)
    return set(type_.values)


def _made(*fields: str, **given: Any) -> Crm:
    return Crm(Settings(), plugins=[Toy(*fields, **given)], installed=False)


def test_filters_have_the_operators_that_work(crm: Crm) -> None:
    """Equality for all kinds, beginnings for texts, and whether there is a value; nothing that would need the value."""
    given = _fields(crm, "CustomerFilter")
    assert "SealedPrefixTextFilter" == str(given["givenName"].type)
    assert "SealedGenderFilter" == str(given["gender"].type)
    assert "SealedDateFilter" == str(given["birthDate"].type)
    assert ["eq", "ne", "in", "notIn", "startsWith", "isNull"] == list(_fields(crm, "SealedPrefixTextFilter"))
    assert ["eq", "ne", "in", "notIn", "isNull"] == list(_fields(crm, "SealedDateFilter"))
    assert ["eq", "ne", "in", "notIn", "isNull"] == list(_fields(crm, "SealedGenderFilter"))
    assert "Gender" == str(_fields(crm, "SealedGenderFilter")["eq"].type)
    assert given["givenName"].description.endswith("Stored sealed.")
    assert "TextFilter" == str(given["salutation"].type)


def test_without_look_ups_a_filter_asks_only_whether_there_is_a_value() -> None:
    """Where the plugin keeps nothing to find values by."""
    crm = _made("customer.given_name", "customer.birth_date", "customer.gender", equality=False, prefix=False)
    given = _fields(crm, "CustomerFilter")
    assert {"SealedFilter"} == {str(given[name].type) for name in ("givenName", "birthDate", "gender")}
    assert ["isNull"] == list(_fields(crm, "SealedFilter"))


def test_each_ability_has_a_type_of_its_own() -> None:
    """Equality without beginnings, and beginnings without equality."""
    assert "SealedTextFilter" == str(
        _fields(_made("customer.given_name", prefix=False), "CustomerFilter")["givenName"].type
    )
    crm = _made("customer.given_name", equality=False)
    assert "SealedPrefixOnlyTextFilter" == str(_fields(crm, "CustomerFilter")["givenName"].type)
    assert ["startsWith", "isNull"] == list(_fields(crm, "SealedPrefixOnlyTextFilter"))


def test_json_has_no_equality(crm: Crm) -> None:
    """Sealed or not."""
    assert "SealedFilter" == str(_fields(crm, "CustomerFilter")["customFields"].type)


def test_lists_are_ordered_by_sealed_fields_at_the_root_only(crm: Crm) -> None:
    """Their descriptions say how many records; lists within records have an order without them."""
    assert {"GIVEN_NAME", "BIRTH_DATE", "STATUS"} <= _values(crm, "CustomerOrderField")
    assert {"STATUS"} == _values(crm, "CustomerNestedOrderField") & {"GIVEN_NAME", "BIRTH_DATE", "STATUS"}
    roots, customer = _fields(crm, "Query"), _fields(crm, "Customer")
    assert "[ContactPointOrder!]" == str(roots["contactPoints"].args["orderBy"].type)
    assert "[ContactPointNestedOrder!]" == str(customer["contactPoints"].args["orderBy"].type)
    assert "CustomerNestedOrder" == str(_fields(crm, "ContactPointNestedOrder")["customer"].type)
    type_ = crm.schema.graphql.get_type("CustomerOrderField")
    assert isinstance(type_, GraphQLEnumType)
    assert f"At most {SORTABLE} records" in str(type_.values["GIVEN_NAME"].description)


def test_what_cannot_be_sorted_is_no_order_at_all() -> None:
    """And lists within records need no input of their own then."""
    crm = _made("customer.given_name")
    assert "GIVEN_NAME" not in _values(crm, "CustomerOrderField")
    assert crm.schema.graphql.get_type("CustomerNestedOrder") is None


def test_there_are_no_groups_and_no_figures_of_sealed_fields(crm: Crm) -> None:
    """Neither keys of groups nor smallest, largest, sums and numbers of different ones."""
    sealed = {"givenName", "familyName", "gender", "birthDate", "displayName"}
    figures = _fields(crm, "CustomerAggregate").keys() | _fields(crm, "CustomerHaving").keys()
    assert not [name for name in figures if any(name.lower().endswith(field.lower()) for field in sealed)]
    assert not {"GIVEN_NAME", "GENDER", "BIRTH_DATE"} & _values(crm, "CustomerGroupField")
    assert "avgLatitude" not in _fields(crm, "AddressAggregate")
    assert "avgLongitude" in _fields(crm, "AddressAggregate")


def test_a_sealed_field_says_so_and_may_be_null_unless_a_text_stands_for_what_is_erased(crm: Crm) -> None:
    """The display name is never null, sealed or not; inputs are what they were."""
    customer = _fields(crm, "Customer")
    assert is_non_null_type(customer["displayName"].type)
    assert customer["birthDate"].description.endswith("Stored sealed.")
    other = _made("contact_point.value")
    seal: Any = other.entities["contact_point"].seal
    seal.columns = {"value": replace(seal.columns["value"], erased=None)}
    assert is_non_null_type(_fields(crm, "ContactPoint")["value"].type)
    assert not is_non_null_type(_fields(other, "ContactPoint")["value"].type)
    assert is_non_null_type(_fields(other, "CreateContactPointInput")["value"].type)


def test_without_a_seal_the_schema_is_what_it_was() -> None:
    """No type, no description."""
    assert "ealed" not in Crm(Settings(), installed=False).schema.sdl.replace("revealed", "").replace("concealed", "")
