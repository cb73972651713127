"""The texts that sealed values are stored as, and the bytes in them."""

from __future__ import annotations

from binascii import Error, a2b_base64
from collections.abc import Sequence
from typing import Final

from crmcore.entities.sealing import MARK, Cell
from crmcore_compliance.crypto import Unreadable

__all__ = ["STANDARD", "unpack", "wire_of"]

_AHEAD: Final = len(MARK)
_NEXT: Final = f"\n{MARK}".encode()
#: From base64url to base64; what is only the one or the other becomes what is neither.
STANDARD: Final = bytes.maketrans(b"-_+/=", b"+/!!!")
#: By how many characters are left over, zeros that make whole groups of four of them; one alone is no byte.
_ZEROS: Final = (b"", b"!", b"AA", b"A")


def unpack(cells: Sequence[Cell]) -> list[bytes | None]:
    """Return the bytes of each sealed value, None for one that is not sealed; whether they are a ciphertext nobody looks.

    Raises:

        Unreadable: a sealed value is not in the form in which values are sealed.
    """
    values = [value for _, _, _, value in cells]
    try:
        text = "\n".join(values)
    except TypeError:
        text = ""
    if text.startswith(MARK):
        pieces = text[_AHEAD:].encode("ascii", "replace").translate(STANDARD).split(_NEXT)
        if len(pieces) == len(values):
            return _wires(pieces)
    # Plain values among them.
    return [_wire_in(value) for value in values]


def _wires(pieces: Sequence[bytes]) -> list[bytes | None]:
    """Return the bytes of many sealed texts without their marks: decoding them at once costs a third."""
    try:
        decoded = a2b_base64(b"".join([piece + _ZEROS[len(piece) & 3] for piece in pieces]), strict_mode=True)
    except Error:
        raise _no_base64url() from None
    wires: list[bytes | None] = []
    add, at = wires.append, 0
    for piece in pieces:
        end = at + len(piece) * 3 // 4
        add(decoded[at:end])
        at = end + (-end % 3)
        # Bits that no byte has must be none, or other texts would stand for the same bytes.
        if at != end and (decoded[end] or decoded[at - 1]):
            raise _other_text()
    return wires


def _no_base64url() -> Unreadable:
    return Unreadable.because("it is no base64url.")


def _other_text() -> Unreadable:
    return Unreadable.because("it is not in the form in which values are sealed.")


def wire_of(text: str) -> bytes:
    """Return the bytes of a sealed text.

    Raises:

        Unreadable: it is not the one text that these bytes have.
    """
    piece = text[_AHEAD:].encode("ascii", "replace").translate(STANDARD)
    try:
        decoded = a2b_base64(piece + _ZEROS[len(piece) & 3], strict_mode=True)
    except Error:
        raise _no_base64url() from None
    end = len(piece) * 3 // 4
    if decoded[end:].strip(b"\0"):
        raise _other_text()
    return decoded[:end]


def _wire_in(value: object) -> bytes | None:
    if not isinstance(value, str):
        return None
    # A column of JSON holds a sealed value as a JSON string.
    text = value[1:-1] if value.startswith(f'"{MARK}') else value
    return wire_of(text) if text.startswith(MARK) else None
