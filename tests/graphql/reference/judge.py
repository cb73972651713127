"""Compares what the planner answers with what graphql-core answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from graphql import ExecutionResult, OperationDefinitionNode, parse, validate

from crmcore.access.actor import Actor
from crmcore.database import Database
from crmcore.entities import fields as f
from crmcore.entities.entity import snake
from crmcore.entities.registry import Entities
from crmcore.graphql.planner import Operation, Planner, ReadResult
from crmcore.graphql.schema.schema import CrmSchema
from tests.graphql.reference.data import Row, read_rows
from tests.graphql.reference.operations import Made
from tests.graphql.reference.orders import TIMELINE, Orders, Steps
from tests.graphql.reference.resolvers import Reference
from tests.graphql.reference.rules import Sight

__all__ = ["Judge"]

_ROOT = Actor.system()


class Judge:
    """Asks both ways over one database.

    Args:

        database: with the data.
        schema: of the CRM.
        entities: its entities.
        tables: names of those that have a table in the database.
    """

    def __init__(self, database: Database, schema: CrmSchema, entities: Entities, tables: list[str]) -> None:
        self._database, self._schema, self._entities, self._tables = database, schema, entities, tables
        self._operations: dict[str, Operation] = {}
        self._planner = Planner(entities, schema.graphql, database.dialect)
        self._orders = Orders(entities)
        self._reference: Reference | None = None

    async def difference(self, made: Made, actor: Actor) -> str | None:
        """Return how the answers differ, None if they do not."""
        found = await self._asked(made, actor)
        expected = await self._expected(made, actor)
        said = [(tuple(e.path or ()), (e.extensions or {}).get("code")) for e in found.errors]
        meant = [(tuple(e.path or ()), (e.extensions or {}).get("codes", [None])) for e in expected.errors or ()]
        alike = [p for p, _ in said] == [p for p, _ in meant] and all(
            code in codes for (_, code), (_, codes) in zip(said, meant, strict=True)
        )
        if alike and _ordered(json.loads(found.json)) == _ordered(expected.data):
            return None
        return "\n".join(
            [
                made.text,
                f"variables {json.dumps(made.variables, ensure_ascii=False)}",
                f"found    {found.json} {said} {[e.message for e in found.errors]}",
                f"expected {json.dumps(expected.data, ensure_ascii=False)} {meant} {[e.message for e in expected.errors or ()]}",
            ]
        )

    async def cursors(self, entity: str, keys: list[Mapping[str, Any]]) -> list[str]:
        """Return the cursors of an entity's records in an order."""
        steps = self._orders.steps(Sight(self._entities, {}, _ROOT), entity, keys) if entity != TIMELINE else ()
        await self._learn(entity, steps, _ROOT)
        return self._orders.known(entity, steps)

    async def rows(self) -> Mapping[str, list[Row]]:
        """Return the data."""
        return await read_rows(self._database, self._entities, self._tables)

    async def _asked(self, made: Made, actor: Actor) -> ReadResult:
        operation = self._operation(made.text)
        variables = self._planner.coerce(operation, made.variables)
        return await self._planner.read(self._database, operation, variables, actor)

    def _operation(self, text: str) -> Operation:
        """Read a text; limits on what a client may send are no matter here."""
        if text not in self._operations:
            document = parse(text)
            assert validate(self._schema.graphql, document) == []
            definition = document.definitions[0]
            assert isinstance(definition, OperationDefinitionNode)
            self._operations = {text: Operation(document, definition)}
        return self._operations[text]

    async def _expected(self, made: Made, actor: Actor) -> ExecutionResult:
        if self._reference is None:
            self._reference = Reference(self._schema.graphql, self._entities, await self.rows(), self._orders)
        self._orders.forget()
        while True:
            result = self._reference.ask(self._operation(made.text).document, made.variables, actor)
            if not self._orders.missing:
                return result
            for entity, steps in list(self._orders.missing):
                # What a linked record shows depends on who sees it.
                linked = any(len(path) > 1 for path, _, _ in steps)
                await self._learn(entity, steps, actor if linked else _ROOT)

    async def _learn(self, entity: str, steps: Steps, actor: Actor) -> None:
        self._orders.missing.discard((entity, steps))
        if entity == TIMELINE:
            await self._learn_timelines()
            return
        declared = self._entities[entity]
        keys = [_key(*step) for step in steps]
        text = f"query ($o: [{declared.type_name}Order!]) {{ {declared.plural}(orderBy: $o, first: 200, deleted: INCLUDE) {{ edges {{ cursor node {{ id }} }} }} }}"
        result = await self._asked(Made(text, {"o": keys}), actor)
        edges = json.loads(result.json)[declared.plural]["edges"]
        self._orders.learn(entity, steps, {UUID(e["node"]["id"].rpartition("_")[2]): e["cursor"] for e in edges})

    async def _learn_timelines(self) -> None:
        cursors = {}
        for name in self._tables:
            declared = self._entities[name]
            if not any(isinstance(field, f.Feed) for field in self._entities.fields(name).values()):
                continue
            text = f"{{ {declared.plural}(first: 100, deleted: INCLUDE) {{ nodes {{ timeline(first: 200) {{ edges {{ cursor kind node {{ ... on Node {{ id }} }} }} }} }} }} }}"
            result = await self._asked(Made(text, {}), _ROOT)
            for node in json.loads(result.json)[declared.plural]["nodes"]:
                for edge in node["timeline"]["edges"]:
                    cursors[edge["kind"], UUID(edge["node"]["id"].rpartition("_")[2])] = edge["cursor"]
        self._orders.learn(TIMELINE, (), cursors)


def _key(path: tuple[str, ...], descending: bool, nulls_first: bool | None) -> dict[str, Any]:
    if len(path) > 1:
        return {path[0]: _key(path[1:], descending, nulls_first)}
    nulls = {} if nulls_first is None else {"nulls": "FIRST" if nulls_first else "LAST"}
    return {"field": snake(path[0]).upper(), "direction": "DESC" if descending else "ASC", **nulls}


def _ordered(value: Any) -> Any:
    """Make the order of keys count, and true differ from 1; 5 and 5.0 are one number to JSON."""
    if isinstance(value, dict):
        return [(key, _ordered(inner)) for key, inner in value.items()]
    if isinstance(value, list):
        return [_ordered(inner) for inner in value]
    return (value,) if isinstance(value, bool) else value
