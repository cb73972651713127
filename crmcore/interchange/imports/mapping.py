"""What a mapping file can say: each class is one kind of table in its TOML."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

__all__ = ["BLANKS", "LINE", "Csv", "External", "Field", "Mapping", "Move", "Record", "Source", "Table"]

#: The delimiter of files whose columns stand below each other.
BLANKS = "blanks"
#: The column that every row has: the line it begins on. In a file of refused rows it is the line of the file before.
LINE = "crm_line"


class Csv(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the file is written.

    Attributes:

        encoding: of the file; `utf-8-sig` also reads files without the mark that Excel puts first.
        delimiter: one character; or `blanks`, any number of blanks and tabs, where cells are not quoted and none is empty.
        header: names of the columns, if the file does not begin with them.
        guarded: texts carry the apostrophe that our export puts before `=`, `+`, `-`, `@`, tab, return and apostrophe.
    """

    encoding: Literal["utf-8", "utf-8-sig", "gb18030", "latin-1"] = "utf-8-sig"
    delimiter: str = ","
    header: list[str] | None = None
    guarded: bool = False


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A list of pairs that `replace` and `translate` go by: written here, or two columns of another CSV file.

    Attributes:

        values: from what the file says to what is meant.
        file: a CSV file beside the one that is imported, in the encoding and with the delimiter of `[csv]`.
        key: its column with what the file says.
        value: its column with what is meant.
    """

    values: dict[str, str] | None = None
    file: str | None = None
    key: str | None = None
    value: str | None = None


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a value comes from and what becomes of it, in the order of the attributes.

    Attributes:

        column: take a column's text; `crm_line` is the line the row begins on, unless the file has such a column.
        text: or fill in a template, `"{product} for {account}"`; of several the first whose columns all hold something.
        record: or take the id of a record this row wrote before, or of one that `setup` wrote, by its `name`.
        trim: remove blanks around the text.
        empty: texts that mean "nothing", such as `n/a`; the empty text always does.
        replace: correct spellings: a table, or the name of one of `[tables]`. What is not in it stays.
        translate: the same, but what is not in it is refused.
        part: of a person's full name, in Western or Chinese, Japanese, Korean order, take one part.
        date: how the date is written, in the codes of Python's strptime (`%d-%m-%y`); otherwise ISO 8601.
        pivot: two-digit years from here on are of the 1900s, those below of the 2000s.
        zone: IANA time zone of dates and times that say none (UTC without).
        decimal: the decimal sign.
        thousands: the sign between thousands, if any.
        scale: multiply the number: 1000000 where a column is in millions.
        bands: from a number to a word: pairs of the greatest number and its word, in order; `more` for the last.
        currency: ISO 4217 code of an amount, or
        currency_column: the column that holds it.
        true: texts that mean yes.
        false: texts that mean no.
        find: the text names a record of this entity; take its id.
        by: its field that holds the text (without: the field people know it by), or
        system: the system in whose external ids to look.
        within: fields that the record must have besides, each with its source.
        missing: `refuse` the row when there is no such record, or leave the field `empty`.
        default: what to take when there is nothing.
        required: refuse the row when there is nothing.
        clear: write nothing over what is there when there is nothing (otherwise what is there stays).
    """

    column: str | None = None
    text: str | list[str] | None = None
    record: str | None = None
    trim: bool = True
    empty: list[str] = msgspec.field(default_factory=list)
    replace: str | dict[str, str] | None = None
    translate: str | dict[str, str] | None = None
    part: Literal["given", "family"] | None = None
    date: str | None = None
    pivot: int = 69
    zone: str | None = None
    decimal: Literal[".", ","] = "."
    thousands: str | None = None
    scale: int | float | None = None
    bands: list[tuple[int | float | Literal["more"], str]] | None = None
    currency: str | None = None
    currency_column: str | None = None
    true: list[str] = msgspec.field(default_factory=lambda: ["true", "yes", "y", "1"])
    false: list[str] = msgspec.field(default_factory=lambda: ["false", "no", "n", "0"])
    find: str | None = None
    by: str | None = None
    system: str | None = None
    within: dict[str, str | Source] = msgspec.field(default_factory=dict)
    missing: Literal["refuse", "empty"] = "refuse"
    default: str | int | float | bool | None = None
    required: bool = False
    clear: bool = False


#: The name of a column, or all there is to say about a value.
Field = str | Source


class External(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The id a record has in the system the file comes from; kept as an ExternalId.

    Attributes:

        system: a name for that system.
        id: where the id stands.
    """

    system: str
    id: str | Source


class Move(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A step of a deal through its pipeline; moves happen in the order they are written.

    Attributes:

        stage: name of the stage the deal enters.
        at: when. Given and empty: the move did not happen. Not given: it happens on import.
        when: columns and the text, or one of the texts, each must hold; otherwise the move did not happen.
        fields: what else becomes known with it, each with its source.
        values: the same, for what is the same in every row.
    """

    stage: str
    at: str | Source | None = None
    when: dict[str, str | list[str]] = msgspec.field(default_factory=dict)
    fields: dict[str, str | Source] = msgspec.field(default_factory=dict)
    values: dict[str, Any] = msgspec.field(default_factory=dict)


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A record that every row, or `setup` once, creates or updates.

    Attributes:

        entity: its entity.
        key: how to know it again: a declared key (`EMAIL`), or fields that are equal for no two records, or
        external: its id in the other system.
        name: what later records call it; without, its entity.
        when: columns and the text, or one of the texts, each must hold; otherwise there is no such record in the row.
        needs: columns that must hold something; otherwise there is no such record in the row.
        values: fields that are the same in every row.
        fields: fields with their sources.
        custom: custom fields with their sources.
        moves: the history of a deal.
    """

    entity: str
    key: str | list[str] | None = None
    external: External | None = None
    name: str | None = None
    when: dict[str, str | list[str]] = msgspec.field(default_factory=dict)
    needs: list[str] = msgspec.field(default_factory=list)
    values: dict[str, Any] = msgspec.field(default_factory=dict)
    fields: dict[str, str | Source] = msgspec.field(default_factory=dict)
    custom: dict[str, str | Source] = msgspec.field(default_factory=dict)
    moves: list[Move] = msgspec.field(default_factory=list)

    @property
    def label(self) -> str:
        """What later records and messages call it."""
        return self.name or self.entity


class Mapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mapping file.

    Attributes:

        title: what is imported, for people.
        records: what each row becomes, in order.
        setup: records that must be there before the first row; written once.
        csv: how the file is written.
        tables: pairs for `replace` and `translate`, by name.
        columns: columns that are corrected, or added, before anything else reads them; in order.
    """

    title: str
    records: list[Record]
    setup: list[Record] = msgspec.field(default_factory=list)
    csv: Csv = msgspec.field(default_factory=Csv)
    tables: dict[str, Table] = msgspec.field(default_factory=dict)
    columns: dict[str, str | Source] = msgspec.field(default_factory=dict)
