"""A named action: one function that becomes a mutation, and is called as it is by everybody else."""

from __future__ import annotations

import inspect
import types
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Concatenate,
    Generic,
    ParamSpec,
    TypeAlias,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)
from uuid import UUID

from crmcore.access.actor import Actor
from crmcore.database.connection import Isolation
from crmcore.entities.entity import camel
from crmcore.entities.kinds import BigInt
from crmcore.entities.work import Work

if TYPE_CHECKING:
    from crmcore.app import Crm
    from crmcore.entities.idempotency import Once

__all__ = [
    "REQUIRED",
    "Action",
    "Parameter",
    "RecordRef",
    "Ref",
    "Secret",
    "action",
    "parameters_beside_first",
    "parameters_of",
]

P = ParamSpec("P")
R = TypeVar("R")

#: The default of a parameter that has none.
REQUIRED: Any = object()
#: `last` of `Crm.run`.
Last: TypeAlias = Callable[[Any], Awaitable[None]]
#: See `Action.shared`.
Shared: TypeAlias = "Callable[[Crm, Actor, Mapping[str, Any], str | None, Once | None, Last | None], Awaitable[Any]]"


@dataclass(frozen=True, slots=True)
class Ref:
    """Says of a `UUID` parameter which entity's id clients give; `Ref("*")` is any, and the function gets a `RecordRef`."""

    entity: str


@dataclass(frozen=True, slots=True)
class Secret:
    """Says of a text parameter that it is a secret, such as a password.

    Nothing of it may be kept, not even a digest: so the idempotency key of such an action is not kept either, and the action
    must be one that does no harm when it is done twice.
    """


@dataclass(frozen=True, slots=True)
class RecordRef:
    """One record of any entity."""

    entity: str
    id: UUID


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of an action.

    Attributes:

        name: in Python; clients see it in camel case.
        type: the Python type, without `None` and without the list around it.
        description: for the schema.
        ref: which entity's id it is, for ids.
        many: whether it is a list of `type`.
        null: whether null may be given.
        default: value when absent, `REQUIRED` if there is none.
        secret: whether nothing of it may be kept.
    """

    name: str
    type: type
    description: str
    ref: Ref | None = None
    many: bool = False
    null: bool = False
    default: Any = REQUIRED
    secret: bool = False


@dataclass(frozen=True)
class Action(Generic[P, R]):
    """A function of a `Work` that clients may call as a mutation.

    Attributes:

        function: what it does.
        returns: entity name of the row it gives, or the frozen dataclass it gives.
        permission: demanded before it runs, besides the rules of the records it touches.
        parameters: its arguments but for the `Work`.
        plugin: who gives it.
        since: version of the plugin that has it first; the schema shows it.
        isolation: of the transaction it runs in as a mutation.
        shared: does it in a transaction that others share who ask at the same time, and gives what the function would give alone;
            None where it has to have one of its own. Gets the `Crm`, who asks, the arguments by parameter, the id of the request,
            the `Once` of the idempotency key it carries, None if none, and `last` of `Crm.run`, which counts where nobody else
            shares the transaction. With a `Once`, the transaction keeps what came of it (`Once.keep`), or it is None that is given.
    """

    function: Callable[Concatenate[Work, P], Awaitable[R]]
    returns: str | type
    permission: str | None
    parameters: tuple[Parameter, ...]
    plugin: str = "core"
    since: str | None = None
    isolation: Isolation = "repeatable read"
    shared: Shared | None = None

    @property
    def name(self) -> str:
        """The mutation's name."""
        return camel(self.function.__name__)

    @property
    def description(self) -> str:
        """First paragraph of the function's docstring, on one line."""
        return " ".join((inspect.getdoc(self.function) or "").split("\n\n")[0].split())

    async def __call__(self, work: Work, *args: P.args, **kwargs: P.kwargs) -> R:
        """Do it.

        Raises:

            Forbidden: the actor lacks the permission.
        """
        if self.permission is not None:
            work.require(self.permission)
        return await self.function(work, *args, **kwargs)

    async def share(
        self,
        crm: Crm,
        actor: Actor,
        values: Mapping[str, Any],
        request_id: str | None = None,
        once: Once | None = None,
        last: Last | None = None,
    ) -> R | None:
        """Do it in a transaction shared with others, if there is a way and the actor may; else None, and nothing is done."""
        if self.shared is None or (self.permission is not None and not actor.access.may(self.permission)):
            return None
        done: R | None = await self.shared(crm, actor, values, request_id, once, last)
        return done


def action(
    *,
    returns: str | type,
    permission: str | None = None,
    since: str | None = None,
    isolation: Isolation = "repeatable read",
    shared: Shared | None = None,
) -> Callable[[Callable[Concatenate[Work, P], Awaitable[R]]], Action[P, R]]:
    """Make a function an action.

    Parameters are annotated with what clients need to know:

        @action(returns="deal")
        async def move_deal(
            work: Work,
            id: Annotated[UUID, Ref("deal"), "Which deal."],
            stage_id: Annotated[UUID, Ref("stage"), "Where to."],
            note: Annotated[str | None, "What was said."] = None,
        ) -> Row:
            \"\"\"Move a deal to another stage.\"\"\"

    Args:

        returns: entity name of the row the function gives, or the frozen dataclass it gives.
        permission: demanded before it runs.
        since: version of the plugin that has it first.
        isolation: "read committed" is for what locks a row first and reads what depends on it in a statement after: such
            actions then wait for each other where "repeatable read" has one fail and run again. SQLite has one writer, so
            there it is the same.
        shared: for what clients ask so often that it pays to do together what is asked at the same time; see `Action.shared`.

    Raises:

        TypeError: a parameter lacks its description, or has a type no client could give.
    """

    def decorate(function: Callable[Concatenate[Work, P], Awaitable[R]]) -> Action[P, R]:
        return Action(
            function,
            returns,
            permission,
            parameters_beside_first(function),
            since=since,
            isolation=isolation,
            shared=shared,
        )

    return decorate


def parameters_of(made: type) -> tuple[Parameter, ...]:
    """Read the fields of a frozen dataclass as the parameters of an action are read.

    Such a dataclass is an input type where an action takes it, and an object type where an action returns it.

    Raises:

        TypeError: no dataclass, or a field without description or with a type no client could give.
    """
    hints = get_type_hints(made, include_extras=True)
    return tuple(
        _parameter(f"{made.__module__}.{made.__qualname__}.{f.name}", f.name, hints[f.name], _default(f))
        for f in fields(made)
    )


def _default(field: Field[Any]) -> Any:
    if field.default_factory is not MISSING:
        return field.default_factory()
    return REQUIRED if field.default is MISSING else field.default


def parameters_beside_first(function: Callable[..., Any]) -> tuple[Parameter, ...]:
    """Read the parameters of a function but for the first, which is the host's to give.

    Raises:

        TypeError: one lacks its description, or has a type no client could give.
    """
    hints = get_type_hints(function, include_extras=True)
    _, *rest = inspect.signature(function).parameters.values()
    where = f"{function.__module__}.{function.__qualname__}"
    return tuple(
        _parameter(f"{where}({p.name})", p.name, hints.get(p.name), REQUIRED if p.default is p.empty else p.default)
        for p in rest
    )


def _parameter(where: str, name: str, hint: Any, default: Any) -> Parameter:
    if get_origin(hint) is not Annotated:
        msg = f'{where} has no description; annotate it: Annotated[<type>, "<one sentence>"].'
        raise TypeError(msg)
    inner, *notes = get_args(hint)
    description = next((n for n in notes if isinstance(n, str)), "")
    ref = next((n for n in notes if isinstance(n, Ref)), None)
    inner, null = _without_none(inner)
    many = get_origin(inner) is list
    if many:
        (inner,) = get_args(inner)
    if inner is UUID and ref is None:
        msg = f'{where} is an id of what? Add Ref("<entity>") to its annotation.'
        raise TypeError(msg)
    if not isinstance(inner, type) and inner is not BigInt:
        msg = f"{where} has a type no client could give: {inner!r}."
        raise TypeError(msg)
    secret = any(isinstance(n, Secret) for n in notes)
    return Parameter(name, inner, description, ref, many, null, default, secret)


def _without_none(hint: Any) -> tuple[Any, bool]:
    if get_origin(hint) in (Union, types.UnionType):
        kept = [a for a in get_args(hint) if a is not type(None)]
        if len(kept) == 1 and len(kept) < len(get_args(hint)):
            return kept[0], True
    return hint, False
