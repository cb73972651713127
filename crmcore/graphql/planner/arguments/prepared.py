"""What can be known of a text before its variables: which fields take arguments, what the variables' types are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graphql import FieldNode, FragmentDefinitionNode, GraphQLSchema

from crmcore.graphql.planner.arguments.coercion import Coercer
from crmcore.graphql.planner.arguments.sites import Sites
from crmcore.graphql.planner.arguments.variables import Variables
from crmcore.graphql.planner.documents.document import Operation

__all__ = ["PreparedOperation", "PreparedSelection"]


class PreparedOperation:
    """What is known of an operation.

    Attributes:

        variables: what its variables may be.
        sites: its fields with arguments.
    """

    def __init__(self, schema: GraphQLSchema, operation: Operation, coercer: Coercer) -> None:
        self.variables = Variables(schema, operation.definition.variable_definitions or (), coercer)
        self.sites = Sites(schema, operation.fragments)
        self.sites.add_selections(operation.definition.selection_set, schema.query_type)


class PreparedSelection:
    """What is known of a selection of records.

    Attributes:

        nodes: fields whose selection sets are merged; kept alive, so that nothing else gets their identities.
        sites: the fields below that take arguments.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        type_name: str,
        nodes: Sequence[FieldNode],
        fragments: Mapping[str, FragmentDefinitionNode],
    ) -> None:
        self.nodes = tuple(nodes)
        self.sites = Sites(schema, fragments)
        for node in nodes:
            self.sites.add_selections(node.selection_set, schema.get_type(type_name))
