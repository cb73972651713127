"""The tables of customers and of what hangs on them."""

from crmcore.customers.tables.attached import ExternalId, Tag, Tagging
from crmcore.customers.tables.custom import CustomFieldDefinition, CustomFieldKind
from crmcore.customers.tables.customer import (
    AcquisitionSource,
    Customer,
    CustomerKind,
    CustomerStatus,
    EmployeeBand,
    Gender,
    LifecycleChange,
)
from crmcore.customers.tables.reach import Address, AddressType, ContactPoint, ContactState, ContactType
from crmcore.customers.tables.relation import CustomerRelation, CustomerRelationType

__all__ = [
    "AcquisitionSource",
    "Address",
    "AddressType",
    "ContactPoint",
    "ContactState",
    "ContactType",
    "CustomFieldDefinition",
    "CustomFieldKind",
    "Customer",
    "CustomerKind",
    "CustomerRelation",
    "CustomerRelationType",
    "CustomerStatus",
    "EmployeeBand",
    "ExternalId",
    "Gender",
    "LifecycleChange",
    "Tag",
    "Tagging",
]
