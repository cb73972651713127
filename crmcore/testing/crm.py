"""A CRM as tests have it: it acts as whoever a test says, tells what happened, and does what waits when it is told to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from functools import cached_property
from itertools import count
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload
from uuid import UUID

from crmcore.access.actor import Actor
from crmcore.app import Crm, Migrate
from crmcore.cache import Cache
from crmcore.settings import Settings
from crmcore.testing.actors import As, actor_of
from crmcore.testing.clock import Clock
from crmcore.testing.factories import Factory
from crmcore.testing.happened import LAST, happened
from crmcore.testing.making import Made, make
from crmcore.testing.queries import Queries, assert_queries, quietly
from crmcore.testing.waiting import WaitingJob, waiting
from crmcore.testing.working import DoneJob, work_off

if TYPE_CHECKING:
    from crmcore.events import Event
    from crmcore.graphql.planner import Documents
    from crmcore.testing.receiver import Receiver

__all__ = ["TestCrm"]

E = TypeVar("E", bound="Event")
#: How many GraphQL texts are kept from one test to another.
_TEXTS = 2000


class TestCrm(Crm):
    """What the fixture `crm` gives: a CRM that runs on a database of its own.

    Attributes:

        clock: the present time of the whole CRM.
        factories: by entity, what gives `make` the values that a test does not; see `Factory`.
        since: position in the change feed after which the test began, None before the start.
    """

    #: pytest shall not take it for a class of tests.
    __test__ = False
    since: int | None

    def __init__(
        self, settings: Settings | None = None, *, plugins: Iterable[object] = (), installed: bool = True
    ) -> None:
        """As for `Crm`."""
        super().__init__(settings, plugins=plugins, installed=installed)
        # Shared with all that are like it.
        self._read_texts: Cache[Any, Any] = Cache(_TEXTS)
        self._begin()

    def like(self, settings: Settings) -> TestCrm:
        """Return a CRM of the same plugins with other settings; nothing has happened in it, and its clock goes right."""
        twin = cast("TestCrm", super().like(settings))
        twin.__dict__.pop("webhooks", None)
        twin._begin()
        return twin

    async def start(self, *, migrate: Migrate = "never") -> None:
        """As for `Crm`; what happened so far is none of the test's."""
        await super().start(migrate=migrate)
        if self.since is None:
            self.since = await self.database.fetch_value(LAST)
        if "webhooks" in self.__dict__:
            self.webhooks.listen()

    async def __aenter__(self) -> TestCrm:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await super().__aexit__(kind, error, trace)
        finally:
            self.clock.close()

    @cached_property
    def documents(self) -> Documents:
        """As for `Crm`; a text that a CRM like this has read already is not parsed and validated again."""
        # Heavy: graphql-core.
        from crmcore.testing.texts import Texts

        graphql = self.settings.graphql
        return Texts(self.schema.graphql, graphql.cached_documents, self.tiers.default, self._read_texts)

    async def actor(self, as_: As) -> Actor:
        """Return somebody as an actor, with their rights as they are now.

        Args:

            as_: the key of a role (`"sales"`: a person with this role, the same all through the test), the row or id of a
                person, an actor, or None for the system.

        Raises:

            Invalid: there is no such role.
            NotFound: there is no such person.
        """
        with quietly(self.database):
            return await actor_of(self, as_, self._stand_ins)

    async def execute(
        self,
        text: str,
        variables: Mapping[str, Any] | None = None,
        *,
        as_: As = None,
        actor: Actor | None = None,
        operation_name: str | None = None,
        request_id: str | None = None,
    ) -> dict[str, Any]:
        """Answer a GraphQL operation as a client would see it, parsed.

        Args:

            text: the document.
            variables: JSON values by name.
            as_: who asks, as for `actor`; the system if absent.
            actor: the same, as `Crm.execute` has it.
            operation_name: which operation of the document; needed when it has several.
            request_id: the request behind it, recorded in events.
        """
        who = await self.actor(as_ if actor is None else actor)
        return await super().execute(text, variables, actor=who, operation_name=operation_name, request_id=request_id)

    async def make(self, entity: str, /, *, as_: As = None, **values: Any) -> Made:
        """Make a record; what it needs and is not given is filled in, with the records that it must belong to.

        Args:

            entity: entity name, of a plugin's too.
            as_: who makes it; what it must belong to is the system's all the same.
            values: by column. A link takes a row (`customer=ada`), a UUID or an id as clients see it.

        Returns:

            The row, which knows its id as clients see it too: `ada.shown_id`.

        Raises:

            LookupError: there is no such entity.
            Invalid, Forbidden, Duplicate: as for `actions.create`.
        """
        return await make(self, entity, values, await self.actor(as_))

    @overload
    async def happened(self, of: type[E]) -> list[E]: ...
    @overload
    async def happened(self, of: str | None = None) -> list[Event]: ...
    async def happened(self, of: type[Event] | str | None = None) -> list[Any]:
        """Return what was committed since the test began, in the order of the change feed.

        Args:

            of: a class of events (`Created` has those of all entities), the key of a type (`"customer.created"`), or None.

        Raises:

            LookupError: there is no such type.
        """
        with quietly(self.database):
            return await happened(self, of, self.since or 0)

    async def waiting(self, name: str | None = None) -> list[WaitingJob]:
        """Return the jobs that wait, those first that are due first; of one name (`"visits.remind"`) or all.

        Raises:

            LookupError: no plugin gives a job or after-handler of that name.
        """
        with quietly(self.database):
            return await waiting(self, name)

    async def work_off(self, *, failed: bool = False) -> list[DoneJob]:
        """Do all that is due by the clock, one after the other, until nothing is: jobs, after-handlers, deliveries.

        The clock stands meanwhile, so what fails waits for its next attempt until the clock is moved. Schedules of plugins count from the beginning of the test: move the clock, and they are due.

        Args:

            failed: whether jobs may fail; what failed is among what is returned.

        Returns:

            What was done, in order.

        Raises:

            AssertionError: jobs failed; the message has their tracebacks.
        """
        return await work_off(self, failed=failed)

    def assert_queries(self, count: int) -> AbstractContextManager[Queries]:
        """Fail unless the block runs exactly so many statements; the message lists them.

        Finding out who asks, and what this class looks up by itself, does not count.
        """
        return assert_queries(self.database, count)

    @cached_property
    def webhooks(self) -> Receiver:
        """Somebody else's server, in this process: it gets the messages of the endpoints that are registered by it."""
        # Heavy: webhooks, which most tests have nothing to do with.
        from crmcore.testing.receiver import Receiver

        return Receiver(self)

    def next_number(self) -> int:
        """Return 1, 2, 3 …, for values that must differ."""
        return next(self._numbers)

    def _begin(self) -> None:
        self.clock = Clock()
        self._numbers = count(1)
        self.factories: dict[str, Factory] = {}
        self._stand_ins: dict[str, UUID] = {}
        self.since = None
