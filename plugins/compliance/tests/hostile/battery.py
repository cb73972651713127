"""Operations of a plugin's own root fields, with one hostile value at a time in each place where a client can put one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from graphql import (
    GraphQLField,
    GraphQLInputType,
    GraphQLOutputType,
    GraphQLSchema,
    get_named_type,
    is_enum_type,
    is_input_object_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_required_argument,
    is_required_input_field,
    is_union_type,
)

__all__ = ["Attack", "attacks", "own_fields"]

#: How long what is long is: characters, and members of a list.
LONG, MANY = 1_000_000, 100_000
_UUID = "01900000-0000-7000-8000-000000000000"
_TEXTS = (
    *(
        "",
        " ",
        "\x00",
        "a\x00b",
        "half \ud800",
        "😀" * 40,
        "\u202eedoc\u202c\u200f\u200e",
        "\ufeff\u0301",
        "%_\\'\";--",
    ),
    *("x" * LONG, "9" * LONG, "[" * 20_000, "GDPR ", "Mars/Phobos", "xx-Zzzz-999", "customer.\x00", ".", "\n" * 3000),
)
_IDS = (
    "",
    "x",
    "_",
    f"planet_{_UUID}",
    f"customer_{_UUID}",
    f"deal_{_UUID}",
    _UUID,
    "customer_",
    "\ud800",
    "\x00",
    "i" * LONG,
)
_INSTANTS = (
    *("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59-14:00"),
    *("2026-02-30T00:00:00Z", "2026-01-31", "", "x" * 1000),
)
_DEEP: Any = []
for _ in range(200):
    _DEEP = [_DEEP]
_SCALARS: Mapping[str, Sequence[Any]] = {
    "Int": (0, -1, 1, 2**31 - 1, -(2**31), 2**31, 2**63, -(2**63), 2**64),
    "Float": (0, -1e308, 1e308, 1e-300, 2**63),
    "Boolean": (True, False),
    "DateTime": _INSTANTS,
    "Date": ("0001-01-01", "9999-12-31", "2026-02-30", "", "10000-01-01"),
    "Decimal": ("0", "-1", "NaN", "Infinity", "1e40", "0.000000001", "9" * 400),
    "BigInt": ("0", "-1", str(2**63 - 1), str(-(2**63)), str(2**63), "x", "9" * 5000, 2**63),
    "JSON": (
        *(None, 0, -1.5, 2**63, 10**400, "x", "", "\x00", "\ud800", [], {}, [None], [[]], {"\x00": 1}, {"\ud800": 1}),
        *(["user.name"] * 10, ["x" * LONG], ["a"] * MANY, {str(n): n for n in range(1000)}, _DEEP, [{}], [1], [True]),
    ),
    "ID": _IDS,
}


class Attack(NamedTuple):
    """An operation, and what is hostile in it.

    Attributes:

        field: the root field.
        place: of the value, as in `data.code`.
        text: the document.
        variables: of it.
    """

    field: str
    place: str
    text: str
    variables: dict[str, Any]

    @property
    def shown(self) -> str:
        """The place and the value, short enough to be read."""
        return f"{self.field} {self.place}: {str(self.variables)[:300]!r}"


def own_fields(schema: GraphQLSchema, name: str) -> Iterator[tuple[str, str, GraphQLField]]:
    """Give the root fields of queries and mutations that have a plugin's name in theirs, as all of a plugin's have."""
    for kind, type_ in (("query", schema.query_type), ("mutation", schema.mutation_type)):
        assert type_ is not None
        yield from ((kind, field, said) for field, said in type_.fields.items() if name in field.lower())


def attacks(kind: str, name: str, field: GraphQLField, ids: Mapping[str, Sequence[str]]) -> Iterator[Attack]:
    """Give operations of one field: every argument, and each field of its inputs, has every hostile value once.

    Args:

        kind: query or mutation.
        name: of the field.
        field: see above.
        ids: of records by entity; the first is a live one, others may be deleted ones and of other entities.
    """
    ordinary = {n: _ordinary(a.type, n, name, ids) for n, a in field.args.items() if is_required_argument(a)}
    for argument, said in field.args.items():
        if argument == "idempotencyKey":  # the core's own
            continue
        for place, value in _hostile(said.type, argument, name, ids, 0):
            given = {**ordinary, argument: value}
            yield Attack(name, place, _document(kind, name, field, given), given)


def _document(kind: str, name: str, field: GraphQLField, given: Mapping[str, Any]) -> str:
    declared = ", ".join(f"${n}: {field.args[n].type}" for n in given)
    passed = ", ".join(f"{n}: ${n}" for n in given)
    return f"{kind} Hostile({declared}) {{ {name}({passed}) {_selection(field.type, 0)} }}"


def _ordinary(type_: GraphQLInputType, name: str, field: str, ids: Mapping[str, Sequence[str]]) -> Any:
    if is_non_null_type(type_):
        return _ordinary(type_.of_type, name, field, ids)
    if is_list_type(type_):
        return [_ordinary(type_.of_type, name, field, ids)]
    if is_enum_type(type_):
        return next(iter(type_.values))
    if is_input_object_type(type_):
        needed = {n: f.type for n, f in type_.fields.items() if is_required_input_field(f)}
        return {n: _ordinary(t, n, field, ids) for n, t in needed.items()}
    if type_.name == "ID":
        return _fitting(name, field, ids)
    ordinary = {"Int": 1, "Float": 1.0, "Boolean": True, "DateTime": "2026-01-31T09:30:00Z", "Date": "2026-01-31"}
    return ordinary.get(type_.name, {"Decimal": "1", "BigInt": "1", "JSON": ["user.name"]}.get(type_.name, "ordinary"))


def _fitting(name: str, field: str, ids: Mapping[str, Sequence[str]]) -> str:
    wanted = (field if name == "id" else name.removesuffix("Id")).lower()
    fitting = [entity for entity in ids if entity.replace("_", "").removeprefix("compliance") in wanted]
    return ids[max(fitting, key=len) if fitting else "customer"][0]


def _hostile(
    type_: GraphQLInputType, place: str, field: str, ids: Mapping[str, Sequence[str]], depth: int
) -> Iterator[tuple[str, Any]]:
    if is_non_null_type(type_):
        yield from _hostile(type_.of_type, place, field, ids, depth)
    elif is_list_type(type_):
        member = _ordinary(type_.of_type, place.rpartition(".")[2], field, ids)
        yield from ((place, value) for value in ([], [None], [member] * MANY))
        yield from ((at, [value]) for at, value in _hostile(type_.of_type, place, field, ids, depth))
    elif is_enum_type(type_):
        yield from ((place, value) for value in (*type_.values, "NO_SUCH", ""))
    elif is_input_object_type(type_):
        yield from _of_input(type_, place, field, ids, depth)
    else:
        yield from ((place, value) for value in _SCALARS.get(type_.name, _TEXTS))
        if type_.name == "ID":
            yield from ((place, id) for some in ids.values() for id in some)


def _of_input(
    type_: Any, place: str, field: str, ids: Mapping[str, Sequence[str]], depth: int
) -> Iterator[tuple[str, Any]]:
    if depth > 2:
        return
    ordinary = _ordinary(type_, place, field, ids)
    yield place, {}
    # Filters have fields of their own type, and of links to every other entity: one step suffices.
    inner = {n: f for n, f in type_.fields.items() if depth == 0 or not is_input_object_type(get_named_type(f.type))}
    for name, said in inner.items():
        if name in ("and", "or", "not"):
            continue
        for at, value in _hostile(said.type, f"{place}.{name}", field, ids, depth + 1):
            yield at, {**ordinary, name: value}


def _selection(type_: GraphQLOutputType, depth: int) -> str:
    named = get_named_type(type_)
    if is_leaf_type(named):
        return ""
    if is_union_type(named):
        return f"{{ __typename {' '.join(f'... on {m.name} {_selection(m, depth)}' for m in named.types)} }}"
    free = {
        n: get_named_type(f.type)
        for n, f in named.fields.items()
        if not any(map(is_required_argument, f.args.values()))
    }
    shown = (
        f"{n} {_selection(t, depth + 1)}"
        for n, t in free.items()
        if is_leaf_type(t) or (depth < 1 and n in ("nodes", "lines"))
    )
    return f"{{ __typename {' '.join(shown)} }}"
