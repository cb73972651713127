"""What counts as the same text."""

from __future__ import annotations

import pytest

from crmcore.search.folding import fold, spellings, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("MÜLLER", "muller"),
        ("Mu\u0308ller", "muller"),
        ("Ｍüller", "muller"),
        ("Łódź", "lodz"),
        ("Straße", "strasse"),
        ("ΜΆΡΙΟΣ", "μαριοσ"),
        ("Ёлкин", "елкин"),
        ("İstanbul", "istanbul"),
        ("ﾃｽﾄ", "テスト"),
        ("김철수", "김철수"),
    ],
)
def test_case_accents_and_widths_do_not_matter(text: str, folded: str) -> None:
    """Whatever the script."""
    assert folded == fold(text)


def test_a_voiced_sign_of_japanese_is_another_sign() -> None:
    """か and が are two letters, though Unicode can take one apart into the other and a mark."""
    assert fold("か") != fold("が")


def test_umlauts_are_also_two_letters() -> None:
    """So Müller is found as Mueller is."""
    assert spellings("Müller") == ["muller", "mueller"]
    assert spellings("Muller") == ["muller"]


def test_punctuation_parts_words_and_is_nothing_else() -> None:
    """E-mail addresses fall apart, runs of Chinese stay whole."""
    assert words(fold("O'Brien-Smith, anna@example.com 张伟经理")) == [
        *("o", "brien", "smith", "anna", "example", "com", "张伟经理")
    ]
