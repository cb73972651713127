"""Seeded rows are such as the actions would have made them: every rule holds, checked by SQL and by the rules themselves."""

from __future__ import annotations

from contextlib import suppress

from crmcore.access.actor import Actor
from crmcore.app import Crm
from crmcore.customers.actions.normal import normalized
from crmcore.customers.tables import ContactType
from crmcore.entities import actions, store
from crmcore.entities.change import Change
from crmcore.entities.checks import check_values
from crmcore.entities.columns import Write
from crmcore.entities.work import Work

#: What must have no rows.
_BROKEN = {
    "a deal is in a stage of its pipeline, and its status is the stage's kind": """
        select d.id from deal d join stage s on s.id = d.stage_id where s.pipeline_id <> d.pipeline_id or s.kind <> d.status""",
    "closed deals say when, and no others do": "select id from deal where (closed_at is null) <> (status = 'OPEN')",
    "lost deals have a reason, and no others do": "select id from deal where (lost_reason_id is null) <> (status <> 'LOST')",
    "won deals have a customer": "select id from deal where status = 'WON' and customer_id is null",
    "amounts have currencies": "select id from deal where amount < 0 or (amount is null) <> (amount_currency is null)",
    "amounts in the pipeline's currency count as they are": """
        select id from deal where amount_currency = base_amount_currency and amount <> base_amount""",
    "a deal is where its history ends": """
        select d.id from deal d left join deal_stage_change h on h.deal_id = d.id and h.left_at is null
        where h.id is null or h.to_stage_id <> d.stage_id or h.entered_at <> d.stage_entered_at""",
    "a stay begins when and where the one before ended": """
        select h.id from deal_stage_change h where h.from_stage_id is not null and not exists (
            select 1 from deal_stage_change b
            where b.deal_id = h.deal_id and b.to_stage_id = h.from_stage_id and b.left_at = h.entered_at)""",
    "a deal has one beginning": """
        select deal_id from deal_stage_change where from_stage_id is null group by deal_id having count(*) <> 1""",
    "a customer is where the lifecycle ends": """
        select c.id from customer c where not exists (
            select 1 from lifecycle_change l
            where l.customer_id = c.id and l.to_stage = c.lifecycle_stage and l.at = c.lifecycle_entered_at)""",
    "nothing of the lifecycle is later than the present stage": """
        select c.id from customer c join lifecycle_change l on l.customer_id = c.id where l.at > c.lifecycle_entered_at""",
    "a step of the lifecycle leads on from another": """
        select l.id from lifecycle_change l where l.from_stage is not null and not exists (
            select 1 from lifecycle_change b
            where b.customer_id = l.customer_id and b.to_stage = l.from_stage and b.at < l.at)""",
    "people are no organisations": """
        select id from customer where kind = 'PERSON' and coalesce(legal_name, industry, employee_band) is not null
        or kind = 'ORGANIZATION' and coalesce(given_name, family_name, job_title) is not null""",
    "parents are organisations": """
        select c.id from customer c join customer p on p.id = c.parent_id
        where c.kind <> 'ORGANIZATION' or p.kind <> 'ORGANIZATION' or p.created_at > c.created_at and p.id = c.id""",
    "people work for organisations": """
        select r.id from customer_relation r join customer a on a.id = r.from_id join customer b on b.id = r.to_id
        where r.type = 'EMPLOYED_BY' and (a.kind <> 'PERSON' or b.kind <> 'ORGANIZATION')""",
    "what has happened says when": """
        select id from interaction where (occurred_at is null) <> (status = 'PLANNED')
        or (completed_at is null) <> (status <> 'COMPLETED') or ended_at < occurred_at""",
    "customers know their last interaction": """
        select c.id from customer c where coalesce(c.last_interaction_at, c.created_at) <> coalesce((
            select max(i.occurred_at) from interaction i
            where i.customer_id = c.id and i.status in ('COMPLETED', 'IN_PROGRESS')), c.created_at)""",
    "customers know their next interaction": """
        select c.id from customer c where coalesce(c.next_interaction_at, c.created_at) <> coalesce((
            select min(i.due_at) from interaction i where i.customer_id = c.id and i.status = 'PLANNED'), c.created_at)""",
    "what is about a deal happened while it was there": """
        select i.id from interaction i join deal d on d.id = i.deal_id
        where i.occurred_at < d.created_at or i.occurred_at > d.closed_at""",
    "nothing was made before its customer": """
        select d.id from deal d join customer c on c.id = d.customer_id where d.created_at < c.created_at
        union all select i.id from interaction i join customer c on c.id = i.customer_id where i.created_at < c.created_at""",
    "a tag marks a record that is there": """
        select t.id from tagging t where t.record_type <> 'customer' or t.record_id not in (select id from customer)""",
    "an active pipeline has an open stage, one won and a lost": """
        select p.id from pipeline p where p.is_active and (select count(*) from stage s where s.pipeline_id = p.id and s.kind = 'WON') <> 1""",
}  # fmt: skip


async def test_no_rule_between_rows_is_broken(seeded: Crm) -> None:
    """Each of the rules that the actions keep between records holds."""
    assert {} == {rule: rows for rule, sql in _BROKEN.items() if (rows := await seeded.database.fetch(sql))}


async def test_nothing_happens_after_the_story_ends(seeded: Crm) -> None:
    """What is later is planned, and nothing else."""
    for name, kind in seeded.entities.items():
        latest = await seeded.database.fetch_value(
            f"select max(updated_at) from {kind.tablename} where created_by like '%\"seed\"%'" if seeded.database.dialect == "sqlite"
            else f"select max(updated_at) from {kind.tablename} where created_by->>'label' = 'seed'"
        )  # fmt: skip
        assert latest is None or str(latest)[:10] <= "2026-10-01", name


async def test_every_value_is_such_as_its_column_allows(seeded: Crm) -> None:
    """The checks that stand before every write find nothing, and clean nothing."""
    for kind in seeded.entities.values():
        for row in await store.select(seeded.database, kind, "1 = 1"):
            change = Change(kind, "create", row["id"], None, dict(row), frozenset(row))
            check_values(change, Actor.system(), seeded.registries)
            assert ([], row) == (change.violations, change.values), kind


async def test_contact_points_are_compared_as_the_rules_compare_them(seeded: Crm) -> None:
    """The normalised form is the one that the action makes."""
    rows = await seeded.database.fetch("select type, value, normalized from contact_point")
    assert rows
    assert [] == [row for row in rows if normalized(ContactType[row[0]], row[1]) != row[2]]


#: Columns that say who wrote the record and when, or that other records bring about.
_NOT_COMPARED = {
    "id",
    "version",
    "updated_at",
    "updated_by",
    "created_by",
    "rank",
    "last_interaction_at",
    "next_interaction_at",
}
#: Instants of the past, which imports and the system may tell.
_TOLD = {"created_at", "stage_entered_at", "closed_at", "lifecycle_entered_at"}
_SAMPLED = ("customer", "contact_point", "address", "customer_relation", "deal", "interaction")


class _Undo(Exception):
    """Ends a savepoint."""


def _sayable(crm: Crm, entity: str, row: store.Row) -> store.Row:
    said = {c for c, f in crm.entities[entity].facts.items() if f.write is not Write.NEVER} | _TOLD
    # A deal's probability follows from its stage.
    return {c: v for c, v in row.items() if c in said - {"id", "probability", "probability_source"} and v is not None}


async def test_a_sample_is_what_the_actions_would_have_made(seeded: Crm) -> None:
    """Given what a client would have said, and when, the action completes each record to the same columns."""

    async def remake(work: Work, entity: str, row: store.Row) -> None:
        if entity not in ("customer", "deal"):
            # Its double could not be beside it.
            await work.database.execute(f"delete from {seeded.entities[entity].tablename} where id = $1", row["id"])
        made = await actions.create(work, entity, _sayable(seeded, entity, row))
        compared = row.keys() - _NOT_COMPARED
        assert {c: row[c] for c in compared} == {c: made[c] for c in compared}
        raise _Undo

    async def sample(work: Work) -> None:
        for entity in _SAMPLED:
            rows = await store.select(work.database, seeded.entities[entity], "1 = 1 order by t.id limit 25")
            assert rows
            for row in rows:
                with suppress(_Undo):
                    async with work.savepoint():
                        await remake(work, entity, row)

    await seeded.run(Actor.system(), sample)
