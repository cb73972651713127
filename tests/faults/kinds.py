"""The kinds of intents: what is asked, what it means for the client, and which events it has to leave behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tests.faults.hand import Hand
from tests.faults.journal import Answer, Intent

__all__ = ["KINDS", "REFUSED", "Kind"]

Variables = Mapping[str, Any]

_PROBLEM = "... on Problem { code message }"


@dataclass(frozen=True)
class Kind:
    """One kind of intents.

    Attributes:

        field: the mutation's root field, with its arguments.
        parameters: the operation's variables and their types, the key excepted.
        selection: what is selected of a success.
        make: the variables for a new intent; None when the client has nothing for it now.
        learn: what a client makes of the answer.
        events: keys of the events that each written record leaves.
        weight: how often it is chosen.
        keyed: whether it is sent with an idempotency key; otherwise the client gives the record's id, and who is told that it
            is taken knows that it is done.
    """

    field: str
    parameters: str
    selection: str
    make: Callable[[Hand, str], Variables | None]
    learn: Callable[[Hand, Intent, Answer], None]
    events: tuple[str, ...]
    weight: int = 4
    keyed: bool = True

    @property
    def text(self) -> str:
        """The document."""
        parameters = f"{self.parameters}, $key: String!" if self.keyed else self.parameters
        return f"mutation(${parameters}) {{ it: {self.field} {{ {self.selection} {_PROBLEM} }} }}"


def _of(root: str, arguments: str) -> str:
    return f"{root}({arguments}, idempotencyKey: $key)"


def _customer(key: str) -> dict[str, Any]:
    return {"kind": "ORGANIZATION", "legalName": f"Of {key}", "description": key}


def _nothing(hand: Hand, intent: Intent, answer: Answer) -> None:
    """The client need not know."""


def _open(hand: Hand, key: str) -> Variables:
    return {"data": _customer(key)}


def _opened(hand: Hand, intent: Intent, answer: Answer) -> None:
    hand.customers += [id for id in answer.ids if id]


def _change(hand: Hand, key: str) -> Variables | None:
    return {"id": hand.pick(hand.customers), "data": {"description": key}} if hand.customers else None


def _share(hand: Hand, key: str) -> Variables:
    return {"id": hand.pick(hand.shared.customers), "data": {"description": key}}


def _conflict(hand: Hand, key: str) -> Variables:
    return {"id": hand.pick(hand.shared.customers), "data": {"description": key}, "version": 1_000_000}


def _remove(hand: Hand, key: str) -> Variables | None:
    return {"id": hand.take(hand.customers)} if len(hand.customers) > 4 else None


def _removed(hand: Hand, intent: Intent, answer: Answer) -> None:
    hand.deleted.append(intent.variables["id"])


def _restore(hand: Hand, key: str) -> Variables | None:
    return {"id": hand.take(hand.deleted)} if hand.deleted else None


def _restored(hand: Hand, intent: Intent, answer: Answer) -> None:
    hand.customers.append(intent.variables["id"])


def _destroy(hand: Hand, key: str) -> Variables | None:
    return {"id": hand.take(hand.deleted)} if len(hand.deleted) > 3 else None


def _destroyed(hand: Hand, intent: Intent, answer: Answer) -> None:
    hand.destroyed.add(intent.variables["id"])


def _deal(hand: Hand, key: str) -> Variables:
    return {"data": {"name": key, "customerId": hand.pick(hand.shared.customers), "stageId": hand.shared.stages[0]}}


def _dealt(hand: Hand, intent: Intent, answer: Answer) -> None:
    hand.deals += [id for id in answer.ids if id]


def _move(hand: Hand, key: str) -> Variables | None:
    if not hand.deals:
        return None
    deal = hand.deals.pop(0)
    hand.deals.append(deal)
    # Deals begin in the first stage and go round, so that each move is one.
    stages = hand.shared.stages
    hand.steps[deal] = step = (hand.steps.get(deal, 0) + 1) % len(stages)
    return {"id": deal, "stage": stages[step], "note": key}


def _many(hand: Hand, key: str) -> Variables:
    return {"data": [_customer(key) for _ in range(hand.random.randint(2, 7))], "mode": "ATOMIC"}


def _some(hand: Hand, key: str) -> Variables:
    taken = {**_customer(key), "id": hand.pick(hand.shared.customers)}
    return {"data": [_customer(key), taken, _customer(key)], "mode": "PARTIAL"}


def _spoilt(hand: Hand, key: str) -> Variables:
    return {**_some(hand, key), "mode": "ATOMIC"}


def _transfer(hand: Hand, key: str) -> Variables:
    source, target = hand.random.sample(hand.shared.accounts, 2)
    return {"from": source, "to": target, "amount": hand.random.randint(1, 9), "note": key}


def _overdraw(hand: Hand, key: str) -> Variables:
    return {**_transfer(hand, key), "amount": -1}


def _tag(hand: Hand, key: str) -> Variables:
    return {"data": {"name": key}}


def _tagged(hand: Hand, intent: Intent, answer: Answer) -> None:
    hand.tags[intent.key] = str(answer.ids[0])


def _label(hand: Hand, key: str) -> Variables:
    id = UUID(int=hand.random.getrandbits(128), version=4)
    return {"data": {"id": f"tag_{id}", "name": key}}


def _taken(hand: Hand, key: str) -> Variables | None:
    return {"data": {"name": hand.pick(list(hand.tags))}} if hand.tags else None


def _refused(hand: Hand, intent: Intent, answer: Answer) -> None:
    hand.refused.setdefault(intent.variables["data"]["name"], []).append(intent.key)


def _untag(hand: Hand, key: str) -> Variables | None:
    # Names that somebody was refused go first.
    names = [name for name in hand.tags if name in hand.refused] or list(hand.tags)[1:]
    return {"id": hand.tags[hand.pick(names)]} if names else None


def _untagged(hand: Hand, intent: Intent, answer: Answer) -> None:
    name = next(name for name, id in hand.tags.items() if id == intent.variables["id"])
    del hand.tags[name]
    hand.freed += hand.refused.pop(name, [])


_CUSTOMER = "... on Customer { id }"
_BATCH = "... on CustomerBatch { results { record { id } problem { code } } }"
_NEW = "data: CreateCustomerInput!"
_CHANGE = "id: ID!, $data: UpdateCustomerInput!"
_LIST = "data: [CreateCustomerInput!]!, $mode: BatchMode!"
_MOVE = "id: $id, stageId: $stage, note: $note"
_MONEY = "from: ID!, $to: ID!, $amount: Int!, $note: String!"
_PAY = _of("faultsTransfer", "fromId: $from, toId: $to, amount: $amount, note: $note")
_ACCOUNT = "... on FaultsAccount { id }"
_TAG = _of("createTag", "data: $data")


def _never(hand: Hand, key: str) -> None:
    """Only the run itself asks it, before it begins."""


KINDS: Mapping[str, Kind] = {
    "open": Kind(_of("createCustomer", "data: $data"), _NEW, _CUSTOMER, _open, _opened, ("customer.created",), 8),
    "change": Kind(
        _of("updateCustomer", "id: $id, data: $data"), _CHANGE, _CUSTOMER, _change, _nothing, ("customer.updated",), 8
    ),
    "share": Kind(
        _of("updateCustomer", "id: $id, data: $data"), _CHANGE, _CUSTOMER, _share, _nothing, ("customer.updated",), 6
    ),
    "conflict": Kind(
        _of("updateCustomer", "id: $id, data: $data, expectedVersion: $version"),
        f"{_CHANGE}, $version: Int!",
        _CUSTOMER,
        _conflict,
        _nothing,
        (),
        2,
    ),
    "remove": Kind(_of("deleteCustomer", "id: $id"), "id: ID!", _CUSTOMER, _remove, _removed, ("customer.deleted",), 3),
    "restore": Kind(
        _of("restoreCustomer", "id: $id"), "id: ID!", _CUSTOMER, _restore, _restored, ("customer.restored",), 2
    ),
    "destroy": Kind(
        _of("destroyCustomer", "id: $id"),
        "id: ID!",
        "... on Destroyed { destroyedId }",
        _destroy,
        _destroyed,
        ("customer.destroyed",),
        2,
    ),
    "deal": Kind(
        _of("createDeal", "data: $data"),
        "data: CreateDealInput!",
        "... on Deal { id }",
        _deal,
        _dealt,
        ("deal.created",),
        3,
    ),
    "move": Kind(
        _of("moveDeal", _MOVE),
        "id: ID!, $stage: ID!, $note: String!",
        "... on Deal { id }",
        _move,
        _nothing,
        ("deal.updated", "deal.moved"),
        6,
    ),
    "many": Kind(
        _of("createCustomers", "data: $data, mode: $mode"), _LIST, _BATCH, _many, _opened, ("customer.created",), 3
    ),
    "some": Kind(
        _of("createCustomers", "data: $data, mode: $mode"), _LIST, _BATCH, _some, _opened, ("customer.created",), 3
    ),
    "spoilt": Kind(_of("createCustomers", "data: $data, mode: $mode"), _LIST, _BATCH, _spoilt, _nothing, (), 2),
    "transfer": Kind(_PAY, _MONEY, _ACCOUNT, _transfer, _nothing, ("faults_account.updated",) * 2, 6),
    "overdraw": Kind(_PAY, _MONEY, _ACCOUNT, _overdraw, _nothing, (), 2),
    "account": Kind(
        _of("createFaultsAccount", "data: $data"),
        "data: CreateFaultsAccountInput!",
        _ACCOUNT,
        _never,
        _nothing,
        ("faults_account.created",),
        0,
    ),
    "tag": Kind(_TAG, "data: CreateTagInput!", "... on Tag { id }", _tag, _tagged, ("tag.created",), 4),
    "label": Kind(
        "createTag(data: $data)", "data: CreateTagInput!", "... on Tag { id }", _label, _nothing, (), keyed=False
    ),
    "taken": Kind(_TAG, "data: CreateTagInput!", "... on Tag { id }", _taken, _refused, (), 5),
    "untag": Kind(_of("deleteTag", "id: $id"), "id: ID!", "... on Tag { id }", _untag, _untagged, ("tag.deleted",), 5),
}
#: The kinds that are always refused, and how.
REFUSED = {"conflict": "CONFLICT", "spoilt": "DUPLICATE", "overdraw": "VALIDATION", "taken": "DUPLICATE"}
