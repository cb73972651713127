"""What may be done with a key in which state, and which state may follow (NIST SP 800-57 part 1, section 7)."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from crmcore import errors

__all__ = ["OPENS", "SEALS", "KeyState", "moved"]


class KeyState(StrEnum):
    """The states of a key."""

    PRE_ACTIVE = "PRE_ACTIVE"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    DEACTIVATED = "DEACTIVATED"
    COMPROMISED = "COMPROMISED"
    DESTROYED = "DESTROYED"


_S = KeyState
#: In which something may be sealed.
SEALS: Final = frozenset({_S.ACTIVE})
#: In which what was sealed may be opened.
OPENS: Final = frozenset({_S.ACTIVE, _S.SUSPENDED, _S.DEACTIVATED, _S.COMPROMISED})
_NEXT: Final = {
    _S.PRE_ACTIVE: {_S.ACTIVE, _S.COMPROMISED, _S.DESTROYED},
    _S.ACTIVE: {_S.SUSPENDED, _S.DEACTIVATED, _S.COMPROMISED, _S.DESTROYED},
    _S.SUSPENDED: {_S.ACTIVE, _S.DEACTIVATED, _S.COMPROMISED, _S.DESTROYED},
    _S.DEACTIVATED: {_S.COMPROMISED, _S.DESTROYED},
    _S.COMPROMISED: {_S.DESTROYED},
    _S.DESTROYED: set[KeyState](),
}


def moved(what: str, before: KeyState, after: KeyState) -> KeyState:
    """Return `after` if a key may go there.

    Args:

        what: the key, in words.
        before: its state.
        after: the one it shall have.

    Raises:

        Conflict: SP 800-57 knows no such transition.
    """
    if after not in _NEXT[before]:
        allowed = ", ".join(sorted(_NEXT[before])) or "none"
        msg = f"{what} is {before}; from there it can become: {allowed}, not {after}."
        raise errors.Conflict(msg)
    return after
