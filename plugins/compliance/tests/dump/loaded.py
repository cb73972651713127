"""Subjects with values that stand nowhere else, for the tests of what is written where."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date
from typing import Any

from canaries import canary

from crmcore import Actor, Work, actions
from crmcore.testing import TestCrm

__all__ = ["SUBJECTS", "WHAT", "canaries_of", "load"]

#: How many subjects; a thousand for the release: `DUMP_SUBJECTS=1000`.
SUBJECTS = int(os.environ.get("DUMP_SUBJECTS", "12"))
WHAT = ("given", "family", "about", "street", "mail", "talk", "todo", "renamed", "secret")


def canaries_of(subjects: Sequence[int] | range = range(SUBJECTS)) -> list[str]:
    """Return all values that some subjects have, or once had."""
    return [canary(n, what) for n in subjects for what in WHAT]


async def load(crm: TestCrm, subjects: int = SUBJECTS) -> list[Any]:
    """Make subjects, each with records of every kind that holds personal data, and a past; return their ids."""
    return [await crm.run(Actor.system("test"), lambda work, n=n: _subject(work, n)) for n in range(subjects)]


async def _subject(work: Work, n: int) -> Any:
    def c(what: str) -> str:
        return canary(n, what)

    person = {
        "kind": "PERSON",
        "given_name": c("given"),
        "family_name": c("family"),
        "description": f"Said: {c('about')}.",
        "birth_date": date(1990, 1, 1),
    }
    id = (await actions.create(work, "customer", person))["id"]
    mail = {"customer_id": id, "type": "EMAIL", "value": f"{c('mail')}@example.com"}
    point = await actions.create(work, "contact_point", mail)
    await actions.create(work, "address", {"customer_id": id, "type": "HOME", "lines": c("street")})
    talk = {"kind": "NOTE", "customer_id": id, "subject": c("talk"), "channel": "EMAIL", "direction": "INBOUND"}
    await actions.create(work, "interaction", talk)
    await actions.create(work, "task", {"title": c("todo"), "subject_id": id, "subject_type": "customer"})
    await actions.update(work, "customer", id, {"family_name": c("renamed")})
    await actions.update(work, "contact_point", point["id"], {"value": f"{c('secret')}@example.com"})
    return id
