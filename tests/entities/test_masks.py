"""Masks: what of a value is shown to those for whom its field is masked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcore.entities.kinds import DATE, INSTANT, INT, TEXT
from crmcore.entities.masks import MASKS, keeps, masked
from crmcore.entities.personal import CATEGORIES


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("email", "ana@example.com", "a***@e***.com"),
        ("email", "a@b.de", "***@***.de"),
        ("email", "zhang.san@mail.example.co.uk", "z***@m***.uk"),
        ("email", "no address", "n•••"),
        ("email", '"odd@local"@example.com', '"***@e***.com'),
        ("phone", "+8613812345678", "+86 138****5678"),
        ("phone", "+86 138 1234 5678", "+86 138****5678"),
        ("phone", "+14155552671", "+1 41****2671"),
        ("phone", "+4930123456", "+49 ****56"),
        ("phone", "+35312345", "+353 ****"),
        ("phone", "030 123456", "0****3456"),
        ("phone", "13812345678", "138****5678"),
        ("phone", "110", "****"),
        ("phone", "", "****"),
        ("name", "张三丰", "张*"),
        ("name", "山田", "山*"),
        ("name", "김철수", "김*"),
        ("name", "Ana", "A***"),
        ("name", "张", "*"),
        ("name", "A", "***"),
        ("name", "", "***"),
        ("year", "born 1984-05-06", "1984"),
        ("year", "long ago", "•••"),
        ("address", "12 Main Street, Springfield", "***, Springfield"),
        ("address", "12 Main Street", "***"),
        ("address", "上海市浦东新区世纪大道100号", "上海市***"),
        ("address", "浙江省杭州市西湖区", "浙江省***"),
        ("address", "上海市", "***"),
        ("address", "", "***"),
        ("id-number", "11010519491231002X", "****002X"),
        ("id-number", "1234567", "****"),
        ("text", "Ana Maria", "A•••"),
        ("text", "Ana", "•••"),
        ("hidden", "anything at all", "•••"),
        (None, "Ana Maria", "A•••"),
        (None, "", "•••"),
    ],
)
def test_a_mask_shows_what_tells_records_apart(name: str | None, value: str, shown: str) -> None:
    """The mask of each kind of text, in several scripts, and of values that are not what they should be."""
    assert masked(name, TEXT, value) == shown


def test_only_the_year_is_left_of_dates_and_instants() -> None:
    """As a date that the field's type can have; of a number nothing is left, whatever the mask."""
    assert masked("year", DATE, "1984-05-06") == "1984-01-01"
    assert masked("year", INSTANT, "1984-05-06T07:08:09.000000Z") == "1984-01-01T00:00:00.000000Z"
    assert masked("name", DATE, "1984-05-06") is None
    assert masked("year", INT, "1984") is None
    assert masked("year", DATE, None) is None
    assert [keeps("year", DATE), keeps("name", DATE), keeps(None, TEXT), keeps("year", INT)] == [
        True,
        False,
        True,
        False,
    ]


@given(st.sampled_from(sorted(MASKS)), st.text())
def test_a_mask_never_fails_and_never_shows_a_long_value_whole(name: str, value: str) -> None:
    """Whatever text it is given."""
    shown = masked(name, TEXT, value)
    assert shown is not None
    assert name == "year" or len(value) < 3 or shown != value or "*" in value or "•" in value


def test_every_category_names_a_mask_there_is() -> None:
    """A name that nobody knows would fail when the first value is shown."""
    assert {said.mask for said in CATEGORIES.values()} - {None} <= MASKS.keys()
