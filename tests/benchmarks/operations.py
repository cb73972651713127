"""The six operations that are measured, as crmcore's clients write them, and what varies from request to request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from tests.benchmarks.world import COUNTRIES, World

__all__ = ["OPERATIONS", "Operation"]

Values = Mapping[str, Any]

_SAID = "offer sent, answer on Friday"
_CALL = {"kind": "CALL", "channel": "PHONE", "direction": "OUTBOUND", "status": "COMPLETED"}
_NOW = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Operation:
    """Something a client asks.

    Attributes:

        key: its name in files and options.
        title: its name for people.
        text: crmcore's document.
        vary: makes the values of one request: ids as UUID, everything else as in JSON.
    """

    key: str
    title: str
    text: str
    vary: Callable[[World, Random], Values]

    def variables(self, values: Values) -> dict[str, Any]:
        """Return crmcore's variables."""
        if self.key == "create":
            return {"data": {**_CALL, "customerId": f"customer_{values['customer']}", **_said(values)}}
        return {
            name: f"{name}_{value}" if name in ("customer", "pipeline") else value for name, value in values.items()
        }


def _said(values: Values) -> Values:
    return {"occurredAt": values["at"], "subject": values["subject"], "body": values["body"]}


def _customer(world: World, random: Random) -> Values:
    return {"customer": world.customer(random.randrange(world.size.customers))}


def _country(_world: World, random: Random) -> Values:
    return {"country": random.choice(list(COUNTRIES))}


def _pipeline(world: World, _random: Random) -> Values:
    return {"pipeline": world.pipeline}


def _call(world: World, random: Random) -> Values:
    at = _NOW + timedelta(seconds=random.randrange(10_000_000), microseconds=random.randrange(1_000_000))
    subject = f"Call about {random.randrange(1_000_000)}"
    return {**_customer(world, random), "at": f"{at:%Y-%m-%dT%H:%M:%S.%fZ}", "subject": subject, "body": _SAID}


OPERATIONS = (
    Operation(
        "one",
        "one by id",
        """query One($customer: ID!) {
  customer(id: $customer) { id displayName kind country lifecycleStage status domain createdAt }
}""",
        _customer,
    ),
    Operation(
        "page",
        "page of 50",
        """query Page($country: String!) {
  customers(filter: {country: {eq: $country}}, orderBy: [{field: CREATED_AT, direction: DESC}], first: 50) {
    nodes { id displayName kind country lifecycleStage status domain industry createdAt updatedAt }
    pageInfo { hasNextPage endCursor }
  }
}""",
        _country,
    ),
    Operation(
        "360",
        "customer 360",
        """query Customer360($customer: ID!) {
  customer(id: $customer) {
    id displayName kind country lifecycleStage status createdAt
    parent { id displayName industry }
    interactions(orderBy: [{field: OCCURRED_AT, direction: DESC}], first: 20) {
      nodes { id kind channel direction subject body occurredAt }
    }
    deals(filter: {status: {eq: OPEN}}, first: 20) {
      nodes { id name status amount { amount currency } expectedCloseDate stage { id name } }
    }
  }
}""",
        _customer,
    ),
    Operation(
        "lists",
        "20 × (5 + deals)",
        """query Lists($country: String!) {
  customers(filter: {country: {eq: $country}}, orderBy: [{field: CREATED_AT, direction: DESC}], first: 20) {
    nodes {
      id displayName country
      interactions(orderBy: [{field: OCCURRED_AT, direction: DESC}], first: 5) { nodes { id kind subject occurredAt } }
      deals(first: 20) { nodes { id name status amount { amount currency } stage { id name } } }
    }
  }
}""",
        _country,
    ),
    Operation(
        "board",
        "pipeline board",
        """query Board($pipeline: ID!) {
  pipeline(id: $pipeline) {
    id name
    stages(filter: {kind: {eq: OPEN}}, orderBy: [{field: POSITION}]) {
      nodes {
        id name
        deals(orderBy: [{field: RANK}], first: 20) {
          aggregate { count sumBaseAmount { amount currency } }
          nodes { id name amount { amount currency } customer { id displayName } }
        }
      }
    }
  }
}""",
        _pipeline,
    ),
    Operation(
        "create",
        "create an interaction",
        """mutation Create($data: CreateInteractionInput!) {
  createInteraction(data: $data) {
    ... on Interaction { id kind subject occurredAt customer { id displayName } }
    ... on Problem { code message }
  }
}""",
        _call,
    ),
)
