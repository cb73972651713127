"""What a payload selects of records that a mutation has written, or that a resolver refers to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from graphql import FieldNode, FragmentDefinitionNode, GraphQLError
from graphql.execution.values import VariableValues

from crmcore.access.actor import Actor
from crmcore.database import Database
from crmcore.entities.sealing import Reading
from crmcore.errors import Invalid
from crmcore.graphql.planner.answers.answer import complete
from crmcore.graphql.planner.answers.result import ReadRecord
from crmcore.graphql.planner.arguments.binding import located
from crmcore.graphql.planner.documents.document import GraphQLErrors
from crmcore.graphql.planner.place import Trail
from crmcore.graphql.planner.statements import Fetching, Statements

__all__ = ["Records"]


class Records(Statements):
    """Reads records by their ids."""

    async def read_records(
        self,
        database: Fetching,
        entity: str,
        ids: Sequence[UUID],
        nodes: Sequence[FieldNode],
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: VariableValues,
        actor: Actor,
        *,
        after_write: bool = True,
        request_id: str | None = None,
        reading: Reading | None = None,
    ) -> list[ReadRecord]:
        """Read what a payload selects of records, with one statement for all of them.

        Args:

            database: where they are; inside a transaction, as that sees them.
            entity: its name.
            ids: which records.
            nodes: fields whose selection sets are merged; the same objects for the same document, since plans are kept
                by them.
            fragments: the document's.
            variables: coerced.
            actor: whose rules apply.
            after_write: whether the actor has just written the records: then deleted ones count, and no row rule
                stands between. Related records obey the rules in any case.
            request_id: of the request, for the log of who read sealed values.
            reading: who is shown them, if not the actor alone.

        Returns:

            For each id the record.

        Raises:

            GraphQLErrors: they are too much for the database to read at once.
            Unavailable: the database cannot answer now.
        """
        refused: dict[Trail, GraphQLError] = {}
        while True:
            plan, params, errors = self._plans.of_records(
                entity, ids, nodes, fragments, variables, actor, refused, after_write=after_write
            )
            if not plan.looks:
                break
            params, fresh = await self._looked_up(database, plan, params)
            if not fresh:
                break
            refused |= fresh
        try:
            rows = await self._fetch(database, plan.sql, params)
        except Invalid as refusal:
            raise GraphQLErrors([located(refusal, None)]) from None
        found = {str(id): text for id, text in rows}
        texts = [found.get(str(id)) for id in ids]
        return await complete(plan, texts, errors, self._unseal(plan, actor, request_id, reading))

    async def read_last(
        self,
        database: Database,
        entity: str,
        id: UUID,
        nodes: Sequence[FieldNode],
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: VariableValues,
        actor: Actor,
    ) -> str | None:
        """Read what a payload selects of a record by the last statement of the transaction that wrote it, and commit.

        Returns:

            Its JSON text; None if there is no such record, or if it takes more than a moment: no transaction stays open
            for a list, or for what Python has a part in. Then nothing has happened.
        """
        plan, params, errors = self._plans.of_records(
            entity, [id], nodes, fragments, variables, actor, {}, after_write=True
        )
        if not plan.brief or errors:
            return None
        rows = await database.fetch_last(plan.sql, *params)
        return rows[0][1] if rows else None

    async def read_written(
        self,
        database: Fetching,
        entity: str,
        id: UUID,
        nodes: Sequence[FieldNode],
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: VariableValues,
        actor: Actor,
    ) -> str | None:
        """Read what a payload selects of a record that is committed; payloads that are alike and read at once are one statement.

        Returns:

            Its JSON text; None as `read_last` gives it.
        """
        plan, params, errors = self._plans.of_records(
            entity, [id], nodes, fragments, variables, actor, {}, after_write=True
        )
        if not plan.brief or errors:
            return None
        # A row whether or not there is a record, as `row` wants it.
        row = await database.row(f"select r.* from (select 1) as one left join ({plan.sql}) as r on true", *params)
        text: str | None = row[1]
        return text
