"""What must be true of a customer before it is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crmcore.customers.actions.custom_fields import check_custom_fields
from crmcore.customers.actions.lifecycle import enter_stage
from crmcore.customers.actions.names import full_name
from crmcore.customers.actions.normal import domain
from crmcore.customers.actions.parents import check_parent
from crmcore.entities.change import Change
from crmcore.entities.entity import camel
from crmcore.entities.work import Work

__all__ = ["prepare_customer"]

_NAMES = ("given_name", "middle_name", "family_name")
_OF_PERSONS = (*_NAMES, "salutation", "gender", "birth_date", "job_title", "department")
_OF_ORGANIZATIONS = ("legal_name", "tax_id", "industry", "employee_band", "annual_revenue")


async def prepare_customer(work: Work, change: Change) -> None:
    """Check and complete a customer: its kind's fields, name, domain, place in the tree, stage and custom fields."""
    if change.kind not in ("create", "update"):
        return
    _check_kind(change)
    _name(change)
    _domain(change)
    if change.changed("status") and change.get("status") == "MERGED" and change.get("merged_into_id") is None:
        change.refuse("status", "UNKNOWN_VALUE", "Only a merge makes a customer MERGED; use INACTIVE or BLOCKED.")
    enter_stage(work, change)
    await check_parent(work, change)
    await check_custom_fields(work, change)


def _check_kind(change: Change) -> None:
    kind = change.get("kind")
    if change.kind == "update" and change.changed("kind"):
        change.refuse(
            "kind", "READ_ONLY", "A customer's kind never changes; make a new customer and a relation between the two."
        )
    other = {"PERSON": _OF_ORGANIZATIONS, "ORGANIZATION": _OF_PERSONS}.get(kind, ())
    for column in other:
        if change.values.get(column) is not None:
            whose = "an organisation" if kind == "PERSON" else "a person"
            change.refuse(column, "WRONG_KIND", f"{camel(column)} is for {whose}, and this is not one; leave it out.")


def _name(change: Change) -> None:
    if change.values.get("display_name"):
        return
    follows = _derived(change.was) == change.was("display_name") and any(
        map(change.changed, (*_NAMES, "locale", "legal_name"))
    )
    if change.kind == "update" and "display_name" not in change.given and not follows:
        return
    name = _derived(change.get)
    if name:
        change.values["display_name"] = name[:255]
    elif not any(v.path == "displayName" for v in change.violations):
        message = "displayName is required where it cannot follow from givenName and familyName, or from legalName."
        change.refuse("display_name", "REQUIRED", message)


def _derived(get: Callable[[str], Any]) -> str:
    if get("kind") == "ORGANIZATION":
        return get("legal_name") or ""
    return full_name(get("given_name"), get("middle_name"), get("family_name"), get("locale"))


def _domain(change: Change) -> None:
    if change.values.get("domain"):
        try:
            change.values["domain"] = domain(change.values["domain"])
        except ValueError as problem:
            change.refuse("domain", "MALFORMED", f"domain: {problem}")
