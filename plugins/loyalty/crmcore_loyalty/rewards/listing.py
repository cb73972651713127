"""What is offered now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crmcore import Actor, Listing, clock

__all__ = ["OFFERED"]


def _offered(reward: str, bind: Callable[[Callable[[Actor], Any]], str]) -> str:
    now = bind(lambda _: clock.now())
    return (
        f"{reward}.active = {bind(lambda _: True)}"
        f" and ({reward}.valid_from is null or {reward}.valid_from <= {now})"
        f" and ({reward}.valid_until is null or {reward}.valid_until > {now})"
        f" and ({reward}.stock is null or {reward}.stock > coalesce("
        f"(select s.taken from loyalty_stock s where s.id = {reward}.id), 0))"
    )


OFFERED = Listing(
    "loyaltyRewardsOffered",
    "loyalty_reward",
    "The rewards that are offered now and not sold out; whether a member may have one is seen when it is bought.",
    _offered,
    since="0.1.0",
)
