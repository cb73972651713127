"""People, roles and tokens from the command line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.conftest import Line, done

PASSWORD = "correct horse battery staple\n"


@pytest.fixture
def ada(crm_line: Line) -> str:
    """The id of somebody who may do everything."""
    return done(crm_line("user", "create", "Ada@Example.com", "--name", "Ada Lovelace", "--role", "admin")).strip()


def people(crm_line: Line) -> list[dict[str, Any]]:
    """All people as JSON."""
    listed: list[dict[str, Any]] = json.loads(done(crm_line("user", "list", "--json")))
    return listed


def test_somebody_is_made(crm_line: Line, ada: str) -> None:
    """With a name, a role, and no password unless asked for."""
    shown = {"name": "Ada Lovelace", "email": "ada@example.com", "roles": ["admin"], "active": True, "password": False}
    assert people(crm_line) == [{"id": ada, **shown}]


def test_a_password_comes_from_standard_input(crm_line: Line) -> None:
    """Scripts pass it without showing it in the list of processes."""
    done(crm_line("user", "create", "ada@example.com", "--password-stdin", typed=PASSWORD))
    assert people(crm_line)[0]["password"] is True


def test_a_password_is_not_asked_for_in_a_script(crm_line: Line) -> None:
    """Without a terminal the way out is named."""
    result = crm_line("user", "create", "ada@example.com", "--password")
    assert (result.exit_code, "--password-stdin" in result.stderr) == (2, True)


@pytest.mark.parametrize("by", ["email", "id"])
def test_a_password_is_set_later(crm_line: Line, ada: str, by: str) -> None:
    """PERSON is an e-mail in any case, or an id."""
    done(crm_line("user", "password", "ADA@example.com" if by == "email" else ada, "--stdin", typed=PASSWORD))
    assert people(crm_line)[0]["password"] is True


def test_a_weak_password_is_refused(crm_line: Line, ada: str) -> None:
    """The rules are those of every other door."""
    assert crm_line("user", "password", ada, "--stdin", typed="short\n").exit_code == 1


def test_somebody_is_shut_out(crm_line: Line, ada: str) -> None:
    """Deactivating ends tokens too."""
    done(crm_line("user", "create", "bob@example.com", "--role", "sales"))
    done(crm_line("token", "issue", "bob@example.com"))
    done(crm_line("user", "deactivate", "bob@example.com"))
    active = {person["email"]: person["active"] for person in people(crm_line)}
    assert active == {"ada@example.com": True, "bob@example.com": False}
    assert json.loads(done(crm_line("token", "list", "--json"))) == []


def test_the_last_administrator_stays(crm_line: Line, ada: str) -> None:
    """Neither deactivating nor taking the role leaves a CRM without anybody in charge."""
    codes = [crm_line("user", "deactivate", ada).exit_code, crm_line("role", "revoke", ada, "admin").exit_code]
    assert codes == [1, 1]


def test_roles_are_given_and_taken(crm_line: Line, ada: str) -> None:
    """`role assign` and `role revoke` say what became of it."""
    done(crm_line("role", "assign", ada, "viewer"))
    assert people(crm_line)[0]["roles"] == ["admin", "viewer"]
    assert "no longer" in done(crm_line("role", "revoke", ada, "viewer"))
    assert "did not have" in done(crm_line("role", "revoke", ada, "viewer"))


def test_roles_are_listed_with_their_permissions(crm_line: Line, ada: str) -> None:
    """As JSON in full; else as a count."""
    listed = {role["key"]: role for role in json.loads(done(crm_line("role", "list", "--json")))}
    assert listed["viewer"]["permissions"]["customer:read"] == "ALL"
    assert (listed["admin"]["everything"], listed["admin"]["people"]) == (True, 1)
    assert "admin\tAdministrator\t1\teverything" in done(crm_line("role", "list"))


def test_a_token_is_shown_once(crm_line: Line, ada: str) -> None:
    """Standard output holds the token alone, so that a script can keep it; the list shows how it starts."""
    secret = done(
        crm_line("token", "issue", ada, "--label", "Nightly", "--scope", "customer:read", "--days", "30")
    ).strip()
    listed = done(crm_line("token", "list", "--json"))
    (token,) = json.loads(listed)
    assert secret.startswith("crm_")
    assert (token["label"], token["scopes"], token["person"]) == ("Nightly", ["customer:read"], "ada@example.com")
    assert (secret.startswith(token["starts"].rstrip("…")), secret in listed) == (True, False)


def test_a_token_is_given_as_json(crm_line: Line, ada: str) -> None:
    """With its id and end."""
    made = json.loads(done(crm_line("token", "issue", ada, "--json")))
    assert set(made) == {"id", "token", "label", "scopes", "expiresAt"}


def test_a_token_is_revoked(crm_line: Line, ada: str) -> None:
    """By its id, once; then it is no longer listed, unless asked for."""
    done(crm_line("token", "issue", ada))
    (token,) = json.loads(done(crm_line("token", "list", "--json")))
    done(crm_line("token", "revoke", token["id"]))
    again = crm_line("token", "revoke", token["id"])
    assert (again.exit_code, json.loads(done(crm_line("token", "list", "--json")))) == (1, [])
    (revoked,) = json.loads(done(crm_line("token", "list", "--all", "--json")))
    assert revoked["revoked"] is not None


@pytest.mark.parametrize("id", ["customer_01900000-0000-7000-8000-000000000000", "crm_secret", "token_x"])
def test_what_is_no_token_is_told(crm_line: Line, ada: str, id: str) -> None:
    """A wrong id is refused by name."""
    assert crm_line("token", "revoke", id).exit_code == 1


def test_nobody_yet_is_said(crm_line: Line) -> None:
    """An empty list says how to fill it; as JSON it is a list."""
    assert "crm user create" in crm_line("user", "list").stderr
    assert people(crm_line) == []
