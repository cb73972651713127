"""The forms in which values are compared when they are looked up; each has a version in its name and never changes.

What Unicode calls equal moves with its version, so `UNICODE` is kept with every index that was built.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, Protocol

import phonenumbers

__all__ = ["NORMALISERS", "UNICODE", "Normaliser", "normaliser"]


class Normaliser(Protocol):
    """From a value's text and the region of telephone numbers without a country to the form that is compared."""

    def __call__(self, value: str, region: str) -> str:
        """Return the form."""


#: The version of Unicode by whose rules texts are folded.
UNICODE: Final = unicodedata.unidata_version

_BETWEEN: Final = re.compile(r"[\s\-./()_·•\u2010-\u2015]+")
_NUMBER: Final = re.compile(r"[+(]?[0-9][0-9 ()./\-\u2010-\u2015]{3,}(?:\s*(?:ext\.?|x|#)\s*[0-9]{1,8})?")


def _text(value: str, region: str) -> str:  # noqa: ARG001 - all are called alike
    return value if value.isascii() else unicodedata.normalize("NFC", value)


def _name(value: str, region: str) -> str:  # noqa: ARG001
    if value.isascii():
        return " ".join(value.lower().split())
    return _settled(value, lambda text: " ".join(unicodedata.normalize("NFKC", text).casefold().split()))


def _email(value: str, region: str) -> str:
    if value.isascii():
        return "".join(value.lower().split()).rstrip(".")
    local, at, host = _name(value, region).replace(" ", "").rpartition("@")
    if not host.isascii():
        host = re.sub("[\u3002\uff0e\uff61]", ".", host)
    host = host.rstrip(".")
    if not host.isascii():
        host = ".".join(
            label if label.isascii() else f"xn--{label.encode('punycode').decode()}" for label in host.split(".")
        )
    return f"{local}{at}{host}"


def _phone(value: str, region: str) -> str:
    try:
        number = phonenumbers.parse(unicodedata.normalize("NFKC", value), region or None)
    except phonenumbers.NumberParseException:
        return _identifier(value, region)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _identifier(value: str, region: str) -> str:  # noqa: ARG001
    return _settled(value, lambda text: _BETWEEN.sub("", unicodedata.normalize("NFKC", text)).upper())


def _contact(value: str, region: str) -> str:
    if "@" in value.strip()[1:]:
        return _email(value, region)
    if _NUMBER.fullmatch(unicodedata.normalize("NFKC", value).strip()):
        return _phone(value, region)
    return _name(value, region).removeprefix("@")


def _settled(value: str, fold: Callable[[str], str]) -> str:
    # Folding and taking blanks out can undo NFKC (Unicode Standard, section 3.13, D145), so it is done until nothing moves.
    while (folded := unicodedata.normalize("NFKC", fold(value))) != value:
        value = folded
    return value


NORMALISERS: Final[Mapping[str, Normaliser]] = {
    #: As it is written, in composed form.
    "text-v1": _text,
    #: Without regard to case, width and blanks, in any script.
    "name-v1": _name,
    #: As names, the domain in Punycode; dots and plus signs in the local part count.
    "email-v1": _email,
    #: E.164; what is no number is compared as an identifier.
    "phone-v1": _phone,
    #: Without blanks and separators, in capitals.
    "id-v1": _identifier,
    #: An e-mail address, a number or a name in a network, whichever it looks like.
    "contact-v1": _contact,
}


def normaliser(name: str, region: str) -> Callable[[str], str]:
    """Return a normaliser by its name, for telephone numbers of a region (`CN`; empty for none).

    Raises:

        KeyError: there is none of this name.
    """
    return partial(NORMALISERS[name], region=region)
