"""A source turns columns into a value: in a fixed order of steps, each of which can refuse."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from crmcore.interchange.imports.mapping import Source
from crmcore.interchange.imports.sources import Refused, Sources

_TABLES = {"series": {"GTX Pro": "GTX", "MG Special": "MG"}}


def _value(row: dict[str, Any], **said: Any) -> Any:
    return Sources(_TABLES).value(Source(**said), row)


@pytest.mark.parametrize(
    ("said", "text", "value"),
    [
        ({}, "  Acme ", "Acme"),
        ({"trim": False}, " Acme ", " Acme "),
        ({}, "   ", None),
        ({"empty": ["n/a", "-"]}, " n/a ", None),
        ({"replace": {"technolgy": "technology"}}, "technolgy", "technology"),
        ({"replace": {"technolgy": "technology"}}, "retail", "retail"),
        ({"replace": {"GTXPro": "GTX Pro"}, "translate": "series"}, "GTXPro", "GTX"),
        ({"part": "family"}, "Anna Snelling", "Snelling"),
        ({"part": "given"}, "王小明", "小明"),
        ({"date": "%d-%m-%y"}, "20-10-16", date(2016, 10, 20)),
        ({"date": "%d-%m-%y", "zone": "Asia/Shanghai"}, "20-10-16", datetime(2016, 10, 19, 16, tzinfo=UTC)),
        ({"scale": 1_000_000}, "1100.04", Decimal("1100040000.00")),
        ({"bands": [[10, "SMALL"], ["more", "LARGE"]]}, "10", "SMALL"),
        ({"bands": [[10, "SMALL"], ["more", "LARGE"]]}, "10.5", "LARGE"),
        ({"default": "x"}, "", "x"),
    ],
)
def test_a_column_becomes_a_value(said: dict[str, Any], text: str, value: Any) -> None:
    """Each step does what the mapping's documentation says of it."""
    assert value == _value({"c": text}, column="c", **said)


def test_a_template_puts_columns_together() -> None:
    """Several columns make one value."""
    assert "GTX Pro for Isdom" == _value({"product": "GTX Pro", "account": "Isdom"}, text="{product} for {account}")


def test_of_several_templates_the_first_that_can_be_filled_counts() -> None:
    """A deal without an account is called by its product."""
    assert "GTX Pro" == _value({"product": "GTX Pro", "account": ""}, text=["{product} for {account}", "{product}"])


def test_a_template_names_columns_and_nothing_behind_them() -> None:
    """A dot is part of a column's name: a template reaches no attributes."""
    assert "x" == _value({"a.__class__": "x"}, text="{a.__class__}")


@pytest.mark.parametrize(
    ("said", "text", "code"),
    [
        ({"translate": "series"}, "Unheard of", "UNKNOWN_VALUE"),
        ({"date": "%d-%m-%y"}, "31-02-16", "MALFORMED"),
        ({"scale": 2}, "many", "MALFORMED"),
        ({"bands": [[10, "SMALL"]]}, "11", "OUT_OF_RANGE"),
        ({"required": True}, " ", "REQUIRED"),
    ],
)
def test_what_a_source_does_not_expect_is_refused(said: dict[str, Any], text: str, code: str) -> None:
    """The refusal carries a code for programs."""
    with pytest.raises(Refused) as refused:
        _value({"c": text}, column="c", **said)
    assert code == refused.value.code
