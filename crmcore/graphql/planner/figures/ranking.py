"""Which groups are shown, and in which order: by their figures and their keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crmcore.database.schema import declared_totals
from crmcore.entities import fields as f
from crmcore.entities import kinds
from crmcore.entities.entity import Entity
from crmcore.errors import Invalid
from crmcore.graphql.lists.figures import Figure, Function, figures
from crmcore.graphql.planner.arguments.given import Given
from crmcore.graphql.planner.compile import Compilation
from crmcore.graphql.planner.figures.terms import Figures
from crmcore.graphql.planner.plan import Sorting

__all__ = ["Ranking"]

_POSITIONS = ("FIRST", "SECOND", "THIRD", "FOURTH", "FIFTH", "SIXTH")


class Ranking:
    """Chooses and orders groups.

    Args:

        compilation: the statement.
        entity: whose records are grouped.
        made: collects the parts that figures are made of.
        keys: for each key what its columns are called in a group.
    """

    def __init__(self, compilation: Compilation, entity: Entity, made: Figures, keys: Sequence[Sequence[str]]) -> None:
        self._compilation, self._entity, self._figures, self._keys = compilation, entity, made, keys
        self._known = {figure.name: figure for figure in figures(compilation.request.entities, entity)}

    def having(self, given: Given) -> Iterator[str]:
        """Yield the conditions that the argument `having` makes on a group.

        Raises:

            Forbidden: a figure is of what the actor may not see.
            Invalid: an operator has no meaning for what it is given.
        """
        if declared_totals(self._entity.table):
            # Totals that are kept may have groups of no rows.
            yield f"{self._figures.value(Figure(Function.COUNT))} > 0"
        having, values = given.get("having"), self._compilation.filters.values
        for name, part in having.items() if having else ():
            if part.null:
                continue
            figure = self._open(self._known[name])
            if isinstance(figure.field, f.Money):
                amount, unit = part.get("amount"), _currency(part)
                sql = self._amount(figure, unit)
                yield from values.of_amount(sql, amount, unit) if amount else (f"{sql} is not null",)
            else:
                yield from values.of_value(self._figures.value(figure), figure.kind, part)

    def order(self, given: Given) -> Iterator[Sorting]:
        """Yield the keys of the argument `orderBy`, and after them those that groups are made by.

        Raises:

            Forbidden: a figure is of what the actor may not see.
            Invalid: a key names nothing or more than one thing.
        """
        by = given.get("orderBy")
        for element in by.elements() if by else ():
            yield self._sorting(element)
        for columns in self._keys:
            yield from (Sorting(column, kinds.TEXT, False, False) for column in columns)

    def _sorting(self, given: Given) -> Sorting:
        direction, nulls = given.get("direction"), given.get("nulls")
        descending = direction is not None and direction.constant.name == "DESC"
        first = descending if nulls is None else nulls.constant.name == "FIRST"
        return Sorting(self._by(given), kinds.TEXT, descending, first)

    def _by(self, given: Given) -> str:
        match given.get("figure"), given.get("key"):
            case Given() as figure, None:
                return self._figure(figure, given)
            case None, Given() as position:
                return self._position(position)
        msg = "Groups are ordered by a figure or by a key; give one of the two."
        raise Invalid.at(given.path, "ORDER_KEY", msg)

    def _figure(self, by: Given, given: Given) -> str:
        figure = self._open(self._known[by.constant.value])
        if not isinstance(figure.field, f.Money):
            return self._figures.value(figure)
        unit = given.get("currency")
        if unit is None:
            msg = 'Amounts are ordered within one currency; add for example `currency: "EUR"`.'
            raise Invalid.at(given.path, "CURRENCY_NEEDED", msg)
        return self._amount(figure, unit)

    def _position(self, given: Given) -> str:
        position, keys = _POSITIONS.index(given.constant.name), self._keys
        if position >= len(keys):
            msg = (
                f"There are {len(keys)} keys in groupBy, so there is no {given.constant.name.lower()} one to order by."
            )
            raise Invalid.at(given.path, "ORDER_KEY", msg)
        return keys[position][0]

    def _amount(self, figure: Figure, unit: Given) -> str:
        return self._figures.amount(figure, self._compilation.binder.bind(unit.reader(), kinds.TEXT, unit.place))

    def _open(self, figure: Figure) -> Figure:
        if figure.field is not None:
            self._compilation.rules.require_open(self._entity, figure.field, "aggregate")
        return figure


def _currency(given: Given) -> Given:
    currency = given.get("currency")
    said = {name: part for name, part in currency.items() if not part.null} if currency else {}
    if set(said) != {"eq"}:
        msg = (
            'Amounts of groups are compared within one currency; say which by `currency: {eq: "EUR"}` and nothing else.'
        )
        raise Invalid.at(given.path, "CURRENCY_NEEDED", msg)
    return said["eq"]
