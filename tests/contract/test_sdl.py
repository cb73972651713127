"""What a plugin does to the schema, as text."""

from __future__ import annotations

from graphql import parse

from crmcore.contract.sdl import difference
from tests.contract.conftest import Plotted


def test_the_difference_is_a_schema_document(plotted: Plotted) -> None:
    """Types of others are extended, the plugin's own are whole; nothing else is in it."""
    text = difference(plotted())
    parse(text)
    assert "extend type Customer {\n" in text
    assert "  plotsLarge(" in text
    assert '"""A piece of land."""\ntype Plot implements' in text
    assert "extend enum EventType {" in text
    assert "type Customer implements" not in text
    assert "extend type Deal" not in text
