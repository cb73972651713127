"""Published test vectors pass through the adapters that everything else uses."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest
from crmcore_compliance.crypto import (
    SUITES,
    Cost,
    Signer,
    TokenKey,
    Unreadable,
    derive,
    from_passphrase,
    open_wire,
    seal_wire,
    verify,
    wire,
)
from vectors import blocks, wycheproof

_HEADER = b"\x01\x00\x00\x00\x07"


def _opened(suite: str, key: bytes, nonce: bytes, body: bytes, aad: bytes) -> bytes | None:
    try:
        return open_wire(SUITES[suite].cipher(key), _HEADER, _HEADER + nonce + body, aad)
    except Unreadable:
        return None


def _sealed(suite: str, key: bytes, nonce: bytes, plain: bytes, aad: bytes, patch: pytest.MonkeyPatch) -> bytes:
    patch.setattr(wire, "urandom", lambda count: nonce[:count])
    return seal_wire(SUITES[suite].cipher(key), _HEADER, plain, aad)


def test_wycheproof_aes_gcm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Valid cases open and are what sealing gives; invalid ones, and those with nonces that we never write, do not open."""
    ran = {"valid": 0, "invalid": 0}
    for group, case in wycheproof("Cipher/wycheproof/aes_gcm_test.json"):
        given = {name: bytes.fromhex(case[name]) for name in ("key", "iv", "aad", "msg", "ct", "tag")}
        right = case["result"] == "valid" and group["ivSize"] == 96
        body = given["ct"] + given["tag"]

        found = _opened("AES256_GCM", given["key"], given["iv"], body, given["aad"])

        assert found == (given["msg"] if right else None), case["tcId"]
        if right:
            expected = _HEADER + given["iv"] + body
            made = _sealed("AES256_GCM", given["key"], given["iv"], given["msg"], given["aad"], monkeypatch)
            assert made == expected, case["tcId"]
        ran["valid" if right else "invalid"] += 1
    assert ran["valid"] > 100
    assert ran["invalid"] > 100


@pytest.mark.parametrize("name", ["gcmDecrypt256", "gcmEncryptExtIV256"])
def test_nist_aes_gcm(name: str) -> None:
    """NIST's cases with nonces of 96 and tags of 128 bits."""
    ran = 0
    for case in blocks(f"ciphers/AES/GCM/{name}.rsp"):
        if len(case["IV"]) != 24 or len(case["Tag"]) != 32:
            continue
        key, nonce, aad, text, tag = (bytes.fromhex(case[part]) for part in ("Key", "IV", "AAD", "CT", "Tag"))
        expected = None if "FAIL" in case else bytes.fromhex(case["PT"])
        assert _opened("AES256_GCM", key, nonce, text + tag, aad) == expected, case
        ran += 1
    assert ran > 300


def test_aes_gcm_siv(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cases of RFC 8452, as OpenSSL has them."""
    ran = 0
    for case in blocks("ciphers/AES/GCM-SIV/openssl.txt"):
        if len(case["Key"]) != 64:
            continue
        key, nonce, plain, text, tag = (
            bytes.fromhex(case.get(part, "")) for part in ("Key", "IV", "Plaintext", "Ciphertext", "Tag")
        )
        aad = bytes.fromhex(case.get("AAD", ""))
        if plain:
            made = _sealed("AES256_GCM_SIV", key, nonce, plain, aad, monkeypatch)
            assert made == _HEADER + nonce + text + tag, case
        assert _opened("AES256_GCM_SIV", key, nonce, text + tag, aad) == plain, case
        ran += 1
    assert ran > 20


def test_wycheproof_ed25519() -> None:
    """Valid signatures verify and invalid ones do not; about the acceptable ones nobody agrees."""
    for group, case in wycheproof("Signature/wycheproof/ed25519_test.json"):
        public = bytes.fromhex(group["publicKey"]["pk"])
        found = verify(public, bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]))
        assert case["result"] == "acceptable" or found == (case["result"] == "valid"), case["tcId"]


def test_ed25519_of_rfc_8032() -> None:
    """Signing gives the published signatures and public keys."""
    text = files("cryptography_vectors").joinpath("asymmetric", "Ed25519", "sign.input").read_text()
    for line in text.splitlines()[:128]:
        secret, public, message, signed = (bytes.fromhex(part) for part in line.split(":")[:4])
        signer = Signer(1, secret[:32])
        assert signer.public == public
        assert signer.sign(message) == signed[:64]


def test_wycheproof_hkdf() -> None:
    """Keys are derived as published; too long ones are refused."""
    for _, case in wycheproof("Protocol/wycheproof/hkdf_sha256_test.json"):
        ikm, salt, info = (bytes.fromhex(case[part]) for part in ("ikm", "salt", "info"))
        if case["result"] == "valid":
            assert derive(ikm, salt, info, case["size"]).hex() == case["okm"], case["tcId"]
        else:
            with pytest.raises(ValueError, match="larger"):
                derive(ikm, salt, info, case["size"])


def test_tokens_are_hmac_of_rfc_4231() -> None:
    """A token of 256 bits is HMAC-SHA256."""
    ran = 0
    for case in blocks("HMAC/rfc-4231-sha256.txt"):
        assert TokenKey(bytes.fromhex(case["Key"])).token(bytes.fromhex(case["Msg"])).hex() == case["MD"]
        ran += 1
    assert ran >= 5


def test_passphrases_are_argon2id_of_openssl() -> None:
    """Keys of passphrases are Argon2id's, for the published cases without secret and associated data, of 32 bytes."""
    ran = 0
    for case in blocks("KDF/argon2id.txt"):
        if case.get("secret") or case.get("ad") or case["length"] != "32":
            continue
        cost = Cost(int(case["memcost"]), int(case["iter"]), int(case["lanes"]))
        passphrase = bytes.fromhex(case["pass"]).decode()
        assert from_passphrase(passphrase, bytes.fromhex(case["salt"]), cost).hex() == case["output"]
        ran += 1
    assert ran > 0


def _tink(template: Any, suite: str, secret: bytes, id: int) -> Any:
    import tink
    from tink import cleartext_keyset_handle
    from tink.proto import aes_gcm_pb2, aes_gcm_siv_pb2, tink_pb2

    proto = aes_gcm_pb2.AesGcmKey if suite == "AES256_GCM" else aes_gcm_siv_pb2.AesGcmSivKey
    keyset = tink_pb2.Keyset(primary_key_id=id)
    key = keyset.key.add(key_id=id, status=tink_pb2.ENABLED, output_prefix_type=tink_pb2.TINK)
    key.key_data.type_url = template.type_url
    key.key_data.value = proto(version=0, key_value=secret).SerializeToString()
    key.key_data.key_material_type = tink_pb2.KeyData.SYMMETRIC
    return cleartext_keyset_handle.read(tink.BinaryKeysetReader(keyset.SerializeToString()))


@pytest.mark.parametrize("suite", SUITES)
def test_tink_opens_ours_and_we_open_tinks(suite: str) -> None:
    """A keyset of Google's Tink with the same key reads and writes the same ciphertexts."""
    from tink import aead

    aead.register()
    templates = {
        "AES256_GCM": aead.aead_key_templates.AES256_GCM,
        "AES256_GCM_SIV": aead.aead_key_templates.AES256_GCM_SIV,
    }
    secret, id = bytes(range(32)), 0x01020304
    theirs = _tink(templates[suite], suite, secret, id).primitive(aead.Aead)
    cipher, header = SUITES[suite].cipher(secret), wire.header(id)

    assert theirs.decrypt(seal_wire(cipher, header, b"Ada Lovelace", b"place"), b"place") == b"Ada Lovelace"
    assert open_wire(cipher, header, theirs.encrypt(b"Ada Lovelace", b"place"), b"place") == b"Ada Lovelace"
