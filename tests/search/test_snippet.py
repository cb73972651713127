"""Why a record was found is said by the best of its fields, and by the part of it that has the words."""

from __future__ import annotations

from crmcore.search.snippet import found_in, snippet


def test_the_field_that_fits_best_is_named() -> None:
    """A text that is the query is better than one that begins with it, which is better than one that has the words."""
    texts = {"name": "About Müller", "title": "Müller and sons", "contactPoints.value": "a@b.c\nmuller"}
    assert found_in("MÜLLER", texts) == ("contactPoints.value", "muller")
    assert found_in("muller an", {"name": "Anna Muller", "title": "Müller and sons"}) == ("title", "Müller and sons")


def test_numbers_are_compared_by_their_digits() -> None:
    """However they are written."""
    assert found_in("030 123-4567", {"name": "x", "contactPoints.value": "m@x.de\n+49 (0)30 1234567"}) == (
        "contactPoints.value",
        "+49 (0)30 1234567",
    )


def test_a_long_text_is_cut_around_the_word() -> None:
    """160 characters, some of them before it."""
    text = f"{'before ' * 40}the Brücke was closed {'after ' * 40}"
    part = snippet("brucke", text)
    assert "Brücke" in part
    assert part.startswith("…")
    assert part.endswith("…")
    assert len(part) <= 162
    assert snippet("张伟", "联系" * 100 + "张伟" + "经理" * 100).count("张伟") == 1
    assert snippet("x", "short") == "short"
