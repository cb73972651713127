"""Cryptography behind small adapters; every primitive is `cryptography`'s, `argon2-cffi`'s or Python's own."""

from __future__ import annotations

from crmcore_compliance.crypto.aad import Place, aad
from crmcore_compliance.crypto.derivation import Cost, check_value, derive, from_passphrase
from crmcore_compliance.crypto.errors import Unreadable
from crmcore_compliance.crypto.signing import Signer, verify
from crmcore_compliance.crypto.suites import SUITES, Cipher, Suite, suite_of
from crmcore_compliance.crypto.tokens import TokenKey, slow_token
from crmcore_compliance.crypto.wire import key_id_of, open_wire, seal_wire

__all__ = [
    "SUITES",
    "Cipher",
    "Cost",
    "Place",
    "Signer",
    "Suite",
    "TokenKey",
    "Unreadable",
    "aad",
    "check_value",
    "derive",
    "from_passphrase",
    "key_id_of",
    "open_wire",
    "seal_wire",
    "slow_token",
    "suite_of",
    "verify",
]
