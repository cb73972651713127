"""A few entities of every shape that row rules know, with rows of two people in two teams."""

from __future__ import annotations

from uuid import UUID

from piccolo.table import Table

from crmcore.access import entities as access
from crmcore.access.tables import User
from crmcore.database import Database
from crmcore.entities import columns as c
from crmcore.entities.entity import Entity
from crmcore.entities.record import Owned, Record
from crmcore.entities.registry import Entities


class Account(Owned, Record, Table, tablename="zoo_account"):
    """Has an owner and a team."""


class Visit(Owned, Record, Table, tablename="zoo_visit"):
    """Has two people in charge."""

    assignee_id = c.link("user", "Who goes.", references=User, null=True)


class Shelf(Record, Table, tablename="zoo_shelf"):
    """Has nobody in charge."""


class Note(Record, Table, tablename="zoo_note"):
    """Follows an account."""

    account_id = c.link("account", "The account.", references=Account)


class Reply(Record, Table, tablename="zoo_reply"):
    """Follows a note, which follows an account."""

    note_id = c.link("note", "The note.", references=Note)


class Label(Record, Table, tablename="zoo_label"):
    """Follows any record that things can be attached to, labels among them."""

    subject_type = c.text("The kind of record.", null=True)
    subject_id = c.any_link("The record.", null=True)


ENTITIES = Entities(
    (
        *access.ENTITIES,
        Entity(Account, "accounts", attachable=True),
        Entity(Visit, "visits", owners=("owner_id", "assignee_id")),
        Entity(Shelf, "shelves", attachable=True),
        Entity(Note, "notes", guarded_by="account_id"),
        Entity(Reply, "replies", guarded_by="note_id"),
        Entity(Label, "labels", guarded_by="subject_id", attachable=True),
    )
)

_DDL = """
create table zoo_account (id UUID primary key, owner_id UUID, team_id UUID);
create table zoo_visit (id UUID primary key, owner_id UUID, assignee_id UUID, team_id UUID);
create table zoo_shelf (id UUID primary key);
create table zoo_note (id UUID primary key, account_id UUID);
create table zoo_reply (id UUID primary key, note_id UUID);
create table zoo_label (id UUID primary key, subject_type TEXT, subject_id UUID)
"""


def uuid(number: int) -> UUID:
    """Return a readable id."""
    return UUID(int=number)


ANN, BOB = uuid(1), uuid(2)
NORTH, SOUTH = uuid(11), uuid(12)
#: Accounts by whose they are.
OF_ANN, OF_BOB, OF_BOB_IN_NORTH, OF_NORTH, OF_NOBODY = (uuid(n) for n in range(100, 105))
_ACCOUNTS = (
    (OF_ANN, ANN, None),
    (OF_BOB, BOB, SOUTH),
    (OF_BOB_IN_NORTH, BOB, NORTH),
    (OF_NORTH, None, NORTH),
    (OF_NOBODY, None, None),
)
SHELF = uuid(200)
ASSIGNED_TO_ANN = uuid(300)


def note_on(account: UUID) -> UUID:
    """Return the id of the one note on an account."""
    return uuid(account.int + 1000)


def reply_to(account: UUID) -> UUID:
    """Return the id of the one reply to the note on an account."""
    return uuid(account.int + 2000)


def label_on(record: UUID) -> UUID:
    """Return the id of the one label on a record."""
    return uuid(record.int + 3000)


async def populate(database: Database) -> None:
    """Make the tables and rows."""
    for statement in _DDL.strip().split(";"):
        await database.execute(statement)
    for account, owner, team in _ACCOUNTS:
        await database.execute("insert into zoo_account values ($1, $2, $3)", account, owner, team)
        await database.execute("insert into zoo_note values ($1, $2)", note_on(account), account)
        await database.execute("insert into zoo_reply values ($1, $2)", reply_to(account), note_on(account))
        await database.execute("insert into zoo_label values ($1, $2, $3)", label_on(account), "account", account)
    await database.execute("insert into zoo_shelf values ($1)", SHELF)
    await database.execute("insert into zoo_label values ($1, $2, $3)", label_on(SHELF), "shelf", SHELF)
    await database.execute(
        "insert into zoo_label values ($1, $2, $3)", label_on(label_on(OF_ANN)), "label", label_on(OF_ANN)
    )
    await database.execute("insert into zoo_visit values ($1, $2, $3, null)", ASSIGNED_TO_ANN, BOB, ANN)
