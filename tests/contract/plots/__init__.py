"""A small plugin that keeps every rule of the bronze tier: plots of land, which belong to customers."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, ClassVar
from uuid import UUID

import click
import msgspec
from litestar import get
from piccolo.table import Table

from crmcore import Entity, Extension, Index, Listing, Permission, Record, Ref, Row, Work, action, actions, hookimpl
from crmcore import columns as c

plugin_name = "plots"


class PlotsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings of plots.

    Attributes:

        smallest: square metres a plot must have to be listed by plotsLarge.
    """

    smallest: int = 500


class PlotUse(Enum):
    """What a plot is for."""

    FIELD = "It is tilled."
    GARDEN = "It is looked at."


class Plot(Record, Table, tablename="plot"):
    """A piece of land."""

    name = c.text("How it is called in the land register.")
    area = c.integer("Square metres.", minimum=0)
    use = c.choice(PlotUse, "What it is for.", default=PlotUse.FIELD)
    customer_id = c.link(
        "customer",
        "Whose it is.",
        references="crmcore.customers.tables:Customer",
        inverse="plots",
        inverse_description="Their land.",
        on_delete="CASCADE",
    )
    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("customer_id",)),)


@action(returns="plot", permission="plots.measure")
async def plot_measure(
    work: Work, id: Annotated[UUID, Ref("plot"), "Which plot."], area: Annotated[int, "Square metres."]
) -> Row:
    """Write down how large a plot is."""
    return await actions.update(work, "plot", id, {"area": area})


@get("/map", opt={"open": True})
async def plots_map() -> str:
    """A map."""
    return "here be dragons"


@click.command()
def survey() -> None:
    """Measure what nobody has measured."""


@hookimpl
def crm_settings() -> type[PlotsSettings]:
    return PlotsSettings


@hookimpl
def crm_permissions() -> Iterable[Permission]:
    return [Permission("plots.measure", "Measure plots.")]


@hookimpl
def crm_entities() -> Iterable[Entity]:
    return [Entity(Plot, "plots", guarded_by="customer_id", label="name")]


@hookimpl
def crm_migrations() -> Path:
    return Path(__file__).with_name("migrations")


@hookimpl
def crm_actions() -> Iterable[Any]:
    return [plot_measure]


@hookimpl
def crm_graphql() -> Iterable[Extension | Listing]:
    return [Listing("plotsLarge", "plot", "Plots larger than a football pitch.", lambda t, bind: f"{t}.area > 7140")]


@hookimpl
def crm_routes() -> Iterable[Any]:
    return [plots_map]


@hookimpl
def crm_commands() -> Iterable[click.Command]:
    return [survey]
