"""A plugin that leaves a tag behind wherever it has been."""

from __future__ import annotations

from crmcore import Actor, Crm, Work, actions, hookimpl

plugin_name = "litters"


async def _tag(work: Work) -> None:
    if not await work.find("tag", name="Seen by litters"):
        await actions.create(work, "tag", {"name": "Seen by litters"})


@hookimpl
async def crm_startup(crm: Crm) -> None:
    await crm.run(Actor.system("litters"), _tag)
