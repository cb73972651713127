"""Tables that prove who somebody is; no entities, so that no generic path can read them.

Secrets are kept as digests only: passwords by Argon2, tokens and sessions (256 random bits each) by SHA-256.
"""

from __future__ import annotations

from typing import ClassVar

from piccolo.table import Table

from crmcore.access.tables import User
from crmcore.database.schema import Index
from crmcore.entities import columns as c

__all__ = ["AccessState", "Credential", "Session", "SignInAttempt", "Token"]


class Credential(Table, tablename="crm_credential"):
    """A person's password."""

    id = c.identifier("Identifies the row.")
    user_id = c.link("user", "Whose.", references=User, on_delete="CASCADE")
    password_hash = c.text("Argon2id, with its parameters.", max_length=255)
    changed_at = c.instant("When it was set.")

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("user_id",), unique=True),)


class Token(Table, tablename="crm_token"):
    """A key that programs act with in a person's name."""

    id = c.identifier("Identifies the token; part of what changes made with it are stamped with.")
    user_id = c.link("user", "In whose name it acts.", references=User, on_delete="CASCADE")
    issuer_id = c.link(
        "token", "The token it was made with, if any; ends with it.", references="self", null=True, on_delete="CASCADE"
    )
    label = c.text("What it is for.")
    prefix = c.text("How it starts; enough to recognise it, not to use it.", max_length=16)
    digest = c.text("SHA-256 of the token, hexadecimal.", max_length=64)
    scopes = c.json("What it is limited to: a list of permission texts.", null=False)
    created_at = c.instant("When it was made.")
    expires_at = c.instant("When it ends by itself; never if empty.", null=True)
    revoked_at = c.instant("When it was ended.", null=True)
    last_used_at = c.instant("When it was last used, to the minute.", null=True)

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("digest",), unique=True),
        Index(("user_id",)),
        Index(("issuer_id",)),
    )


class Session(Table, tablename="crm_session"):
    """A sign-in in a browser."""

    id = c.identifier("Identifies the session.")
    user_id = c.link("user", "Who signed in.", references=User, on_delete="CASCADE")
    token_id = c.link(
        "token",
        "The token they signed in with, if it was not a password.",
        references=Token,
        null=True,
        on_delete="CASCADE",
    )
    digest = c.text("SHA-256 of the cookie, hexadecimal.", max_length=64)
    created_at = c.instant("When it began.")
    seen_at = c.instant("When it was last used, to the minute.")
    expires_at = c.instant("When it ends, however much it is used.")

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("digest",), unique=True),
        Index(("user_id",)),
        Index(("token_id",)),
        Index(("expires_at",)),
    )


class SignInAttempt(Table, tablename="crm_sign_in_attempt"):
    """How often a sign-in failed of late, for one account or one network address."""

    id = c.identifier("Identifies the row.")
    key = c.text("Digest of the account's e-mail or of the address: what was typed is not kept.", max_length=64)
    failures = c.integer("Failures since the last success or quiet day.")
    free_at = c.instant("When the next attempt is let through.")
    at = c.instant("When the last attempt was.")

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("key",), unique=True), Index(("at",)))


class AccessState(Table, tablename="crm_access_state"):
    """The one row that says whether anybody's rights have changed since a process last compiled them."""

    id = c.identifier("Always the same.")
    revision = c.big_integer("Grows with every change to roles, permissions, teams or who has them.")
    offered = c.json("Entities whose permissions the default roles were given.", null=False)
