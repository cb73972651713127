"""What the audit log keeps: entries, the hashes above them, signed heads, and how far all this has come."""

from __future__ import annotations

from typing import ClassVar

from piccolo.table import Table

from crmcore import Index, Write
from crmcore import columns as c

__all__ = [
    "ComplianceAuditEntry",
    "ComplianceAuditHead",
    "ComplianceAuditNote",
    "ComplianceAuditRetold",
    "ComplianceAuditSalt",
    "ComplianceAuditState",
    "ComplianceAuditTile",
    "ComplianceAuditWitness",
]


class ComplianceAuditEntry(Table, tablename="compliance_audit_entry"):
    """An entry of the audit log: a change, an access to sensitive data, or a note. Never changed; holds no personal data."""

    id = c.identifier("Identifies the entry: with the digits of the event, access or note that it tells of.")
    number = c.big_integer("Which entry of the log it is, from 0.", minimum=0, write=Write.NEVER)
    kind = c.text("What it tells of: event, access or note.", max_length=20, personal=False, write=Write.NEVER)
    type = c.text("What happened, as in customer.updated.", max_length=200, personal=False, write=Write.NEVER)
    record = c.text(
        "Which record it is about, by its id.", null=True, max_length=200, personal=False, write=Write.NEVER
    )
    at = c.instant("When that happened.", write=Write.NEVER)
    body = c.text(
        "What the log has signed, as canonical JSON (RFC 8785).",
        max_length=1_000_000,
        personal=False,
        write=Write.NEVER,
    )

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("number",), unique=True),
        Index(("record", "number")),
    )


class ComplianceAuditSalt(Table, tablename="compliance_audit_salt"):
    """What the digest of an entry's texts was salted with; removed with the erasure of those whom the texts are about."""

    id = c.identifier("The entry's id.")
    salt = c.text("16 random bytes as hexadecimal digits.", max_length=32, personal=False)


class ComplianceAuditTile(Table, tablename="compliance_audit_tile"):
    """Up to 256 hashes of one level of the tree, beside each other; level 1 has the roots of full tiles of level 0."""

    id = c.identifier("Identifies the tile.")
    level = c.integer("Its level, 8 levels of the tree each.", minimum=0)
    number = c.big_integer("Which of its level it is, from the left.", minimum=0)
    hashes = c.text("The hashes as base64, one after the other.", max_length=12_000, personal=False)

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("level", "number"), unique=True),)


class ComplianceAuditHead(Table, tablename="compliance_audit_head"):
    """A signed head: this many entries, with this root, at this instant."""

    id = c.identifier("Identifies the head.")
    size = c.big_integer("How many entries the log had.", minimum=0, write=Write.NEVER)
    root = c.text(
        "The root of the tree over them (RFC 9162) as base64.", max_length=44, personal=False, write=Write.NEVER
    )
    at = c.instant("When it was signed.", write=Write.NEVER)
    log = c.text("Identifies the log.", max_length=36, personal=False, write=Write.NEVER)
    previous = c.text(
        "Digest of what was signed before it; empty for the first.", max_length=64, personal=False, write=Write.NEVER
    )
    key = c.text("Digest of the public key.", max_length=32, personal=False, write=Write.NEVER)
    public = c.text("The public key (Ed25519) as base64.", max_length=44, personal=False, write=Write.NEVER)
    signature = c.text("The signature as base64.", max_length=88, personal=False, write=Write.NEVER)

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("size",), unique=True),)


class ComplianceAuditState(Table, tablename="compliance_audit_state"):
    """How far the log has come: one row."""

    id = c.identifier("Always the same.")
    log = c.text("Identifies the log.", max_length=36, personal=False)
    size = c.big_integer("How many entries it has.")
    era = c.integer("How far the change feed was read: the era,")
    transaction_id = c.big_integer("the transaction,")
    position = c.big_integer("the position.")
    previous = c.text("Digest of the last head.", max_length=64, personal=False)
    holder = c.text("Which process goes on with it,", max_length=36, personal=False)
    held_until = c.number("until when, in seconds of the database's clock.")


class ComplianceAuditNote(Table, tablename="compliance_audit_note"):
    """Something the plugin itself has to tell the log; it becomes an entry."""

    id = c.identifier("Identifies the note.")
    type = c.text("What it tells.", max_length=200, personal=False)
    at = c.instant("When.")
    body = c.text("The entry's body.", max_length=1_000_000, personal=False)
    number = c.big_integer("Which entry it has become; null until it has.", null=True)

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("id",), where="number is null", name="compliance_note_waiting"),)


class ComplianceAuditRetold(Table, tablename="compliance_audit_retold"):
    """Events whose texts were written anew, sealed under other keys or without what was erased; the log has to tell so."""

    id = c.identifier("Identifies the row.")
    events = c.json("Ids of the events.", null=False, personal=False)
    erased = c.flag("Whether what they told was erased, so that the salts go too.")
    reason = c.text("Why.", null=True, max_length=500, personal=False)
    number = c.big_integer("Which entry tells of it; null until one does.", null=True)

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("id",), where="number is null", name="compliance_retold_waiting"),
    )


class ComplianceAuditWitness(Table, tablename="compliance_audit_witness"):
    """How far a witness was told of heads."""

    id = c.identifier("Identifies the witness.")
    place = c.text("Its address.", max_length=2000, personal=False)
    size = c.big_integer("The size of the last head that it has; -1 for none.")
    at = c.instant("When it got that, or when the last attempt failed.", null=True)
    failure = c.text("What went wrong in the last attempt; null if nothing did.", null=True, personal=False)

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("place",), unique=True),)
