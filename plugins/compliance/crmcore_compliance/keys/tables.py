"""The tables of the keystore, and how older ones become them; texts and whole numbers only, alike on both databases."""

from __future__ import annotations

from typing import Final

__all__ = ["STEPS", "TABLES"]

TABLES: Final = (
    "keystore_meta",
    "keystore_epoch",
    "keystore_key",
    "keystore_destroyed",
    "keystore_news",
    "keystore_tombstone",
)

_FIRST = (
    # Facts of the keystore itself: tenant, steps; `position` counts news and is what writers wait at.
    "create table keystore_meta (name text primary key, value text not null)",
    """
    create table keystore_epoch (
      id integer primary key, kms text not null, version text not null, wrapped text not null, state text not null,
      wraps bigint not null default 0, created_at text not null, deactivated_at text, destroy_after text,
      destroyed_at text
    )
    """,
    "create unique index keystore_epoch_active on keystore_epoch (state) where state = 'ACTIVE'",
    """
    create table keystore_key (
      id bigint primary key, owner text not null, suite text not null, epoch integer not null, wrapped text not null,
      check_value text not null, state text not null, used bigint not null default 0, public text,
      created_at text not null, deactivated_at text
    )
    """,
    "create unique index keystore_key_current on keystore_key (owner) where state = 'ACTIVE'",
    "create index keystore_key_owner on keystore_key (owner)",
    "create index keystore_key_epoch on keystore_key (epoch, id)",
    "create table keystore_destroyed (id bigint primary key)",
    # What other processes must hear of: keys that were destroyed or have another state.
    "create table keystore_news (position bigint not null, id bigint not null, primary key (position, id))",
    """
    create table keystore_tombstone (
      position bigint primary key, subject text not null, request_id text, destroyed_at text not null, keys text not null
    )
    """,
    "create unique index keystore_tombstone_subject on keystore_tombstone (subject)",
    "insert into keystore_meta (name, value) values ('position', '0')",
)

#: The statements of each step, in order; a step is never changed once it was released.
STEPS: Final[tuple[tuple[str, ...], ...]] = (_FIRST,)
