"""JSON as clients give it: any value, but neither deeper nor larger than both databases keep alike."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from graphql import (
    BooleanValueNode,
    EnumValueNode,
    FloatValueNode,
    GraphQLError,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    StringValueNode,
    ValueNode,
    VariableNode,
)

__all__ = ["DEEPEST", "LARGEST", "check_json", "json_literal", "shown"]

#: Levels of lists and objects.
DEEPEST = 32
#: Of whole numbers, either sign.
LARGEST = 2**63 - 1


def shown(value: object) -> str:
    """Quote a client's value in a message, however long or strange it is."""
    if isinstance(value, int) and abs(value) > LARGEST:
        return "a number of more than 19 digits"
    if isinstance(value, list | dict):
        return f"a JSON {'list' if isinstance(value, list) else 'object'}"
    text = repr(value).encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= 60 else f"{text[:57]}..."


def check_json(value: Any, depth: int = 0) -> Any:
    """Return a value that is JSON within bounds.

    Raises:

        GraphQLError: it is too deep, or a number in it is too large or none.
    """
    _check_depth(depth)
    if isinstance(value, list):
        return [check_json(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {key: check_json(item, depth + 1) for key, item in value.items()}
    if isinstance(value, int) and abs(value) > LARGEST:
        msg = f"JSON cannot hold {shown(value)}; write it as a text."
        raise GraphQLError(msg)
    if isinstance(value, float) and not math.isfinite(value):
        msg = "JSON has neither NaN nor infinite numbers."
        raise GraphQLError(msg)
    return value


def json_literal(node: ValueNode, variables: Mapping[str, Any] | None = None, depth: int = 0) -> Any:
    """Read JSON out of a document.

    Raises:

        GraphQLError: as for `check_json`.
    """
    _check_depth(depth)
    match node:
        case NullValueNode():
            return None
        case StringValueNode() | BooleanValueNode() | EnumValueNode():
            return node.value
        case IntValueNode():
            # Python refuses to read thousands of digits; twenty are too many already.
            return check_json(int(node.value[:21]))
        case FloatValueNode():
            return check_json(float(node.value))
        case ListValueNode():
            return [json_literal(item, variables, depth + 1) for item in node.values]
        case ObjectValueNode():
            return {f.name.value: json_literal(f.value, variables, depth + 1) for f in node.fields}
        case VariableNode():
            # Validation has no variables yet; what it makes of the literal is thrown away.
            return (variables or {}).get(node.name.value)
    msg = f"JSON cannot be {node.kind}."
    raise GraphQLError(msg, node)


def _check_depth(depth: int) -> None:
    if depth > DEEPEST:
        msg = f"JSON is nested more than {DEEPEST} levels deep; store it flatter."
        raise GraphQLError(msg)
