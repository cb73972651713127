"""The planner: an operation's text becomes one SQL statement whose result is the answer.

document -> selection -> compile (with rules) -> plan -> dialect -> run; each room can be read alone.
"""

from crmcore.graphql.planner.document import GraphQLErrors, Operation
from crmcore.graphql.planner.documents import Documents
from crmcore.graphql.planner.limits import Limits, Tiers
from crmcore.graphql.planner.result import Explanation, ReadRecord, ReadResult
from crmcore.graphql.planner.run import Planner

__all__ = [
    "Documents",
    "Explanation",
    "GraphQLErrors",
    "Limits",
    "Operation",
    "Planner",
    "ReadRecord",
    "ReadResult",
    "Tiers",
]
