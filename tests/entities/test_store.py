"""The statements of the store are such as the database runs at once."""

from __future__ import annotations

from crmcore.database.reading import writes_few_rows
from crmcore.entities.store import _update_sql, insert_sql
from crmcore.search.entry import keep_sql


def test_one_row_is_known_to_be_one_row() -> None:
    """SQLite then writes it on the event loop's own thread, which takes half the time of an import."""
    statements = (insert_sql("deal", ("id", "name")), _update_sql("deal", ("name",)), keep_sql("sqlite"))
    assert (True, True, True) == tuple(map(writes_few_rows, statements))
