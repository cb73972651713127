"""Mutations: one root after the other, each in a transaction of its own, without graphql-core's executor."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from time import perf_counter
from typing import Any

import msgspec
from graphql import FieldNode, GraphQLError, GraphQLObjectType

from crmcore import tracing
from crmcore.access.standing import Standing, Unconfirmed
from crmcore.database.tally import TALLY
from crmcore.entities.idempotency import Once, fingerprint
from crmcore.entities.work import Work
from crmcore.errors import NotFound, Refusal, Unavailable
from crmcore.graphql.mutations.projection import Failed, Projection
from crmcore.graphql.mutations.selected import SelectedRoot, selected_roots
from crmcore.graphql.mutations.values import Granted
from crmcore.graphql.mutations.writes import Write
from crmcore.graphql.requests.faults import presentable
from crmcore.graphql.requests.request import Request
from crmcore.graphql.types.problem import as_problem

__all__ = ["write"]


async def write(request: Request, standing: Standing | None = None) -> tuple[dict[str, Any] | None, list[GraphQLError]]:
    """Answer a mutation.

    Args:

        request: what is asked.
        standing: of the actor, if they are only known from before: the transaction confirms it.

    Returns:

        `data` as JSON values by response key (records as `msgspec.Raw`), None for null; and the errors, ready to be seen.

    Raises:

        Unconfirmed: the standing does not hold any more, or is not confirmed by such a mutation; nothing was done.
    """
    type_ = request.crm.schema.graphql.mutation_type
    assert type_ is not None
    writing, roots = _Writing(request, type_, standing), selected_roots(request, type_)
    if standing is not None and len(roots) > 1:  # what the first one did would stay
        raise Unconfirmed
    for root in roots:
        await writing.root(root)
        if writing.data is None:
            break
    return writing.data, writing.errors


class _Writing:
    def __init__(self, request: Request, type_: GraphQLObjectType, standing: Standing | None) -> None:
        self._request, self._standing = request, standing
        self._type = type_
        self.data: dict[str, Any] | None = {}
        self.errors: list[GraphQLError] = []

    async def root(self, root: SelectedRoot) -> None:
        assert self.data is not None
        key = root.key
        if root.name == "__typename":
            self.data[key] = self._type.name
            return
        if self._standing is not None and (root.executed or not root.alone):
            raise Unconfirmed
        if root.write is None:
            await self._executed(key, {})
            return
        payload = None if root.executed else _Payload(self._request, root.write, root.nodes)
        try:
            if tracing.SPANS is None:
                shown = await self._performed(root, root.write, payload)
            else:
                with tracing.span(root.name):
                    shown = await self._performed(root, root.write, payload)
            if payload is None:
                await self._executed(key, {key: shown})
            elif payload.text is not None and isinstance(shown, Granted):
                self.data[key] = msgspec.Raw(payload.text)
            else:
                self.data[key] = await self._projected(shown, root)
        except Unconfirmed:
            raise
        except Exception as error:  # what is no refusal is logged, and the roots that follow are still done
            self.data[key] = None
            self.errors.append(presentable(error, self._request.request_id, nodes=root.nodes, path=[key]))

    async def _performed(self, root: SelectedRoot, write: Write, payload: _Payload | None) -> Any:
        request = self._request
        given = root.arguments(request.variables)
        key = given.pop("idempotencyKey", None)
        try:
            if key is None and root.alone:
                return write.shown(
                    await request.crm.run(
                        request.actor,
                        write.unit(given),
                        request_id=request.request_id,
                        isolation=root.isolation,
                        last=None if payload is None else payload.last,
                        standing=self._standing,
                    )
                )
            try:
                return write.shown(await _done(request, root, write, given, key, payload, self._standing))
            except Unavailable:
                if key is None:
                    raise
                # Another request with this key was just ending: its outcome is there now.
                return write.shown(await _done(request, root, write, given, key, payload, self._standing))
        except Refusal as refusal:
            return as_problem(refusal)

    async def _projected(self, shown: Any, root: SelectedRoot) -> Any:
        request, nodes, key = self._request, root.nodes, root.key
        projection = Projection(request.crm, request.actor, request.operation, request.variables, request.request_id)
        type_ = self._type.fields[root.name].type
        (value,) = await projection.of(type_, [shown], nodes, [(key,)])
        if isinstance(value, Failed):
            raise value.error
        self.errors += [presentable(error, request.request_id) for error in projection.errors]
        if value is None and not projection.errors:
            # An idempotency key was repeated after the record had been destroyed.
            gone = as_problem(NotFound("The record was written, and has been destroyed since."))
            (value,) = await projection.of(type_, [gone], nodes, [(key,)])
        return value

    async def _executed(self, key: str, root: Mapping[str, Any]) -> None:
        data, errors = await self._request.execute_root(key, root)
        self.errors.extend(errors)
        if data is None:
            self.data = None
        elif self.data is not None:
            self.data.update(data)


class _Payload:
    """Reads what is selected of the record that is written: as the last statement of its transaction, or behind it with others.

    Attributes:

        text: of the record in JSON, None if it is to be read behind the commit.
    """

    def __init__(self, request: Request, write: Write, nodes: list[FieldNode]) -> None:
        self._request, self._write, self._nodes = request, write, nodes
        self.text: str | None = None

    def last(self, result: Any) -> Awaitable[None]:
        """See `Crm.run`."""
        return self._read(result, self._request.crm.planner.read_last)

    def behind(self, result: Any) -> Awaitable[None]:
        """Read it where its transaction was shared with others, and is committed."""
        return self._read(result, self._request.crm.planner.read_written)

    async def _read(self, result: Any, read: Callable[..., Awaitable[str | None]]) -> None:
        record, request = self._write.record(result), self._request
        if record is not None:
            self.text = await read(
                request.crm.database,
                record.entity,
                record.id,
                self._nodes,
                request.operation.fragments,
                request.variables,
                request.actor,
            )


async def _shared(
    request: Request, write: Write, given: Mapping[str, Any], once: Once | None, payload: _Payload | None
) -> Any:
    """Have it done together with what others ask at the same time; None if it is to be done alone.

    To the request all that was done counts as one statement, as of reads that go together.
    """
    tally, started, counts = TALLY.get(), perf_counter(), True
    if tally is not None:
        if tally.tape is not None:  # somebody wants to see the statements themselves
            return None
        tally.wrote = True
    last = payload.last if payload is not None else None
    try:
        done = await write.shared(request.crm, request.actor, given, request.request_id, once, last)
        counts = done is not None
    finally:
        if tally is not None and counts:
            tally.statements += 1
            tally.database_seconds += perf_counter() - started
    if payload is not None and counts and payload.text is None:
        await payload.behind(done)
    return done


async def _done(
    request: Request,
    root: SelectedRoot,
    write: Write,
    given: Mapping[str, Any],
    key: str | None,
    payload: _Payload | None,
    standing: Standing | None,
) -> Any:
    last = payload.last if payload is not None else None
    once = None if key is None or write.forgetful else Once(request.actor, key, fingerprint(root.name, given))
    if write.shares and (shared := await _shared(request, write, given, once, payload)) is not None:
        return shared
    if once is None:
        unit = write.unit(given)
        return await request.crm.run(
            request.actor,
            unit,
            request_id=request.request_id,
            isolation=root.isolation,
            last=last,
            standing=standing,
        )
    fresh: list[Any] = []

    async def attempt(work: Work) -> Any:
        fresh.clear()

        async def effect() -> Any:
            fresh.append(await write.unit(given)(work))
            return write.kept(fresh[0])

        return await once.do(work, effect)

    async def last_of(outcome: Any) -> None:
        if payload is not None:
            await payload.last(fresh[0] if fresh else write.restored(outcome))

    try:
        outcome = await request.crm.run(
            request.actor,
            attempt,
            request_id=request.request_id,
            idempotency_key=key,
            isolation=root.isolation,
            last=last_of,
            standing=standing,
        )
    except Refusal as refusal:
        if standing is not None and not standing.confirmed:  # nothing is kept of who may be nobody
            raise
        return write.restored(await once.refuse(request.crm.database, refusal))
    return fresh[0] if fresh else write.restored(outcome)
