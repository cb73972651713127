"""Figures as SQL: the parts that scans must give for them, shared where equal, and how these are put together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum

from crmcore.entities import fields as f
from crmcore.entities import kinds
from crmcore.graphql.lists.figures import Figure, Function
from crmcore.graphql.planner.dialect import Dialect
from crmcore.graphql.planner.plan import Amount, Cell, Each, Node, Obj, Scan

__all__ = ["Figures", "ShowMoney"]

#: From the nodes of an amount and of its currency to what is shown of them.
ShowMoney = Callable[[Node, Node], Obj]


class _Home(Enum):
    """Which scan gives a part, if not the one that parts the rows by a certain currency."""

    ANY = "Parts of it can be put together."
    WHOLE = "The rows must not be parted."


class Figures:
    """The figures of one object, or of a list of groups.

    Args:

        dialect: the database's.
        row: alias of the rows.
        alias: under which the parts are known.
    """

    def __init__(self, dialect: Dialect, row: str, alias: str) -> None:
        self._dialect, self._sums = dialect, dialect.sums
        self._row, self._alias = row, alias
        self._parts: dict[tuple[str, _Home | str], int] = {}

    def scans(self) -> tuple[Scan, ...]:
        """Return the scans that give all parts asked for; none if there are none."""
        homes = dict.fromkeys(home for _, home in self._parts)
        units = [home for home in homes if isinstance(home, str)]
        whole = [_Home.WHOLE] if self._parts and (_Home.WHOLE in homes or not units) else []
        scans: list[_Home | str] = [*whole, *units]

        def part(call: str, home: _Home | str, scan: _Home | str) -> str:
            made = home == scan or (home is _Home.ANY and scan == scans[0])
            # Not by null: PostgreSQL would want to know of which type.
            return call if made else f"{call} filter (where 1 = 0)"

        return tuple(
            Scan(scan if isinstance(scan, str) else None, tuple(part(*key, scan) for key in self._parts))
            for scan in scans
        )

    def shown(self, figure: Figure, show: ShowMoney) -> Node:
        """Return what shows a figure; an amount by `show`."""
        field = figure.field
        if isinstance(field, f.Money):
            currency, count = f"{self._alias}.u", self._part(f"count({self._row}.{field.column})", self._unit(field))
            sql = self._amount(figure.function, field, lambda part, _added: part, self._sums.whole)
            return Each(f"{count} > 0", currency, show(Amount(sql, currency), Cell(currency, kinds.TEXT)))
        if figure.function is Function.SUM and field is not None and field.kind is not kinds.FLOAT:
            return Cell(self._sums.whole(self._sum(field)), figure.kind)
        return Cell(self.value(figure), figure.kind)

    def value(self, figure: Figure) -> str:
        """Return SQL for a figure that is no amount, as what compares with other values."""
        field, function = figure.field, figure.function
        assert not isinstance(field, f.Money)
        if field is None:
            return self._counted("count(*)", _Home.ANY)
        sql = self._sql(field)
        match function:
            case Function.COUNT:
                return self._counted(f"count(case when {sql} then 1 end)", _Home.ANY)
            case Function.COUNT_DISTINCT:
                return self._counted(f"count(distinct {sql})", _Home.WHOLE)
            case Function.SUM:
                return self._sums.number(self._sum(field), field.kind)
            case Function.AVG:
                count = f"nullif({self._counted(f'count({sql})', _Home.ANY)}, 0)"
                return self._sums.mean(self._total(field), count)
        return f"{function.value}({self._part(f'{function.value}({sql})', _Home.ANY)})"

    def amount(self, figure: Figure, currency: str) -> str:
        """Return SQL for the minor units of a figure of money, of one currency only; null if there is none of it."""
        assert isinstance(figure.field, f.Money)
        of_it = f" filter (where {self._alias}.u = {currency})"

        def number(parts: Sequence[str]) -> str:
            return self._sums.number(parts, kinds.BIGINT)

        return self._amount(figure.function, figure.field, lambda _part, added: f"{added}{of_it}", number)

    def _amount(
        self,
        function: Function,
        field: f.Money,
        pick: Callable[[str, str], str],
        whole: Callable[[Sequence[str]], str],
    ) -> str:
        """Return minor units; `pick` chooses between a part as it is and all of them put together."""
        sql, home = f"{self._row}.{field.column}", self._unit(field)
        if function in (Function.MIN, Function.MAX):
            part = self._part(f"{function.value}({sql})", home)
            return pick(part, f"{function.value}({part})")
        parts = [self._part(call, home) for call in self._sums.parts(sql, kinds.BIGINT)]
        picked = [pick(part, self._sums.added(part, kinds.BIGINT)) for part in parts]
        if function is Function.SUM:
            return whole(picked)
        count = self._part(f"count({sql})", home)
        return self._sums.share(picked, f"nullif({pick(count, f'sum({count})')}, 0)")

    def _total(self, field: f.Scalar | f.Expression) -> list[str]:
        parts = [self._part(call, _Home.ANY) for call in self._sums.parts(self._sql(field), field.kind)]
        return [self._sums.added(part, field.kind) for part in parts]

    def _sum(self, field: f.Scalar | f.Expression) -> list[str]:
        return [f"coalesce({part}, 0)" for part in self._total(field)]

    def _counted(self, call: str, home: _Home) -> str:
        return f"coalesce(sum({self._part(call, home)}), 0)"

    def _part(self, call: str, home: _Home | str) -> str:
        return f"{self._alias}.p{self._parts.setdefault((call, home), len(self._parts))}"

    def _unit(self, field: f.Money) -> str:
        return f"{self._row}.{field.currency_column}"

    def _sql(self, field: f.Scalar | f.Expression) -> str:
        if isinstance(field, f.Expression):
            return f"({field.sql(self._row, self._dialect.name)})"
        return f"{self._row}.{field.column}"
