"""An order as rules see it, and how much of it was given back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from uuid import UUID

from crmcore import Row, Work
from crmcore_loyalty.earning.amounts import Parts
from crmcore_loyalty.earning.facts import Line, Purchase
from crmcore_loyalty.sets import as_uuid, members_of

__all__ = ["kept", "lines_of", "purchase"]

_CATEGORIES = """
    select pc.product_id, c.code from order_product_category pc join order_category c on c.id = pc.category_id
    where pc.deleted_at is null and c.deleted_at is null and pc.product_id in ({})
"""


async def lines_of(work: Work, order_id: UUID) -> list[Row]:
    """Return the lines of an order in their places."""
    return sorted(await work.find("order_line", order_id=order_id), key=lambda line: line["position"])


async def purchase(work: Work, order: Row, lines: Sequence[Row], *, first: bool) -> Purchase:
    """Return an order as it was placed, whatever was given back since."""
    categories = await _categories(work, {line["product_id"] for line in lines if line["product_id"]})
    return Purchase(
        currency=order["currency"],
        total=order["total"],
        shipping=order["shipping"],
        discount=order["discount"],
        channel=order["channel"],
        first=first,
        lines=[
            Line(
                id=str(line["id"]),
                total=line["total"],
                tax=line["tax"],
                discount=line["discount"],
                quantity=line["quantity"],
                sku=line["sku"] or "",
                categories=categories.get(line["product_id"], ()),
            )
            for line in lines
        ],
    )


def kept(points: int, parts: Parts, order: Row | None, lines: Sequence[Row]) -> int:
    """Return how many of the points that an order earned it keeps, given what was given back for it.

    It goes by all that was given back so far, so that any number of partial refunds, in any order, come to what one comes to.
    """
    exact = sum(parts.values(), Fraction(0))
    if order is None or order["cancelled_at"] is not None:
        return 0
    back = _shares(order, lines)
    lost = sum((part * back.get(key, Fraction(0)) for key, part in parts.items()), Fraction(0))
    if not exact or not lost:
        return points
    # Half a point stays with the member; all of it goes when all was given back.
    taken = points * lost / exact
    return points - (int(taken) if taken.denominator == 1 else int(taken + Fraction(1, 2)))


def _shares(order: Row, lines: Sequence[Row]) -> Mapping[str, Fraction]:
    """Return by part of an award how much of its money was given back, from 0 to 1."""
    shares = {f"line:{line['id']}": _of_line(line) for line in lines}
    goods = sum(line["total"] for line in lines)
    returned = all(share == 1 for share in shares.values()) and bool(shares)
    shares["goods"] = _share(sum(line["refunded"] for line in lines), goods, whole=returned)
    shares["order"] = _share(order["refunded"], order["total"], whole=returned)
    return shares


def _of_line(line: Row) -> Fraction:
    return _share(line["refunded"], line["total"], whole=line["returned_quantity"] >= line["quantity"])


def _share(back: int, of: int, *, whole: bool) -> Fraction:
    """Return a share of an amount; what cost nothing is given back when all of it has come back."""
    return min(Fraction(back, of), Fraction(1)) if of else Fraction(whole)


async def _categories(work: Work, product_ids: Iterable[UUID]) -> dict[UUID, list[str]]:
    wanted = list(product_ids)
    if not wanted:
        return {}
    found: dict[UUID, list[str]] = {}
    rows = await work.database.fetch(_CATEGORIES.format(members_of(work.database.dialect, 1)), wanted)
    for product_id, code in rows:
        found.setdefault(as_uuid(product_id), []).append(code)
    return found
