"""The mapping for files that our own export wrote: nobody has to write it."""

from __future__ import annotations

from pathlib import Path

from crmcore.entities import fields as f
from crmcore.entities.columns import Write
from crmcore.entities.kinds import INSTANT
from crmcore.entities.registry import Entities
from crmcore.errors import SetupError
from crmcore.interchange.imports.load import Loaded
from crmcore.interchange.imports.mapping import Csv, Mapping, Record, Source
from crmcore.interchange.imports.rows import Rows, open_text

__all__ = ["own_mapping"]

_CSV = Csv(guarded=True)


def own_mapping(entities: Entities, entity: str, source: Path | str) -> Loaded:
    """Return the mapping for a CSV file that `export` wrote, complete or with fewer columns.

    Records are known by their `id`; what the server keeps (version, who wrote it) is passed over.

    Args:

        entities: all entities.
        entity: entity name.
        source: the file; its header says which fields there are.

    Raises:

        SetupError: there is no such entity, or the file cannot be read or has no header with the column `id`.
    """
    if entity not in entities:
        raise SetupError("import-mapping", [f"There is no entity {entity!r}; there are {', '.join(entities)}."])
    with open_text(Path(source), _CSV) as text:
        header = Rows(text, _CSV).header
    if "id" not in header:
        raise SetupError(
            "import-mapping",
            [
                f"{source} has no column id, so its records cannot be found again; export it with id, or write a mapping."
            ],
        )
    fields: dict[str, str | Source] = {
        name: s for name, field in entities.fields(entity).items() if (s := _source(name, field, header)) is not None
    }
    return Loaded(
        Mapping(f"{entity} from an export", [Record(entity, key="id", fields=fields)], csv=_CSV), Path(source).name
    )


def _source(name: str, field: f.Field, header: list[str]) -> Source | None:
    if not isinstance(field, f.Scalar | f.Money) or not _given(field):
        return None
    if isinstance(field, f.Money):
        amount, currency = f"{name}.amount", f"{name}.currency"
        return Source(column=amount, currency_column=currency) if {amount, currency} <= set(header) else None
    return Source(column=name, trim=False) if name in header else None


def _given(field: f.Scalar | f.Money) -> bool:
    if field.facts.write is not Write.NEVER:
        return True
    return field.facts.kind is INSTANT and field.column not in ("updated_at", "deleted_at")
