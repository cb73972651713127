"""What every field of every entity is said to hold of a person, and which nobody has said anything about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from crmcore import Crm, Entity, PersonalData, camel, errors, subjects
from crmcore_compliance.settings import ComplianceSettings

__all__ = ["Classified", "classified", "refuse_unclassified"]


@dataclass(frozen=True, slots=True)
class Classified:
    """One column.

    Attributes:

        entity: its entity's name.
        type_name: the entity's name in the API.
        column: its name.
        plugin: who declares it.
        kind: kind of its values.
        category: of the data it holds; None if it holds none, or nobody has said.
        sensitivity: 0 public to 3 sensitive, None without a category.
        purposes: what it may be used for, if that is said of the column.
        mask: how it is masked.
        sealed: whether it is stored as ciphertext.
        missing: whether it could hold personal data and nobody has said.
    """

    entity: str
    type_name: str
    column: str
    plugin: str
    kind: str
    category: str | None
    sensitivity: int | None
    purposes: tuple[str, ...]
    mask: str | None
    sealed: bool
    missing: bool

    @property
    def shown(self) -> str:
        """As settings name it: `customer.givenName`."""
        return f"{camel(self.entity)}.{camel(self.column)}"

    @property
    def name(self) -> str:
        """`Customer.given_name`."""
        return f"{self.type_name}.{self.column}"


def classified(entities: Mapping[str, Entity]) -> list[Classified]:
    """Return every column of every entity, in a fixed order."""
    return [one for name in sorted(entities) for one in _of(entities[name])]


async def refuse_unclassified(crm: Crm) -> None:
    """In strict mode, end the start while a column is not classified.

    Raises:

        SetupError: it names each of them, and the plugin that declares it.
    """
    if not crm.settings[ComplianceSettings].strict:
        return
    missing = [one for one in classified(crm.entities) if one.missing]
    if missing:
        problems = [
            f"{one.name} of plugin {one.plugin!r} does not say whether it holds personal data; "
            "say personal=False or a category, or set strict to false in [plugins.compliance]."
            for one in missing
        ]
        raise errors.SetupError("cannot-start", problems)


def _of(entity: Entity) -> Iterator[Classified]:
    missing = set(subjects.unclassified_columns(entity))
    for column, said in entity.facts.items():
        data = said.personal if isinstance(said.personal, PersonalData) else None
        yield Classified(
            entity=entity.name,
            type_name=entity.type_name,
            column=column,
            plugin=entity.plugin,
            kind=said.kind.name,
            category=data.category if data else None,
            sensitivity=data.sensitivity if data else None,
            purposes=data.purposes if data else (),
            mask=data.mask if data else None,
            sealed=column in entity.sealed,
            missing=column in missing,
        )
