"""Where customers can be reached: numbers and names in networks, and postal addresses."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from piccolo.table import Table

from crmcore.customers.tables.customer import Customer
from crmcore.database.schema import Index
from crmcore.entities import columns as c
from crmcore.entities.columns import Write
from crmcore.entities.record import Record

__all__ = ["Address", "AddressType", "ContactPoint", "ContactState", "ContactType"]


class ContactType(Enum):
    """What kind of thing a contact point is."""

    EMAIL = "An e-mail address."
    PHONE = "A telephone number that is not in a pocket."
    MOBILE = "A mobile telephone number."
    WEB = "A web address."
    SOCIAL = "A name in a social network."
    MESSENGER = "A name in a messenger, such as a WeChat id."


class ContactState(Enum):
    """Whether anybody is reached there."""

    UNKNOWN = "Nobody has tried."
    VALID = "It was seen to work."
    INVALID = "It was seen not to work."
    BOUNCED = "The last message came back."


class AddressType(Enum):
    """What an address is for."""

    BILLING = "Invoices go there."
    SHIPPING = "Goods go there."
    HOME = "Somebody lives there."
    OFFICE = "Somebody works there."


class ContactPoint(Record, Table, tablename="contact_point"):
    """One way to reach a customer: an e-mail address, a number, a name in a network."""

    customer_id = c.link(
        "customer",
        "Who is reached.",
        references=Customer,
        inverse="contactPoints",
        inverse_description="The ways to reach this customer.",
        on_delete="CASCADE",
        write=Write.CREATE,
    )
    type = c.choice(ContactType, "What kind of thing it is.")
    value = c.text("The address, number or name as people write it.", max_length=2000, personal="user.contact")
    normalized = c.text(
        "The same in the form it is compared by: e-mail in lower case with a Punycode domain, numbers as digits with +.",
        max_length=2000,
        write=Write.NEVER,
        personal="user.contact",
    )
    label = c.text("Where it is used, as in work or home.", null=True, max_length=60, personal=False)
    platform = c.text("Which network or messenger, as in wechat or linkedin.", null=True, max_length=60, personal=False)
    is_primary = c.flag("Whether it is the first to try of its type; choosing one unchooses the other.")
    state = c.choice(ContactState, "Whether anybody is reached there.", default=ContactState.UNKNOWN)
    opted_out_at = c.instant("When the customer asked not to be written to there.", null=True)
    verified_at = c.instant("When it was last seen to work.", null=True)

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("customer_id", "type", "normalized"), unique=True, live=True),
        Index(("customer_id", "type"), unique=True, live=True, where="is_primary", name="contact_point_primary_key"),
        Index(("customer_id",)),
        Index(("type", "normalized")),
    )


class Address(Record, Table, tablename="address"):
    """A postal address of a customer."""

    customer_id = c.link(
        "customer",
        "Whose address it is.",
        references=Customer,
        inverse="addresses",
        inverse_description="The postal addresses of this customer.",
        on_delete="CASCADE",
        write=Write.CREATE,
    )
    type = c.choice(AddressType, "What the address is for.")
    lines = c.text(
        "Street, number, building, as on the envelope.",
        null=True,
        max_length=1000,
        form="text",
        personal="user.contact.address.street",
    )
    city = c.text("City or place.", null=True, personal="user.contact.address.city")
    region = c.text("State, province or county.", null=True, personal="user.contact.address.state")
    postal_code = c.text("Postal code.", null=True, max_length=20, personal="user.contact.address.postal_code")
    country = c.text(
        "Country, as in CN (ISO 3166-1).",
        null=True,
        max_length=2,
        form="country",
        personal="user.contact.address.country",
    )
    latitude = c.number(
        "Degrees north of the equator (WGS 84).", null=True, minimum=-90, maximum=90, personal="user.location.precise"
    )
    longitude = c.number(
        "Degrees east of Greenwich (WGS 84).", null=True, minimum=-180, maximum=180, personal="user.location.precise"
    )
    is_primary = c.flag("Whether it is the first to use of its type; choosing one unchooses the other.")

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("customer_id", "type"), unique=True, live=True, where="is_primary", name="address_primary_key"),
        Index(("customer_id",)),
        Index(("country", "city")),
    )
