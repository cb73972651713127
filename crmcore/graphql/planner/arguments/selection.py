"""Which fields a selection selects on a concrete type: fragments unfolded, @skip and @include obeyed, fields merged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    NamedTypeNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    is_abstract_type,
)
from graphql.execution.values import VariableValues

__all__ = ["Selected", "collect", "flag_of"]

#: Field nodes by response key, in the order of the answer; the nodes of one key are merged.
Selected = Mapping[str, list[FieldNode]]


def collect(
    schema: GraphQLSchema,
    type_: GraphQLObjectType,
    selections: SelectionSetNode | Iterable[FieldNode],
    fragments: Mapping[str, FragmentDefinitionNode],
    variables: VariableValues | Mapping[str, object],
) -> Selected:
    """Collect the fields that are selected on `type_` (GraphQL specification, 6.3.2 CollectFields).

    Args:

        schema: says which types an interface or a union has.
        type_: the concrete type of the object that the fields are read of.
        selections: a selection set, or field nodes whose selection sets are merged.
        fragments: the document's fragments.
        variables: coerced values; only those that @skip and @include use are looked at.
    """
    values = variables.coerced if isinstance(variables, VariableValues) else variables
    walk = _Walk(schema, type_, fragments, values)
    sets = [selections] if isinstance(selections, SelectionSetNode) else [n.selection_set for n in selections]
    for selection_set in sets:
        if selection_set:
            walk.through(selection_set)
    return walk.selected


def flag_of(node: SelectionNode) -> Iterable[str]:
    """Yield the variables that decide by @skip or @include whether a selection is in."""
    for directive in node.directives or ():
        if directive.name.value in ("skip", "include"):
            yield from (a.value.name.value for a in directive.arguments or () if isinstance(a.value, VariableNode))


class _Walk:
    def __init__(
        self,
        schema: GraphQLSchema,
        type_: GraphQLObjectType,
        fragments: Mapping[str, FragmentDefinitionNode],
        values: Mapping[str, object],
    ) -> None:
        self._schema, self._type, self._fragments, self._values = schema, type_, fragments, values
        self._visited: set[str] = set()
        self.selected: dict[str, list[FieldNode]] = {}

    def through(self, selections: SelectionSetNode) -> None:
        for node in selections.selections:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                key = node.alias.value if node.alias else node.name.value
                self.selected.setdefault(key, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                if self._matches(node.type_condition):
                    self.through(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in self._visited:
                self._visited.add(node.name.value)
                fragment = self._fragments[node.name.value]
                if self._matches(fragment.type_condition):
                    self.through(fragment.selection_set)

    def _included(self, node: SelectionNode) -> bool:
        for directive in node.directives or ():
            name = directive.name.value
            if name in ("skip", "include") and self._condition(directive) is (name == "skip"):
                return False
        return True

    def _condition(self, directive: DirectiveNode) -> bool:
        for argument in directive.arguments or ():
            if isinstance(argument.value, VariableNode):
                return bool(self._values.get(argument.value.name.value))
            if isinstance(argument.value, BooleanValueNode):
                return argument.value.value
        return False

    def _matches(self, condition: NamedTypeNode | None) -> bool:
        if condition is None:
            return True
        named = self._schema.get_type(condition.name.value)
        return named is self._type or (is_abstract_type(named) and self._schema.is_sub_type(named, self._type))
