"""How texts are cleaned and checked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcore.entities import forms


@pytest.mark.parametrize(
    ("form", "given_text", "kept"),
    [
        ("line", "  Ana \t  Díaz\n", "Ana Díaz"),
        ("line", "张\u3000伟", "张 伟"),
        ("line", "e\u0301", "é"),
        ("line", "👩‍👩‍👧", "👩‍👩‍👧"),
        ("text", "one\ntwo ", "one\ntwo "),
        ("email", " Ana@Example.com ", "Ana@Example.com"),
        ("email", "用户@例子.公司", "用户@例子.公司"),
        ("login", " Ana@Example.com ", "ana@example.com"),
        ("country", "de", "DE"),
        ("currency", " cny", "CNY"),
        ("locale", "zh_Hans_CN", "zh-Hans-CN"),
        ("timezone", "Asia/Shanghai", "Asia/Shanghai"),
        ("url", "https://例子.公司/路径", "https://例子.公司/路径"),
    ],
)
def test_texts_are_cleaned(form: str, given_text: str, kept: str) -> None:
    """Each form keeps what is meant and drops what is not."""
    assert kept == forms.clean(form, given_text)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("line", "a\x07b"),
        ("line", "a\x00b"),
        ("text", "half \ud83d"),
        ("email", "ana"),
        ("email", "ana@localhost"),
        ("country", "XX"),
        ("currency", "BTC"),
        ("locale", "english please"),
        ("timezone", "Mars/Base"),
        ("url", "javascript:alert(1)"),
        ("url", "https://"),
    ],
)
def test_what_does_not_fit_is_refused(form: str, text: str) -> None:
    """Each form refuses what it cannot hold."""
    with pytest.raises(ValueError, match=r"\S"):
        forms.clean(form, text)


@given(st.sampled_from(sorted(forms.FORMS)), st.text())
def test_cleaning_twice_is_cleaning_once(form: str, text: str) -> None:
    """What was stored once is stored the same again, so a second import changes nothing."""
    try:
        once = forms.clean(form, text)
    except ValueError:
        return
    assert once == forms.clean(form, once)
