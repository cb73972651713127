"""Values that stand nowhere else, and looking for them in whatever bytes there are."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator
from random import Random
from urllib.parse import quote

__all__ = ["canary", "encodings", "found_in"]

_LETTERS = "bcdfghjklmnpqrstvwxz"
#: Shorter pieces of base64 might be there by chance.
_LEAST = 10


def canary(n: int, what: str) -> str:
    """Return a value of one subject that no other has, as in `Qzkwvbnkdmpl`."""
    made = Random(f"{n} {what}")
    return "Q" + "".join(made.choice(_LETTERS) for _ in range(12))


def encodings(text: str) -> Iterator[bytes]:
    """Give a text in every usual encoding: plain in either case, UTF-16, hexadecimal, base64 at each offset, JSON, URL."""
    for form in (text, text.lower(), text.upper(), text[::-1]):
        data = form.encode()
        yield from (data, form.encode("utf-16-le"), form.encode("utf-16-be"))
        yield from (data.hex().encode(), data.hex().upper().encode())
        yield json.dumps(form)[1:-1].encode()
        yield quote(form).encode()
        for before in range(3):
            # Where it begins within a group of three, its first and last characters depend on what is beside it.
            piece = b64encode(b"\0" * before + data)[(before * 8 + 5) // 6 : -4]
            if len(piece) >= _LEAST:
                yield piece
                yield piece.translate(bytes.maketrans(b"+/", b"-_"))


def found_in(data: bytes, canaries: Iterable[str]) -> list[tuple[str, bytes]]:
    """Return which canaries stand somewhere, with the encoding that gave them away."""
    beginnings: dict[bytes, list[tuple[str, bytes]]] = {}
    for text in canaries:
        for form in set(encodings(text)):
            beginnings.setdefault(form[:_LEAST], []).append((text, form))
    # Once through all there is, however many are looked for.
    places = (at for at in range(len(data)) if data[at : at + _LEAST] in beginnings)
    found = {one: None for at in places for one in beginnings[data[at : at + _LEAST]] if data.startswith(one[1], at)}
    return list(found)
