"""What is known of sealed columns: how far each is sealed, which indexes it has, and the blind tokens in them."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from piccolo.table import Table

from crmcore import Index
from crmcore import columns as c

__all__ = [
    "ComplianceColumn",
    "ComplianceColumnState",
    "ComplianceIndex",
    "ComplianceIndexKind",
    "ComplianceIndexState",
    "ComplianceToken",
    "ComplianceUnique",
    "ComplianceWork",
]


class ComplianceColumnState(Enum):
    """How far a column is sealed."""

    PLAIN = "Nothing of it is sealed."
    SEALING = "What is written is sealed; what was there before is sealed one after the other."
    SEALED = "All of it is sealed; a plain value is refused."
    UNSEALING = "What is written is plain; what was sealed is opened one after the other."


class ComplianceWork(Enum):
    """What is being done to all values of a column."""

    SEAL = "Plain values are sealed."
    UNSEAL = "Sealed values are stored plain again."
    RESEAL = "Values under an old key or another cipher are sealed anew."
    INDEX = "Tokens of a new index are made."


class ComplianceIndexKind(Enum):
    """What an index finds."""

    EQUAL = "Records with a value."
    PREFIX = "Records whose value begins with something."
    UNIQUE = "The one live record with a key."


class ComplianceIndexState(Enum):
    """What an index is good for."""

    BUILDING = "Tokens are written, and those of older records are still to come."
    LIVE = "It is asked."
    OLD = "Another one is asked instead; its tokens go."


class ComplianceColumn(Table, tablename="compliance_column"):
    """A column that is sealed, or was, and what is being done to it."""

    id = c.identifier("Identifies the row.")
    field = c.text("The field's id, which stays when the field is renamed.", personal=False)
    entity = c.text("The entity it is of, by its present name.", personal=False)
    column = c.text("The column, by its present name.", personal=False)
    state = c.choice(ComplianceColumnState, "How far it is sealed.")
    work = c.choice(ComplianceWork, "What is being done to it; null while nothing is.", null=True)
    paused = c.flag("Whether that waits until somebody resumes it.")
    reached = c.text("The last record, or event, that is done.", null=True, max_length=100, personal=False)
    in_feed = c.flag("Whether the records are done and the events of the past are at work.")
    done = c.big_integer("How many records are done.", default=0)
    total = c.big_integer("How many there were at the beginning.", default=0)
    problem = c.text("Why it stopped.", null=True, max_length=1000, personal=False)
    began_at = c.instant("When it began.", null=True)
    ended_at = c.instant("When it ended.", null=True)

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("field",), unique=True),)


class ComplianceIndex(Table, tablename="compliance_index"):
    """A blind index: the key of its tokens follows from field, kind and version."""

    id = c.identifier("Identifies the row.")
    number = c.integer("Stands for the index in the tables of tokens.")
    field = c.text("The field's id; of a unique index its name.", personal=False)
    kind = c.choice(ComplianceIndexKind, "What it finds.")
    version = c.integer("Grows by one when it is made anew.", default=1)
    normaliser = c.text("The form in which values are compared.", max_length=40, personal=False)
    bits = c.integer("How many bits of its tokens are kept.")
    unicode = c.text("The version of Unicode by which texts were folded.", max_length=20, personal=False)
    state = c.choice(ComplianceIndexState, "What it is good for.")
    made_at = c.instant("When it was made.")

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("number",), unique=True),
        Index(("field", "kind", "version"), unique=True),
    )


class ComplianceToken(Table, tablename="compliance_token"):
    """A token of one value, or of a beginning of it: says nothing without the index's key, and goes with its subject."""

    id = c.identifier("Identifies the token.")
    number = c.integer("Of which index.")
    token = c.big_integer("The first bits of an HMAC of the normalised value.")
    record_id = c.any_link("Of which record.")
    subject_id = c.any_link("Whom the record is about.", null=True)

    __indexes__: ClassVar[tuple[Index, ...]] = (
        # With the record, so that a look-up reads no row of this table.
        Index(("number", "token", "record_id")),
        Index(("record_id",)),
        Index(("subject_id",)),
    )


class ComplianceUnique(Table, tablename="compliance_unique"):
    """A token of a unique key in which a sealed column stands: no two live records have the same."""

    id = c.identifier("Identifies the token.")
    number = c.integer("Of which index.")
    token = c.text("128 bits of an HMAC of the key's values, as hexadecimal digits.", max_length=32, personal=False)
    record_id = c.any_link("Of which record.")
    subject_id = c.any_link("Whom the record is about.", null=True)

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("number", "token"), unique=True),
        Index(("record_id",)),
        Index(("subject_id",)),
    )
