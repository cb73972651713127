"""The documents an operator has agreed to: read from what client build tools write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from crmcore.errors import SetupError

__all__ = ["PREFIX", "load_persisted"]

#: What an id may begin with that is a hash of the text (GraphQL over HTTP, appendix on persisted documents); clients send
#: it with this or without, so it is no part of an id here.
PREFIX = "sha256:"


class _Stored(msgspec.Struct, frozen=True):
    id: str
    body: str


class _Apollo(msgspec.Struct, frozen=True):
    """Apollo's form of version 1; `operations` may have more members, such as `name` and `type`."""

    format: str
    version: int
    operations: list[_Stored]


def load_persisted(where: str | None) -> Mapping[str, str]:
    """Read the documents by id, none where there is no setting.

    Args:

        where: a file, or a folder whose `*.json` are read. A file has `{"<id>": "<text>"}`, as GraphQL Code Generator's
            client preset (`persistedDocuments`) and Relay (`persistConfig.file`) write it, or Apollo's
            `{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id", "body"}]}`.

    Raises:

        SetupError: there is no such file, one is of neither form, or two give one id to different texts.
    """
    texts: dict[str, str] = {}
    problems: list[str] = []
    if where is not None:
        for file in _files(Path(where), problems):
            for given, text in _read(file, problems):
                id = given.removeprefix(PREFIX)
                if texts.setdefault(id, text) != text:
                    problems.append(
                        f"{file} gives the id {id[:80]} to another document than a file before it; build the clients again, one id is one text."
                    )
    if problems:
        raise SetupError("persisted-documents", problems)
    return texts


def _files(where: Path, problems: list[str]) -> list[Path]:
    found = sorted(where.glob("*.json")) if where.is_dir() else [where]
    if not found:
        problems.append(
            f"The folder {where}, set as graphql.persisted_documents, has no *.json; put the clients' manifests there."
        )
    return found


def _read(file: Path, problems: list[str]) -> Iterator[tuple[str, str]]:
    try:
        content = file.read_bytes()
    except OSError as wrong:
        problems.append(
            f"The persisted documents {file} cannot be read: {wrong.strerror}; correct graphql.persisted_documents."
        )
        return
    try:
        document = msgspec.json.decode(content)
        if isinstance(document, dict) and "operations" in document:
            yield from ((stored.id, stored.body) for stored in msgspec.convert(document, _Apollo).operations)
        else:
            yield from msgspec.convert(document, dict[str, str]).items()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        problems.append(
            f'{file} is no manifest of persisted documents: {wrong}. It should be {{"<id>": "<text>", ...}}.'
        )
