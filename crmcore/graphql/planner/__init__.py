"""The planner: an operation's text becomes one SQL statement whose result is the answer.

document -> selection -> compile (with rules) -> plan -> dialect -> run; each room can be read alone:

- `documents`: from a client's text to a checked operation, and what it may cost
- `arguments`: what an operation is given, parted into shapes that plans depend on and values that are bound
- `lists`, `figures`, `feeds`: what is compiled of a list's records, of its figures and groups, of several entities' records
- `sealed`: what is asked before the statement and opened behind it where values are stored sealed
- `sqlite`, `postgresql`: the tree of what is wanted, as SQL
- `answers`: from the database's row to the answer's text
"""

from crmcore.graphql.planner.answers.result import Explanation, ReadRecord, ReadResult
from crmcore.graphql.planner.documents.document import GraphQLErrors, Operation
from crmcore.graphql.planner.documents.limits import Limits, Tiers
from crmcore.graphql.planner.documents.reading import Documents
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
