"""The settings a plugin declares."""

from __future__ import annotations

import msgspec

from crmcore.contract.subject import Subject
from crmcore.plugins.contributed import settings_classes

__all__ = ["settings_class", "settings_of"]


def settings_class(subject: Subject) -> type[msgspec.Struct] | None:
    """Return the struct of a plugin's settings; None when it has none."""
    return settings_classes(subject.crm.plugins, [])[subject.name]


def settings_of(subject: Subject) -> list[str]:
    """Return the names of a plugin's settings."""
    kind = settings_class(subject)
    return [] if kind is None else [field.encode_name for field in msgspec.structs.fields(kind)]
