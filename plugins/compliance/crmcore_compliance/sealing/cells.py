"""Sealing and opening many values at once: the path that every page of records takes, so it is flat and does little.

A sealed value is `crm1:` and base64url, without padding, of Tink's wire format: 0x01, the key's id, nonce, ciphertext, tag.
It is bound to tenant, field, record, subject, key and kind (see `crypto.aad`); the same bytes are put together here from
parts that are made once for a field, once for a key, and once for a record.
"""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Callable, Mapping, Sequence
from os import urandom
from typing import Any, Final, NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag

from crmcore.entities.sealing import ERASED, MARK, Cell
from crmcore_compliance.crypto import Unreadable
from crmcore_compliance.crypto.aad import NOBODY, joined
from crmcore_compliance.keys.key import Key
from crmcore_compliance.sealing.canonical import Canonical

__all__ = [
    "BODY",
    "HEAD",
    "Door",
    "Opener",
    "about",
    "altered",
    "door_of",
    "of_somebody_else",
    "open_cells",
    "opener_of",
    "seal_cells",
]

_LENGTH: Final = (16).to_bytes(4, "little")
_KEY: Final = (4).to_bytes(4, "little")
_NONCE: Final = 12
#: Where nonce and ciphertext begin.
HEAD, BODY = 5, 5 + _NONCE
_URL: Final = bytes.maketrans(b"+/", b"-_")

#: One key: what opens with it, what is bound between the record's id and the kind, whose it is, and their id's bytes: none of nobody.
Opener = tuple[Callable[[bytes, bytes, bytes], bytes], bytes, UUID | None, bytes]

#: What the last values of one key were bound to: record, subject, what opens them, and the bytes of the two.
_Bound = tuple[UUID, UUID | None, Callable[[bytes, bytes, bytes], bytes] | None, bytes]


class Door(NamedTuple):
    """One field.

    Attributes:

        before, behind: what its values are bound to before the record's id, and behind the key's.
        decode, encode: between bytes and values.
        plain: what makes Python values of those that are not sealed; None where there must be none.
        loose: whether the database itself may have emptied the link to the subject since.
    """

    before: bytes
    behind: bytes
    decode: Callable[[bytes], Any]
    encode: Callable[[Any], bytes]
    plain: Callable[[Any], Any] | None
    loose: bool


def door_of(tenant: str, field: str, canonical: Canonical, *, plain: Callable[[Any], Any] | None, loose: bool) -> Door:
    """Return a field made ready."""
    before = joined(b"crm1", tenant.encode(), field.encode()) + _LENGTH
    return Door(before, joined(canonical.tag), canonical.decode, canonical.encode, plain, loose)


def about(key: Key) -> bytes:
    """Return what is bound between the record's id and the kind: subject and key."""
    whose = NOBODY if key.subject is None else key.subject.int.to_bytes(16, "big")
    return _LENGTH + whose + _KEY + key.header[1:]


def opener_of(key: Key) -> Opener:
    """Return a key made ready; once, since a key in memory opens many values."""
    if key.ready is None:
        key.ready = key.aead.decrypt, about(key), key.subject, b"" if key.subject is None else key.subject.bytes
    ready: Opener = key.ready
    return ready


def seal_cells(cells: Sequence[Cell], doors: Mapping[str, Door], keys: Mapping[UUID | None, Key]) -> list[str]:
    """Return values as they are stored, each under its subject's key."""
    ready = {subject: (key.aead.encrypt, key.header, about(key)) for subject, key in keys.items()}
    nonces = urandom(_NONCE * len(cells))
    at, texts = 0, []
    for column, id, subject, value in cells:
        before, behind, _, encode, _, _ = doors[column]
        encrypt, header, bound = ready[subject]
        nonce = nonces[at : at + _NONCE]
        at += _NONCE
        wire = header + nonce + encrypt(nonce, encode(value), before + id.int.to_bytes(16, "big") + bound + behind)
        texts.append(MARK + b2a_base64(wire, newline=False).translate(_URL).rstrip(b"=").decode())
    return texts


def open_cells(
    cells: Sequence[Cell],
    wires: Sequence[bytes | None],
    doors: Mapping[str, Door],
    keys: Mapping[bytes, Opener | None],
    *,
    past: bool,
) -> list[Any]:
    """Return values as Python has them, `ERASED` where the key is gone.

    Args:

        cells: the values.
        wires: the bytes of each, None for one that is not sealed.
        doors: by column.
        keys: by the first five bytes of a wire; None for one that was destroyed.
        past: whose the values are the keys say, not the cells.

    Raises:

        Unreadable: one was altered or moved, or has a key that never was.
    """
    values: list[Any] = []
    add = values.append
    # A record has several values here, so what they are all bound to is made once for it.
    bound: dict[bytes, _Bound] = {}
    for (column, id, subject, value), wire in zip(cells, wires, strict=True):
        before, behind, decode, _, plain, loose = doors[column]
        if wire is None:
            if plain is None:
                cause = f"{column} of record {id} is not sealed."
                raise Unreadable.because(cause)
            add(plain(value))
            continue
        header = wire[:HEAD]
        last = bound.get(header)
        if last is None or last[0] is not id or last[1] is not subject:
            last = bound[header] = _bind(keys, header, column, id, subject, past=past, loose=loose)
        decrypt = last[2]
        if decrypt is None:
            add(ERASED)
            continue
        try:
            data = decrypt(wire[HEAD:BODY], wire[BODY:], before + last[3] + behind)
        except (InvalidTag, ValueError):
            raise altered(column, id) from None
        add(decode(data))
    return values


def _bind(
    keys: Mapping[bytes, Opener | None],
    header: bytes,
    column: str,
    id: UUID,
    subject: UUID | None,
    *,
    past: bool,
    loose: bool,
) -> _Bound:
    if header not in keys:
        cause = f"{column} of record {id} has a key that never was."
        raise Unreadable.because(cause)
    if (key := keys[header]) is None:
        return id, subject, None, b""
    decrypt, about, whose, _ = key
    # By their numbers: UUIDs are compared in Python.
    if not past and (subject and subject.int) != (whose and whose.int) and not (loose and subject is None):
        raise of_somebody_else(column, id)
    return id, subject, decrypt, id.int.to_bytes(16, "big") + about


def altered(column: str, id: UUID) -> Unreadable:
    """Return the error for a value that does not open at its place."""
    return Unreadable.because(f"{column} of record {id} was altered or moved.")


def of_somebody_else(column: str, id: UUID) -> Unreadable:
    """Return the error for a value that is about another person than its record."""
    return Unreadable.because(f"{column} of record {id} is sealed for somebody else.")
