"""The plugin's settings."""

from __future__ import annotations

import msgspec

__all__ = ["ComplianceSettings"]


class ComplianceSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings of the compliance plugin.

    Attributes:

        tenant: names this installation in keys and ciphertexts; it can never change once something is sealed.
        kms: key service that wraps the keys: file://, env://, aws-kms://, gcp-kms:// or hcvault://.
        passphrase: seals the keyring of a file:// key service (Argon2id); give it as CRM_COMPLIANCE_PASSPHRASE, not in a file.
        keystore: URL of the database of keys; never the database of the data.
        suite: cipher of new keys: "AES256_GCM" or "AES256_GCM_SIV"; those there are keep theirs.
        epoch_days: so many days after it began, an epoch is followed by another one.
        epoch_kept_days: so many days later its key is destroyed, and with it all backups of the keystore made until then.
        former_keys_days: so many days after another key took over, one that seals nothing any more is destroyed; backups of
            the data from before values were sealed anew cannot be read then.
        sealed: fields that are stored as ciphertext, as in "customer.familyName"; "personal" and "sensitive" name all such,
            and "-customer.website" takes one out again.
        searched: how a sealed field is looked up, where not as its category says: `{"customer.jobTitle" = "name-v1"}`;
            "none" keeps no tokens of it.
        prefix: sealed fields that `startsWith` finds too; tokens of their beginnings tell more of them.
        field_ids: what fields were called when they were first sealed, for those that were renamed since.
        region: country of telephone numbers without one, as in "CN"; empty is none.
        expected_records: how many records of an entity there will be, by which tokens of common values are cut.
        matches: how many records a look-up may open before it is refused.
        sortable: how many records a list may have that is ordered by a sealed field.
        opened: how many opened records stay in memory, as long as their keys do: at most five minutes; 0 is none.
        sealing_rate: records a second that are sealed in the background.
        request_days: days in which the house answers requests, by law, where fewer than that gives: `{GDPR = 20}`.
        identity_days: days after which a request expires that nobody proved to be theirs.
        package_days: days for which packages are kept that were made for those who asked what is held of them.
        audit_seconds: seconds in which what has happened is gathered before the audit log's next head is signed.
        audit_witness: who keeps the audit log's heads where nobody can write who can write to the database, as
            file:///mnt/witness/heads.jsonl or https://witness.example.com/heads.
        reveals_per_hour: how many masked values one person may have shown in full within an hour.
        controller: who answers for the processing: the company's name.
        controller_address: its address.
        controller_contact: how to reach it.
        privacy_officer: name and address of the data protection officer; empty if there need be none.
        withdrawal: what people are told of how to withdraw consent.
        storage_locations: where the data are kept, as in "Frankfurt, DE".
        strict: whether the CRM refuses to start while a column of text, a date or JSON is not classified.
    """

    tenant: str = "default"
    kms: str = "file://crm-keyring.json"
    passphrase: str = ""
    keystore: str = "sqlite:///crm-keystore.db"
    suite: str = "AES256_GCM"
    epoch_days: int = 30
    epoch_kept_days: int = 30
    former_keys_days: int = 90
    sealed: tuple[str, ...] = ()
    searched: dict[str, str] = msgspec.field(default_factory=dict)
    prefix: tuple[str, ...] = ()
    field_ids: dict[str, str] = msgspec.field(default_factory=dict)
    region: str = ""
    expected_records: int = 100_000
    matches: int = 10_000
    sortable: int = 2_000
    opened: int = 5_000
    sealing_rate: int = 2_000
    request_days: dict[str, int] = msgspec.field(default_factory=dict)
    identity_days: int = 30
    package_days: int = 30
    controller: str = ""
    controller_address: str = ""
    controller_contact: str = ""
    privacy_officer: str = ""
    withdrawal: str = "Write to us."
    storage_locations: tuple[str, ...] = ()
    strict: bool = False
    audit_seconds: float = 1.0
    audit_witness: tuple[str, ...] = ()
    reveals_per_hour: int = 30
