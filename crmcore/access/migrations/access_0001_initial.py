"""Initial: a migration of access."""

from crmcore.database.migrations import Column, Index, Migration, Table, create_table

migration = Migration(
    operations=[
        create_table(
            Table(
                "crm_user",
                (
                    Column("id", "id", primary=True),
                    Column("version", "int", default=1),
                    Column("created_at", "instant"),
                    Column("updated_at", "instant"),
                    Column("created_by", "json"),
                    Column("updated_by", "json"),
                    Column("deleted_at", "instant", null=True),
                    Column("name", "text"),
                    Column("email", "text", null=True),
                    Column("is_active", "bool", default=True),
                    Column("locale", "text", null=True),
                    Column("timezone", "text", null=True),
                ),
                indexes=(Index(("email",), unique=True, live=True),),
            ),
        ),
        create_table(
            Table(
                "crm_team",
                (
                    Column("id", "id", primary=True),
                    Column("version", "int", default=1),
                    Column("created_at", "instant"),
                    Column("updated_at", "instant"),
                    Column("created_by", "json"),
                    Column("updated_by", "json"),
                    Column("deleted_at", "instant", null=True),
                    Column("name", "text"),
                    Column("parent_id", "id", null=True, references="crm_team"),
                ),
                indexes=(
                    Index(("name",), unique=True, live=True),
                    Index(("parent_id",)),
                ),
            ),
        ),
        create_table(
            Table(
                "crm_team_membership",
                (
                    Column("id", "id", primary=True),
                    Column("version", "int", default=1),
                    Column("created_at", "instant"),
                    Column("updated_at", "instant"),
                    Column("created_by", "json"),
                    Column("updated_by", "json"),
                    Column("deleted_at", "instant", null=True),
                    Column("team_id", "id", references="crm_team", on_delete="CASCADE"),
                    Column("user_id", "id", references="crm_user", on_delete="CASCADE"),
                ),
                indexes=(
                    Index(("team_id", "user_id"), unique=True, live=True),
                    Index(("user_id",)),
                ),
            ),
        ),
        create_table(
            Table(
                "crm_role",
                (
                    Column("id", "id", primary=True),
                    Column("version", "int", default=1),
                    Column("created_at", "instant"),
                    Column("updated_at", "instant"),
                    Column("created_by", "json"),
                    Column("updated_by", "json"),
                    Column("deleted_at", "instant", null=True),
                    Column("key", "text"),
                    Column("name", "text"),
                    Column("description", "text", null=True),
                    Column("everything", "bool", default=False),
                ),
                indexes=(Index(("key",), unique=True, live=True),),
            ),
        ),
        create_table(
            Table(
                "crm_role_assignment",
                (
                    Column("id", "id", primary=True),
                    Column("version", "int", default=1),
                    Column("created_at", "instant"),
                    Column("updated_at", "instant"),
                    Column("created_by", "json"),
                    Column("updated_by", "json"),
                    Column("deleted_at", "instant", null=True),
                    Column("role_id", "id", references="crm_role", on_delete="CASCADE"),
                    Column("user_id", "id", references="crm_user", on_delete="CASCADE"),
                ),
                indexes=(
                    Index(("role_id", "user_id"), unique=True, live=True),
                    Index(("user_id",)),
                ),
            ),
        ),
        create_table(
            Table(
                "crm_role_permission",
                (
                    Column("id", "id", primary=True),
                    Column("version", "int", default=1),
                    Column("created_at", "instant"),
                    Column("updated_at", "instant"),
                    Column("created_by", "json"),
                    Column("updated_by", "json"),
                    Column("deleted_at", "instant", null=True),
                    Column("role_id", "id", references="crm_role", on_delete="CASCADE"),
                    Column("permission", "text"),
                    Column("scope", "enum", default="ALL"),
                ),
                indexes=(Index(("role_id", "permission"), unique=True, live=True),),
            ),
        ),
        create_table(
            Table(
                "crm_field_rule",
                (
                    Column("id", "id", primary=True),
                    Column("version", "int", default=1),
                    Column("created_at", "instant"),
                    Column("updated_at", "instant"),
                    Column("created_by", "json"),
                    Column("updated_by", "json"),
                    Column("deleted_at", "instant", null=True),
                    Column("role_id", "id", references="crm_role", on_delete="CASCADE"),
                    Column("entity", "text"),
                    Column("field", "text"),
                    Column("effect", "enum"),
                ),
                indexes=(Index(("role_id", "entity", "field"), unique=True, live=True),),
            ),
        ),
        create_table(
            Table(
                "crm_credential",
                (
                    Column("id", "id", primary=True),
                    Column("user_id", "id", references="crm_user", on_delete="CASCADE"),
                    Column("password_hash", "text"),
                    Column("changed_at", "instant"),
                ),
                indexes=(Index(("user_id",), unique=True),),
            ),
        ),
        create_table(
            Table(
                "crm_token",
                (
                    Column("id", "id", primary=True),
                    Column("user_id", "id", references="crm_user", on_delete="CASCADE"),
                    Column("issuer_id", "id", null=True, references="crm_token", on_delete="CASCADE"),
                    Column("label", "text"),
                    Column("prefix", "text"),
                    Column("digest", "text"),
                    Column("scopes", "json"),
                    Column("created_at", "instant"),
                    Column("expires_at", "instant", null=True),
                    Column("revoked_at", "instant", null=True),
                    Column("last_used_at", "instant", null=True),
                ),
                indexes=(
                    Index(("digest",), unique=True),
                    Index(("user_id",)),
                    Index(("issuer_id",)),
                ),
            ),
        ),
        create_table(
            Table(
                "crm_session",
                (
                    Column("id", "id", primary=True),
                    Column("user_id", "id", references="crm_user", on_delete="CASCADE"),
                    Column("token_id", "id", null=True, references="crm_token", on_delete="CASCADE"),
                    Column("digest", "text"),
                    Column("created_at", "instant"),
                    Column("seen_at", "instant"),
                    Column("expires_at", "instant"),
                ),
                indexes=(
                    Index(("digest",), unique=True),
                    Index(("user_id",)),
                    Index(("token_id",)),
                    Index(("expires_at",)),
                ),
            ),
        ),
        create_table(
            Table(
                "crm_sign_in_attempt",
                (
                    Column("id", "id", primary=True),
                    Column("key", "text"),
                    Column("failures", "int"),
                    Column("free_at", "instant"),
                    Column("at", "instant"),
                ),
                indexes=(
                    Index(("key",), unique=True),
                    Index(("at",)),
                ),
            ),
        ),
        create_table(
            Table(
                "crm_access_state",
                (
                    Column("id", "id", primary=True),
                    Column("revision", "bigint"),
                    Column("offered", "json"),
                ),
            ),
        ),
    ]
)
