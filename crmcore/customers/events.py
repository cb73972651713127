"""What happens to customers, their contact points, addresses and relations."""

from __future__ import annotations

from dataclasses import dataclass

from crmcore.events import Created, Deleted, Destroyed, Event, Restored, Updated

__all__ = [
    "AddressCreated",
    "AddressDeleted",
    "AddressDestroyed",
    "AddressRestored",
    "AddressUpdated",
    "ContactPointCreated",
    "ContactPointDeleted",
    "ContactPointDestroyed",
    "ContactPointRestored",
    "ContactPointUpdated",
    "CustomerCreated",
    "CustomerDeleted",
    "CustomerDestroyed",
    "CustomerRelationCreated",
    "CustomerRelationDeleted",
    "CustomerRelationDestroyed",
    "CustomerRelationRestored",
    "CustomerRelationUpdated",
    "CustomerRestored",
    "CustomerUpdated",
    "LifecycleChanged",
]


@dataclass(frozen=True, kw_only=True)
class LifecycleChanged(Event, of="customer"):
    """A customer came from one lifecycle stage into another.

    Attributes:

        from_stage, to_stage: keys of registered lifecycle stages.
        reason: a short code, if one was given.
        note: more about it, if anything was said.
    """

    from_stage: str
    to_stage: str
    reason: str | None
    note: str | None


class CustomerCreated(Created, of="customer"):
    """A customer was made."""


class CustomerUpdated(Updated, of="customer"):
    """A customer was changed."""


class CustomerDeleted(Deleted, of="customer"):
    """A customer was deleted and can be restored."""


class CustomerRestored(Restored, of="customer"):
    """A deleted customer is back."""


class CustomerDestroyed(Destroyed, of="customer"):
    """A customer is gone for ever."""


class ContactPointCreated(Created, of="contact_point"):
    """A customer can be reached in one more way."""


class ContactPointUpdated(Updated, of="contact_point"):
    """A way to reach a customer was changed."""


class ContactPointDeleted(Deleted, of="contact_point"):
    """A way to reach a customer was deleted and can be restored."""


class ContactPointRestored(Restored, of="contact_point"):
    """A deleted way to reach a customer is back."""


class ContactPointDestroyed(Destroyed, of="contact_point"):
    """A way to reach a customer is gone for ever."""


class AddressCreated(Created, of="address"):
    """A customer got an address."""


class AddressUpdated(Updated, of="address"):
    """An address was changed."""


class AddressDeleted(Deleted, of="address"):
    """An address was deleted and can be restored."""


class AddressRestored(Restored, of="address"):
    """A deleted address is back."""


class AddressDestroyed(Destroyed, of="address"):
    """An address is gone for ever."""


class CustomerRelationCreated(Created, of="customer_relation"):
    """Two customers were put into relation."""


class CustomerRelationUpdated(Updated, of="customer_relation"):
    """A relation of two customers was changed."""


class CustomerRelationDeleted(Deleted, of="customer_relation"):
    """A relation of two customers was deleted and can be restored."""


class CustomerRelationRestored(Restored, of="customer_relation"):
    """A deleted relation of two customers is back."""


class CustomerRelationDestroyed(Destroyed, of="customer_relation"):
    """A relation of two customers is gone for ever."""
