"""What a request's head says, once for all requests that have the same."""

from __future__ import annotations

from typing import Any

import pytest

from crmcore.access import secret
from crmcore.http.asgi import MEMO
from crmcore.http.facts import facts_of
from crmcore.http.negotiation import JSON
from crmcore.http.refused import Refused


def scope(memo: dict[str, Any] | None = None, **headers: str) -> dict[str, Any]:
    """A request with these headers, as our server passes it on where `memo` is given."""
    given = {"content-type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    made: dict[str, Any] = {"method": "POST", "headers": [(k.encode(), v.encode()) for k, v in given.items()]}
    return made if memo is None else {**made, MEMO: memo}


def test_a_head_says_who_asks_and_for_what() -> None:
    """The token's digest alone is kept."""
    facts = facts_of(scope(accept="application/json", authorization="Bearer crm_1"))
    assert (False, JSON, secret.digest("crm_1")) == (facts.events, facts.content_type, facts.digest)


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer crm_1", "crm_purpose": "support"}])
def test_who_is_not_known_by_a_token_alone_has_no_digest(headers: dict[str, str]) -> None:
    """Who says what they read for is another actor."""
    assert facts_of(scope(**headers)).digest is None


def test_it_is_worked_out_once_where_the_server_knows_the_head() -> None:
    """And each time by servers that do not."""
    memo: dict[str, Any] = {}
    assert facts_of(scope(memo)) is facts_of(scope(memo))
    assert facts_of(scope()) is not facts_of(scope())


def test_one_connection_knows_nothing_of_another() -> None:
    """Each head has a memo of its own."""
    first, second = (facts_of(scope({}, authorization=f"Bearer crm_{n}")) for n in (1, 2))
    assert first.digest != second.digest


@pytest.mark.parametrize("headers", [{"accept": "text/html"}, {"content_type": "text/plain"}])
def test_a_refusal_is_not_kept(headers: dict[str, str]) -> None:
    """An exception that is raised again and again grows by what it has been through."""
    memo: dict[str, Any] = {}
    refusals = []
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            facts_of(scope(memo, **headers))
        refusals.append(refused.value)
    assert (True, {}) == (refusals[0] is not refusals[1], memo)
