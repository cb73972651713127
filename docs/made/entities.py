"""The page of the built-in entities and their fields."""

from __future__ import annotations

from collections.abc import Mapping

from crmcore import Crm, Entity, Settings, fields
from made.note import MADE

__all__ = ["entities"]

_COMMON = frozenset({"id", "version", "createdAt", "updatedAt", "createdBy", "updatedBy", "deletedAt"})


def entities() -> str:
    """The page of the built-in entities and their fields."""
    crm = Crm(Settings(), installed=False)
    parts = [
        "# Entities\n",
        "The built-in entities. What a field is called here is what GraphQL, filters and mapping files call it; a mapping file "
        "writes it in snake case. Every record also has the fields of the first table.\n",
        MADE,
        "| field | type | | |\n|---|---|---|---|",
        *(_row(f) for f in crm.entities.fields("tag").values() if f.name in _COMMON),
        "",
    ]
    for entity in crm.entities.values():
        parts += [_entity(entity, crm.entities.fields(entity.name))]
    return "\n".join(parts)


def _entity(entity: Entity, all_fields: Mapping[str, fields.Field]) -> str:
    rows = [_row(f) for f in all_fields.values() if f.name not in _COMMON]
    about = [f"## {entity.type_name}\n", f"{entity.description}\n"]
    keys = ", ".join(f"`{k.name}` ({', '.join(k.columns)})" for k in entity.keys)
    access = (
        f"guarded by `{entity.guarded_by}`" if entity.guarded_by else "by owner and team" if entity.owned else "shared"
    )
    about.append(f"List `{entity.plural}`; access {access}; keys for upsert: {keys or 'none'}.\n")
    return "\n".join([*about, "| field | type | | |\n|---|---|---|---|", *rows, ""])


def _row(field: fields.Field) -> str:
    return f"| `{field.name}` | {_type(field)} | {_notes(field)} | {field.description} |"


def _type(field: fields.Field) -> str:
    match field:
        case fields.Scalar(facts=facts) if facts.choices:
            return " ".join(f"`{name}`" for name in facts.choices.__members__)
        case fields.Scalar(facts=facts) if facts.registry:
            return f"text, registered in `{facts.registry}`"
        case fields.Scalar(kind=kind, target=target) if target:
            return f"{kind.name} of {target}"
        case fields.Scalar(kind=kind) | fields.Expression(kind=kind) | fields.Computed(kind=kind):
            return kind.name
        case fields.One(target=target):
            return f"a {target}"
        case fields.Many(target=target):
            return f"many {target}"
    return type(field).__name__.lower()


def _notes(field: fields.Field) -> str:
    facts = getattr(field, "facts", None)
    if facts is None:
        return ""
    notes = [{"create": "set on create only", "never": "kept by the server"}.get(facts.write.value, "")]
    if facts.write.value != "never" and not facts.null and facts.default is ... and field.name != "id":
        notes.append("required")
    if facts.personal:
        notes.append(f"personal: {facts.personal.category}")
    return ", ".join(filter(None, notes))
