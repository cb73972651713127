"""Which fields of an operation take arguments, and what they and the variables of @skip and @include are in a request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_argument_values,
    get_named_type,
    is_non_null_type,
)
from graphql.execution.values import VariableValues
from graphql.pyutils import Undefined
from graphql.utilities.coerce_input_value import coerce_default_value

from crmcore.entities.fields import Feed, Many
from crmcore.graphql.planner.arguments.given import REFUSED, Shape, part
from crmcore.graphql.planner.arguments.literals import Read, has_variable, reader
from crmcore.graphql.planner.arguments.selection import flag_of
from crmcore.graphql.planner.arguments.templates import Parted, Template, template, variables_in
from crmcore.graphql.planner.backed import backing
from crmcore.graphql.roots.backing import ListOf, NodeById, NodesByIds, SearchOf

__all__ = ["Sites"]

_CURSORS = {"after": "cursor", "before": "cursor"}
_PAGE = {**_CURSORS, "first": "size", "last": "size"}
_SPECIAL: Mapping[type, Mapping[str, str]] = {
    ListOf: _PAGE,
    Many: _PAGE,
    Feed: {**_CURSORS, "kinds": "members"},
    NodeById: {"id": "node"},
    NodesByIds: {"ids": "nodes"},
    SearchOf: {"after": "cursor", "types": "members"},
}
_NO_VARIABLES = VariableValues({}, {})
#: Requests after which a field's arguments are taken to have no template; a null in the first few says nothing.
_TRIES = 20


class _Site:
    def __init__(self, node: FieldNode, field: GraphQLField) -> None:
        self._node, self._field = node, field
        self._special = _SPECIAL.get(type(backing(field)), {})
        given = {a.name.value: a.value for a in node.arguments or ()}
        self.changing = any(map(has_variable, given.values()))
        arguments = [_argument(name, field.args[name], given.get(name)) for name in field.args]
        self._arguments = [argument for argument in arguments if argument is not None]
        self._quick = len(self._arguments) == len(arguments)
        self._template: Template | None = None
        self._tries = _TRIES if self._quick else 0
        self._varying: dict[str, str | None] = {}
        for name, literal in given.items():
            for variable in variables_in(literal):  # what more than its type counts of, counts everywhere
                self._varying[variable] = self._special.get(name) or self._varying.get(variable)
        ids = [name for name in given if self._special.get(name) == "node"] if len(given) == 1 else []
        self._nodes = {name: variable for name in ids for variable in variables_in(given[name])}

    def part(self, variables: VariableValues) -> tuple[Shape, list[Any]]:
        if self._template is not None and (parted := self._template.filled(variables.coerced)) is not None:
            return parted
        if self._tries and self._template is None:
            self._tries -= 1
            self._template = template(self._parted, self._varying, self._nodes, variables.coerced)
        return self._part(variables)

    def _parted(self, values: Mapping[str, Any]) -> Parted | None:
        arguments = self._read(values)
        return None if arguments is None else part(arguments, self._special)

    def _part(self, variables: VariableValues) -> tuple[Shape, list[Any]]:
        arguments = self._read(variables.coerced) if self._quick else None
        try:
            if arguments is None:
                arguments = get_argument_values(self._field, self._node, variables)
        except GraphQLError as error:
            return REFUSED, [error]
        return part(arguments, self._special)

    def _read(self, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """Do what get_argument_values does where each argument is a constant or a variable; None where it would refuse."""
        found: dict[str, Any] = {}
        for name, read, needed, nullable in self._arguments:
            value = read(values)
            if value is not Undefined:
                found[name] = value
            elif needed:
                return None
            if value is None and not nullable:
                return None
        return found


class _Argument(NamedTuple):
    """An argument: how it is read, whether it must have a value, and whether that may be null."""

    name: str
    read: Read
    needed: bool
    nullable: bool


def _argument(name: str, argument: GraphQLArgument, given: ValueNode | None) -> _Argument | None:
    """Return how an argument is read, None if graphql-core has to."""
    required = is_non_null_type(argument.type)
    missing = coerce_default_value(argument)
    if given is None:
        return _Argument(name, lambda _: missing, required, not required)
    if isinstance(given, VariableNode):
        variable = given.name.value
        return _Argument(name, lambda values: values.get(variable, missing), required, not required)
    # What is invalid does not pass validation; should it come, graphql-core says what is wrong with it.
    read = reader(given, argument.type)
    return None if read is None else _Argument(name, read, needed=True, nullable=True)


class Sites:
    """The arguments and flags below some fields.

    Args:

        schema: whose types the fields have.
        fragments: the document's fragments.

    Attributes:

        flags: variables that decide what is selected.
    """

    def __init__(self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._schema, self._fragments = schema, fragments
        self._index: dict[int, int] = {}
        self._sites: list[_Site] = []
        self._seen: set[str] = set()
        self.flags: dict[str, None] = {}
        self._shapes: list[Shape] = []
        self._values: list[list[Any]] = []
        self._changing: list[int] = []

    def __bool__(self) -> bool:
        return bool(self._sites)

    def of(self, node: FieldNode) -> int:
        """Return the site of a field that takes arguments."""
        return self._index[id(node)]

    def add_field(self, node: FieldNode, field: GraphQLField) -> None:
        """Add a field and all below it."""
        self.flags.update(dict.fromkeys(flag_of(node)))
        if field.args and id(node) not in self._index:
            self._index[id(node)] = len(self._sites)
            site = _Site(node, field)
            if site.changing:
                self._changing.append(len(self._sites))
                shape, values = REFUSED, list[Any]()
            else:
                shape, values = site.part(_NO_VARIABLES)
            self._sites.append(site)
            self._shapes.append(shape)
            self._values.append(values)
        self.add_selections(node.selection_set, get_named_type(field.type))

    def add_selections(self, selections: SelectionSetNode | None, type_: GraphQLNamedType | None) -> None:
        """Add all fields of a selection set on `type_`."""
        for node in selections.selections if selections else ():
            self.flags.update(dict.fromkeys(flag_of(node)))
            if isinstance(node, FieldNode):
                field = (
                    type_.fields.get(node.name.value)
                    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)
                    else None
                )
                # Root fields without backing are not the planner's, nor are their arguments.
                if field is not None and not (type_ is self._schema.query_type and backing(field) is None):
                    self.add_field(node, field)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                self.add_selections(
                    node.selection_set, self._schema.get_type(condition.name.value) if condition else type_
                )
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in self._seen:
                self._seen.add(node.name.value)
                fragment = self._fragments[node.name.value]
                self.add_selections(fragment.selection_set, self._schema.get_type(fragment.type_condition.name.value))

    def read(self, variables: VariableValues) -> tuple[tuple[Shape, ...], list[list[Any]], tuple[object, ...]]:
        """Return the shape and the values of each site in this request, and the flags' values."""
        coerced = variables.coerced
        flags = tuple([coerced.get(name) for name in self.flags]) if self.flags else ()
        if not self._changing:
            return tuple(self._shapes), self._values, flags
        shapes, values = self._shapes.copy(), self._values.copy()
        for index in self._changing:
            shapes[index], values[index] = self._sites[index].part(variables)
        return tuple(shapes), values, flags
