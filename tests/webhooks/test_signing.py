"""Signatures, with the reference implementation of Standard Webhooks as the receiver."""

from __future__ import annotations

from datetime import timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from crmcore import clock
from crmcore.webhooks.signing import new_secret, signed

BODY = '{"type":"customer.created","data":{"name":"Zürich 株式会社"}}'.encode()


def test_a_receiver_verifies_what_was_signed() -> None:
    """The reference implementation takes a message that was signed with its secret."""
    secret = new_secret()
    headers = dict(signed("0190-1", clock.now(), BODY, [secret]))
    assert "customer.created" == Webhook(secret).verify(BODY, headers)["type"]


@pytest.mark.parametrize("spoilt", ["body", "id", "timestamp", "secret", "old"])
def test_anything_changed_is_refused(spoilt: str) -> None:
    """Body, id, time and secret are all under the signature, and an old message is none."""
    secret, at = new_secret(), clock.now() - timedelta(minutes=6 if spoilt == "old" else 0)
    headers = dict(signed("0190-1", at, BODY, [secret]))
    if spoilt in ("id", "timestamp"):
        headers[f"webhook-{spoilt}"] = "0190-2" if spoilt == "id" else str(int(headers["webhook-timestamp"]) + 1)
    body = BODY.replace(b"created", b"deleted") if spoilt == "body" else BODY
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret() if spoilt == "secret" else secret).verify(body, headers)


def test_two_secrets_sign_at_once() -> None:
    """While a secret is being changed, receivers with the old one and with the new one take the same message."""
    old, new = new_secret(), new_secret()
    headers = dict(signed("0190-1", clock.now(), BODY, [new, old]))
    assert [Webhook(secret).verify(BODY, headers) for secret in (old, new)]


def test_secrets_have_the_form_of_the_specification() -> None:
    """A secret is whsec_ and base64 of 24 to 64 bytes, and no two are alike."""
    made = {new_secret() for _ in range(50)}
    assert (50, {"whsec_"}) == (len(made), {secret[:6] for secret in made})
