"""Codes: how they look, how they are read, how they are kept."""

from __future__ import annotations

import pytest
from crmcore_loyalty.program.numbers import check_character
from crmcore_loyalty.rewards import codes


def test_a_code_is_read_as_it_was_written() -> None:
    """With and without hyphens, in small letters, with blanks around it."""
    code = codes.new()
    plain = codes.plain(code)

    assert {plain} == {
        codes.plain(w) for w in (code.replace("-", ""), code.lower(), f"  {code} ", code.replace("-", " "))
    }


def test_a_code_has_135_random_bits() -> None:
    """27 letters of 32, and one that checks them; no two of ten thousand begin alike."""
    made = {codes.plain(codes.new()) or "" for _ in range(10_000)}

    assert {27} == {len(code) for code in made}
    assert 10_000 == len({code[:20] for code in made})
    assert 32 == len({letter for code in made for letter in code})


@pytest.mark.parametrize(("misread", "meant"), [("O", "0"), ("o", "0"), ("I", "1"), ("l", "1")])
def test_letters_that_look_alike_are_one(misread: str, meant: str) -> None:
    """Nobody has to know whether it is an O or a zero."""
    drawn = meant * 27
    code = drawn + check_character(drawn)

    assert drawn == codes.plain(misread * 27 + code[-1])


@pytest.mark.parametrize("_", range(40))  # one in twelve would end with a letter that is read as another
def test_a_misread_letter_is_noticed(_: int) -> None:
    """Each single wrong letter, and each swap of neighbours: then nobody has to look the code up."""
    code = (codes.new()).replace("-", "")
    assert code[-1] not in "ILO"
    letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    wrong = [code[:n] + x + code[n + 1 :] for n in range(27) for x in letters if x != code[n]]
    swapped = [code[:n] + code[n + 1] + code[n] + code[n + 2 :] for n in range(26) if code[n] != code[n + 1]]

    assert {None} == {codes.plain(one) for one in (*wrong, *swapped)}


@pytest.mark.parametrize("written", ["", "-", "GIFT", "ÄÖÜ", "0" * 27, "0" * 29, "\x00" * 28, "U" * 28])
def test_what_is_no_code_is_none(written: str) -> None:
    """Whatever somebody types."""
    assert codes.plain(written) is None


def test_a_code_is_kept_as_a_digest() -> None:
    """SHA-256, in hexadecimal."""
    assert "568f214d529544bf4430513c2993495a5b434611533c63d1cf095b51c5e1f8af" == codes.digest("A" * 27)
