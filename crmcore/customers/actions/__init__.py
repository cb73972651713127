"""The rules of customers, and the actions beyond the verbs that every entity has."""

from crmcore.customers.actions.custom_fields import check_custom_fields
from crmcore.customers.actions.lifecycle import convert_lifecycle
from crmcore.customers.actions.tags import RecordTags, add_tags, remove_tags

__all__ = ["RecordTags", "add_tags", "check_custom_fields", "convert_lifecycle", "remove_tags"]
