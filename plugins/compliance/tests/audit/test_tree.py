"""The tree is that of RFC 9162: published vectors, and proofs that reject every altered input."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from crmcore_compliance.audit import tree
from crmcore_compliance.audit.offline import (
    EMPTY,
    Frontier,
    Wrong,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)
from crmcore_compliance.audit.tiles import Tail
from hypothesis import assume, given, settings
from hypothesis import strategies as st

VECTORS = json.loads(Path(__file__).with_name("rfc9162_vectors.json").read_text())
#: Leaves of the reference tree of Certificate Transparency, and the roots of its first 0 to 8 (transparency-dev/merkle).
LEAVES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)

SIZES = st.integers(1, 300)
few = settings(max_examples=30, deadline=None)


def hashed(size: int) -> list[bytes]:
    """Leaves that are all different."""
    return [leaf_hash(number.to_bytes(4)) for number in range(size)]


def node(leaves: list[bytes], of: tree.Node) -> bytes:
    """A complete subtree's hash, by its definition."""
    level, index = of
    if level == 0:
        return leaves[index]
    return node_hash(node(leaves, (level - 1, 2 * index)), node(leaves, (level - 1, 2 * index + 1)))


def steps(leaves: list[bytes], ranges: list[tree.Range]) -> list[bytes]:
    """The hashes over ranges of leaves."""
    return [tree.range_hash(one, lambda of: node(leaves, of)) for one in ranges]


def root(leaves: list[bytes]) -> bytes:
    """The root, by the recursion of RFC 9162, section 2.1.1."""
    if len(leaves) < 2:
        return leaves[0] if leaves else EMPTY
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(root(leaves[:half]), root(leaves[half:]))


def _bytes(text: str | None) -> bytes:
    return base64.b64decode(text or "")


@pytest.mark.parametrize("case", VECTORS["inclusion"], ids=lambda case: case["name"])
def test_published_proofs_of_inclusion(case: dict[str, Any]) -> None:
    """Right ones are taken, and each altered one is rejected."""
    proof = [_bytes(step) for step in case["proof"] or ()]
    asked = case["leafIdx"], case["treeSize"], _bytes(case["leafHash"]), proof, _bytes(case["root"])
    if case["wantErr"]:
        with pytest.raises(Wrong):
            verify_inclusion(*asked)
    else:
        verify_inclusion(*asked)


@pytest.mark.parametrize("case", VECTORS["consistency"], ids=lambda case: case["name"])
def test_published_proofs_of_consistency(case: dict[str, Any]) -> None:
    """Right ones are taken, and each altered one is rejected."""
    proof = [_bytes(step) for step in case["proof"] or ()]
    asked = case["size1"], case["size2"], _bytes(case["root1"]), _bytes(case["root2"]), proof
    if case["wantErr"]:
        with pytest.raises(Wrong):
            verify_consistency(*asked)
    else:
        verify_consistency(*asked)


def test_published_roots() -> None:
    """The reference tree has its roots, at every size, however they are computed."""
    frontier, tail = Frontier(), Tail(0)
    found = [(frontier.root().hex(), tail.root().hex())]
    for leaf in LEAVES:
        frontier.add(leaf_hash(bytes.fromhex(leaf)))
        tail.add(leaf_hash(bytes.fromhex(leaf)))
        found.append((frontier.root().hex(), tail.root().hex()))

    assert [(root, root) for root in ROOTS] == found


@few
@given(st.integers(0, 700))
def test_tiles_have_the_root_of_the_definition(size: int) -> None:
    """Across the boundaries of tiles, too."""
    leaves, tail, frontier = hashed(size), Tail(0), Frontier()
    for leaf in leaves:
        tail.add(leaf)
        frontier.add(leaf)

    assert (root(leaves), root(leaves)) == (tail.root(), frontier.root())


@few
@given(SIZES, st.data())
def test_every_entry_can_be_proved(size: int, data: st.DataObject) -> None:
    """With no more hashes than the tree has levels."""
    index, leaves = data.draw(st.integers(0, size - 1)), hashed(size)
    proof = steps(leaves, tree.inclusion(index, size))

    verify_inclusion(index, size, leaves[index], proof, root(leaves))
    assert len(proof) <= (size - 1).bit_length()


@few
@given(SIZES, st.data())
def test_every_beginning_can_be_proved(size: int, data: st.DataObject) -> None:
    """Whichever two sizes."""
    first, leaves = data.draw(st.integers(1, size)), hashed(size)
    proof = steps(leaves, tree.consistency(first, size))

    verify_consistency(first, size, root(leaves[:first]), root(leaves), proof)


@few
@given(SIZES, st.data())
def test_no_altered_proof_of_inclusion_is_taken(size: int, data: st.DataObject) -> None:
    """A single bit of leaf, root or a step, another place, another size that needs another way, a step more or less."""
    index, leaves = data.draw(st.integers(0, size - 1)), hashed(size)
    proof = steps(leaves, tree.inclusion(index, size))
    parts = [leaves[index], root(leaves), *proof]
    at, bit = data.draw(st.integers(0, len(parts) - 1)), data.draw(st.integers(0, 255))
    flipped = [*parts]
    flipped[at] = (int.from_bytes(parts[at]) ^ 1 << bit).to_bytes(32)
    elsewhere = data.draw(st.integers(0, size - 1))
    altered = [
        (index, size, flipped[0], flipped[2:], flipped[1]),
        (index, size, parts[0], [*proof, parts[0]], parts[1]),
        (index + size, size, parts[0], proof, parts[1]),
        (-1, size, parts[0], proof, parts[1]),
    ]
    if elsewhere != index:
        altered.append((elsewhere, size, parts[0], proof, parts[1]))
    if proof:
        altered.append((index, size, parts[0], proof[:-1], parts[1]))

    for one in altered:
        with pytest.raises(Wrong):
            verify_inclusion(*one)


@few
@given(st.integers(2, 300), st.data())
def test_no_altered_proof_of_consistency_is_taken(size: int, data: st.DataObject) -> None:
    """A single bit of a root or a step, another beginning, a step more or less, or none at all."""
    first, leaves = data.draw(st.integers(1, size - 1)), hashed(size)
    roots = [root(leaves[:first]), root(leaves)]
    proof = steps(leaves, tree.consistency(first, size))
    parts = [*roots, *proof]
    at, bit = data.draw(st.integers(0, len(parts) - 1)), data.draw(st.integers(0, 255))
    flipped = [*parts]
    flipped[at] = (int.from_bytes(parts[at]) ^ 1 << bit).to_bytes(32)
    forked = root([*hashed(first)[:-1], leaf_hash(b"another")])
    altered = [
        (first, size, flipped[0], flipped[1], flipped[2:]),
        (first, size, *roots, [*proof, roots[0]]),
        (first, size, *roots, proof[:-1]),
        (first, size, forked, roots[1], proof),
        (size, first, *roots, proof),
        (0, size, *roots, proof),
    ]

    for one in altered:
        with pytest.raises(Wrong):
            verify_consistency(*one)


@settings(deadline=None)
@given(st.integers(1, 2**40), st.integers(1, 2**40))
def test_ranges_are_made_of_what_they_cover(one: int, other: int) -> None:
    """Complete subtrees beside each other, from the first leaf to the last."""
    assume(one != other)
    first, size = sorted((one, other))
    for start, end in (*tree.consistency(first, size), *tree.inclusion(first - 1, size)):
        at = start
        for level, index in tree.nodes_of((start, end)):
            assert at == index << level
            at += 1 << level
        assert end == at


def test_there_is_no_proof_of_what_is_not_there() -> None:
    """Neither of a leaf behind the end, nor of a tree that begins a smaller one."""
    with pytest.raises(ValueError, match="no leaf 3"):
        tree.inclusion(3, 3)
    with pytest.raises(ValueError, match="beginning"):
        tree.consistency(4, 3)
