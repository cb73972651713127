"""Somebody else's server, inside the process of a test: it gets the messages of webhooks, checks them and answers."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import msgspec

from crmcore.database import ids
from crmcore.testing.actors import As
from crmcore.webhooks.actions import create_webhook_endpoint
from crmcore.webhooks.answer import Answer
from crmcore.webhooks.running import running_on
from crmcore.webhooks.signing import signed

if TYPE_CHECKING:
    from crmcore.testing.crm import TestCrm
    from crmcore.webhooks.sender import Sender

__all__ = ["Received", "Receiver"]

#: As Standard Webhooks advises receivers.
_FRESH = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Received:
    """A message whose signature was right and fresh.

    Attributes:

        type: what happened, as in `deal.moved`.
        data: what the message tells of it.
        id: the header webhook-id, the same in every attempt.
        url: where it was sent to.
        headers: as they were sent.
        body: as it was sent, to the byte.
    """

    type: str
    data: Mapping[str, Any]
    id: str
    url: str
    headers: Mapping[str, str]
    body: bytes


class Receiver:
    """Takes the messages of a CRM in place of the network; nothing leaves the process.

    Attributes:

        received: messages in the order they came.
        answer: the HTTP status that it answers with, or what gives one for a message.
        secrets: by URL, what the messages are signed with.

    Args:

        crm: whose messages.
    """

    def __init__(self, crm: TestCrm) -> None:
        self._crm = crm
        self.received: list[Received] = []
        self.answer: int | Callable[[Received], int] = 204
        self.secrets: dict[str, str] = {}
        if crm.started:
            self.listen()

    def listen(self) -> None:
        """Take the place of the network."""
        running_on(self._crm.database).sender = cast("Sender", self)

    async def endpoint(self, *event_types: str, as_: As = "admin", **options: Any) -> str:
        """Register an endpoint that is told of events from now on; `await crm.work_off()` has them delivered.

        Args:

            event_types: keys, `deal.*`, or `*`.
            as_: who registers it; it is told of what they may see.
            options: what `createWebhookEndpoint` takes besides: `filter`, `ordered`, `role_id`, `url` and so on.

        Returns:

            The endpoint's id as clients see it.
        """
        url = options.pop("url", None) or f"https://receiver.example/{len(self.secrets) + 1}"
        actor = await self._crm.actor(as_)
        made = await self._crm.run(
            actor, lambda work: create_webhook_endpoint(work, url=url, event_types=[*event_types], **options)
        )
        assert made.secret is not None
        self.secrets[url] = made.secret
        return ids.encode("webhook_endpoint", made.endpoint.id)

    async def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Take a message, as `Sender.send` would send it.

        Raises:

            AssertionError: it is not signed with the secret that the endpoint was given, or not just now.
        """
        self._verify(url, body, headers)
        said = msgspec.json.decode(body)
        message = Received(said["type"], said["data"], headers["webhook-id"], url, headers, body)
        self.received.append(message)
        status = self.answer(message) if callable(self.answer) else self.answer
        error = None if 200 <= status < 300 else f"The server answered {status}."
        return Answer(0.0, status, "", error=error)

    async def close(self) -> None:
        """Nothing is open."""

    def _verify(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        if url not in self.secrets:
            msg = f"A message went to {url}, which crm.webhooks does not know; register it by crm.webhooks.endpoint(..., url=…)."
            raise AssertionError(msg)
        at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
        right = signed(headers["webhook-id"], at, body, [self.secrets[url]])["webhook-signature"]
        given = headers["webhook-signature"].split()
        if not any(hmac.compare_digest(right, one) for one in given):
            msg = f"The message {headers['webhook-id']} to {url} is not signed with the secret that crm.webhooks.secrets has."
            raise AssertionError(msg)
        if abs(self._crm.clock.now() - at) > _FRESH:
            msg = f"The message {headers['webhook-id']} to {url} says that it was sent at {at}, which is not now."
            raise AssertionError(msg)
