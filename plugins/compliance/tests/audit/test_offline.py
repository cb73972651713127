"""The offline verifier: one file that needs no CRM, and says no to everything that was changed."""

from __future__ import annotations

import ast
import base64
import builtins
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from crmcore_compliance.audit import offline
from crmcore_compliance.audit.offline import Frontier, Heads, LogCheck, Wrong, main
from crmcore_compliance.crypto.signing import Signer
from small_log import SIGNER, SmallLog, small_log

KEY = base64.b64encode(SIGNER.public).decode()


def check(text: bytes, keys: tuple[str, ...] = (), seen: list[bytes] | None = None) -> Frontier:
    """Check an export."""
    found = LogCheck(Heads(keys), seen or ())
    for line in text.splitlines(keepends=True):
        found.see(line)
    found.end()
    return found.tree


def kept(log: SmallLog) -> list[bytes]:
    """What a witness of a log has."""
    return [json.dumps(head.told).encode() for head in log.heads]


def test_it_is_one_file_of_the_standard_library() -> None:
    """But for the signatures, which need a library or a command."""
    tree = ast.parse(Path(offline.__file__).read_text())
    modules = {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }

    assert {"cryptography"} == {str(m).partition(".")[0] for m in modules} - sys.stdlib_module_names


def test_it_takes_a_log_as_it_was_signed() -> None:
    """With trusted keys or those of the file, with and without a witness."""
    log = small_log()

    assert 6 == check(log.text).size == check(log.text, (KEY,), kept(log)).size


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: lines[:2] + lines[3:],
        lambda lines: [lines[0], lines[2], lines[1], *lines[3:]],
        lambda lines: [*lines[:2], b'{"a":9}\n', *lines[3:]],
        lambda lines: [*lines[:3], b'{"a":9}\n', *lines[3:]],
        lambda lines: [*lines, b'{"a":9}\n'],
        lambda lines: lines[:-1],
        lambda lines: [*lines[:6], *lines[7:]],
        lambda lines: lines[1:],
        lambda lines: [],
        lambda lines: [lines[0], *lines[1:4], *lines[5:]],
    ],
    ids=[
        "removed", "swapped", "altered", "inserted", "appended", "last head gone", "head gone", "beginning gone", "empty",
        "first head gone",
    ],
)  # fmt: skip
def test_it_rejects_a_log_that_was_changed(change: Callable[[list[bytes]], list[bytes]]) -> None:
    """Whatever was done to it."""
    lines = small_log().text.splitlines(keepends=True)

    with pytest.raises((Wrong, KeyError)):
        check(b"".join(change(lines)))


def test_it_rejects_every_single_bit() -> None:
    """Of all that is signed: entries, and each part of each head."""
    text = small_log().text
    begin = text.index(b"\n") + 1
    taken = []
    for at in range(begin, len(text)):
        altered = bytearray(text)
        altered[at] ^= 1 << random.Random(at).randrange(8)
        try:
            check(bytes(altered), (KEY,))
        except (Wrong, ValueError, KeyError, TypeError):
            continue
        taken.append((at, text[at - 10 : at + 10]))

    assert [] == taken


def test_a_signature_is_written_in_one_way() -> None:
    """The bits of base64 that say nothing are none."""
    log = small_log()
    signature = log.heads[0].signature
    other = signature.replace(signature[-3:], chr(ord(signature[-3]) + 1) + "==")

    with pytest.raises(Wrong, match="base64"):
        check(log.text.replace(signature.encode(), other.encode()))


def test_truncation_shows_to_a_witness() -> None:
    """A log that ends with an earlier head is right in itself."""
    log = small_log()
    short = b"".join(log.text.splitlines(keepends=True)[:5])

    assert 3 == check(short, (KEY,)).size
    with pytest.raises(Wrong, match="truncated: a witness saw 6 entries, here are 3"):
        check(short, (KEY,), kept(log))


@pytest.mark.parametrize("name", ["a log", "another log"])
def test_a_log_that_was_written_anew_shows_to_a_witness(name: str) -> None:
    """Under the right key, with other entries, or under another name."""
    log, forged = small_log(), SmallLog(log=name)
    forged.batch('{"a":1}', '{"a":2}', '{"a":4}')
    forged.batch('{"a":4}', '{"a":5}', '{"a":6}')

    assert 6 == check(forged.text, (KEY,)).size
    with pytest.raises(Wrong, match="witness saw another log"):
        check(forged.text, (KEY,), kept(log))


def test_a_witness_of_another_log_is_told_apart() -> None:
    """Even if both have the same entries."""
    twin = SmallLog(log="another log")
    twin.batch('{"a":1}', '{"a":2}', '{"a":3}')
    log = SmallLog()
    log.batch('{"a":1}', '{"a":2}', '{"a":3}')

    with pytest.raises(Wrong, match="witness saw another log"):
        check(twin.text, (KEY,), kept(log))


def test_only_trusted_keys_count_where_some_were_given() -> None:
    """A forger names keys of their own."""
    forged = SmallLog(Signer(2, bytes(32)))
    forged.batch('{"a":1}')

    assert 1 == check(forged.text).size
    with pytest.raises(Wrong, match="which nobody gave"):
        check(forged.text, (KEY,))


def test_keys_may_change() -> None:
    """Each head names the one that signed it."""
    log = small_log()
    log.signer = Signer(2, bytes(32))
    log.batch('{"a":7}')

    assert 7 == check(log.text, (KEY, base64.b64encode(log.signer.public).decode())).size


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the file as an auditor does."""
    return subprocess.run(
        [sys.executable, "-I", offline.__file__, *arguments], check=False, capture_output=True, text=True
    )


def test_it_runs_by_itself(tmp_path: Path) -> None:
    """In a process that has no CRM in its path, as a command with an exit code."""
    export, witness, log = tmp_path / "log.jsonl", tmp_path / "heads.jsonl", small_log()
    export.write_bytes(log.text)
    witness.write_bytes(b"\n".join(kept(log)))
    right = run("log", str(export), "--key", KEY, "--witness", str(witness))
    export.write_bytes(log.text.replace(b'"a":2', b'"a":3'))
    wrong = run("log", str(export))

    assert (0, 1) == (right.returncode, wrong.returncode), right.stderr
    assert ("6 entries are as they were signed" in right.stdout, "WRONG" in wrong.stderr) == (True, True)


def _without_cryptography(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def importing(name: str, *rest: Any) -> Any:
        if name.startswith("cryptography"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", importing)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl")
def test_openssl_does_where_cryptography_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says the same of right signatures and of wrong ones."""
    _without_cryptography(monkeypatch)
    log = small_log()
    forged = log.text.replace(b'"at":"2026-07-01', b'"at":"2026-07-02')

    assert 6 == check(log.text, (KEY,)).size
    with pytest.raises(Wrong, match="signature"):
        check(forged, (KEY,))


def test_without_either_it_says_what_it_could_not_check(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By another exit code, after all else was right."""
    _without_cryptography(monkeypatch)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    export = tmp_path / "log.jsonl"
    export.write_bytes(small_log().text)

    assert 3 == main(["log", str(export)])
    assert "3 signatures were not checked" in capsys.readouterr().err


def test_files_that_are_none_are_wrong(tmp_path: Path) -> None:
    """Instead of a traceback."""
    export = tmp_path / "log.jsonl"
    export.write_text("no JSON\n")

    assert [1, 1, 1] == [
        main(["log", str(export)]), main(["proof", str(export)]), main(["log", str(tmp_path / "absent")])
    ]  # fmt: skip
