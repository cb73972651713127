"""How many records a page has, and all pages within pages together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import prod

from crmcore.entities import kinds
from crmcore.errors import Invalid
from crmcore.graphql.planner.arguments.binding import Bound
from crmcore.graphql.planner.arguments.given import Given
from crmcore.graphql.planner.compile import Compilation
from crmcore.graphql.planner.here import Here

__all__ = ["counted", "limit"]


def limit(compilation: Compilation, given: Given, *, constant: bool = False) -> tuple[str, bool]:
    """Return SQL for the number of records on a page, and whether they are counted from the end of the list.

    Args:

        compilation: the statement.
        given: the list's arguments, of which `first` and `last` are read.
        constant: whether the number itself may stand in the statement.

    Raises:

        Invalid: both are given.
    """
    first, last = given.get("first"), given.get("last")
    if first and last:
        msg = "first counts from the start and last from the end; give one of them."
        raise Invalid.at("last", "FIRST_AND_LAST", msg)
    size = first or last
    if size is None:
        return str(compilation.request.default_page), False
    if constant and size.size is not None and size.size <= compilation.request.largest_page:
        return str(size.size), last is not None
    return _bound(compilation, size), last is not None


def counted(compilation: Compilation, given: Given, here: Here) -> Here:
    """Refuse requests whose pages, were they full, would hold too much: 200 in 200 in 200 are eight million.

    Returns:

        Where the records of the list stand: within one list more.
    """
    size = given.get("first") or given.get("last")
    default, tiers = compilation.request.default_page, compilation.request.tiers
    read: Callable[[Bound], int] = size.reader() if size else lambda _: default
    sizes = (*here.sizes, read)

    def check(bound: Bound) -> None:
        count, most = prod([max(size(bound), 1) for size in sizes]), tiers.of(bound.actor.access).records
        if count > most:
            msg = f"These lists in lists could hold {count} records; an answer may hold {most}. Give smaller pages: `first`, `last`."
            raise Invalid.at(given.path or "first", "TOO_MANY_RECORDS", msg)

    if len(sizes) > 1:
        compilation.binder.check(check, here.place)
    return replace(here, sizes=sizes)


def _bound(compilation: Compilation, size: Given) -> str:
    largest = compilation.request.largest_page

    def checked(number: int) -> int:
        if 0 <= number <= largest:
            return number
        msg = f"{size.path} is {number}; give 0 to {largest}, and ask on with cursors for more."
        raise Invalid.at(size.path, "PAGE_SIZE", msg)

    return compilation.binder.bind(size.reader(checked), kinds.BIGINT, size.place)
