"""What becomes of records about a person that no plugin takes care of itself."""

from __future__ import annotations

from crmcore import Entity, subjects

__all__ = ["Policy", "policy_of"]

#: A fate, and why, for the person and for an authority.
Policy = tuple[subjects.Fate, str]

_DESCRIBES = "It only says things about the person."
_EMPTIED = "The record stands for figures of the business; what is personal in it is gone."
_NOTHING = "It holds nothing personal, and leads to a pseudonym."
_PROOF = "It proves how the person's rights were kept (GDPR art. 5(2), 17(3)(e)); what was said in it is gone."
_TOMBSTONE = "What else refers to the person leads to an empty record, which is shown nowhere."


def policy_of(entity: Entity, *, delete: bool) -> Policy:
    """Say what becomes of records of an entity.

    Args:

        entity: which.
        delete: whether records may go that only describe the person.
    """
    personal = subjects.personal_columns(entity)
    if entity.name == "customer":
        return subjects.Fate.ANONYMISED, _TOMBSTONE
    if entity.plugin == "compliance":
        return (subjects.Fate.ANONYMISED if personal else subjects.Fate.KEPT), _PROOF
    if delete and _describes(entity):
        return subjects.Fate.DELETED, _DESCRIBES
    if personal:
        return subjects.Fate.ANONYMISED, _EMPTIED
    return subjects.Fate.KEPT, _NOTHING


def _describes(entity: Entity) -> bool:
    """Whether records hang on a customer: they go when the customer goes, or are attached to one and cannot stand alone."""
    return any(
        (said.target == "customer" and said.on_delete == "CASCADE") or (said.target == "*" and not said.null)
        for said in entity.facts.values()
    )
