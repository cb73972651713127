"""Which key service a URI means; the schemes are Tink's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from crmcore.errors import SetupError
from crmcore_compliance.kms.aws import AwsKms
from crmcore_compliance.kms.env import EnvKms
from crmcore_compliance.kms.file import FileKms
from crmcore_compliance.kms.gcp import GcpKms
from crmcore_compliance.kms.service import Kms
from crmcore_compliance.kms.vault import VaultKms

__all__ = ["SCHEMES", "kms_of"]

SCHEMES: Final[dict[str, Callable[[str, str], Kms]]] = {
    "file": FileKms,
    "env": lambda uri, _: EnvKms(uri),
    "aws-kms": lambda uri, _: AwsKms(uri),
    "gcp-kms": lambda uri, _: GcpKms(uri),
    "hcvault": lambda uri, _: VaultKms(uri),
}


def kms_of(uri: str, passphrase: str = "") -> Kms:
    """Return the key service of a URI; nothing is touched yet.

    Args:

        uri: as the setting `kms` says it.
        passphrase: of a keyring in a file.

    Raises:

        SetupError: there is none of that scheme.
    """
    scheme, _, rest = uri.partition("://")
    if scheme not in SCHEMES or not rest:
        forms = ", ".join(f"{known}://" for known in SCHEMES)
        msg = f"The setting kms of the plugin compliance is {uri!r}, which is no key service; it begins with {forms}."
        raise SetupError("compliance-key-service", [msg])
    return SCHEMES[scheme](uri, passphrase)
