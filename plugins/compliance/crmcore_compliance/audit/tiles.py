"""Hashes of the tree in tiles of 256: a proof among a million entries reads three of them."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterable, Iterator, Sequence

from crmcore import Database, ids
from crmcore_compliance.audit import bulk
from crmcore_compliance.audit.offline import node_hash
from crmcore_compliance.audit.tree import Node, Range, folded, nodes_of, range_hash

__all__ = ["Tail", "hashes_of", "load_tail", "tile_of", "write_tail"]

#: Levels of the tree in a tile, hashes in one, and bytes of a hash.
_LEVELS, _WIDTH, _BYTES = 8, 256, 32
_READ = "select hashes from compliance_audit_tile where level = $1 and number = $2"
_COLUMNS = {"id": "uuid", "level": "integer", "number": "bigint", "hashes": "text"}

#: Level and number of a tile.
Place = tuple[int, int]


class Tail:
    """The tiles at the tree's right edge, to which leaves are added.

    Args:

        size: how many leaves the tree has.
        edge: the hashes of the tile at the right edge of each level; an empty one where the last is full.
    """

    def __init__(self, size: int, edge: Sequence[list[bytes]] = ()) -> None:
        self.size = size
        self._edge = [list(hashes) for hashes in edge]
        self._full: dict[Place, list[bytes]] = {}

    def add(self, leaf: bytes) -> None:
        """Append the hash of an entry."""
        self.size += 1
        level, found = 0, leaf
        while True:
            if level == len(self._edge):
                self._edge.append([])
            hashes = self._edge[level]
            hashes.append(found)
            if len(hashes) < _WIDTH:
                return
            self._full[level, (self.size >> _LEVELS * (level + 1)) - 1] = hashes
            self._edge[level] = []
            found = _inside(hashes, (0, _WIDTH))
            level += 1

    def root(self) -> bytes:
        """Return the root of the tree as it is."""
        right: bytes | None = None
        for hashes in self._edge:
            if hashes:
                within = [_inside(hashes, _leaves(node)) for node in nodes_of((0, len(hashes)))]
                right = folded(within, right)
        return folded((), right)

    def written(self) -> Iterator[tuple[Place, list[bytes]]]:
        """Give the tiles that are to be kept: those that have become full, and those at the edge."""
        yield from self._full.items()
        for level, hashes in enumerate(self._edge):
            if hashes:
                yield (level, self.size >> _LEVELS * (level + 1)), hashes


async def load_tail(database: Database, size: int) -> Tail:
    """Read the right edge of a tree of a size."""
    edge: list[list[bytes]] = []
    while size >> _LEVELS * len(edge):
        level = len(edge)
        count = (size >> _LEVELS * level) % _WIDTH
        edge.append(await _hashes(database, (level, size >> _LEVELS * (level + 1)), count) if count else [])
    return Tail(size, edge)


async def write_tail(database: Database, tail: Tail) -> None:
    """Keep what was added."""
    rows = [(ids.new(), *place, base64.b64encode(b"".join(hashes)).decode()) for place, hashes in tail.written()]
    suffix = "on conflict (level, number) do update set hashes = excluded.hashes"
    await bulk.insert(database, "compliance_audit_tile", _COLUMNS, rows, suffix)


def tile_of(node: Node) -> tuple[Place, Range]:
    """Return the tile that has a node, and which of its hashes the node is made of."""
    level, index = node
    height = level % _LEVELS
    first = index << height
    return (level // _LEVELS, first // _WIDTH), (first % _WIDTH, first % _WIDTH + (1 << height))


async def hashes_of(database: Database, ranges: Iterable[Range]) -> list[bytes]:
    """Return the hash over each of some ranges of leaves, all of them in the tree.

    Raises:

        LookupError: a tile that should be there is not, or is too short.
    """
    wanted = list(ranges)
    places = {tile_of(node)[0] for leaves in wanted for node in nodes_of(leaves)}
    tiles = await _tiles(database, places)

    def hash_of(node: Node) -> bytes:
        place, within = tile_of(node)
        return _inside(tiles[place], within)

    return [range_hash(leaves, hash_of) for leaves in wanted]


async def _tiles(database: Database, places: Collection[Place]) -> dict[Place, list[bytes]]:
    return {place: await _hashes(database, place) for place in places}


async def _hashes(database: Database, place: Place, count: int | None = None) -> list[bytes]:
    text = await database.fetch_value(_READ, *place)
    whole = b"" if text is None else base64.b64decode(text)
    found = [whole[at : at + _BYTES] for at in range(0, len(whole), _BYTES)]
    if not found or (count is not None and len(found) != count):
        msg = f"The tile {place[1]} of level {place[0]} of the audit log is not there, or not whole; verify the log."
        raise LookupError(msg)
    return found


def _leaves(node: Node) -> Range:
    level, index = node
    return index << level, (index + 1) << level


def _inside(hashes: Sequence[bytes], within: Range) -> bytes:
    """Return the root over some hashes of a tile, a power of two of them."""
    level = list(hashes[within[0] : within[1]])
    if len(level) != within[1] - within[0]:
        msg = "A tile of the audit log has fewer hashes than it should; verify the log."
        raise LookupError(msg)
    while len(level) > 1:
        level = [node_hash(level[at], level[at + 1]) for at in range(0, len(level), 2)]
    return level[0]
