"""Customers: kinds, names, domains."""

from __future__ import annotations

import pytest

from crmcore.customers.actions.names import full_name
from tests.customers.desk import IMPORT, Desk


@pytest.mark.parametrize(
    ("given", "middle", "family", "locale", "expected"),
    [
        ("Ana", None, "Ruiz", "es-ES", "Ana Ruiz"),
        ("John", "F.", "Smith", None, "John F. Smith"),
        ("小明", None, "王", "zh-Hans-CN", "王小明"),
        ("小明", None, "王", None, "王小明"),
        ("小明", None, "王", "en-US", "王小明"),
        ("Xiaoming", None, "Wang", "zh-CN", "Wang Xiaoming"),
        ("Xiaoming", None, "Wang", "en", "Xiaoming Wang"),
        ("花子", None, "山田", "ja", "山田花子"),
        ("はなこ", None, "やまだ", None, "やまだはなこ"),
        ("민수", None, "김", "ko-KR", "김민수"),
        ("János", None, "Kovács", "hu-HU", "Kovács János"),
        ("Văn An", None, "Nguyễn", "vi", "Nguyễn Văn An"),
        ("小明 David", None, "王", "zh", "王小明 David"),
        (None, None, "王", "zh", "王"),
        ("Cher", None, None, None, "Cher"),
        (None, None, None, "zh", ""),
    ],
)
def test_names_stand_in_the_order_of_their_language(
    given: str | None, middle: str | None, family: str | None, locale: str | None, expected: str
) -> None:
    """Family names come first by locale or by script, and names in Chinese, Japanese or Korean script need no blank."""
    assert expected == full_name(given, middle, family, locale)


async def test_a_person_is_named_after_its_names(desk: Desk) -> None:
    """A person without a display name gets it from the names."""
    row = await desk.create("customer", kind="PERSON", given_name="小明", family_name="王")
    assert "王小明" == row["display_name"]


async def test_an_organization_is_named_after_its_legal_name(desk: Desk) -> None:
    """An organisation without a display name gets its legal name."""
    row = await desk.create("customer", kind="ORGANIZATION", legal_name="Acme GmbH & Co. KG")
    assert "Acme GmbH & Co. KG" == row["display_name"]


async def test_a_given_display_name_stays(desk: Desk) -> None:
    """What somebody typed is not replaced by what would follow."""
    row = await desk.person("Lao Wang", given_name="小明", family_name="王")
    row = await desk.update("customer", row["id"], given_name="大明")
    assert "Lao Wang" == row["display_name"]


async def test_a_derived_display_name_follows(desk: Desk) -> None:
    """A display name that followed from the names follows them when they change."""
    row = await desk.create("customer", kind="PERSON", given_name="Ana", family_name="Ruiz")
    row = await desk.update("customer", row["id"], family_name="Gómez")
    assert "Ana Gómez" == row["display_name"]


async def test_emptying_a_display_name_derives_it_anew(desk: Desk) -> None:
    """An empty display name means: derive it."""
    row = await desk.person("A. R.", given_name="Ana", family_name="Ruiz")
    row = await desk.update("customer", row["id"], display_name="")
    assert "Ana Ruiz" == row["display_name"]


async def test_a_customer_has_a_name(desk: Desk) -> None:
    """Without display name and names there is no customer."""
    assert {("displayName", "REQUIRED")} == await desk.no("customer", kind="PERSON")


async def test_a_name_cannot_be_emptied_away(desk: Desk) -> None:
    """An update may not leave a customer without a name."""
    row = await desk.organization("Acme")
    assert {("displayName", "REQUIRED")} == await desk.no_update("customer", row["id"], display_name="  ")


async def test_a_kind_is_required(desk: Desk) -> None:
    """A customer is a person or an organisation."""
    assert {("kind", "REQUIRED")} == await desk.no("customer", display_name="X")


@pytest.mark.parametrize("by", [None, IMPORT])
async def test_a_kind_never_changes(desk: Desk, by: object) -> None:
    """Nobody, not even an import, makes a person an organisation."""
    row = await desk.person()
    more = {"by": by} if by else {}
    assert {("kind", "READ_ONLY")} == await desk.no_update("customer", row["id"], kind="ORGANIZATION", **more)


async def test_fields_of_persons_are_not_for_organizations(desk: Desk) -> None:
    """An organisation has neither names nor a birthday."""
    no = await desk.no("customer", kind="ORGANIZATION", display_name="Acme", given_name="Ana", job_title="CEO")
    assert {("givenName", "WRONG_KIND"), ("jobTitle", "WRONG_KIND")} == no


async def test_fields_of_organizations_are_not_for_persons(desk: Desk) -> None:
    """A person has neither a legal name nor employees."""
    no = await desk.no("customer", kind="PERSON", display_name="Ana", legal_name="Acme", employee_band="OVER_1000")
    assert {("legalName", "WRONG_KIND"), ("employeeBand", "WRONG_KIND")} == no


async def test_revenue_has_a_currency(desk: Desk) -> None:
    """An amount without a currency is none."""
    no = await desk.no("customer", kind="ORGANIZATION", display_name="Acme", annual_revenue=100)
    assert {("annualRevenue", "NO_CURRENCY")} == no


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Example.COM", "example.com"),
        ("https://www.Example.com/about", "example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("例子。中国", "xn--fsqu00a.xn--fiqs8s"),
    ],
)
async def test_a_domain_is_kept_in_one_form(desk: Desk, given: str, kept: str) -> None:
    """Domains are kept in lower case and Punycode, without www and path."""
    assert kept == (await desk.organization(domain=given))["domain"]


async def test_what_is_no_domain_is_refused(desk: Desk) -> None:
    """A domain has a dot and no blanks."""
    assert {("domain", "MALFORMED")} == await desk.no(
        "customer", kind="ORGANIZATION", display_name="Acme", domain="my shop"
    )


async def test_only_a_merge_makes_merged(desk: Desk) -> None:
    """Nobody sets the status MERGED by hand."""
    row = await desk.person()
    assert {("status", "UNKNOWN_VALUE")} == await desk.no_update("customer", row["id"], status="MERGED")


async def test_all_violations_are_told_at_once(desk: Desk) -> None:
    """One refusal lists everything that is wrong."""
    no = await desk.no(
        "customer",
        kind="ORGANIZATION",
        display_name="Acme",
        domain="?",
        given_name="Ana",
        country="XX",
        lifecycle_stage="FAN",
    )
    assert {"domain", "givenName", "country", "lifecycleStage"} == {path for path, _ in no}
