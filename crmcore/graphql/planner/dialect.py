"""What a database must be able to say: the only place of the planner that differs between databases."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from crmcore.database.money import CURRENCIES, digits
from crmcore.entities.kinds import Kind
from crmcore.graphql.planner.feeds.hit import Hit
from crmcore.graphql.planner.figures.sums import Sums
from crmcore.graphql.planner.plan import Node, OneOf, Rows, Sorting
from crmcore.search.asked import Language

__all__ = ["Dialect", "by_currency", "by_digits", "order_by", "quote", "source", "where"]


class Dialect(ABC):
    """One database's SQL.

    Attributes:

        name: as in `Database.dialect`.
        plans_by_values: whether a prepared statement may be planned anew for each execution.
        sums: its arithmetic of totals.
        language: how its index of search is asked.
        position: kind of what records found by search are ordered by.
    """

    name: str
    plans_by_values: bool
    sums: Sums
    language: Language
    position: Kind

    @abstractmethod
    def placeholder(self, number: int, kind: Kind | None, *, many: bool) -> str:
        """Return the placeholder of a parameter, with its type where the database wants to know it."""

    @abstractmethod
    def converter(self, kind: Kind, *, many: bool) -> Callable[[Any], Any] | None:
        """Return what turns a value into what `Database.fetch` takes; None if it takes it as it is."""

    @abstractmethod
    def distinct(self, left: str, right: str) -> str:
        """Return a condition that two values differ, null being a value."""

    @abstractmethod
    def indexes_nulls(self, key: Sorting) -> bool:
        """Say whether an index on a key has nulls where the order wants them."""

    @abstractmethod
    def month_day(self, sql: str) -> str:
        """Return month and day of a date as a text, `02-29`."""

    @abstractmethod
    def member(self, sql: str, key: str) -> str:
        """Return a text inside a JSON column."""

    @abstractmethod
    def among(self, sql: str, placeholder: str) -> str:
        """Return a condition that a value is in a bound list."""

    def found(self, alias: str, ids: str) -> str:
        """Return a condition that a row is one of those with some ids, none of which is given twice."""
        return self.among(f"{alias}.id", ids)

    @abstractmethod
    def ids(self, placeholder: str) -> str:
        """Return how bound ids stand in the condition that `found` gives."""

    @abstractmethod
    def ids_of(self, select: str) -> str:
        """Return what stands there instead for the ids that a select gives, each once."""

    @abstractmethod
    def rows_of(self, select: str) -> str:
        """Return the rows of a select of `id`, `whose` and `value` as one value, for `rows_in`."""

    @abstractmethod
    def rows_in(self, value: Any) -> Sequence[Sequence[str | None]]:
        """Return the rows that `rows_of` made one value of."""

    def only_found(self, rows: Rows, ids: str) -> bool:
        """Say whether rows of a list are only such as were `found` by some ids."""
        return self.found(rows.alias, ids) in rows.where

    def led(self, rows: Rows) -> Rows:
        """Return rows of a list such that a database which keeps no statistics begins with those that were `found`."""
        return rows

    @abstractmethod
    def day(self, sql: str, zone: str) -> str:
        """Return the calendar day of an instant in a time zone that is SQL for an IANA name."""

    @abstractmethod
    def period(self, day: str, grain: str) -> str:
        """Return the first day of the `day`, `week` (from Monday), `month`, `quarter` or `year` that a date is in."""

    @abstractmethod
    def pattern(self, operator: str) -> Callable[[str], str]:
        """Return what makes the parameter of `contains`, `startsWith` or `endsWith` from the text that is looked for."""

    @abstractmethod
    def matches(self, operator: str, sql: str, placeholder: str) -> str:
        """Return the condition that goes with `pattern`; capital letters do not matter."""

    @abstractmethod
    def statement(self, roots: Sequence[Node]) -> str:
        """Return a statement of one row: the JSON text of each root, null for a root that is null."""

    @abstractmethod
    def too_complex(self, error: Exception) -> bool:
        """Say whether the database refused a statement for its depth or size alone."""

    @abstractmethod
    def records(self, one: OneOf) -> str:
        """Return a statement with a row for each of the rows: its id and its JSON text."""

    @abstractmethod
    def hits(self, hit: Hit) -> str:
        """Return a select of records that the index of search finds: `entity`, `id`, `tier`, `position`, newest first."""

    @abstractmethod
    def places(self, bind: Callable[[Callable[[Mapping[UUID, int]], Any], Kind, bool], str]) -> str:
        """Return a select of `id` and `place`; `bind` gives the placeholder of what is made of places by id."""

    @abstractmethod
    def lines(self, sql: str) -> str:
        """Return an aggregate that joins texts by line ends."""

    @abstractmethod
    def beside(self, outer: str, rows: Rows, columns: Sequence[str], tail: str, alias: str) -> str:
        """Return a from clause with, for each row of the tables `outer`, the `rows` that a select beside it gives.

        Args:

            outer: a from clause.
            rows: the table the select reads, and its alias in there.
            columns: what is needed of them, the id among it.
            tail: what follows the select's columns; it may refer to the outer tables.
            alias: what the rows are called in the result.
        """


def quote(text: str) -> str:
    """Write a declared name or a constant of ours as an SQL literal. Values from outside are bound, never quoted."""
    return "'" + text.replace("'", "''") + "'"


def where(conditions: Iterable[str]) -> str:
    """Return the where clause, empty if there is no condition."""
    text = " and ".join(conditions)
    return f" where {text}" if text else ""


def order_by(keys: Iterable[Sorting]) -> str:
    """Return the order by clause."""

    def key(sorting: Sorting) -> str:
        nulls = "" if sorting.nulls_first is None else f" nulls {'first' if sorting.nulls_first else 'last'}"
        return f"{sorting.sql}{' desc' if sorting.descending else ''}{nulls}"

    return " order by " + ", ".join(map(key, keys))


def source(rows: Rows) -> str:
    """Return a table with its alias."""
    return f"{rows.table} {rows.alias}"


def by_digits(minor: str, currency: str, text: Callable[[str], str], padded: Callable[[str, int], str]) -> str:
    """Return SQL for minor units as a decimal text with the currency's digits.

    Args:

        minor, currency: SQL.
        text: from SQL of an integer to SQL of its text.
        padded: from SQL of a small integer to SQL of its text, filled with zeros to a width.
    """

    def shown(places: int) -> str:
        if places == 0:
            return text(minor)
        unit = 10**places
        # Not by abs(minor): the smallest 64-bit integer has none.
        sign = f"case when {minor} < 0 and {minor} > -{unit} then '-' else '' end"
        return f"{sign} || {text(f'({minor} / {unit})')} || '.' || {padded(f'abs({minor} % {unit})', places)}"

    return by_currency(currency, shown)


def by_currency(currency: str, shown: Callable[[int], str]) -> str:
    """Return SQL that depends on how many digits a currency has; `shown` gives the SQL for a number of digits."""
    unusual: dict[int, list[str]] = {}
    for code in sorted(CURRENCIES):
        if digits(code) != 2:
            unusual.setdefault(digits(code), []).append(quote(code))
    cases = "".join(f" when {currency} in ({', '.join(codes)}) then {shown(d)}" for d, codes in sorted(unusual.items()))
    return f"case{cases} else {shown(2)} end"
