"""Tables that the tests of this folder share: links in a circle, every kind of value, unique keys of every sort."""

from __future__ import annotations

from typing import ClassVar

from piccolo.table import Table

from crmcore.database.schema import Index
from crmcore.entities import columns as c

__all__ = ["TABLES", "Author", "Book", "Everything"]


class Author(Table, tablename="author"):
    """A person who writes."""

    id = c.identifier("Id.")
    name = c.text("Name.")
    email = c.text("E-mail.", null=True)
    deleted_at = c.instant("When deleted.", null=True)
    best_book_id = c.link("book", "The best.", references=f"{__name__}:Book", null=True, on_delete="SET NULL")
    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("email",), unique=True, live=True),
        Index(("lower(name)",), unique=True, name="author_name_folded_key"),
    )


class Book(Table, tablename="book"):
    """What an author writes."""

    id = c.identifier("Id.")
    author_id = c.link("author", "By whom.", references=Author, on_delete="RESTRICT")
    sequel_of_id = c.link("book", "What it continues.", references="self", null=True, on_delete="CASCADE")
    title = c.text("Title.")
    copies = c.integer("How many.", default=0)
    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("author_id", "title desc")),
        Index(("author_id", "title"), unique=True),
    )


class Everything(Table, tablename="everything"):
    """One column of every kind."""

    id = c.identifier("Id.")
    text = c.text("A text.", null=True)
    whole = c.integer("32 bits.", null=True)
    big = c.big_integer("64 bits.", null=True)
    number = c.number("A double.", null=True)
    flag = c.flag("Yes or no.")
    moment = c.instant("An instant.", null=True)
    day = c.day("A date.", null=True)
    link = c.any_link("An id.", null=True)
    tree = c.json("JSON.")


TABLES = (Author, Book, Everything)
