"""Whose data a record is."""

from __future__ import annotations

from functools import cache

import pytest
from crmcore_compliance.sealing.paths import Path, path_of

from crmcore import Crm, Settings


@cache
def _crm() -> Crm:
    return Crm(Settings())


def _path(entity: str) -> Path:
    return path_of(_crm().entities, entity)


@pytest.mark.parametrize(
    ("entity", "kind", "columns"),
    [
        ("customer", "self", ()),
        ("contact_point", "link", ("customer_id",)),
        ("customer_relation", "link", ("from_id",)),
        ("deal_contact", "link", ("customer_id",)),
        ("interaction", "link", ("customer_id",)),
        ("external_id", "any", ("record_id", "record_type")),
        ("task", "any", ("subject_id", "subject_type")),
        ("deal_stage_change", "through", ("deal_id",)),
        ("task_checklist_item", "through", ("task_id",)),
        ("tag", "nobody", ()),
        ("user", "nobody", ()),
    ],
)
def test_the_way_to_the_subject(entity: str, kind: str, columns: tuple[str, ...]) -> None:
    """The guard first if it is a customer, then the one link to a customer, then a link to anything, then the guard's way."""
    path = _path(entity)
    assert (kind, columns) == (path.kind, path.columns)


def test_the_way_through_others_is_one_expression() -> None:
    """An item of a to-do is about whom the to-do is about."""
    expected = "(select case when t_s.subject_type = 'customer' then t_s.subject_id end from task t_s where t_s.id = t.task_id)"
    assert expected == _path("task_checklist_item").sql("t")
