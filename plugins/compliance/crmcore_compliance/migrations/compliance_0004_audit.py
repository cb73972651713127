"""Audit: a migration of compliance."""

from crmcore.database.migrations import Column, Index, Migration, Table, create_table

migration = Migration(
    operations=[
        create_table(
            Table(
                "compliance_audit_entry",
                (
                    Column("id", "id", primary=True),
                    Column("number", "bigint"),
                    Column("kind", "text"),
                    Column("type", "text"),
                    Column("record", "text", null=True),
                    Column("at", "instant"),
                    Column("body", "text"),
                ),
                indexes=(
                    Index(("number",), unique=True),
                    Index(("record", "number")),
                ),
            ),
        ),
        create_table(
            Table(
                "compliance_audit_salt",
                (
                    Column("id", "id", primary=True),
                    Column("salt", "text"),
                ),
            ),
        ),
        create_table(
            Table(
                "compliance_audit_tile",
                (
                    Column("id", "id", primary=True),
                    Column("level", "int"),
                    Column("number", "bigint"),
                    Column("hashes", "text"),
                ),
                indexes=(Index(("level", "number"), unique=True),),
            ),
        ),
        create_table(
            Table(
                "compliance_audit_head",
                (
                    Column("id", "id", primary=True),
                    Column("size", "bigint"),
                    Column("root", "text"),
                    Column("at", "instant"),
                    Column("log", "text"),
                    Column("previous", "text"),
                    Column("key", "text"),
                    Column("public", "text"),
                    Column("signature", "text"),
                ),
                indexes=(Index(("size",), unique=True),),
            ),
        ),
        create_table(
            Table(
                "compliance_audit_state",
                (
                    Column("id", "id", primary=True),
                    Column("log", "text"),
                    Column("size", "bigint"),
                    Column("era", "int"),
                    Column("transaction_id", "bigint"),
                    Column("position", "bigint"),
                    Column("previous", "text"),
                    Column("holder", "text"),
                    Column("held_until", "float"),
                ),
            ),
        ),
        create_table(
            Table(
                "compliance_audit_note",
                (
                    Column("id", "id", primary=True),
                    Column("type", "text"),
                    Column("at", "instant"),
                    Column("body", "text"),
                    Column("number", "bigint", null=True),
                ),
                indexes=(Index(("id",), where="number is null", name="compliance_note_waiting"),),
            ),
        ),
        create_table(
            Table(
                "compliance_audit_retold",
                (
                    Column("id", "id", primary=True),
                    Column("events", "json"),
                    Column("erased", "bool", default=False),
                    Column("reason", "text", null=True),
                    Column("number", "bigint", null=True),
                ),
                indexes=(Index(("id",), where="number is null", name="compliance_retold_waiting"),),
            ),
        ),
        create_table(
            Table(
                "compliance_audit_witness",
                (
                    Column("id", "id", primary=True),
                    Column("place", "text"),
                    Column("size", "bigint"),
                    Column("at", "instant", null=True),
                    Column("failure", "text", null=True),
                ),
                indexes=(Index(("place",), unique=True),),
            ),
        ),
        create_table(
            Table(
                "compliance_access",
                (
                    Column("id", "id", primary=True),
                    Column("at", "instant"),
                    Column("actor_kind", "text"),
                    Column("actor_id", "text", null=True),
                    Column("entity", "text"),
                    Column("field", "text"),
                    Column("records", "int"),
                    Column("outcome", "enum", default="READ"),
                    Column("purpose", "text", null=True),
                    Column("reason", "text", null=True),
                    Column("request_id", "text", null=True),
                    Column("number", "bigint", null=True),
                ),
                indexes=(
                    Index(("id",), where="number is null", name="compliance_access_waiting"),
                    Index(("at",)),
                    Index(("actor_id", "at")),
                ),
            ),
        ),
        create_table(
            Table(
                "compliance_access_subject",
                (
                    Column("id", "id", primary=True),
                    Column("access_id", "id"),
                    Column("subject_id", "id", null=True),
                    Column("record_id", "id"),
                    Column("at", "instant"),
                ),
                indexes=(
                    Index(("access_id",)),
                    Index(("subject_id", "at")),
                ),
            ),
        ),
        create_table(
            Table(
                "compliance_honeytoken",
                (
                    Column("id", "id", primary=True),
                    Column("version", "int", default=1),
                    Column("created_at", "instant"),
                    Column("updated_at", "instant"),
                    Column("created_by", "json"),
                    Column("updated_by", "json"),
                    Column("deleted_at", "instant", null=True),
                    Column("customer_id", "id", references="customer"),
                    Column("planted", "text"),
                    Column("alarms", "int", default=0),
                    Column("last_alarm_at", "instant", null=True),
                ),
                indexes=(Index(("customer_id",), unique=True, live=True),),
            ),
        ),
        create_table(
            Table(
                "compliance_breach",
                (
                    Column("id", "id", primary=True),
                    Column("version", "int", default=1),
                    Column("created_at", "instant"),
                    Column("updated_at", "instant"),
                    Column("created_by", "json"),
                    Column("updated_by", "json"),
                    Column("deleted_at", "instant", null=True),
                    Column("title", "text"),
                    Column("detected_at", "instant"),
                    Column("due_at", "instant"),
                    Column("nature", "text"),
                    Column("categories", "json", null=True),
                    Column("began_at", "instant", null=True),
                    Column("ended_at", "instant", null=True),
                    Column("actor_id", "text", null=True),
                    Column("approximate_subjects", "int", null=True),
                    Column("consequences", "text", null=True),
                    Column("measures", "text", null=True),
                    Column("authority_notified_at", "instant", null=True),
                    Column("subjects_notified_at", "instant", null=True),
                    Column("delay_reason", "text", null=True),
                    Column("closed_at", "instant", null=True),
                    Column("warned", "text", null=True),
                ),
                indexes=(
                    Index(("due_at",)),
                    Index(("detected_at desc",)),
                ),
            ),
        ),
    ]
)
