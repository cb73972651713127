"""A Merkle tree as RFC 9162 has it: which subtrees a root or a proof is made of, whatever keeps their hashes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from crmcore_compliance.audit.offline import EMPTY, node_hash

__all__ = ["Node", "Range", "consistency", "folded", "inclusion", "nodes_of", "range_hash"]

#: A complete subtree: its level (0 is a leaf) and which of its level it is, from the left.
Node = tuple[int, int]
#: Leaves from one to before another.
Range = tuple[int, int]


def inclusion(index: int, size: int) -> list[Range]:
    """Return the leaves below each step of the proof that a leaf is in a tree (2.1.3.1).

    Raises:

        ValueError: the tree has no such leaf.
    """
    if not 0 <= index < size:
        msg = f"There is no leaf {index} in a tree of {size}."
        raise ValueError(msg)
    start, end, steps = 0, size, list[Range]()
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            steps.append((middle, end))
            end = middle
        else:
            steps.append((start, middle))
            start = middle
    return steps[::-1]


def consistency(first: int, second: int) -> list[Range]:
    """Return the leaves below each step of the proof that a tree is the beginning of another (2.1.4.1).

    Raises:

        ValueError: there are no such two trees.
    """
    if not 0 < first <= second:
        msg = f"A tree of {first} cannot be the beginning of one of {second}."
        raise ValueError(msg)
    start, end, steps, known = 0, second, list[Range](), True
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            steps.append((middle, end))
            end = middle
        else:
            steps.append((start, middle))
            start, known = middle, False
    if not known:
        steps.append((start, end))
    return steps[::-1]


def nodes_of(leaves: Range) -> Iterator[Node]:
    """Give the complete subtrees that make up some leaves, from the left; the first leaf is where one may begin."""
    start, end = leaves
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        yield level, start >> level
        start += 1 << level


def folded(hashes: Sequence[bytes], right: bytes | None = None) -> bytes:
    """Return the hash over subtrees that stand beside each other, `right` the last of them; `EMPTY` for none."""
    found = right
    for left in reversed(hashes):
        found = left if found is None else node_hash(left, found)
    return EMPTY if found is None else found


def range_hash(leaves: Range, hash_of: Callable[[Node], bytes]) -> bytes:
    """Return the hash over some leaves."""
    return folded([hash_of(node) for node in nodes_of(leaves)])


def _split(size: int) -> int:
    """Return the largest power of two that is smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1
