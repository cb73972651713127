"""Verifies an exported audit log without the CRM: one file, Python's standard library, nothing else to install.

    python offline.py log EXPORT.jsonl [--key BASE64]... [--witness HEADS.jsonl]...
    python offline.py proof PROOF.json [--key BASE64]...

Leaves, nodes and proofs are those of RFC 9162. Only signatures (Ed25519) need more: the package `cryptography`, or else
the command `openssl`; with neither, all else is checked and the exit code is 3.

What it cannot know: whether an entry tells the truth, and whether something was never entered. Truncation, and a log that was
written anew as a whole, show only where heads were kept elsewhere (`--witness`), or the key (`--key`).
"""

from __future__ import annotations

import argparse
import base64
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

__all__ = [
    "EMPTY",
    "Frontier",
    "Heads",
    "LogCheck",
    "Wrong",
    "head_bytes",
    "leaf_hash",
    "node_hash",
    "verify_consistency",
    "verify_inclusion",
    "verify_proof",
]

#: The root of a log without entries.
EMPTY = sha256().digest()
_HEAD = b"crmcore audit head v1\n"
#: SubjectPublicKeyInfo of an Ed25519 key, up to the key itself (RFC 8410).
_ED25519 = bytes.fromhex("302a300506032b6570032100")


class Wrong(Exception):
    """The log, a head or a proof is not what it should be; the text says which and why."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of an entry (RFC 9162, 2.1.1)."""
    return sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees."""
    return sha256(b"\1" + left + right).digest()


class Frontier:
    """A tree that grows at its end: of each complete subtree at its right edge it keeps the root alone."""

    def __init__(self) -> None:
        self.size = 0
        self._edge: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Append the hash of an entry."""
        edge, rest = self._edge, self.size
        while rest & 1:
            leaf = sha256(b"\1" + edge.pop() + leaf).digest()
            rest >>= 1
        edge.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """Return the root of the tree as it is."""
        if not self._edge:
            return EMPTY
        root = self._edge[-1]
        for left in reversed(self._edge[:-1]):
            root = node_hash(left, root)
        return root


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Check that a leaf is number `index`, from 0, in the tree of `size` with `root` (RFC 9162, 2.1.3.2).

    Raises:

        Wrong: it is not, or the proof does not show it.
    """
    right = 0 <= index < size and _whole(leaf, root, *proof) and _climbed(index, size - 1, leaf, proof)[1] == root
    _sure(right, f"The proof does not show that entry {index} is in the log of {size} with this root.")


def verify_consistency(first: int, second: int, root1: bytes, root2: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree of size `first` with `root1` is the beginning of that of `second` (RFC 9162, 2.1.4.2).

    Raises:

        Wrong: it is not, or the proof does not show it.
    """
    _sure(0 < first <= second and _whole(*proof), f"Nothing shows that a log of {first} begins one of {second}.")
    path = list(proof) if first & (first - 1) and first != second else [root1, *proof]
    at, last = (0, 0) if first == second else (first - 1, second - 1)
    while at & 1:
        at, last = at >> 1, last >> 1
    right = bool(path) and _climbed(at, last, path[0], path[1:]) == (root1, root2)
    _sure(right, f"The log of {first} is not the beginning of the log of {second}, or the proof does not show it.")


def _sure(right: bool, otherwise: str) -> None:
    if not right:
        raise Wrong(otherwise)


def _whole(*hashes: bytes) -> bool:
    return all(len(one) == len(EMPTY) for one in hashes)


def _climbed(at: int, last: int, begin: bytes, steps: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Return the roots that a way up from a node leads to: of the tree that ends with it, and of that which goes on."""
    old = new = begin
    for step in steps:
        _sure(last > 0, "The proof is too long.")
        if at & 1 or at == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, step)
        at, last = at >> 1, last >> 1
    _sure(last == 0, "The proof is too short.")
    return old, new


def head_bytes(head: Mapping[str, Any]) -> bytes:
    """Return what is signed of a head: all but its signature, as RFC 8785 writes it."""
    said = {name: value for name, value in head.items() if name != "signature"}
    return _HEAD + json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _signed(key: bytes, signature: bytes, message: bytes) -> bool | None:
    """Say whether a signature is right; None if nothing is installed that could."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return _signed_by_openssl(key, signature, message)
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _signed_by_openssl(key: bytes, signature: bytes, message: bytes) -> bool | None:
    if (openssl := shutil.which("openssl")) is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for name, content in (("key", _ED25519 + key), ("signature", signature), ("message", message)):
            (place / name).write_bytes(content)
        asked = "pkeyutl -verify -rawin -pubin -keyform DER -inkey key -sigfile signature -in message".split()
        found = subprocess.run([openssl, *asked], cwd=place, capture_output=True, check=False)  # noqa: S603  all is ours
        return found.returncode == 0


def _decoded(text: Any, what: str) -> bytes:
    try:
        found = base64.b64decode(text, validate=True)
    except (TypeError, ValueError):
        found = b""
    _sure(base64.b64encode(found).decode() == text, f"{what} is not base64, in the one way in which it is written.")
    return found


class Heads:
    """Checks heads; `unsigned` counts those whose signature nothing here could check."""

    def __init__(self, trusted: Iterable[str] = ()) -> None:
        self.keys: dict[str, bytes] = {}
        self.unsigned, self._closed = 0, False
        self.learn(trusted)
        self._closed = bool(self.keys)

    def learn(self, keys: Iterable[str]) -> None:
        """Take the keys that a file names, unless trusted ones were given; a key's name is a digest of it."""
        if not self._closed:
            decoded = [_decoded(key, "A key") for key in keys]
            self.keys |= {sha256(key).hexdigest()[:32]: key for key in decoded}

    def check(self, head: Mapping[str, Any]) -> tuple[int, bytes]:
        """Return size and root of a head that is signed as it should be."""
        size, root, name = int(head["size"]), _decoded(head["root"], "A root"), str(head["key"])
        _sure(_whole(root) and name in self.keys, f"The head of {size} is signed by the key {name}, which nobody gave.")
        right = _signed(self.keys[name], _decoded(head["signature"], "A signature"), head_bytes(head))
        _sure(right is not False, f"The signature of the head of {size} is not of the key {name}.")
        self.unsigned += right is None
        return size, root


class LogCheck:
    """Checks an export, line by line: each entry is where it was, and each head is that of the entries before it."""

    def __init__(self, heads: Heads, witnesses: Iterable[bytes] = ()) -> None:
        self.tree = Frontier()
        self._heads, self._witnesses = heads, witnesses
        self._log: str | None = None
        self._previous, self._ended, self._at = "", True, 0
        self._seen: list[tuple[int, bytes, str]] = []

    def see(self, line: bytes) -> None:
        """Take the next line.

        Raises:

            Wrong: it is not what was signed.
        """
        if line.startswith(b'{"head":'):
            self._head(json.loads(line)["head"])
        elif self._log is None:
            begin = json.loads(line)["log"]
            self._log = begin["id"]
            self._heads.learn(begin["keys"])
            kept = (json.loads(told) for told in self._witnesses if told.strip())
            self._seen = sorted((*self._heads.check(one), one["log"]) for one in kept)
        else:
            self.tree.add(sha256(b"\0" + line.rstrip(b"\n")).digest())
            self._ended = False
        while self._at < len(self._seen) and self._seen[self._at][0] <= self.tree.size:
            size, root, log = self._seen[self._at]
            right = log == self._log and (size < self.tree.size or root == self.tree.root())
            _sure(right, f"A witness saw another log: its head of {size} is not one of this log.")
            self._at += 1

    def end(self) -> None:
        """Say that there are no more lines.

        Raises:

            Wrong: there should be.
        """
        more = f"The log was truncated: a witness saw {self._seen and self._seen[-1][0]} entries, here are {self.tree.size}."
        _sure(self._at == len(self._seen), more)
        whole = self._log is not None and self._ended
        _sure(whole, "The export has no beginning, or entries after its last head, which nobody signed.")

    def _head(self, head: Mapping[str, Any]) -> None:
        size, root = self._heads.check(head)
        follows = (head["log"], head["previous"]) == (self._log, self._previous)
        _sure(follows, f"The head of {size} is of another log, or not the one after the head before it.")
        right = size == self.tree.size and root == self.tree.root()
        _sure(right, f"Entries 0 to {self.tree.size - 1} are not those of the signed head of {size}.")
        self._previous, self._ended = sha256(head_bytes(head)).hexdigest(), True


def verify_proof(proof: Mapping[str, Any], heads: Heads) -> str:
    """Check a proof as `crm compliance audit prove` writes it: of an entry, or that one head follows from another."""
    heads.learn(proof["keys"])
    size, root = heads.check(proof["head"])
    steps = [_decoded(step, "A step of the proof") for step in proof["proof"]]
    if "entry" in proof:
        verify_inclusion(proof["number"], size, leaf_hash(proof["entry"].encode()), steps, root)
        return f"Entry {proof['number']} is in the log of {size}."
    first, root1 = heads.check(proof["first"])
    _sure(proof["first"]["log"] == proof["head"]["log"], "The two heads are of different logs.")
    verify_consistency(first, size, root1, root, steps)
    return f"The log of {first} is the beginning of the log of {size}."


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 if all is right, 1 if something is wrong, 3 if signatures could not be checked."""
    parser = argparse.ArgumentParser(description="Verify an exported audit log, or a proof.")
    parser.add_argument("what", choices=("log", "proof"))
    parser.add_argument("file", type=Path)
    parser.add_argument("--key", action="append", default=[], help="Public key (Ed25519, base64) that you trust.")
    parser.add_argument(
        "--witness", action="append", default=[], type=Path, help="File with heads that a witness kept."
    )
    asked = parser.parse_args(arguments)
    try:
        heads = Heads(asked.key)
        if asked.what == "log":
            check = LogCheck(heads, [line for file in asked.witness for line in file.read_bytes().splitlines()])
            with asked.file.open("rb") as lines:
                for line in lines:
                    check.see(line)
            check.end()
            root = base64.b64encode(check.tree.root()).decode()
            told = f"{check.tree.size} entries are as they were signed; root {root}."
        else:
            told = verify_proof(json.loads(asked.file.read_bytes()), heads)
    except (Wrong, OSError, ValueError, KeyError, TypeError) as problem:
        sys.stderr.write(f"WRONG: {problem}\n")
        return 1
    sys.stdout.write(f"{told}\n")
    if not asked.key:
        sys.stdout.write("The keys are those that the file names; give those you have from elsewhere with --key.\n")
    if heads.unsigned:
        sys.stderr.write(f"{heads.unsigned} signatures were not checked: install `cryptography` or `openssl`.\n")
    return 3 if heads.unsigned else 0


if __name__ == "__main__":
    sys.exit(main())
