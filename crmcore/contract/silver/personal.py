"""Is it known of every column whether it holds something about a person?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from piccolo.table import Table

from crmcore.contract.rule import Shortfall, Tier, rule
from crmcore.contract.subject import Subject
from crmcore.entities.columns import Facts, facts
from crmcore.entities.kinds import DATE, JSON, TEXT

__all__ = ["personal_data_is_classified"]


@rule(Tier.SILVER)
async def personal_data_is_classified(subject: Subject) -> AsyncIterator[Shortfall]:
    """People may ask what is known of them, and have it erased: nobody can answer who does not know where it stands.

    Texts, dates and JSON say what they hold by `personal=`: a category such as `user.contact.email`
    ([Fides taxonomy](https://ethyca.github.io/fideslang/)), or False where it is nothing about a person. Links, closed and
    open sets, currencies and numbers need not say it.
    """
    for table in subject.crm.declared.tables_of(subject.name):
        for column in _unsaid(table):
            yield Shortfall(
                f"{table.__name__}.{column} does not say whether it holds personal data.",
                'Give the column personal="user.content" or another category of the Fides taxonomy, or personal=False if what '
                "it holds is never about a person.",
            )


def _unsaid(table: type[Table]) -> Iterator[str]:
    names = [column._meta.db_column_name for column in table._meta.columns]
    for column in table._meta.columns:
        name = column._meta.db_column_name
        of_any_link = name.endswith("_type") and f"{name.removesuffix('_type')}_id" in names
        if not of_any_link and _must_say(facts(column)):
            yield name


def _must_say(said: Facts) -> bool:
    return said.personal is None and said.kind in (TEXT, DATE, JSON) and said.registry is None
