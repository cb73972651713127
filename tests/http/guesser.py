"""Operations of every root field of a schema, with arguments of the right shape and odd values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

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
    is_union_type,
)

__all__ = ["Guesser"]

_INSTANTS = ("2026-01-31T09:30:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-01-31T09:30:00")
_NUMBERS = ("0", "12.34", "-1", "1e5", "NaN", "Infinity", "92233720368547758.07", "1e40", "1_000", "0.001")
_SCALARS: Mapping[str, Sequence[Any]] = {
    "Int": (0, 1, -1, 200, 201, 2**31 - 1, -(2**31), 2**31),
    "Float": (0, 1.5, -1e308, 1e308, 1e-300),
    "Boolean": (True, False),
    "DateTime": _INSTANTS,
    "Date": ("2026-01-31", "0001-01-01", "9999-12-31", "2026-02-30"),
    "Decimal": _NUMBERS,
    "BigInt": ("0", "9223372036854775807", "9223372036854775808", "x"),
    "Currency": ("EUR", "JPY", "XXX", "eur"),
    "JSON": (None, 1, "x", [], {"a": [1, {"b": None}]}, {"\x00": "\x00"}),
}
_TEXTS = (
    *("", " ", "\x00", "\n", "%_\\'\";--", "x" * 300, "深圳", "🙂", "-1", "a@b.de", "https://x.y", "customer:read"),
    *("EUR", "Asia/Shanghai", "zh-Hans-CN", "customer_" + "0" * 36, "customer_00000000-0000-0000-0000-000000000000"),
)


@dataclass
class Guesser:
    """Makes operations up.

    Attributes:

        schema: whose fields are asked for.
        ids: of records that exist, by entity.
        random: the source of randomness.
    """

    schema: GraphQLSchema
    ids: Mapping[str, Sequence[str]]
    random: Random

    def operations(self, rounds: int) -> Iterator[tuple[str, dict[str, Any]]]:
        """Give document and variables, `rounds` times for each root field, in random order."""
        assert self.schema.query_type is not None
        assert self.schema.mutation_type is not None
        roots = [("query", *item) for item in self.schema.query_type.fields.items()]
        roots += [("mutation", *item) for item in self.schema.mutation_type.fields.items()]
        roots *= rounds
        self.random.shuffle(roots)
        for kind, name, field in roots:
            yield self._operation(kind, name, field)

    def _operation(self, kind: str, name: str, field: GraphQLField) -> tuple[str, dict[str, Any]]:
        given = {n: a for n, a in field.args.items() if is_required_argument(a) or self.random.random() < 0.4}
        declared = ", ".join(f"${n}: {argument.type}" for n, argument in given.items())
        passed = ", ".join(f"{n}: ${n}" for n in given)
        head = f"{kind} Guess({declared}) {{ {name}({passed})" if given else f"{kind} Guess {{ {name}"
        variables = {n: self._value(argument.type, f"{name}Id" if n == "id" else n, 0) for n, argument in given.items()}
        return f"{head} {self._selection(field.type, 0)} }}", variables

    def _value(self, type_: GraphQLInputType, name: str, depth: int) -> Any:
        if is_non_null_type(type_):
            return self._value(type_.of_type, name, depth)
        if self.random.random() < 0.04:
            return None
        if is_list_type(type_):
            return [self._value(type_.of_type, name, depth + 1) for _ in range(self.random.choice((0, 1, 1, 2, 3)))]
        if is_enum_type(type_):
            return self.random.choice(list(type_.values))
        if is_input_object_type(type_):
            needed = [n for n, f in type_.fields.items() if is_non_null_type(f.type)]
            others = [n for n in type_.fields if n not in needed]
            more = self.random.choice((0, 1, 1, 2, 3, 5)) if depth < 4 else 0
            chosen = needed + self.random.sample(others, min(more, len(others)))
            return {n: self._value(type_.fields[n].type, n, depth + 1) for n in chosen}
        if type_.name == "ID":
            return self._id(name)
        return self.random.choice(_SCALARS.get(type_.name, _TEXTS))

    def _id(self, name: str) -> str:
        fitting = [ids for entity, ids in self.ids.items() if ids and entity.replace("_", "") in name.lower()]
        drawn = self.random.random()
        if fitting and drawn < 0.7:
            return self.random.choice(self.random.choice(fitting))
        every = [one for ids in self.ids.values() for one in ids]
        return self.random.choice(every if every and drawn < 0.9 else _TEXTS)

    def _selection(self, type_: GraphQLOutputType, depth: int) -> str:
        named = get_named_type(type_)
        if is_leaf_type(named):
            return ""
        if is_union_type(named):
            parts = (f"... on {member.name} {self._selection(member, depth)}" for member in named.types)
            return f"{{ __typename {' '.join(parts)} }}"
        free = [n for n, f in named.fields.items() if not any(map(is_required_argument, f.args.values()))]
        fields = {n: get_named_type(named.fields[n].type) for n in self.random.sample(free, min(6, len(free)))}
        shown = (f"{n} {self._selection(t, depth + 1)}" for n, t in fields.items() if is_leaf_type(t) or depth < 2)
        return f"{{ __typename {' '.join(shown)} }}"
