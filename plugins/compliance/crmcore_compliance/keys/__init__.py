"""Keys of subjects, wrapped under a key service, in a database of their own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from crmcore import Part
from crmcore_compliance.keys.actions import compliance_rotate_keys
from crmcore_compliance.keys.asking import ASKED
from crmcore_compliance.keys.inventory import Inventory
from crmcore_compliance.keys.jobs import JOBS
from crmcore_compliance.keys.journal import Tombstone
from crmcore_compliance.keys.key import Key
from crmcore_compliance.keys.keyring import Keyring
from crmcore_compliance.keys.permissions import PERMISSIONS
from crmcore_compliance.keys.running import close_keyring, open_keyring
from crmcore_compliance.keys.signing import PublicKey
from crmcore_compliance.keys.states import KeyState

if TYPE_CHECKING:
    import click

__all__ = ["KEYS", "Inventory", "Key", "KeyState", "Keyring", "PublicKey", "Tombstone"]


def _commands() -> Iterable[click.Command]:
    from crmcore_compliance.keys.commands import keys  # Only the command line needs it.

    return (keys,)


KEYS = Part(
    permissions=PERMISSIONS,
    actions=(compliance_rotate_keys,),
    graphql=ASKED,
    jobs=JOBS,
    commands=_commands,
    startup=open_keyring,
    shutdown=close_keyring,
)
