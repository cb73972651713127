"""URLs of databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from crmcore.database.address import Address
from crmcore.errors import SetupError


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///crm.db", Path("crm.db")),
        ("sqlite:////srv/crm/crm.db", Path("/srv/crm/crm.db")),
        ("sqlite:///my%20crm.db", Path("my crm.db")),
    ],
)
def test_three_slashes_are_relative_and_four_absolute(url: str, path: Path) -> None:
    """A SQLite URL names a file as SQLAlchemy's do."""
    assert path == Address.parse(url).path


@pytest.mark.parametrize(
    "url", ["postgresql://u:p@host/crm", "postgres://u@host:5433/crm", "postgresql:///crm?host=/tmp"]
)
def test_a_server_may_be_named_in_either_spelling(url: str) -> None:
    """Both schemes that libpq knows are PostgreSQL."""
    assert "postgresql" == Address.parse(url).dialect


@pytest.mark.parametrize(
    "url",
    [
        "",
        "crm.db",
        "mysql://host/crm",
        "postgresql+asyncpg://host/crm",
        "sqlite://crm.db",
        "sqlite:crm.db",
        "sqlite:///crm.db?mode=ro",
        "postgresql://host",
        "postgresql://host/",
        "postgresql://host:port/crm",
    ],
)
def test_what_names_no_database_is_refused_with_the_forms(url: str) -> None:
    """The message shows what a URL looks like."""
    with pytest.raises(SetupError, match=r"sqlite:///crm\.db|postgresql://user@host/crm"):
        Address.parse(url)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite://:memory:"])
def test_a_database_in_memory_is_refused_with_the_reason(url: str) -> None:
    """Every connection would have another one."""
    with pytest.raises(SetupError, match="another, empty one for each connection"):
        Address.parse(url)


@pytest.mark.parametrize(
    "url", ["postgresql://u:secret@host/crm", "postgresql://u:secret@host", "mysql://u:secret@host/crm"]
)
def test_passwords_are_never_shown(url: str) -> None:
    """What messages say of a URL has no password in it, also when it is refused."""
    try:
        shown = Address.parse(url).shown
    except SetupError as error:
        shown = str(error)
    assert "secret" not in shown
    assert "host" in shown


@pytest.mark.parametrize(
    ("url", "pooled", "server"),
    [
        ("postgresql://u:p@host/crm", False, "postgresql://u:p@host/crm"),
        ("postgresql://u:p@host/crm?pgbouncer=true", True, "postgresql://u:p@host/crm"),
        ("postgresql://u@host/crm?ssl=require&pgbouncer=true", True, "postgresql://u@host/crm?ssl=require"),
        ("postgresql://u@host/crm?pgbouncer=false", False, "postgresql://u@host/crm"),
    ],
)
def test_a_url_may_say_that_pgbouncer_stands_between(url: str, pooled: bool, server: str) -> None:
    """The driver gets the rest."""
    address = Address.parse(url)
    assert (pooled, server, url) == (address.pooled, address.server, address.url)


def test_any_other_word_about_pgbouncer_is_refused() -> None:
    """With the one that is meant."""
    with pytest.raises(SetupError, match=r"\?pgbouncer=true"):
        Address.parse("postgresql://u@host/crm?pgbouncer=1")
