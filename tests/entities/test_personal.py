"""What columns say of people: a category, and what follows from it."""

from __future__ import annotations

import pytest

from crmcore import Settings
from crmcore import columns as c
from crmcore.assembly import assemble
from crmcore.entities.kinds import DATE, JSON, TEXT
from crmcore.entities.personal import CATEGORIES, PersonalData, default_of

_ENTITIES = assemble(Settings(), installed=False).entities


@pytest.mark.parametrize(
    ("category", "sensitivity", "mask"),
    [
        ("user.contact.email", 2, "email"),
        ("user.contact.phone_number", 2, "phone"),
        ("user.name.last", 2, "name"),
        ("user.demographic.date_of_birth", 2, "year"),
        ("user.contact.address.street", 2, "address"),
        ("user.contact.address.country", 1, "text"),
        ("user.government_id.passport_number", 3, "id-number"),
        ("user.health_and_medical.genetic", 3, "hidden"),
        ("user.biometric.voice", 3, "hidden"),
        ("user.financial.bank_account", 3, "id-number"),
        ("user.childrens", 3, "hidden"),
        ("user.location.precise", 3, "hidden"),
        ("user.hobby", 2, None),
    ],
)
def test_a_category_says_how_sensitive_it_is_and_how_it_is_masked(
    category: str, sensitivity: int, mask: str | None
) -> None:
    """One that is not in the table is as the nearest one above it."""
    said = PersonalData(category)
    assert (sensitivity, mask) == (said.sensitivity, said.mask) == default_of(category)


def test_a_declaration_may_say_otherwise() -> None:
    """Each of the two by itself."""
    said = PersonalData("user.name", sensitivity=3)
    assert (3, "name") == (said.sensitivity, said.mask)
    assert (2, "hidden") == default_of("user.name")._replace(mask=PersonalData("user.name", mask="hidden").mask)


@pytest.mark.parametrize("sensitivity", [-2, 4])
def test_there_are_four_sensitivities(sensitivity: int) -> None:
    """A number that means nothing is refused."""
    with pytest.raises(ValueError, match=r"give 0 \(public\), 1 \(internal\), 2 \(personal\) or 3 \(sensitive\)"):
        PersonalData("user.name", sensitivity=sensitivity)


def test_every_kind_of_column_can_say_it() -> None:
    """In full or by its category; identifiers and currencies are nothing of a person."""
    said = PersonalData("user.financial", sensitivity=3)
    made = [
        c.text("T.", personal="user.financial"),
        c.integer("I.", personal=said),
        c.big_integer("B.", personal=said),
        c.number("N.", personal=said),
        c.flag("F.", personal=said),
        c.instant("I.", personal=said),
        c.day("D.", personal=said),
        c.json("J.", personal=said),
        c.any_link("A.", personal=said),
        c.minor_units("M.", currency="c", personal=said),
        c.link("customer", "L.", references="crmcore.customers.tables:Customer", personal=said),
    ]
    assert {said} == {c.facts(column).personal for column in made}
    assert (False, False) == (c.facts(c.identifier("I.")).personal, c.facts(c.currency("C.")).personal)


@pytest.mark.parametrize("name", list(_ENTITIES))
def test_every_column_of_the_core_is_classified(name: str) -> None:
    """Texts, dates and JSON say what they hold of a person, those of `Record` and `Customizable` included."""
    facts = _ENTITIES[name].facts
    assert [] == [n for n, said in facts.items() if said.personal is None and said.kind in (TEXT, DATE, JSON)]


def test_categories_of_the_core_are_in_the_table_or_below_one_that_is() -> None:
    """So that none is misspelt."""
    known = tuple(f"{category}." for category in CATEGORIES if category not in ("user", "system"))
    used = {said.personal.category for e in _ENTITIES.values() for said in e.facts.values() if said.personal}
    others = {"user.job_title", "user.workplace", "user.preferences"}
    assert [] == sorted(category for category in used - others if not f"{category}.".startswith(known))
