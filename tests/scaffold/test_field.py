"""Fields as they are written on the command line."""

from __future__ import annotations

import pytest

from crmcore import errors
from crmcore.scaffold.field import Field, fields_of, parsed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("began_at:instant", Field("began_at", "instant")),
        ("minutes:int?", Field("minutes", "int", null=True)),
        ("title:text=What it is: a word", Field("title", "text", description="What it is: a word")),
        ("outcome:choice(good|very_bad)?", Field("outcome", "choice", True, None, ("good", "very_bad"))),
        ("outcome:choice:good,bad", Field("outcome", "choice", members=("good", "bad"))),
        ("customer:link:customer", Field("customer", "link", target="customer")),
        ("customer_id:link:customer?=Whom", Field("customer", "link", True, "Whom", target="customer")),
    ],
)
def test_a_field_is_read(text: str, expected: Field) -> None:
    """Name, type, what belongs to the type, whether it may be empty, and what clients read."""
    assert expected == parsed(text)


@pytest.mark.parametrize(
    ("text", "way_out"),
    [
        ("began_at", "began_at:instant"),
        ("began_at:moment", "instant"),
        ("select:text", "select_value"),
        ("save:text", "save_value"),
        ("owner:link:user", "owner_value"),
        ("class:text", "class"),
        ("outcome:choice", "choice\\(good\\|bad\\)"),
        ("minutes:int(5)", "minutes:int"),
        ("outcome:choice(good|good)", "twice"),
        ("is_paid:flag?", "leave the \\? out"),
    ],
)
def test_what_cannot_be_a_field_is_refused(text: str, way_out: str) -> None:
    """The message says how it is written."""
    with pytest.raises(errors.SetupError, match=way_out):
        parsed(text)


def test_all_that_is_wrong_is_told_at_once() -> None:
    """Three wrong fields are three lines of one message."""
    with pytest.raises(errors.SetupError) as refused:
        fields_of(("a", "b:what", "c:int", "c:text"))

    assert 3 == len(refused.value.problems)
