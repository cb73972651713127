"""What the plugin serves over HTTP besides GraphQL: the catalogue, for the agency's web site."""

from __future__ import annotations

from typing import Any

from crmcore import Actor
from litestar import Request, get
from litestar.exceptions import NotFoundException

from crmcore_estates.settings import EstatesSettings

__all__ = ["catalogue"]

#: What the public may know: not where exactly it is, nor whose.
_OFFERED = """
{
  estatesOffered(first: 200) {
    nodes { id title kind city rooms area price { amount currency } offeredAt }
  }
}
"""


@get("/catalogue.json", opt={"open": True}, summary="What is on offer, for everybody")
async def catalogue(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Answer with the newest 200 properties on offer, if the setting `public_catalogue` is on."""
    crm = request.app.state.crm
    if not crm.settings[EstatesSettings].public_catalogue:
        raise NotFoundException
    answer = await crm.execute(_OFFERED, actor=Actor.system("estates catalogue"))
    return {"estates": answer["data"]["estatesOffered"]["nodes"]}
