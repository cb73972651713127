"""What the schema of a few declared entities looks like."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
import strawberry
from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema, print_type
from piccolo.table import Table

from crmcore.contributions import Extension, Listing
from crmcore.entities import columns as c
from crmcore.entities.action import RecordRef, Ref
from crmcore.entities.entity import Entity
from crmcore.entities.record import Record
from crmcore.entities.registries import Registries
from crmcore.entities.registry import Entities
from crmcore.errors import SetupError
from crmcore.graphql.schema.schema import build_schema
from crmcore.graphql.types.problem import Problem
from crmcore.graphql.types.structures import PageInfo
from tests.graphql.walk import undescribed
from tests.graphql.world import ACTIONS, ENTITIES, GadgetSize, contributed, registries


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    """The world's schema."""
    return build_schema(ENTITIES, registries(), ACTIONS).graphql


def _field(schema: GraphQLSchema, type_name: str, name: str) -> GraphQLField:
    type_ = schema.type_map[type_name]
    assert isinstance(type_, GraphQLObjectType)
    return type_.fields[name]


def _types(schema: GraphQLSchema, name: str) -> dict[str, str]:
    return {field: str(given.type) for field, given in schema.type_map[name].fields.items()}  # type: ignore[attr-defined]


def test_everything_is_described(schema: GraphQLSchema) -> None:
    """Every type, field, argument, input field and enum value has a sentence."""
    assert [] == list(undescribed(schema))


def test_descriptions_are_of_the_entity(schema: GraphQLSchema) -> None:
    """A type is described by the first paragraph of its table's docstring."""
    assert "Who makes gadgets." == schema.type_map["Maker"].description


def test_kinds_have_their_types(schema: GraphQLSchema) -> None:
    """Each kind of column shows as its GraphQL type, nullable where the column is."""
    types = _types(schema, "Gadget")
    expected = {
        "id": "ID!",
        "name": "String!",
        "code": "String",
        "size": "GadgetSize!",
        "partsCount": "Int",
        "serial": "BigInt",
        "weight": "Float",
        "isNew": "Boolean!",
        "soldAt": "DateTime",
        "madeOn": "Date",
        "extra": "JSON",
        "price": "Money",
        "billingCurrency": "Currency",
        "createdBy": "Actor!",
    }
    assert expected == {name: types[name] for name in expected}


def test_columns_of_a_field_are_no_fields(schema: GraphQLSchema) -> None:
    """A price's currency and a subject's type belong to `price` and `subject`."""
    assert not {"priceCurrency"} & _types(schema, "Gadget").keys()
    assert not {"subjectType"} & _types(schema, "Note").keys()


def test_relations(schema: GraphQLSchema) -> None:
    """To-one is nullable, since a rule may hide the record; a connection is always there."""
    assert "Maker" == _types(schema, "Gadget")["maker"]
    assert "Node" == _types(schema, "Note")["subject"]
    assert "GadgetConnection!" == _types(schema, "Maker")["gadgets"]


def test_records_are_nodes(schema: GraphQLSchema) -> None:
    """Every entity's type implements Node."""
    node = schema.type_map["Node"]
    assert {"Maker", "Gadget", "Note"} == {t.name for t in schema.get_implementations(node).objects}  # type: ignore[arg-type]


def test_connections_are_relays(schema: GraphQLSchema) -> None:
    """A connection has edges with cursors, page info, and nodes, a count and figures for convenience."""
    relay = {"edges": "[GadgetEdge!]!", "nodes": "[Gadget!]!", "pageInfo": "PageInfo!"}
    ours = {"totalCount": "Int!", "aggregate": "GadgetAggregate!"}
    assert {**relay, **ours} == _types(schema, "GadgetConnection")
    assert {"cursor": "String!", "node": "Gadget!"} == _types(schema, "GadgetEdge")
    page = {"hasNextPage": "Boolean!", "hasPreviousPage": "Boolean!", "startCursor": "String", "endCursor": "String"}
    assert page == _types(schema, "PageInfo")


def test_roots(schema: GraphQLSchema) -> None:
    """Each entity is read by id and as a list; node and nodes read any."""
    types = _types(schema, "Query")
    expected = {"node": "Node", "nodes": "[Node]!", "gadget": "Gadget", "gadgets": "GadgetConnection!"}
    assert expected == {name: types[name] for name in expected}


def test_only_root_lists_show_deleted_records(schema: GraphQLSchema) -> None:
    """Lists below a record have no argument `deleted`."""
    arguments = ["filter", "orderBy", "first", "after", "last", "before"]
    assert [*arguments, "deleted"] == list(_field(schema, "Query", "gadgets").args)
    assert arguments == list(_field(schema, "Maker", "gadgets").args)


def test_filters(schema: GraphQLSchema) -> None:
    """A filter has a condition per field, logic, and reaches over relations."""
    types = _types(schema, "GadgetFilter")
    expected = {
        "and": "[GadgetFilter!]",
        "not": "GadgetFilter",
        "name": "TextFilter",
        "size": "GadgetSizeFilter",
        "serial": "BigIntFilter",
        "price": "MoneyFilter",
        "makerId": "IdFilter",
        "maker": "MakerFilter",
        "notes": "NoteListFilter",
        "extra": "JsonFilter",
    }
    assert expected == {name: types[name] for name in expected}
    assert {"some": "GadgetFilter", "none": "GadgetFilter", "every": "GadgetFilter"} == _types(
        schema, "GadgetListFilter"
    )


def test_operators_of_a_kind(schema: GraphQLSchema) -> None:
    """A filter of a kind has the kind's operators."""
    expected = {
        "eq": "GadgetSize", "ne": "GadgetSize", "in": "[GadgetSize!]", "notIn": "[GadgetSize!]", "isNull": "Boolean",
    }  # fmt: skip
    assert expected == _types(schema, "GadgetSizeFilter")


def test_orders(schema: GraphQLSchema) -> None:
    """An order names a field or a linked record, a direction and where nulls stand."""
    own = {"field": "GadgetOrderField", "direction": "OrderDirection!", "nulls": "NullsOrder"}
    assert {**own, "maker": "MakerOrder"} == _types(schema, "GadgetOrder")
    values = schema.type_map["GadgetOrderField"].values  # type: ignore[attr-defined]
    assert ("partsCount", False) == (values["PARTS_COUNT"].value, "EXTRA" in values)


def test_create_demands_what_has_no_default(schema: GraphQLSchema) -> None:
    """On create, required is what is neither null nor has a default; ids may be given, what the server keeps may not."""
    types = _types(schema, "CreateGadgetInput")
    assert ["name"] == [name for name, type_ in types.items() if type_.endswith("!")]
    assert {"id", "series"} <= types.keys()
    assert not {"version", "createdAt", "checkedAt"} & types.keys()
    assert "ID!" == _types(schema, "CreateNoteInput")["subjectId"]


def test_update_demands_nothing(schema: GraphQLSchema) -> None:
    """On update, all is optional, and what is for ever is missing."""
    types = _types(schema, "UpdateGadgetInput")
    assert not any(type_.endswith("!") for type_ in types.values())
    assert not {"id", "series", "checkedAt"} & types.keys()


def test_inputs_say_what_may_be_given(schema: GraphQLSchema) -> None:
    """Defaults and the members of open sets stand in the description."""
    fields = schema.type_map["CreateGadgetInput"].fields  # type: ignore[attr-defined]
    assert "How large. Default: `SMALL`." == fields["size"].description
    assert "Its shape. One of `ROUND`, `FLAT`." == fields["shape"].description


def test_enum_values_are_described(schema: GraphQLSchema) -> None:
    """By the member's value if it is a sentence, else by its name."""
    values = schema.type_map["GadgetSize"].values  # type: ignore[attr-defined]
    assert ("Fits into a pocket.", "Very large.") == (values["SMALL"].description, values["VERY_LARGE"].description)


def test_mutations(schema: GraphQLSchema) -> None:
    """Every action of an entity is a mutation, for one record and for many, each with an idempotency key."""
    fields = schema.mutation_type.fields  # type: ignore[union-attr]
    expected = {
        "createGadget": "GadgetResult", "createGadgets": "GadgetBatchResult", "updateGadget": "GadgetResult",
        "updateGadgets": "GadgetBatchResult", "deleteGadget": "GadgetResult", "deleteGadgets": "GadgetBatchResult",
        "restoreGadget": "GadgetResult", "destroyGadget": "DestroyResult", "upsertGadget": "GadgetResult",
        "upsertGadgets": "GadgetBatchResult", "renameGadget": "GadgetResult", "makeOffer": "OfferResult",
    }  # fmt: skip
    assert expected == {name: str(fields[name].type) for name in expected}
    assert all("idempotencyKey" in field.args for field in fields.values())


def test_upsert_needs_a_key(schema: GraphQLSchema) -> None:
    """An entity without declared keys cannot be upserted."""
    assert "upsertMaker" not in schema.mutation_type.fields  # type: ignore[union-attr]


def test_only_declared_actions() -> None:
    """What only the server writes has no mutations, and a schema without any has no type Mutation."""

    class Trace(Record, Table, tablename="trace"):
        """A trace."""

        what = c.text("What.")

    made = build_schema(Entities([Entity(Trace, "traces", actions=frozenset())]), Registries())
    assert made.graphql.mutation_type is None


def test_schemas_do_not_leak() -> None:
    """A schema built after one with a plugin knows nothing of the plugin."""
    plain = build_schema(ENTITIES, registries(), ACTIONS).as_str()

    @strawberry.field(description="Luck.")
    def luck() -> int:
        return 7

    given = contributed(extensions=[Extension("Gadget", luck, "luck"), Extension("Query", luck, "luck")])
    with_plugin = build_schema(ENTITIES, registries(), (), given).as_str()
    assert (2, plain) == (with_plugin.count("luck: Int!"), build_schema(ENTITIES, registries(), ACTIONS).as_str())


def test_a_plugins_record_is_the_entitys_type() -> None:
    """`Annotated[RecordRef, Ref("gadget")]` means Gadget, `Ref("*")` means Node, alone, in lists and where it may be null."""

    @strawberry.field(description="One.")
    def one() -> Annotated[RecordRef, Ref("gadget")] | None: ...

    @strawberry.field(description="All.")
    def everything() -> list[Annotated[RecordRef, Ref("gadget")]]: ...

    @strawberry.field(description="Any.")
    def anything() -> Annotated[list[RecordRef], Ref("*")]: ...

    @strawberry.field(description="One, or why not.")
    def tried() -> Annotated[RecordRef, Ref("gadget")] | Problem: ...

    @strawberry.field(description="One, or why not, or nothing.")
    def tried_again() -> Annotated[RecordRef, Ref("gadget")] | Problem | None: ...

    given = contributed(
        extensions=[Extension("Query", f, "x") for f in (one, everything, anything, tried, tried_again)]
    )
    types = _types(build_schema(ENTITIES, registries(), ACTIONS, given).graphql, "Query")
    assert ("Gadget", "[Gadget!]!", "[Node!]!") == (types["one"], types["everything"], types["anything"])
    assert ("GadgetResult!", "GadgetResult") == (types["tried"], types["triedAgain"])
    # The plugin's own field is as it was: other schemas of this process use it too.
    assert one.type_annotation is None  # type: ignore[attr-defined]


def test_a_plugins_list(schema: GraphQLSchema) -> None:
    """A listing is a list like the entity's own."""
    given = contributed(listings=[Listing("newGadgets", "gadget", "New ones.", lambda t, _bind: f"{t}.is_new", "x")])
    field = _field(build_schema(ENTITIES, registries(), (), given).graphql, "Query", "newGadgets")
    assert ("GadgetConnection!", list(_field(schema, "Query", "gadgets").args)) == (str(field.type), list(field.args))


def test_clashes_name_both_parties() -> None:
    """Two givers of one field stop the start, all clashes in one message."""

    @strawberry.field(description="Mine.")
    def gadgets() -> int: ...

    @strawberry.field(description="Mine.")
    def name() -> int: ...

    given = contributed(
        extensions=[
            Extension("Query", gadgets, "acme"),
            Extension("Gadget", name, "acme"),
            Extension("Nope", name, "acme"),
            Extension("GadgetEdge", name, "acme"),
            Extension(PageInfo, name, "acme"),
        ]
    )
    with pytest.raises(SetupError) as raised:
        build_schema(ENTITIES, registries(), (), given)
    may = "fields can be added to Query, Mutation, the types of entities and the classes of plugins."
    assert (
        "Plugins 'core' and 'acme' both give Query.gadgets; rename one.",
        "Plugins 'core' and 'acme' both give Gadget.name; rename one.",
        f"Plugin 'acme' adds name to 'Nope'; {may}",
        f"Plugin 'acme' adds name to 'GadgetEdge'; {may}",
        f"Plugin 'acme' adds name to {PageInfo!r}; {may}",
    ) == raised.value.problems


def test_a_plugins_class_can_be_extended() -> None:
    """One plugin may add to a Strawberry class of another."""

    @strawberry.type(description="Luck.")
    class Luck:
        number: int = strawberry.field(description="A number.")

    @strawberry.field(description="A word.")
    def word() -> str: ...

    luck = strawberry.field(resolver=lambda: None, name="luck", description="Luck.", graphql_type=Luck)
    given = contributed(extensions=[Extension("Query", luck, "luck"), Extension(Luck, word, "words")])
    assert {"number": "Int!", "word": "String!"} == _types(
        build_schema(ENTITIES, registries(), (), given).graphql, "Luck"
    )


def test_results_of_actions(schema: GraphQLSchema) -> None:
    """A dataclass that an action gives is an object type; ids are ids, references are records."""
    expected = {
        "total": "Money!", "sizes": "[GadgetSize!]!", "gadget": "Gadget", "gadgetId": "ID", "until": "Date", "secret": "String",
        "grains": "BigInt!",
    }  # fmt: skip
    assert expected == _types(schema, "Offer")


def test_parameters_of_actions(schema: GraphQLSchema) -> None:
    """Parameters are arguments in camel case, dataclasses input types; what has a default may be absent."""
    field = _field(schema, "Mutation", "makeOffer")
    expected = {
        "lines": "[LineInput!]!",
        "price": "MoneyInput!",
        "subject": "ID",
        "size": "GadgetSize",
        "grains": "BigInt",
        "idempotencyKey": "String",
    }
    assert expected == {name: str(arg.type) for name, arg in field.args.items()}
    assert {"gadgetId": "ID!", "count": "Int"} == _types(schema, "LineInput")


def test_relay_ids_are_unique(schema: GraphQLSchema) -> None:
    """A field called `id` of the type ID is a record's: Relay keys its store by it."""
    nodes = {t.name for t in schema.get_implementations(schema.type_map["Node"]).objects}  # type: ignore[arg-type]
    objects = [t for t in schema.type_map.values() if isinstance(t, GraphQLObjectType)]
    assert nodes == {t.name for t in objects if "id" in t.fields and not t.name.startswith("__")}


def test_enums_of_a_schema_print(schema: GraphQLSchema) -> None:
    """Enum members keep their Python class, so named actions get members."""
    assert GadgetSize is schema.type_map["GadgetSize"].wrapped_cls  # type: ignore[attr-defined]
    assert "VERY_LARGE" in print_type(schema.type_map["GadgetSize"])


def test_an_added_field_is_found() -> None:
    """Strawberry's own look-up knows added fields."""

    @strawberry.field(description="Luck.")
    def luck() -> int:
        return 7

    schema: Any = build_schema(ENTITIES, registries(), (), contributed(extensions=[Extension("Gadget", luck, "luck")]))
    assert luck is schema.get_field_for_type("luck", "Gadget")
