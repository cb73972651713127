"""What every record has: id, version, who and when, and, mixed in where it fits, owner, team and custom fields."""

from __future__ import annotations

from crmcore.entities import columns as c
from crmcore.entities.columns import Write

__all__ = ["Customizable", "Owned", "Record"]


class Record:
    """Mix into a Piccolo table: `class Deal(Record, Table, tablename="deal")`."""

    id = c.identifier("Identifies the record: a UUIDv7 behind the entity's name. A client may supply it on create.")
    version = c.integer("Grows by one with every write; give it back as expectedVersion.", default=1, write=Write.NEVER)
    created_at = c.instant("When the record was made.", write=Write.NEVER)
    updated_at = c.instant("When the record was last written.", write=Write.NEVER)
    created_by = c.json(
        "Who made the record, and through which door.",
        null=False,
        write=Write.NEVER,
        personal=c.PersonalData("user.name", sensitivity=1),
    )
    updated_by = c.json(
        "Who last wrote the record, and through which door.",
        null=False,
        write=Write.NEVER,
        personal=c.PersonalData("user.name", sensitivity=1),
    )
    deleted_at = c.instant("When the record was deleted; null while it lives.", null=True, write=Write.NEVER)


class Owned:
    """Mix in beside `Record` where a person or a team is in charge; row rules go by these columns."""

    owner_id = c.link(
        "user",
        "Who is in charge of the record.",
        references="crmcore.access.tables:User",
        null=True,
        on_delete="SET NULL",
    )
    team_id = c.link(
        "team",
        "Which team is in charge of the record.",
        references="crmcore.access.tables:Team",
        null=True,
        on_delete="SET NULL",
    )


class Customizable:
    """Mix in where an installation may define fields of its own at run time."""

    custom_fields = c.json(
        "Values of this installation's own fields, by key; checked against CustomFieldDefinition.",
        default=None,
        personal="user.content",
    )
