"""Write records to a file, page by page, as the API would show them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

from crmcore.access.actor import Access, Actor
from crmcore.access.rules import reaches
from crmcore.errors import Forbidden, Invalid
from crmcore.interchange.exports.columns import Column, columns

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["Format", "Progress", "export"]

Format = Literal["csv", "jsonl"]
#: Called with the records written so far and how many there are.
Progress = Callable[[int, int], None]


async def export(
    crm: Crm,
    entity: str,
    target: BinaryIO,
    *,
    actor: Actor,
    format: Format = "csv",
    filter: Mapping[str, Any] | None = None,
    fields: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> int:
    """Write records to a file in UTF-8, oldest first; memory stays small however many there are.

    In CSV, texts that a spreadsheet could take for a formula are guarded (`crmcore.interchange.guard`); money is two
    columns; JSON is written as text. A file with the column `id` can be imported again as it is.

    Args:

        crm: a started CRM.
        entity: entity name, for example `customer`.
        target: where to, open for writing bytes.
        actor: who asks: rows and fields are those they may read and export.
        format: `csv`, or `jsonl` for one JSON object a line, as the API shows records.
        filter: as the API's `filter` argument.
        fields: GraphQL names in order; without, all the entity's own that are not masked or hidden from the actor.
        progress: is told how far it is.

    Returns:

        how many records were written.

    Raises:

        Forbidden: the actor may not export such records, or filters by what they may not see.
        Invalid: there is no such entity, field or filter.
    """
    if entity not in crm.entities:
        raise Invalid.at(
            "entity", "UNKNOWN_VALUE", f"There is no entity {entity!r}; there are {', '.join(crm.entities)}."
        )
    if not reaches(crm.entities, entity, "export", actor.access):
        msg = f"{actor.label} may not export {crm.entities[entity].plural}; ask for a role with {entity}:export."
        raise Forbidden(msg)
    shown = columns(crm.entities, entity, fields, actor.access)
    write = _csv(target, shown) if format == "csv" else _jsonl(target, shown)
    done = 0
    async for nodes, total in _pages(crm, entity, shown, filter, replace(actor, access=_narrowed(actor.access))):
        write(nodes)
        done += len(nodes)
        if progress is not None:
            progress(done, total)
    return done


def _narrowed(access: Access) -> Access:
    # What may be read and not exported stays out of the file, whatever leads to it.
    read = {name: scope for name, scope in access.scopes.items() if name.endswith(":read")}
    return replace(
        access, scopes={**access.scopes, **{n: min(s, access.scope(n[:-5], "export")) for n, s in read.items()}}
    )


async def _pages(
    crm: Crm, entity: str, shown: Sequence[Column], filter: Mapping[str, Any] | None, actor: Actor
) -> AsyncIterator[tuple[list[dict[str, Any]], int]]:
    kind = crm.entities[entity]
    text = (
        f"query($first: Int, $after: String, $filter: {kind.type_name}Filter, $count: Boolean!) {{ "
        f"page: {kind.plural}(first: $first, after: $after, filter: $filter, orderBy: [{{ field: ID, direction: ASC }}]) {{ "
        f"nodes {{ {' '.join(column.selection for column in shown)} }} "
        "pageInfo { hasNextPage endCursor } totalCount @include(if: $count) } }"
    )
    variables = {"first": crm.settings.pages.maximum, "after": None, "filter": filter, "count": True}
    total = 0
    while True:
        answer = await crm.execute(text, variables, actor=actor)
        if errors := answer.get("errors"):
            raise _refusal(errors[0])
        page = answer["data"]["page"]
        total = page.get("totalCount", total)
        yield page["nodes"], total
        if not page["pageInfo"]["hasNextPage"]:
            return
        variables = {**variables, "after": page["pageInfo"]["endCursor"], "count": False}


def _refusal(error: Mapping[str, Any]) -> Exception:
    kind = Forbidden if error.get("extensions", {}).get("code") == "FORBIDDEN" else Invalid
    return kind(str(error["message"]))


def _csv(target: BinaryIO, shown: Sequence[Column]) -> Callable[[list[dict[str, Any]]], None]:
    def write(rows: list[list[str]]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text).writerows(rows)
        target.write(text.getvalue().encode())

    write([[heading for column in shown for heading in column.headings]])
    return lambda nodes: write(
        [[cell for column in shown for cell in column.cells(node[column.name])] for node in nodes]
    )


def _jsonl(target: BinaryIO, shown: Sequence[Column]) -> Callable[[list[dict[str, Any]]], None]:
    names = [column.name for column in shown]

    def write(nodes: list[dict[str, Any]]) -> None:
        lines = (json.dumps({name: node[name] for name in names}, ensure_ascii=False) for node in nodes)
        target.writelines(f"{line}\n".encode() for line in lines)

    return write
