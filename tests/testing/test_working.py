"""Jobs that wait in a test, and doing them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crmcore.testing import TestCrm
from tests.testing.lessons import LessonCreated, dawdle, remind, stumble

NINE = datetime(2026, 1, 5, 9, tzinfo=UTC)
CONFIRM = "lessons.confirm"


async def test_what_waits_is_told_with_arguments_and_when(crm: TestCrm) -> None:
    """Arguments are those the job's function gets; after-handlers wait with their event."""
    crm.clock.set(NINE)
    lesson = await crm.make("lesson", at=NINE + timedelta(hours=3))
    (reminder,) = await crm.waiting("lessons.remind")
    told, same = await crm.waiting()

    assert ({"lesson_id": lesson["id"], "times": 1}, NINE + timedelta(hours=2)) == (reminder.arguments, reminder.at)
    assert (reminder, CONFIRM, NINE) == (same, told.name, told.at)
    assert await crm.happened(LessonCreated) == [told.event]


async def test_what_is_due_is_done(crm: TestCrm) -> None:
    """After-handlers at once, a reminder when its time has come."""
    crm.clock.set(NINE)
    lesson = await crm.make("lesson", at=NINE + timedelta(hours=3))
    at_once = await crm.work_off()
    crm.clock.move(hours=2)
    later = await crm.work_off()

    assert ([CONFIRM], ["lessons.remind"]) == ([d.name for d in at_once], [d.name for d in later])
    assert (lesson["id"], 1, None, False) == (
        later[0].arguments["lesson_id"],
        later[0].attempt,
        later[0].error,
        later[0].dead,
    )
    assert lesson["id"] == at_once[0].event.record_id if at_once[0].event else None
    assert ["reminded"] == [text for (text,) in await crm.database.fetch("select text from lesson_note")]
    assert ([], []) == (await crm.waiting(), await crm.work_off())


async def test_what_fails_fails_the_test(crm: TestCrm) -> None:
    """The message has the job's name and traceback."""
    await crm.make("lesson", place="nowhere", at=crm.clock.now() + timedelta(days=1))

    with pytest.raises(
        AssertionError, match=r"(?s)1 of 1 jobs failed.*lessons.confirm.*LookupError: nobody lives there"
    ):
        await crm.work_off()


async def test_what_fails_may_be_let(crm: TestCrm) -> None:
    """It waits for its next attempt, which comes when the clock is moved."""
    await crm.make("lesson", place="nowhere", at=crm.clock.now() + timedelta(days=1))
    (first,) = await crm.work_off(failed=True)
    (waits,) = await crm.waiting(CONFIRM)
    crm.clock.move(minutes=1)
    (second,) = await crm.work_off(failed=True)

    assert (1, 2, False) == (first.attempt, second.attempt, second.dead)
    assert "LookupError: nobody lives there" in str(first.error)
    assert waits.error == first.error


async def test_the_clock_stands_while_work_is_done(crm: TestCrm) -> None:
    """However slow the machine is, what fails is tried once in a call."""
    await crm.put(dawdle())
    (done,) = await crm.work_off(failed=True)

    assert 1 == done.attempt


async def test_a_job_that_is_dead_says_so(crm: TestCrm) -> None:
    """It fails the test too, unless it is let."""
    await crm.put(stumble())
    (dead,) = await crm.work_off(failed=True)
    await crm.put(stumble())

    assert dead.dead
    with pytest.raises(AssertionError, match="there was a stone"):
        await crm.work_off()


async def test_schedules_are_due_when_the_clock_has_come_there(crm: TestCrm) -> None:
    """They count from the beginning of the test; what only tidies up inside the core is left alone."""
    crm.clock.set(NINE - timedelta(minutes=1))
    early = await crm.work_off()
    crm.clock.move(minutes=1)
    due, again = await crm.work_off(), await crm.work_off()
    crm.clock.move(days=800)
    made_up_for = await crm.work_off()

    assert [[], ["lessons.report"], [], ["lessons.report"]] == [
        [done.name for done in some] for some in (early, due, again, made_up_for)
    ]


async def test_the_first_look_may_come_after_the_clock_was_moved(crm: TestCrm) -> None:
    """A schedule that came due in between is not lost."""
    crm.clock.set(NINE - timedelta(minutes=1))
    crm.clock.set(NINE + timedelta(seconds=30))

    assert ["lessons.report"] == [done.name for done in await crm.work_off()]


async def test_a_job_that_was_put_is_found_by_its_name(crm: TestCrm) -> None:
    """Those of other names are left out."""
    lesson = await crm.make("lesson", at=crm.clock.now() + timedelta(days=1))
    await crm.work_off()
    await crm.put(remind(lesson["id"], times=2), delay=60, key="again")
    first, _ = await crm.waiting("lessons.remind")

    assert ("again", {"lesson_id": lesson["id"], "times": 2}, []) == (
        first.key,
        first.arguments,
        await crm.waiting("lessons.stumble"),
    )


async def test_an_unknown_job_is_named_with_what_is_like_it(crm: TestCrm) -> None:
    """A misspelt name is no empty list."""
    with pytest.raises(
        LookupError, match=r"no job|gives a job 'lessons.reminder'; there are for example lessons.remind"
    ):
        await crm.waiting("lessons.reminder")
