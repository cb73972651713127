"""Operations that the planner and the plain way must answer alike: name, text, variables."""

from __future__ import annotations

from typing import Any

from tests.graphql.planner.world import uuid

BUYER, GONE = f"buyer_{uuid(3, 4)}", f"buyer_{uuid(3, 10)}"
DEAL, STAGE, MARK = f"deal_{uuid(5, 3)}", f"stage_{uuid(4, 1)}", f"mark_{uuid(7, 2)}"
NOBODY = f"buyer_{uuid(3, 4000)}"

_SCALARS = """id version createdAt updatedAt deletedAt name nick phase mood rank size serial ratio vip seenAt bornOn
    extra parentId ownerId teamId nameLength greeting"""

OPERATIONS: list[tuple[str, str, dict[str, Any] | None]] = [
    ("every scalar", f"{{ buyers(first: 30, deleted: INCLUDE) {{ nodes {{ {_SCALARS} }} }} }}", None),
    ("money", "{ deals(first: 60) { nodes { amount { amount currency } } } }", None),
    (
        "money aliased",
        "{ deals(first: 3) { nodes { worth: amount { c: currency __typename a: amount b: amount } } } }",
        None,
    ),
    (
        "stamps",
        "{ buyers(first: 2) { nodes { createdBy { __typename type who: actorId label } updatedBy { label } } } }",
        None,
    ),
    ("by id", "query ($id: ID!) { buyer(id: $id) { id name } }", {"id": BUYER}),
    ("by id, nobody", "query ($id: ID!) { buyer(id: $id) { id name } }", {"id": NOBODY}),
    ("by id, deleted", "query ($id: ID!) { buyer(id: $id) { id name } }", {"id": GONE}),
    ("literal id", f'{{ buyer(id: "{BUYER}") {{ name }} }}', None),
    ("null roots beside others", f'{{ a: buyer(id: "{NOBODY}") {{ name }} b: deal(id: "{DEAL}") {{ name }} }}', None),
    (
        "typename everywhere",
        f"""{{ __typename a: __typename buyers(first: 1) {{ __typename edges {{ __typename node {{ __typename }} }}
        nodes {{ __typename parent {{ __typename }} deals {{ __typename pageInfo {{ __typename }} }} }} pageInfo {{ __typename }} }}
        node(id: "{DEAL}") {{ __typename }} }}""",
        None,
    ),
    ("root typename alone", "{ x: __typename }", None),
    (
        "to-one chain",
        "{ deals(first: 60) { nodes { name buyer { name parent { name parent { name owner { name } } } } stage { name } } } }",
        None,
    ),
    ("one to one", "{ buyers(first: 30) { nodes { name profile { motto buyer { name } } } } }", None),
    (
        "lists in lists",
        """{ buyers(first: 30) { nodes { name deals(first: 2) { nodes { name stage { deals(first: 1) { nodes { buyer { name calls(first: 2) { nodes { topic } } } } } } } }
        calls { totalCount nodes { topic at } } } } }""",
        None,
    ),
    (
        "lists below a to-one",
        "{ deals(first: 60) { nodes { id buyer { deals(first: 3) { nodes { name } totalCount } id calls(first: 1) { nodes { id } } } } } }",
        None,
    ),
    (
        "two edges aliases",
        """{ buyers(first: 4) { a: edges { node { id } cursor } b: edges { node { name deals(first: 1) { nodes { id } } } } nodes { rank } } }""",
        None,
    ),
    (
        "page infos",
        "{ buyers(first: 3) { pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } all: buyers(first: 200) { pageInfo { hasNextPage hasPreviousPage } } }",
        None,
    ),
    (
        "page infos of nothing",
        '{ buyers(filter: {name: {eq: "no such"}}) { nodes { id } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount } }',
        None,
    ),
    (
        "first 0",
        "{ buyers(first: 0) { nodes { id } totalCount pageInfo { hasNextPage endCursor } } none: buyers(first: 0, deleted: ONLY) { edges { cursor } } }",
        None,
    ),
    (
        "last",
        "{ buyers(last: 3) { nodes { id name } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }",
        None,
    ),
    (
        "last in order",
        "{ buyers(last: 5, orderBy: [{field: RANK}, {field: NAME, direction: DESC}]) { edges { cursor node { rank name } } } }",
        None,
    ),
    (
        "last nested",
        "{ buyers(first: 9) { nodes { deals(last: 2, orderBy: {field: NAME}) { nodes { name id } pageInfo { hasPreviousPage } } } } }",
        None,
    ),
    ("default size", "{ buyers { nodes { id } pageInfo { hasNextPage } } }", None),
    ("total only", "{ buyers { totalCount t: totalCount } }", None),
    ("page info only", "{ buyers { pageInfo { hasNextPage } } }", None),
    (
        "deleted only",
        "{ buyers(deleted: ONLY) { nodes { id deletedAt } totalCount } deals(deleted: INCLUDE) { totalCount } }",
        None,
    ),
    (
        "nulls as absent",
        "{ buyers(first: null, filter: null, orderBy: null, after: null, deleted: EXCLUDE) { nodes { id } } }",
        None,
    ),
    (
        "variables absent",
        "query ($n: Int, $f: BuyerFilter, $o: [BuyerOrder!]) { buyers(first: $n, filter: $f, orderBy: $o) { nodes { id } } }",
        {},
    ),
    (
        "variables null",
        "query ($n: Int, $f: BuyerFilter, $o: [BuyerOrder!]) { buyers(first: $n, filter: $f, orderBy: $o) { nodes { id } } }",
        {"n": None, "f": None, "o": None},
    ),
    (
        "variables given",
        "query ($n: Int, $f: BuyerFilter, $o: [BuyerOrder!]) { buyers(first: $n, filter: $f, orderBy: $o) { nodes { id } } }",
        {"n": 3, "f": {"rank": {"gte": 1}}, "o": [{"field": "RANK", "direction": "DESC"}, {"field": "SIZE"}]},
    ),
    (
        "variable defaults",
        "query ($n: Int = 2, $o: [BuyerOrder!] = [{field: NAME}]) { buyers(first: $n, orderBy: $o) { nodes { name } } }",
        None,
    ),
    (
        "variable inside a literal",
        "query ($name: String, $id: ID) { buyers(filter: {name: {eq: $name}, or: [{id: {eq: $id}}, {rank: {gt: 0}}]}) { nodes { name } } }",
        {"name": "Ada", "id": BUYER},
    ),
    (
        "skip and include",
        "query ($y: Boolean!, $n: Boolean = false) { buyers(first: 2) { nodes { id name @skip(if: $y) nick @include(if: $y) rank @include(if: $n) size @skip(if: true) ... @include(if: $n) { vip } ...F @skip(if: $n) } } } fragment F on Buyer { mood }",
        {"y": True},
    ),
    ("all skipped", "query ($y: Boolean!) { buyers(first: 2) { nodes { id @skip(if: $y) } } }", {"y": True}),
    (
        "root skipped",
        "query ($y: Boolean!) { a: buyers(first: 1) @skip(if: $y) { nodes { id } } b: buyers(first: 1) { nodes { id } } }",
        {"y": True},
    ),
    (
        "fragments in fragments",
        """{ buyers(first: 3) { ...P } } fragment P on BuyerConnection { nodes { ...B } totalCount }
        fragment B on Buyer { ...N ... on Buyer { rank ... on Node { id } } deals(first: 1) { nodes { ...D } } } fragment N on Node { id __typename } fragment D on Deal { name buyer { ...N name } }""",
        None,
    ),
    (
        "merged selections",
        "{ buyers(first: 3) { nodes { id parent { name } } } buyers(first: 3) { nodes { name parent { id parent { id } } deals { totalCount } deals { nodes { id } } } totalCount } }",
        None,
    ),
    (
        "same relation twice",
        "{ deals(first: 9) { nodes { a: buyer { name } b: buyer { id parent { name } } c: buyer { parent { id deals(first: 1) { nodes { id } } } } } } }",
        None,
    ),
    (
        "node",
        "query ($id: ID!) { node(id: $id) { id __typename ... on Buyer { name deals(first: 1) { nodes { id } } } ... on Deal { name stage { name } } } }",
        {"id": DEAL},
    ),
    (
        "node of several kinds",
        f"""{{ a: node(id: "{BUYER}") {{ ...X }} b: node(id: "{DEAL}") {{ ...X }} c: node(id: "{NOBODY}") {{ ...X }} d: node(id: "{MARK}") {{ ...X }} }}
        fragment X on Node {{ id ... on Buyer {{ greeting }} ... on Deal {{ amount {{ amount }} }} }}""",
        None,
    ),
    (
        "nodes",
        "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Buyer { name greeting deals(first: 2) { nodes { name } } } ... on Deal { name buyer { name } } } }",
        {"ids": [DEAL, BUYER, NOBODY, GONE, STAGE, BUYER, MARK]},
    ),
    ("no nodes", "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": []}),
    (
        "any one",
        "{ marks(first: 20) { nodes { key subjectId subject { __typename id ... on Buyer { name parent { name } deals(first: 1) { nodes { id } } } ... on Deal { name stage { name } } ... on Stage { position } } } } }",
        None,
    ),
    (
        "inverse of any",
        "{ buyers(first: 30) { nodes { name marks { nodes { key subject { id } } } } } stages { nodes { marks(first: 2) { totalCount nodes { key } } } } }",
        None,
    ),
    (
        "computed twice",
        "{ buyers(first: 5) { nodes { a: greeting name b: greeting parent { greeting } children { nodes { greeting } } } edges { node { greeting } } } }",
        None,
    ),
    (
        "computed of nobody",
        f'{{ buyer(id: "{NOBODY}") {{ greeting }} buyers(first: 0) {{ nodes {{ greeting }} }} }}',
        None,
    ),
    (
        "long and cased keys",
        f"{{ buyers(first: 1) {{ nodes {{ {'a' * 70}: id {'a' * 70}b: name A: rank a: size parent {{ {'p' * 80}: id }} }} }} }}",
        None,
    ),
    (
        "order by everything",
        """{ a: buyers(orderBy: {field: NAME_LENGTH, direction: DESC}) { nodes { name } } b: buyers(orderBy: [{field: PHASE}, {field: VIP, direction: DESC}]) { nodes { id } }
        c: buyers(orderBy: {field: CREDIT, nulls: FIRST}) { nodes { id } } d: buyers(orderBy: {field: ID}) { nodes { id } } e: buyers(orderBy: [{field: RANK}, {field: RANK, direction: DESC}]) { nodes { id } }
        f: buyers(orderBy: {field: BORN_ON, direction: DESC, nulls: LAST}) { nodes { id } } g: buyers(orderBy: []) { nodes { id } } }""",
        None,
    ),
]

_FILTERS = [
    '{name: {eq: "ada"}}',
    '{name: {ne: "ada"}}',
    '{name: {in: ["ada", "Ada", "李小龍"]}}',
    '{name: {notIn: ["ada"]}}',
    "{name: {in: []}}",
    "{name: {notIn: []}}",
    '{nick: {ne: "Nick"}}',
    '{nick: {notIn: ["Nick"]}}',
    "{nick: {eq: null}}",
    "{nick: {ne: null}}",
    "{nick: {isNull: true}}",
    "{nick: {isNull: false}}",
    "{nick: {isNull: null}}",
    "{nick: null}",
    "{nick: {}}",
    "{}",
    '{name: {contains: "ÜNAL"}}',
    '{name: {contains: "%x_Y\\\\"}}',
    '{name: {startsWith: "o\'N"}}',
    '{name: {endsWith: "龍"}}',
    '{name: {endsWith: ""}, nick: {contains: ""}}',
    '{name: {gt: "Buyer", lte: "b"}}',
    "{rank: {gt: 1}}",
    "{rank: {gte: 1, lt: 3}}",
    "{rank: {in: [1, 2]}}",
    '{serial: {eq: "4611686018427387905"}}',
    '{serial: {lt: "0"}}',
    "{ratio: {gt: 0.30000000000000003}}",
    "{ratio: {eq: 0.30000000000000004}}",
    "{vip: {eq: true}}",
    "{vip: {ne: true}}",
    "{phase: {eq: LEAD}}",
    "{phase: {in: [LEAD, LOST]}}",
    "{mood: {ne: LOST}}",
    "{mood: {notIn: [LOST]}}",
    '{seenAt: {gt: "2026-01-30T12:00:00+02:00"}}',
    '{seenAt: {in: ["2026-01-31T02:29:59.999999Z"]}}',
    '{bornOn: {lt: "1950-01-01"}}',
    '{bornOn: {in: ["1913-02-28"]}}',
    "{extra: {isNull: true}}",
    '{credit: {amount: {gt: "0"}, currency: {eq: "EUR"}}}',
    '{credit: {currency: {in: ["JPY", "KWD"]}}}',
    "{credit: {amount: {isNull: true}}}",
    '{credit: {amount: {in: ["0.05", "12345.67"]}, currency: {eq: "EUR"}}}',
    '{credit: {amount: {ne: "0.05"}, currency: {eq: "EUR"}}}',
    f'{{id: {{in: ["{BUYER}", "{NOBODY}"]}}}}',
    f'{{parentId: {{eq: "buyer_{uuid(3, 1)}"}}}}',
    f'{{parentId: {{ne: "buyer_{uuid(3, 1)}"}}}}',
    '{parent: {name: {contains: "a"}}}',
    "{parent: {}}",
    "{not: {parent: {}}}",
    "{parent: {parent: {vip: {eq: true}}}}",
    "{not: {rank: {gt: 1}}}",
    "{not: {not: {rank: {gt: 1}}}}",
    "{not: {}}",
    "{or: [{rank: {eq: 1}}, {rank: {isNull: true}}]}",
    "{or: []}",
    "{and: []}",
    "{and: [{rank: {gt: 0}}, {or: [{vip: {eq: true}}, {size: {eq: 3}}]}]}",
    "{and: {rank: {gt: 0}}}",
    '{deals: {some: {name: {eq: "Deal 1"}}}}',
    '{deals: {none: {name: {eq: "Deal 1"}}}}',
    "{deals: {every: {stage: {position: {gt: 0}}}}}",
    "{deals: {some: {}}}",
    "{deals: {none: {}}}",
    "{deals: {}}",
    "{deals: {some: {not: {amount: {amount: {isNull: true}}}}, every: {buyer: {vip: {eq: true}}}}}",
    '{calls: {some: {at: {gte: "2026-01-31T09:40:00Z"}}}, children: {none: {deals: {some: {stage: {name: {eq: "Stage 0"}}}}}}}',
    '{marks: {some: {key: {startsWith: "KEY"}}}}',
    '{profile: {motto: {endsWith: "1"}}}',
    "{nameLength: {gt: 8}}",
    '{owner: {name: {eq: "Ann"}}}',
    f'{{ownerId: {{eq: "user_{uuid(1, 1)}"}}}}',
]
OPERATIONS += [
    (f"filter {text}", f"{{ buyers(first: 40, filter: {text}) {{ nodes {{ id }} totalCount }} }}", None)
    for text in _FILTERS
]
OPERATIONS += [
    (f"mark filter {text}", f"{{ marks(first: 40, filter: {text}) {{ nodes {{ key }} }} }}", None)
    for text in (
        f'{{subjectId: {{eq: "{BUYER}"}}}}',
        f'{{subjectId: {{ne: "{BUYER}"}}}}',
        f'{{subjectId: {{in: ["{BUYER}", "deal_{uuid(5, 1)}"]}}}}',
        f'{{subjectId: {{notIn: ["{BUYER}"]}}}}',
        "{subjectId: {isNull: true}}",
        "{subjectId: {eq: null}}",
    )
]
