"""A list as one bound parameter, so that a statement's text does not depend on how many there are."""

from __future__ import annotations

__all__ = ["members"]


def members(dialect: str, placeholder: str, type: str) -> str:
    """Return a sub-select of a list parameter's members, for use as `x in (<it>)`.

    Args:

        dialect: `sqlite` or `postgresql`.
        placeholder: where the list is bound, for example `$3`.
        type: the members' PostgreSQL type, for example `uuid`.
    """
    if dialect == "sqlite":
        return f"select value from json_each({placeholder})"
    return f"select unnest({placeholder}::{type}[])"
