"""What a statement of a migration does to those who work meanwhile: which lock it takes, and whether it goes through all rows."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["Effect", "effect_of"]


class Effect(NamedTuple):
    """What a statement does besides what it says.

    Attributes:

        table: the table that is locked, None for none that exists or where it is not known.
        lock: PostgreSQL's name of the lock, or what of SQLite's file is locked; None for none.
        stops: who waits meanwhile, in words.
        reads: whether it goes through all rows.
        rewrites: whether it writes all rows anew.
        others: further tables that get the lock SHARE ROW EXCLUSIVE, since a link leads to them.
    """

    table: str | None
    lock: str | None
    stops: str
    reads: bool = False
    rewrites: bool = False
    others: tuple[str, ...] = ()


_NOBODY = Effect(None, None, "nobody")
_UNKNOWN = Effect(None, "not known", "not known: read the statement")
_WORDS = {
    "ACCESS EXCLUSIVE": "who reads or writes the table",
    "SHARE ROW EXCLUSIVE": "who writes the table",
    "SHARE": "who writes the table",
    "SHARE UPDATE EXCLUSIVE": "no reader or writer",
    "ROW EXCLUSIVE": "who writes the same rows",
}
_NAME = r'(?:"(?P<table>\w+)"|(?P<bare>\w+))'
_ALTER = rf"alter table (?:if exists )?(?:only )?{_NAME} "
#: A default that PostgreSQL has to compute for each row.
_VOLATILE = r"generated (?:always|by default) as|(?:big)?serial|default .*\b(?:random|gen_random_uuid|clock_timestamp|nextval|uuidv\d|uuid_generate_v\d)\("

#: Beginnings of statements, the first that fits counts: lock, whether all rows are read, whether they are rewritten.
_POSTGRESQL: tuple[tuple[str, str | None, bool, bool], ...] = (
    (
        r"--|select |set |do |create (?:or replace )?function |drop function |comment on |create extension ",
        None,
        False,
        False,
    ),
    (r"create (?:unlogged )?table ", None, False, False),
    (
        rf"create (?:unique )?index concurrently (?:if not exists )?\S+ on {_NAME}",
        "SHARE UPDATE EXCLUSIVE",
        True,
        False,
    ),
    (rf"create (?:unique )?index (?:if not exists )?\S+ on {_NAME}", "SHARE", True, False),
    (rf"create (?:or replace )?(?:constraint )?trigger .* on {_NAME}", "SHARE ROW EXCLUSIVE", False, False),
    (rf"drop trigger .* on {_NAME}", "ACCESS EXCLUSIVE", False, False),
    (r"alter index ", "SHARE UPDATE EXCLUSIVE", False, False),
    (rf"{_ALTER}add column .*(?:{_VOLATILE})", "ACCESS EXCLUSIVE", True, True),
    (rf"{_ALTER}add column .*references ", "ACCESS EXCLUSIVE", True, False),
    (rf"{_ALTER}alter (?:column )?\S+ (?:set data )?type ", "ACCESS EXCLUSIVE", True, True),
    (rf"{_ALTER}alter (?:column )?\S+ set not null", "ACCESS EXCLUSIVE", True, False),
    (rf"{_ALTER}add constraint .* foreign key .* not valid", "SHARE ROW EXCLUSIVE", False, False),
    (rf"{_ALTER}add constraint .* foreign key ", "SHARE ROW EXCLUSIVE", True, False),
    (rf"{_ALTER}validate constraint ", "SHARE UPDATE EXCLUSIVE", True, False),
    (rf"{_ALTER}add (?:constraint \S+ )?(?:check|unique|primary key)", "ACCESS EXCLUSIVE", True, False),
    (rf"{_ALTER}(?:add column|drop|rename|alter)", "ACCESS EXCLUSIVE", False, False),
    (r"drop index ", "ACCESS EXCLUSIVE", False, False),
    (rf"drop table (?:if exists )?{_NAME}", "ACCESS EXCLUSIVE", False, False),
    (rf"(?:insert into|delete from|update) {_NAME}", "ROW EXCLUSIVE", False, False),
)
_LINKED = re.compile(r'references (?:"(\w+)"|(\w+))', re.IGNORECASE)
#: SQLite: what copies a table's rows (a rebuild), writes them anew, or goes through them.
_COPIED = re.compile(rf"insert into .* select .* from {_NAME}", re.IGNORECASE)
_SHORTENED = re.compile(rf"{_ALTER}drop column ", re.IGNORECASE)
_READ = re.compile(rf"(?:create (?:unique )?index \S+ on|update|delete from) {_NAME}", re.IGNORECASE)
_COMPILED = tuple(
    (re.compile(beginning, re.IGNORECASE | re.DOTALL), lock, reads, rewrites)
    for beginning, lock, reads, rewrites in _POSTGRESQL
)


def effect_of(dialect: str, statement: str) -> Effect:
    """Return what a statement does; what Python does is not known.

    From PostgreSQL's chapters "Explicit Locking" and "ALTER TABLE"; tests compare with the locks a server takes.
    """
    text = " ".join(statement.split())
    if text.startswith("--"):
        return _UNKNOWN
    return _sqlite(text) if dialect == "sqlite" else _postgresql(text)


def _sqlite(text: str) -> Effect:
    if re.match("select |pragma ", text, re.IGNORECASE):
        return _NOBODY
    written = _COPIED.match(text) or _SHORTENED.match(text)
    found = written or _READ.match(text)
    return Effect(
        found and (found["table"] or found["bare"]),
        "the file",
        "who writes anything; readers go on",
        reads=found is not None,
        rewrites=written is not None,
    )


def _postgresql(text: str) -> Effect:
    for pattern, lock, reads, rewrites in _COMPILED:
        if found := pattern.match(text):
            groups = found.groupdict()
            table = groups.get("table") or groups.get("bare")
            others = tuple(dict.fromkeys(a or b for a, b in _LINKED.findall(text)))
            if lock is None:
                return Effect(None, None, "nobody", others=others) if others else _NOBODY
            return Effect(table, lock, _WORDS[lock], reads, rewrites, others)
    return _UNKNOWN
