"""A CRM in which nothing is sealed: what others pay for the seam, which is nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from crmcore.entities import sealed, sealing
from crmcore.events import sealed as events
from crmcore.graphql.planner import sealed as planner
from crmcore.testing.crm import TestCrm

#: Where the seam is: files, and the planner's folder.
SEAM = {sealed.__file__, sealing.__file__, events.__file__}
CREATE = """mutation { createCustomer(data: {kind: PERSON, givenName: "Ana", familyName: "Sousa", birthDate: "1984-05-06"}) {
    ... on Customer { id displayName birthDate } ... on Problem { message } } }"""
UPDATE = """mutation ($id: ID!) { updateCustomer(id: $id, data: {familyName: "Silva"}) {
    ... on Customer { familyName } ... on Problem { message } } }"""
READS = (
    "query ($id: ID!) { customer(id: $id) { displayName birthDate contactPoints { nodes { value } } } }",
    "{ customers(first: 50) { totalCount nodes { displayName birthDate givenName } } }",
    '{ customers(filter: {familyName: {eq: "Sousa"}}, orderBy: [{field: FAMILY_NAME}]) { nodes { givenName } } }',
)


@pytest.fixture(scope="session")
def crm_plugins() -> Sequence[object]:
    """None that seals."""
    return ()


@contextmanager
def _calls() -> Iterator[list[str]]:
    """Give the functions of the seam that are called."""
    called: list[str] = []

    def noted(frame: FrameType, event: str, _: Any) -> None:
        file = frame.f_code.co_filename
        if event == "call" and (file in SEAM or file.startswith(str(Path(planner.__file__).parent))):
            called.append(f"{Path(file).name}: {frame.f_code.co_name}")

    sys.setprofile(noted)
    try:
        yield called
    finally:
        sys.setprofile(None)


async def _each(crm: TestCrm) -> None:
    made = (await crm.execute(CREATE))["data"]["createCustomer"]
    assert "Ana Sousa" == made["displayName"]
    for text in (UPDATE, *READS):
        answer = await crm.execute(text, {"id": made["id"]})
        assert "errors" not in answer, answer


async def test_nothing_of_the_seam_is_called(crm: TestCrm) -> None:
    """Neither where records are written nor where they are read, once a plan is made."""
    assert not any(entity.seal for entity in crm.entities.values())
    await _each(crm)
    with _calls() as called:
        await _each(crm)
    assert [] == called
