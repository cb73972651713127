"""The entities of access, as every other plugin declares its own."""

from __future__ import annotations

from crmcore.access.people import prepare_membership, prepare_team, prepare_user
from crmcore.access.roles import prepare_assignment, prepare_field_rule, prepare_permission, prepare_role
from crmcore.access.tables import FieldRule, Role, RoleAssignment, RolePermission, Team, TeamMembership, User
from crmcore.entities.entity import Entity, Key

__all__ = ["ENTITIES"]

ENTITIES = (
    Entity(
        User,
        "users",
        prepare_user,
        keys=(Key("EMAIL", ("email",)),),
        label="name",
        attachable=True,
        plain=("name", "email", "locale", "timezone"),
    ),
    Entity(Team, "teams", prepare_team, keys=(Key("NAME", ("name",)),), label="name", attachable=True),
    Entity(
        TeamMembership,
        "teamMemberships",
        prepare_membership,
        guarded_by="team_id",
        keys=(Key("TEAM_USER", ("team_id", "user_id")),),
    ),
    Entity(Role, "roles", prepare_role, keys=(Key("KEY", ("key",)),), label="name"),
    Entity(
        RoleAssignment,
        "roleAssignments",
        prepare_assignment,
        guarded_by="role_id",
        keys=(Key("ROLE_USER", ("role_id", "user_id")),),
    ),
    Entity(
        RolePermission,
        "rolePermissions",
        prepare_permission,
        guarded_by="role_id",
        keys=(Key("ROLE_PERMISSION", ("role_id", "permission")),),
        label="permission",
    ),
    Entity(
        FieldRule,
        "fieldRules",
        prepare_field_rule,
        guarded_by="role_id",
        keys=(Key("ROLE_FIELD", ("role_id", "entity", "field")),),
        label="field",
    ),
)
