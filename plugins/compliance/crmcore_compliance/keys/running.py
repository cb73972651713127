"""The keyring while a CRM runs: opened at its start, refused where it would protect nothing."""

from __future__ import annotations

from crmcore import Crm
from crmcore.errors import SetupError
from crmcore_compliance.keys.keyring import Keyring
from crmcore_compliance.state import compliance_of

__all__ = ["close_keyring", "open_keyring"]


async def open_keyring(crm: Crm) -> None:
    """Open the keyring; where fields are sealed, the key service must be usable.

    Raises:

        SetupError: keys and data share a database, or keystore or key service cannot be used.
    """
    compliance = compliance_of(crm)
    if compliance.settings.keystore == crm.settings.database:
        msg = (
            "The setting keystore of the plugin compliance names the database of the data: whoever restores a backup of it "
            "would restore destroyed keys too. Name another database, with backups of its own."
        )
        raise SetupError("compliance-keystore", [msg])
    compliance.keyring = await Keyring.open(compliance.settings)
    if compliance.settings.sealed:
        try:
            await compliance.keyring.epochs.service().describe()
        except BaseException:
            await compliance.keyring.close()
            raise


async def close_keyring(crm: Crm) -> None:
    """Close the keyring."""
    await compliance_of(crm).keyring.close()
