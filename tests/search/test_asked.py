"""Whatever somebody types, the index is asked for terms and for nothing else."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

from hypothesis import example, given
from hypothesis import strategies as st

from crmcore.search.asked import POSTGRESQL, SQLITE, Mark, asked
from crmcore.search.terms import mark, terms

_NAME = Mark(mark("customer", "display_name"), prose=False)
_TEXT = Mark(mark("interaction", "body"), prose=True)
_TERM = r"""[a-z2-7]{6}[wshb][^'"\\\s()&|!:*+-]+|\ue001"""
_POSTGRESQL = re.compile(rf"(?:[()&|! ]|'(?:{_TERM})'(?::\*)?)+")
_SQLITE = re.compile(rf'(?:[() ]|AND|OR|NOT|"(?:{_TERM})"(?: \*)?)+')


@given(st.text(max_size=60) | st.text(alphabet="ab'\"\\():*&|!-+ 1张伟\0", max_size=30))
def test_a_query_is_no_place_for_syntax(query: str) -> None:
    """Outside of quotation marks there are operators of ours only, inside nothing that could end them."""
    for question in vars_of(asked(query, (_NAME, _TEXT), POSTGRESQL)):
        assert _POSTGRESQL.fullmatch(question), question
    for question in vars_of(asked(query, (_NAME, _TEXT), SQLITE)):
        assert _SQLITE.fullmatch(question), question


@given(st.text(alphabet="aäbß张伟明+ 12'(", min_size=1, max_size=12))
@example("11+1 ")
def test_a_text_is_found_by_itself_and_by_its_beginning(text: str) -> None:
    """Exactly, or as a beginning; a text without words is found by nothing."""
    found = terms(_NAME.text, text)
    question = asked(text, (_NAME,), SQLITE)
    with closing(sqlite3.connect(":memory:")) as index:
        index.execute("create virtual table i using fts5(t, tokenize='ascii', detail=none)")
        index.execute("insert into i values (?)", (" ".join(found),))
        hits = [index.execute("select count(*) from i where i match ?", (q,)).fetchone()[0] for q in vars_of(question)]
    assert hits == ([1, 0, 0] if found else [0, 0, 0])


def vars_of(question: object) -> list[str]:
    """Return the three questions."""
    return [getattr(question, name) for name in ("exact", "beginning", "containing")]
