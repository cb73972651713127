"""Whispers."""

from crmcore.database.migrations import Column, Migration, Table, create_table
from tests.plugins.bad.record import RECORD

OWNED = (
    Column("owner_id", "id", null=True, references="crm_user", on_delete="SET NULL"),
    Column("team_id", "id", null=True, references="crm_team", on_delete="SET NULL"),
)
migration = Migration(operations=[create_table(Table("whisper", (*RECORD, *OWNED, Column("words", "text"))))])
