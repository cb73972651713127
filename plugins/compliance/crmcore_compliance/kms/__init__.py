"""Key services: who wraps the keys of the keystore."""

from __future__ import annotations

from crmcore_compliance.kms.choosing import SCHEMES, kms_of
from crmcore_compliance.kms.service import KeyGone, KeyInfo, KeyServiceDown, KeysStay, Kms, Wrapped

__all__ = ["SCHEMES", "KeyGone", "KeyInfo", "KeyServiceDown", "KeysStay", "Kms", "Wrapped", "kms_of"]
