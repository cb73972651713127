"""Names: what a plugin and its entities are called."""

from __future__ import annotations

import pytest

from crmcore import errors
from crmcore.plugins.names import belongs
from crmcore.plugins.plugin import Plugin
from crmcore.scaffold.names import EntityNames, PluginNames, entity_names, plural_of


@pytest.mark.parametrize(
    ("plugin", "given", "expected"),
    [
        ("visits", None, EntityNames("visit", "visits", "visit")),
        ("visits", "visit_fare", EntityNames("visit_fare", "visitFares", "visit_fare")),
        ("visits", "VisitFare", EntityNames("visit_fare", "visitFares", "visit_fare")),
        ("loyalty", None, EntityNames("loyalty_entry", "loyaltyEntries", "loyalty_entry")),
        ("companies", None, EntityNames("companies_entry", "companiesEntries", "companies_entry")),
        ("orders", None, EntityNames("order", "orders", "orders_order")),
    ],
)
def test_an_entity_is_named_after_its_plugin(plugin: str, given: str | None, expected: EntityNames) -> None:
    """The plugin's own name suggests one; a word that SQL keeps is no table."""
    assert expected == entity_names(PluginNames(plugin), given)


@pytest.mark.parametrize("name", ["visits", "loyalty", "companies", "orders", "news", "gps", "x", "a1"])
def test_the_host_takes_what_is_suggested(name: str) -> None:
    """Table, type and list begin with the plugin's name as the host wants it."""
    names = entity_names(PluginNames(name), None)
    plugin = Plugin(name, object())
    shown = [belongs(plugin, names.table, "_"), belongs(plugin, names.type_name), belongs(plugin, names.plural)]

    assert [True] * 3 == shown


@pytest.mark.parametrize(
    ("plugin", "given", "plural", "way_out"),
    [
        ("visits", "fare", None, "visit_fare"),
        ("visits", "visit", "guests", "--plural"),
        ("visits", "visit", "visit", "--plural"),
        ("visits", "Visit Fare", None, "began_at"),
    ],
)
def test_a_name_that_cannot_be_is_refused(plugin: str, given: str, plural: str | None, way_out: str) -> None:
    """The message says what would do instead."""
    with pytest.raises(errors.SetupError, match=way_out):
        entity_names(PluginNames(plugin), given, plural)


@pytest.mark.parametrize("name", ["Visits", "visit-s", "1visit", "v" * 21, "customers", "lambda", ""])
def test_a_plugin_cannot_be_called_anything(name: str) -> None:
    """One lower-case word, no word of Python's, none that crmcore keeps."""
    with pytest.raises(errors.SetupError, match="cannot be called"):
        PluginNames(name)


def test_plurals_are_english() -> None:
    """As far as rules go; where they do not, `--plural` does."""
    assert ["visits", "entries", "days", "boxes"] == [plural_of(w) for w in ("visit", "entry", "day", "box")]
