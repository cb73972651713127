"""What of a value is shown to those for whom its field is masked: enough to tell records apart, too little to use."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from crmcore.entities.kinds import DATE, INSTANT, TEXT, Kind

if TYPE_CHECKING:
    from crmcore.entities.entity import Entity

__all__ = ["FIRST", "HIDDEN", "MASKS", "keeps", "mask_of", "masked"]

#: The mask of a text whose declaration names none: its first character, if enough is left to hide.
FIRST: Final = "text"
#: What stands for a text of which nothing is shown.
HIDDEN: Final = "•••"

_CJK = re.compile(
    r"[\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
)
#: Country codes of ITU-T E.164: no code begins with another one.
_COUNTRY = re.compile(r"\+(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})")
#: Where the part of a Chinese address ends that many people share.
_PROVINCE = re.compile(r"^.{1,7}?[省市]")
_YEAR = re.compile(r"\b\d{4}\b")


def masked(name: str | None, kind: Kind, value: str | None) -> str | None:
    """Return what of a value is shown.

    Args:

        name: the mask, one of `MASKS`; None is the first character.
        kind: of the value.
        value: as clients see it: texts, dates and instants as their texts.
    """
    if value is None:
        return None
    if kind is TEXT:
        return MASKS[name or FIRST](value)
    if not keeps(name, kind):
        return None
    # January 1 is what a date can be of which only the year is told.
    return f"{value[:4]}-01-01" + ("T00:00:00.000000Z" if kind is INSTANT else "")


def mask_of(entity: Entity, column: str) -> str | None:
    """Return the name of a column's mask: what seals it says, or its declaration; None is the first character."""
    sealed = entity.seal.columns.get(column) if entity.seal else None
    personal = entity.facts[column].personal
    return (sealed.mask if sealed else None) or (personal.mask if personal else None)


def keeps(name: str | None, kind: Kind) -> bool:
    """Say whether a mask leaves anything of values of a kind."""
    return kind is TEXT or (name == "year" and kind in (DATE, INSTANT))


def _first(value: str) -> str:
    return f"{value[0]}{HIDDEN}" if len(value) > 3 else HIDDEN


def _email(value: str) -> str:
    local, at, domain = value.rpartition("@")
    host, dot, top = domain.rpartition(".")
    return f"{_initial(local)}@{_initial(host)}.{top}" if at and dot else _first(value)


def _phone(value: str) -> str:
    digits = "".join(character for character in value if character.isdigit() or character == "+")
    country = _COUNTRY.match(digits)
    national = digits[country.end() :] if country else digits.lstrip("+")
    # Of nine digits and more, four are never shown; of fewer, only the last two are.
    head = national[: max(0, min(3, len(national) - 8))]
    tail = national[-4:] if len(national) > 8 else national[-2:] if len(national) > 5 else ""
    return f"{country[0]} {head}****{tail}" if country else f"{head}****{tail}"


def _name(value: str) -> str:
    stars = "*" if _CJK.match(value) else "***"
    return f"{value[0]}{stars}" if len(value) > 1 else stars


def _address(value: str) -> str:
    _, comma, town = value.rpartition(",")
    if comma and town.strip():
        return f"***,{town}"
    province = _PROVINCE.match(value) if _CJK.match(value) else None
    return f"{province[0]}***" if province and province.end() < len(value) else "***"


def _id_number(value: str) -> str:
    return f"****{value[-4:]}" if len(value) > 7 else "****"


def _year(value: str) -> str:
    year = _YEAR.search(value)
    return year[0] if year else HIDDEN


def _initial(part: str) -> str:
    return f"{part[0]}***" if len(part) > 1 else "***"


#: Masks of texts by the name that `PersonalData.mask` has.
MASKS: Final[Mapping[str, Callable[[str], str]]] = {
    FIRST: _first,
    "email": _email,
    "phone": _phone,
    "name": _name,
    "year": _year,
    "address": _address,
    "id-number": _id_number,
    "hidden": lambda _: HIDDEN,
}
