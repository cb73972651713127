"""What clients mean by each kind of intent, and what they make of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from crmcore_loyalty.ledger.keyed import id_of_key

from crmcore import Actor, ActorType, ids
from faults.hand import Done, Hand
from tests.faults.http import bare
from tests.faults.journal import Answer, Intent

__all__ = ["Variables"]

Variables: TypeAlias = Mapping[str, Any]


def _member_points(hand: Hand, most: int) -> dict[str, Any]:
    return {
        "id": hand.id(),
        "member": hand.pick(hand.shared.members),
        "currency": hand.pick(hand.shared.currencies),
        "points": str(hand.random.randint(1, most)),
    }


def earn(hand: Hand) -> Variables:
    return _member_points(hand, 300)


def earn_by_key(hand: Hand) -> Variables:
    return _with_key(earn(hand))


def earned(hand: Hand, intent: Intent, answer: Answer) -> None:
    hand.earned.append(_done(intent, answer))


def wait(hand: Hand, intent: Intent, answer: Answer) -> None:
    hand.pending.append(_done(intent, answer))


def spend(hand: Hand) -> Variables:
    return _member_points(hand, 60)


def spend_by_key(hand: Hand) -> Variables:
    return _with_key(spend(hand))


def spent(hand: Hand, intent: Intent, answer: Answer) -> None:
    hand.spent.append(_done(intent, answer))


def held(hand: Hand, intent: Intent, answer: Answer) -> None:
    hand.holds.append(_done(intent, answer))


def earn_by_key_alone(hand: Hand) -> Variables:
    return _with_key_alone(hand, earn(hand))


def spend_by_key_alone(hand: Hand) -> Variables:
    return _with_key_alone(hand, spend(hand))


def _with_key_alone(hand: Hand, made: Variables) -> Variables:
    """A key and no id: the transaction's is made of the key and of who asks."""
    actor = Actor(ActorType.TOKEN, hand.actor, "")
    return {**made, "key": made["id"], "id": ids.encode("loyalty_transaction", id_of_key(actor, str(made["id"])))}


def _with_key(made: Variables) -> Variables:
    """A key beside the id: at a desk only the id counts."""
    return {**made, "key": made["id"]}


def _done(intent: Intent, answer: Answer) -> Done:
    given = intent.variables
    return Done(str(answer.ids[0]), given.get("member", ""), given.get("currency", ""), int(given.get("points") or 0))


def _on(
    hand: Hand, done: list[Done], *, part: bool = False, keep: float = 0.0, entity: str = "loyalty_transaction"
) -> dict[str, Any] | None:
    """Something with one of these, which stays in hand now and then, so that it is done twice."""
    if not done:
        return None
    one = hand.take(done)
    if hand.random.random() < keep:
        done.append(one)
    points = str(hand.random.randint(1, one.points)) if part and hand.random.random() < 0.5 else None
    return {"id": hand.id(), "of": f"{entity}_{bare(one.id)}", **({"points": points} if part else {})}


def activate(hand: Hand) -> Variables | None:
    return _on(hand, hand.pending, keep=0.2)


def cancel(hand: Hand) -> Variables | None:
    return _on(hand, hand.pending, keep=0.2)


def capture(hand: Hand) -> Variables | None:
    return _on(hand, hand.holds, part=True, keep=0.3, entity="loyalty_hold")


def captured(hand: Hand, intent: Intent, answer: Answer) -> None:
    if intent.variables.get("points"):
        hand.spent.append(_done(intent, answer))


def void(hand: Hand) -> Variables | None:
    return _on(hand, hand.holds, keep=0.3, entity="loyalty_hold")


def undo_earning(hand: Hand) -> Variables | None:
    return _on(hand, hand.earned, part=True, keep=0.8)


def undo_spending(hand: Hand) -> Variables | None:
    return _on(hand, hand.spent, part=True, keep=0.8)


def adjust(hand: Hand) -> Variables:
    made = _member_points(hand, 30)
    return {**made, "points": hand.pick(["", "-"]) + made["points"], "reason": "The fault test."}


def transfer(hand: Hand) -> Variables | None:
    if len(hand.shared.members) < 2:
        return None
    source, target = hand.random.sample(hand.shared.members, 2)
    return {**_member_points(hand, 40), "member": source, "to": target}


def reuse(hand: Hand) -> Variables | None:
    return {**_member_points(hand, 40), "id": hand.random.choice(hand.earned).id} if hand.earned else None


def merge(hand: Hand) -> Variables | None:
    gone = hand.leave()
    return {"key": hand.id(), "member": gone, "to": hand.pick(hand.shared.members)} if gone else None


def close(hand: Hand) -> Variables | None:
    gone = hand.leave()
    return {"key": hand.id(), "member": gone} if gone else None


def nothing(hand: Hand, intent: Intent, answer: Answer) -> None:
    """The client need not know."""
