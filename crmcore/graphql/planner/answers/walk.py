"""The objects of one place of an answer that was read as JSON."""

from __future__ import annotations

from typing import Any

from crmcore.graphql.planner.place import LIST, WAY, Trail

__all__ = ["objects"]


def objects(whole: Any, trail: Trail) -> list[dict[str, Any]]:
    """Return the objects that a trail leads to."""
    found = [whole]
    for step in trail:
        if step is LIST and len(found) == 1 and None not in found[0]:
            found = found[0]
        elif step is LIST:
            found = [element for value in found for element in value if element is not None]
        elif step.startswith(WAY):
            found = [value for value in found if value.get(WAY) == step[1:]]
        elif len(found) == 1:
            # All the way to the first list.
            if (inner := found[0][step]) is None:
                return []
            found = [inner]
        else:
            found = [inner for value in found if (inner := value[step]) is not None]
    return found
