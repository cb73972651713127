"""The scanner finds what has a shape or a check digit, and is not taken in by what only looks like it."""

from __future__ import annotations

import sys
from itertools import pairwise
from types import ModuleType, SimpleNamespace

import pytest
from crmcore_compliance.register.scanning import Finding, presidio, scan


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("write to ada@example.com.", "EMAIL", "ada@example.com"),
        ("call +49 30 901820 today", "PHONE", "+49 30 901820"),
        ("手机 13812345678。", "PHONE", "13812345678"),
        ("身份证 11010519491231002X", "CN_RESIDENT_ID", "11010519491231002X"),
        ("统一社会信用代码 91110000600037341L", "CN_SOCIAL_CREDIT_CODE", "91110000600037341L"),
        ("to DE89 3704 0044 0532 0130 00 please", "IBAN", "DE89 3704 0044 0532 0130 00"),
        ("card 4111 1111 1111 1111, 12/27", "PAYMENT_CARD", "4111 1111 1111 1111"),
        ("from 192.0.2.17 at night", "IP_ADDRESS", "192.0.2.17"),
        ("from 2001:db8::17 at night", "IP_ADDRESS", "2001:db8::17"),
    ],
)
def test_what_is_there_is_found(text: str, kind: str, found: str) -> None:
    """One finding, exactly where it stands."""
    assert [(kind, found)] == [(one.kind, text[one.start : one.end]) for one in scan(text, "CN")]


@pytest.mark.parametrize(
    "text",
    [
        "order 4111 1111 1111 1112",
        "DE89 3704 0044 0532 0130 01",
        "110105194912310021",
        "version 1.2.3.4567",
        "at 10:30:00 on 2027-03-01",
        "a @ b",
        "the year 1984 and 100,000 words",
        "",
    ],
)
def test_what_only_looks_like_it_is_not(text: str) -> None:
    """Wrong check digits, versions, times and plain numbers are nothing personal."""
    assert [] == [one for one in scan(text) if one.kind != "PHONE"]


def test_findings_do_not_overlap_and_come_in_order() -> None:
    """Several in one text, each once."""
    text = "Ada (ada@example.com, +49 30 901820) paid with 4111 1111 1111 1111 from DE89370400440532013000."
    found = scan(text)

    assert ["EMAIL", "PHONE", "PAYMENT_CARD", "IBAN"] == [one.kind for one in found]
    assert all(one.end <= other.start for one, other in pairwise(found))


def test_presidio_adds_what_it_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it calls a person is a name; what it finds that is no category of ours is left out."""
    module = ModuleType("presidio_analyzer")
    results = [
        SimpleNamespace(entity_type="PERSON", start=0, end=3),
        SimpleNamespace(entity_type="URL", start=4, end=8),
    ]
    module.__dict__["AnalyzerEngine"] = lambda: SimpleNamespace(analyze=lambda **_: results)
    monkeypatch.setitem(sys.modules, "presidio_analyzer", module)

    assert [Finding(0, 3, "user.name", "PERSON")] == scan("Ada x.io", more=presidio())
