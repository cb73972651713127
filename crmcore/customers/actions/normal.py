"""The form in which e-mail addresses, numbers, domains and network names are compared."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

from crmcore.customers.tables import ContactType
from crmcore.entities import forms

__all__ = ["domain", "normalized"]

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_PHONE = re.compile(r"\+?[0-9]{3,20}")
_BESIDE_DIGITS = re.compile(r"[\s()./\-\u2010-\u2015\u00a0]")
_EXTENSION = re.compile(r"\s*(?:[;,]\s*)?(?:ext\.?|x|#)\s*[0-9]{1,8}$", re.IGNORECASE)


def normalized(type: ContactType, value: str) -> str:
    """Return the form by which a contact point is compared.

    E-mail: lower case, domain in Punycode. Numbers: ASCII digits with a leading + where the country is part of them
    (00 counts as +; an extension is left out). Web addresses: scheme and host in lower case, no closing slash.
    Names in networks: case-folded, without a leading @.

    Raises:

        ValueError: the value is no such thing; the message is a sentence for the one who typed it.
    """
    match type:
        case ContactType.EMAIL:
            local, _, host = forms.clean("email", value).rpartition("@")
            return f"{unicodedata.normalize('NFKC', local).lower()}@{domain(host)}"
        case ContactType.PHONE | ContactType.MOBILE:
            return _phone(value)
        case ContactType.WEB:
            return _web(value)
        case ContactType.SOCIAL | ContactType.MESSENGER:
            return unicodedata.normalize("NFKC", value).strip().removeprefix("@").casefold()


def domain(value: str) -> str:
    """Return a domain in lower case, labels beyond ASCII in Punycode (RFC 3492), without `www.` and what is around it.

    Labels are mapped by NFKC and lower case as UTS 46 does, and `ß` stays itself as in IDNA 2008.

    Raises:

        ValueError: it is no domain.
    """
    cleaned = unicodedata.normalize("NFKC", value).strip().lower()
    host = (urlsplit(cleaned).hostname or "") if "://" in cleaned else cleaned.split("/")[0]
    host = re.sub(r"[\u3002\uff0e\uff61]", ".", host).rstrip(".").removeprefix("www.")
    labels = [_label(label) for label in host.split(".")]
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels) or len(".".join(labels)) > 253:
        msg = f"{value[:80]!r} is not a domain; write for example example.com."
        raise ValueError(msg)
    return ".".join(labels)


def _label(label: str) -> str:
    return label if label.isascii() else f"xn--{label.encode('punycode').decode('ascii')}"


def _phone(value: str) -> str:
    digits = _BESIDE_DIGITS.sub("", _EXTENSION.sub("", unicodedata.normalize("NFKC", value)))
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    if not _PHONE.fullmatch(digits):
        msg = f"{value[:40]!r} is not a telephone number; write for example +86 10 1234 5678."
        raise ValueError(msg)
    return digits


def _web(value: str) -> str:
    parts = urlsplit(forms.clean("url", value))
    rest = value.strip().partition("://")[2][len(parts.netloc) :]
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}{rest.rstrip('/')}"
