"""People, teams and roles: the entities that say who may do what.

They are served like every other entity. `RolePermission`, `FieldRule` and `RoleAssignment` follow their role, and
`TeamMembership` follows its team: who may update the role or the team may change them, who may read it sees them.
What proves who somebody is (passwords, tokens, sessions) stands in `proofs.py` and is no entity.
"""

from __future__ import annotations

from typing import ClassVar

from piccolo.table import Table

from crmcore.access.actor import Effect, Scope
from crmcore.database.schema import Index
from crmcore.entities import columns as c
from crmcore.entities.record import Record

__all__ = ["FieldRule", "Role", "RoleAssignment", "RolePermission", "Team", "TeamMembership", "User"]


class User(Record, Table, tablename="crm_user"):
    """A person who works with the CRM, owns records or did so once."""

    name = c.text("What colleagues call the person.", personal="user.name")
    email = c.text(
        "Where to write to, and the name at sign-in; empty for people who own records and never sign in.",
        null=True,
        max_length=254,
        form="login",
        personal="user.contact.email",
    )
    is_active = c.flag(
        "Whether the person may sign in; switching it off ends their sessions and tokens at once.", default=True
    )
    locale = c.text(
        "Language and region, as in zh-Hans-CN or en-GB (BCP 47).",
        null=True,
        max_length=35,
        form="locale",
        personal="user.demographic.language",
    )
    timezone = c.text(
        "Time zone, as in Asia/Shanghai (IANA).",
        null=True,
        max_length=64,
        form="timezone",
        personal="user.location.imprecise",
    )

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("email",), unique=True, live=True),)


class Team(Record, Table, tablename="crm_team"):
    """People who share records; whoever is in a team also reaches what its sub-teams share."""

    name = c.text("What the team is called; no two teams share a name.", personal=False)
    parent_id = c.link(
        "team",
        "The team this one is part of.",
        references="self",
        null=True,
        inverse="subteams",
        inverse_description="The teams that are part of this one.",
    )

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("name",), unique=True, live=True), Index(("parent_id",)))


class TeamMembership(Record, Table, tablename="crm_team_membership"):
    """That a person is in a team."""

    team_id = c.link("team", "The team.", references=Team, inverse="memberships", on_delete="CASCADE")
    user_id = c.link("user", "The person.", references=User, inverse="memberships", on_delete="CASCADE")

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("team_id", "user_id"), unique=True, live=True),
        Index(("user_id",)),
    )


class Role(Record, Table, tablename="crm_role"):
    """A set of rights that people are given by name."""

    key = c.text("The role's name in scripts: lower case, digits and dashes.", max_length=40, personal=False)
    name = c.text("The role's name for people.", personal=False)
    description = c.text("What the role is for.", null=True, max_length=500, form="text", personal=False)
    everything = c.flag("All rights on everything, whatever plugins add. Only somebody who has them can give them.")

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("key",), unique=True, live=True),)


class RoleAssignment(Record, Table, tablename="crm_role_assignment"):
    """That a person has a role."""

    role_id = c.link("role", "The role.", references=Role, inverse="assignments", on_delete="CASCADE")
    user_id = c.link("user", "The person.", references=User, inverse="roleAssignments", on_delete="CASCADE")

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("role_id", "user_id"), unique=True, live=True),
        Index(("user_id",)),
    )


class RolePermission(Record, Table, tablename="crm_role_permission"):
    """One right of a role, and which records it reaches."""

    role_id = c.link("role", "The role.", references=Role, inverse="permissions", on_delete="CASCADE")
    permission = c.text(
        "What is permitted: entity and action, as in customer:read, or a plugin's permission, as in loyalty.award.",
        max_length=120,
        personal=False,
    )
    scope = c.choice(
        Scope,
        "Which records: all, those of the person's teams, or their own. Permissions that are not about records take ALL.",
        default=Scope.ALL,
    )

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("role_id", "permission"), unique=True, live=True),)


class FieldRule(Record, Table, tablename="crm_field_rule"):
    """What a role may not see or change in records it reaches."""

    role_id = c.link("role", "The role.", references=Role, inverse="fieldRules", on_delete="CASCADE")
    entity = c.text("The entity, as in customer.", max_length=80, personal=False)
    field = c.text("The field in its GraphQL spelling, as in annualRevenue.", max_length=80, personal=False)
    effect = c.choice(Effect, "What happens to the field: hidden, masked, or shown and not to be changed.")

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("role_id", "entity", "field"), unique=True, live=True),)
